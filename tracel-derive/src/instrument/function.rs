//! A function, as an attribute sees it: its signature parsed, its body left as the tokens that they are, so that it is
//! passed on whatever it holds.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::{
    Attribute, FnArg, Ident, ReturnType, Signature, Visibility,
    ext::IdentExt,
    parse::{Parse, ParseStream},
};

pub(crate) struct Function {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) body: Group,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let signature = input.parse()?;
        let body: Group = input.parse()?;
        if body.delimiter() != Delimiter::Brace {
            return Err(syn::Error::new(body.span(), "expected a body"));
        }
        Ok(Function {
            attributes,
            visibility,
            signature,
            body,
        })
    }
}

impl Function {
    /// The function around other statements; the attributes inside the body stay its first.
    pub(crate) fn with_body(&self, statements: &TokenStream) -> TokenStream {
        let Function {
            attributes,
            visibility,
            signature,
            ..
        } = self;
        let (inner, _) = self.split();
        let mut body = Group::new(Delimiter::Brace, quote!(#inner #statements));
        body.set_span(self.body.span());
        quote!(#(#attributes)* #visibility #signature #body)
    }

    /// The statements, without the body's own attributes.
    pub(crate) fn statements(&self) -> TokenStream {
        self.split().1
    }

    /// `#![..]` at the body's head, and the rest.
    fn split(&self) -> (TokenStream, TokenStream) {
        let tokens: Vec<TokenTree> = self.body.stream().into_iter().collect();
        let mut at = 0;
        while let Some([TokenTree::Punct(hash), TokenTree::Punct(not), TokenTree::Group(_)]) =
            tokens.get(at..at + 3)
            && (hash.as_char(), not.as_char()) == ('#', '!')
        {
            at += 3;
        }
        let (inner, rest) = tokens.split_at(at);
        (inner.iter().cloned().collect(), rest.iter().cloned().collect())
    }

    /// Keeps the compiler from copying it into its caller: to open a span costs more than any call, and a program whose
    /// functions grow into one takes longer to compile. What the user said of it stands; an async function makes a
    /// future and does nothing else.
    pub(crate) fn inlining(&self) -> Option<TokenStream> {
        // Also within `cfg_attr(..)`.
        let said = self
            .attributes
            .iter()
            .any(|attribute| mentions(quote!(#attribute), "inline"));
        (!said && self.signature.asyncness.is_none()).then(|| quote!(#[inline(never)]))
    }

    /// The type that it returns.
    pub(crate) fn output(&self) -> Option<&syn::Type> {
        match &self.signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(ty),
        }
    }

    /// The names that its arguments bind, also in patterns.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut names = Vec::new();
        for argument in &self.signature.inputs {
            if let FnArg::Typed(typed) = argument {
                let pattern = &typed.pat;
                bound(quote!(#pattern), &mut names);
            }
        }
        names
    }
}

/// Whether a word stands anywhere in these tokens.
pub(super) fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => mentions(group.stream(), word),
        _ => false,
    })
}

/// The identifiers of a pattern that may bind: those that begin like a variable and are no path.
fn bound(pattern: TokenStream, names: &mut Vec<String>) {
    let mut tokens = pattern.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => bound(group.stream(), names),
            TokenTree::Ident(ident) => {
                let is_path = matches!(tokens.peek(), Some(TokenTree::Punct(colon))
                    if colon.as_char() == ':' && colon.spacing() == proc_macro2::Spacing::Joint);
                let name = ident.unraw().to_string();
                if !is_path && name.starts_with(|c: char| c == '_' || c.is_lowercase()) && !is_keyword(&ident)
                {
                    names.push(name);
                }
            }
            _ => {}
        }
    }
}

fn is_keyword(ident: &Ident) -> bool {
    ident == "mut" || ident == "ref" || ident == "box"
}
