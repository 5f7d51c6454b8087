//! The forms of a log macro's call, told apart by their tokens. What they may say is not judged here.

use super::arguments::{Argument, kept};
use crate::{fault::At, value::WORDS};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    ExprStruct, Token,
    parse::{ParseStream, Parser},
};

/// What was written between a log macro's parentheses.
pub(crate) struct Written {
    /// `&context` in `context: &context, UserLog(..)`.
    pub(crate) context: Option<TokenStream>,
    pub(crate) call: Call,
}

impl Written {
    pub(crate) fn read(input: TokenStream) -> Written {
        let named = |input: ParseStream<'_>| {
            let word: Ident = input.parse()?;
            input.parse::<Token![:]>()?;
            let context: syn::Expr = input.parse()?;
            input.parse::<Token![,]>()?;
            let call: TokenStream = input.parse()?;
            Ok((word, context, call))
        };
        match named.parse2(input.clone()) {
            Ok((word, context, call)) if word == "context" => Written {
                context: Some(context.to_token_stream()),
                call: Call::read(call),
            },
            _ => Written {
                context: None,
                call: Call::read(input),
            },
        }
    }
}

/// One log.
pub(crate) enum Call {
    /// `UserLog(user_id, "…", key = value)`
    Constructor(Constructor),
    /// `PaymentCaptured { … }`
    Literal(ExprStruct),
    /// Any other expression.
    Event(TokenStream),
    /// `"…"`, maybe with more behind: the category was forgotten.
    Text(TokenStream, Vec<Argument>),
    /// Nothing, or several things, or what is no expression.
    Malformed(TokenStream, Vec<Argument>),
}

/// A word of the language, and what stands in its parentheses.
pub(crate) struct Constructor {
    /// `UserLog`, `SysLog`, `SystemLog` or `Log`.
    pub(crate) word: Ident,
    /// `audit` in `Log::audit`.
    pub(crate) category: Option<Ident>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) close: At,
}

impl Constructor {
    /// The category's name in the schema.
    pub(crate) fn category(&self) -> String {
        match &self.category {
            Some(category) => crate::name(category),
            None if self.word == "UserLog" => "user".to_owned(),
            None => "system".to_owned(),
        }
    }
}

impl Call {
    pub(crate) fn read(input: TokenStream) -> Call {
        let mut tokens: Vec<TokenTree> = input.into_iter().collect();
        // What a `macro_rules!` hands on as one fragment.
        while let [TokenTree::Group(group)] = tokens.as_slice()
            && group.delimiter() == Delimiter::None
        {
            tokens = group.stream().into_iter().collect();
        }
        if matches!(tokens.last(), Some(TokenTree::Punct(comma)) if comma.as_char() == ',') {
            tokens.pop();
        }
        if let Some(constructor) = constructor(&tokens) {
            return Call::Constructor(constructor);
        }
        let tokens = TokenStream::from_iter(tokens);
        match syn::parse2::<syn::Expr>(tokens.clone()) {
            Ok(syn::Expr::Struct(literal)) => Call::Literal(literal),
            Ok(syn::Expr::Lit(_)) => Call::Text(tokens, Vec::new()),
            Ok(_) => Call::Event(tokens),
            Err(_) => Call::malformed(tokens),
        }
    }

    fn malformed(tokens: TokenStream) -> Call {
        let arguments = Argument::read_all(tokens.clone());
        match arguments.first() {
            Some(Argument::Place(first)) if first.as_string().is_some() => {
                Call::Text(first.tokens.clone(), arguments)
            }
            _ => Call::Malformed(tokens, arguments),
        }
    }

    /// The user's expressions, to be kept when the call is refused.
    pub(crate) fn expressions(&self) -> Vec<TokenStream> {
        match self {
            Call::Constructor(constructor) => kept(&constructor.arguments),
            Call::Text(_, arguments) | Call::Malformed(_, arguments) => kept(arguments),
            Call::Literal(literal) => vec![literal.to_token_stream()],
            Call::Event(tokens) => vec![tokens.clone()],
        }
    }
}

/// A path that ends in one of the words, and parentheses.
fn constructor(tokens: &[TokenTree]) -> Option<Constructor> {
    let (TokenTree::Group(group), path) = tokens.split_last()? else {
        return None;
    };
    // `::a::b`, and not `context: b`.
    let path: TokenStream = path.iter().cloned().collect();
    let path = syn::Path::parse_mod_style.parse2(path).ok()?;
    let names: Vec<&Ident> = path.segments.iter().map(|segment| &segment.ident).collect();
    if group.delimiter() != Delimiter::Parenthesis {
        return None;
    }
    let (word, category) = match names.as_slice() {
        [.., word] if WORDS.iter().any(|known| *word == known) => (*word, None),
        [.., word, category] if *word == "Log" => (*word, Some((*category).clone())),
        _ => return None,
    };
    Some(Constructor {
        word: word.clone(),
        category,
        arguments: Argument::read_all(group.stream()),
        close: close(group),
    })
}

fn close(group: &Group) -> At {
    group.span_close().into()
}
