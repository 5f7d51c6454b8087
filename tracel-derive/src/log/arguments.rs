//! What stands in the parentheses of `UserLog(..)` and its like: values by place and by key.

use crate::value::Value;
use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{
    Token,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
};

/// One of them.
pub(crate) enum Argument {
    /// `value`: the message, the positional value, or a bare key.
    Place(Value),
    /// `key = value`
    Key(Ident, Value),
}

impl Argument {
    pub(crate) fn value(&self) -> &Value {
        match self {
            Argument::Place(value) | Argument::Key(_, value) => value,
        }
    }

    /// Reads them all; what is no expression is kept as the tokens that it is.
    pub(crate) fn read_all(tokens: TokenStream) -> Vec<Argument> {
        let read = |input: ParseStream<'_>| {
            let mut all = Vec::new();
            while !input.is_empty() {
                let key = key(input)?;
                let value = Value::read(input)?;
                all.push(match key {
                    Some(key) => Argument::Key(key, value),
                    None => Argument::Place(value),
                });
                if input.peek(Token![,]) {
                    <Token![,]>::parse(input)?;
                } else {
                    // Only after what could not be read.
                    while !input.is_empty() && !input.peek(Token![,]) {
                        TokenTree::parse(input)?;
                    }
                }
            }
            Ok(all)
        };
        // It never fails: whatever is not understood is kept as tokens.
        read.parse2(tokens).unwrap_or_default()
    }
}

/// Their expressions, to be kept when a call is refused.
pub(super) fn kept(arguments: &[Argument]) -> Vec<TokenStream> {
    let values = arguments.iter().map(Argument::value);
    values.flat_map(Value::kept).collect()
}

/// `key =`, but not `key ==`.
fn key(input: ParseStream<'_>) -> syn::Result<Option<Ident>> {
    if !input.peek(Ident::peek_any)
        || !input.peek2(Token![=])
        || input.peek2(Token![==])
        || input.peek2(Token![=>])
    {
        return Ok(None);
    }
    let key = Ident::parse_any(input)?;
    <Token![=]>::parse(input)?;
    Ok(Some(key))
}
