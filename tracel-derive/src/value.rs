//! A value of a log, as the user wrote it: its tokens, and the expression that they make. What is wrong with it, `faults`
//! tells; how it stands in the expansion under its key, `typed` knows; what its literals become, `literal`.

mod faults;
mod literal;
mod salvage;
mod typed;

pub(crate) use {faults::find_await, salvage::WORDS};

use crate::fault::At;
use proc_macro2::{Delimiter, Group, Ident, Punct, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{
    Expr, ExprLit, Lit,
    parse::{Parse, ParseStream},
};
use tracel_schema::model::Type;

/// Whether it is a message's constructor, which stands in no scope.
fn is_word(path: &syn::Path) -> bool {
    path.get_ident()
        .is_some_and(|word| WORDS.iter().any(|known| word == known))
}

/// The tokens of a value, and the expression that they make.
pub(crate) struct Value {
    /// `%` or `?` before it.
    pub(crate) sigil: Option<Punct>,
    pub(crate) tokens: TokenStream,
    pub(crate) parsed: Result<Expr, syn::Error>,
    /// What an error marks, if not the tokens.
    marked: Option<At>,
}

impl Value {
    /// Reads up to the next comma.
    pub(crate) fn read(input: ParseStream<'_>) -> syn::Result<Value> {
        let sigil = Value::read_sigil(input);
        let fork = input.fork();
        let mut parsed =
            Expr::parse(&fork).and_then(|expr| match fork.is_empty() || fork.peek(syn::Token![,]) {
                true => Ok(expr),
                false => Err(fork.error("expected `,` after the value")),
            });
        let mut tokens = TokenStream::new();
        if parsed.is_ok() {
            let end = fork.cursor();
            let mut has_groups = false;
            while input.cursor() != end {
                let token = TokenTree::parse(input)?;
                has_groups |= matches!(token, TokenTree::Group(_));
                tokens.extend([token]);
            }
            // A fork does not tell what is left over in a group.
            if has_groups && let Err(error) = syn::parse2::<Expr>(tokens.clone()) {
                parsed = Err(error);
            }
        } else {
            while !input.is_empty() && !input.peek(syn::Token![,]) {
                tokens.extend([TokenTree::parse(input)?]);
            }
        }
        Ok(Value {
            sigil,
            tokens,
            parsed,
            marked: None,
        })
    }

    /// `%` or `?` before a value.
    pub(crate) fn read_sigil(input: ParseStream<'_>) -> Option<Punct> {
        if !input.peek(syn::Token![%]) && !input.peek(syn::Token![?]) {
            return None;
        }
        Punct::parse(input).ok()
    }

    /// A variable of the expansion; errors of its type mark something of the user's.
    pub(crate) fn of(variable: &Ident, marked: At) -> Value {
        let tokens = variable.to_token_stream();
        let parsed = syn::parse2(tokens.clone());
        Value {
            sigil: None,
            tokens,
            parsed,
            marked: Some(marked),
        }
    }

    /// The value's text, as its sigil says: `tracel::display(&value)`.
    pub(crate) fn as_text(&self) -> Value {
        let (at, value) = (self.at(), self.operand(None));
        let span = expansion_at(at.first());
        let tokens = match self.sigil.as_ref().map(Punct::as_char) {
            Some('?') => quote_spanned!(span=> ::tracel::debug(&#value)),
            _ => quote_spanned!(span=> ::tracel::display(&#value)),
        };
        let parsed = syn::parse2(tokens.clone());
        Value {
            sigil: None,
            tokens,
            parsed,
            marked: Some(at),
        }
    }

    pub(crate) fn at(&self) -> At {
        self.marked.unwrap_or_else(|| At::of(&self.tokens))
    }

    /// The variable that it is, if that is all.
    pub(crate) fn as_variable(&self) -> Option<&Ident> {
        match &self.parsed {
            Ok(Expr::Path(path)) if path.attrs.is_empty() => path.path.get_ident(),
            _ => None,
        }
    }

    /// Whether it is the word `None`: the field is absent.
    pub(crate) fn is_none(&self) -> bool {
        self.as_variable().is_some_and(|name| name == "None")
    }

    /// The string literal that it is.
    pub(crate) fn as_string(&self) -> Option<&syn::LitStr> {
        match literal::inner(self.parsed.as_ref().ok()?) {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text), ..
            }) => Some(text),
            _ => None,
        }
    }

    /// What is kept of it when the log is refused: the value, or the expressions in what is none.
    pub(crate) fn kept(&self) -> Vec<TokenStream> {
        match &self.parsed {
            Ok(_) if self.is_none() => Vec::new(),
            Ok(Expr::Assign(assign)) if matches!(*assign.left, Expr::Lit(_)) => {
                salvage::expressions(assign.right.to_token_stream())
            }
            Ok(Expr::Call(call)) if matches!(&*call.func, Expr::Path(path) if is_word(&path.path)) => {
                salvage::expressions(self.tokens.clone())
            }
            // A number alone may be what was refused, and is nothing to keep.
            Ok(expr) if literal::is_bare(expr) => Vec::new(),
            Ok(_) => vec![self.operand(None)],
            Err(_) => salvage::expressions(self.tokens.clone()),
        }
    }

    /// The value where an operand is expected, with literals of the field's type.
    pub(crate) fn operand(&self, ty: Option<&Type>) -> TokenStream {
        let Ok(expr) = &self.parsed else {
            return self.tokens.clone();
        };
        let tokens = match ty {
            Some(ty) if literal::is_bare(expr) => literal::typed(expr, ty),
            _ => self.tokens.clone(),
        };
        if !needs_parentheses(expr) {
            return tokens;
        }
        let mut group = Group::new(Delimiter::Parenthesis, tokens);
        // An error marks what lies between the `&` before it and this.
        group.set_span(self.at().last());
        TokenTree::Group(group).into()
    }
}

/// The same place, as a token of the expansion: lints then know that the user did not write it.
pub(crate) fn expansion_at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// Gives all tokens a span.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    let set = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.into_iter().map(set).collect()
}

/// Expressions under `&`: whatever binds weaker than it.
fn needs_parentheses(expr: &Expr) -> bool {
    !matches!(
        expr,
        Expr::Array(_)
            | Expr::Block(_)
            | Expr::Call(_)
            | Expr::Field(_)
            | Expr::ForLoop(_)
            | Expr::Group(_)
            | Expr::If(_)
            | Expr::Index(_)
            | Expr::Lit(_)
            | Expr::Loop(_)
            | Expr::Macro(_)
            | Expr::Match(_)
            | Expr::MethodCall(_)
            | Expr::Paren(_)
            | Expr::Path(_)
            | Expr::Reference(_)
            | Expr::Repeat(_)
            | Expr::Struct(_)
            | Expr::Try(_)
            | Expr::Tuple(_)
            | Expr::Unary(_)
            | Expr::Unsafe(_)
    )
}
