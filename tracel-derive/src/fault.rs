//! What is wrong with one item, collected, and told to the compiler together. What the rules are is not known here.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use std::fmt::Display;
use tracel_schema::codes::Code;

/// The user's tokens that an error marks: from the first to the last.
#[derive(Clone, Copy)]
pub(crate) struct At(Span, Span);

impl At {
    pub(crate) fn of(tokens: impl ToTokens) -> At {
        let mut tokens = tokens.to_token_stream().into_iter();
        let Some(first) = tokens.next() else {
            return At::from(Span::call_site());
        };
        let last = tokens.last().unwrap_or_else(|| first.clone());
        At(first_span(&first), last_span(&last))
    }

    pub(crate) fn first(self) -> Span {
        self.0
    }

    pub(crate) fn last(self) -> Span {
        self.1
    }
}

fn first_span(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) => group.span_open(),
        token => token.span(),
    }
}

fn last_span(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) => group.span_close(),
        token => token.span(),
    }
}

impl From<Span> for At {
    fn from(span: Span) -> At {
        At(span, span)
    }
}

/// The errors of one item.
#[derive(Default)]
#[must_use]
pub(crate) struct Faults {
    errors: Vec<TokenStream>,
}

impl Faults {
    /// `what` is the message's first line, to which the code is added; `way_out` says what to write instead.
    pub(crate) fn add(&mut self, at: impl Into<At>, code: &Code, what: impl Display, way_out: impl Display) {
        self.tell(at.into(), &format!("{what} [{}]\nhelp: {way_out}", code.id));
    }

    /// An error of the parser's, in its own words.
    pub(crate) fn add_syntax(&mut self, error: &syn::Error, code: &Code, way_out: impl Display) {
        let at = At(error.span(), error.span());
        self.add(at, code, error, way_out);
    }

    fn tell(&mut self, at: At, text: &str) {
        let punct = |c, spacing| {
            let mut punct = Punct::new(c, spacing);
            punct.set_span(at.first());
            TokenTree::Punct(punct)
        };
        let ident = |name| TokenTree::Ident(Ident::new(name, at.first()));
        let mut text = Literal::string(text);
        text.set_span(at.last());
        let mut body = Group::new(Delimiter::Brace, TokenTree::Literal(text).into());
        body.set_span(at.last());
        // `::core::compile_error! { "…" }`: rustc marks what lies between the first and the last span.
        self.errors.push(TokenStream::from_iter([
            punct(':', Spacing::Joint),
            punct(':', Spacing::Alone),
            ident("core"),
            punct(':', Spacing::Joint),
            punct(':', Spacing::Alone),
            ident("compile_error"),
            punct('!', Spacing::Alone),
            TokenTree::Group(body),
        ]));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }
}

impl ToTokens for Faults {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.errors.iter().cloned());
    }
}
