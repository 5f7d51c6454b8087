//! What is wrong with a value, as far as its own tokens tell, and the way out. Whether its type fits, the compiler finds.

use super::{Value, literal};
use crate::{
    fault::{At, Faults},
    rules::{Key, Rules},
};
use proc_macro2::{Ident, Spacing, TokenStream, TokenTree};
use syn::Expr;
use tracel_schema::{codes::macros as codes, model::Type};

impl Value {
    /// Tells what no value may be, whatever its key, which stands at `key`.
    pub(crate) fn check(&self, key: At, faults: &mut Faults) {
        if let Err(error) = &self.parsed {
            let way_out = "after a key comes one Rust expression, `key = value`, and a comma before the next";
            let text = error.to_string();
            match text.strip_prefix("unexpected end of input, ") {
                _ if self.tokens.is_empty() => {
                    faults.add(key, &codes::MALFORMED, "the value is missing", way_out);
                }
                Some(expected) => {
                    let what = format!("the value is cut off: {expected}");
                    faults.add(self.at(), &codes::MALFORMED, what, way_out);
                }
                None => faults.add_syntax(error, &codes::MALFORMED, way_out),
            }
        }
        if let Some(at) = find_await(self.tokens.clone()) {
            faults.add(
                at,
                &codes::AWAIT,
                "an `.await` inside a log would be held over it, and make the future `!Send`",
                format_args!("await first, `let value = {};`, and log `value`", self.tokens),
            );
        }
    }

    /// Tells of a number that the field's type cannot hold: the compiler would name its own rule alone.
    pub(crate) fn check_number(&self, rules: Rules<'_>, key: Key<'_>, faults: &mut Faults) {
        let (Key::Declared(field), Ok(expr)) = (key, &self.parsed) else {
            return;
        };
        let Some((at, number, scalar)) = literal::misfit(expr, &field.ty) else {
            return;
        };
        let (least, most) = literal::range(scalar).unwrap_or_default();
        let (name, place) = (&field.name, rules.at(field.place));
        let ty = match &field.ty {
            Type::List(of) => format!("a list of `{}`", of.name()),
            Type::Scalar(scalar) => format!("`{}`", scalar.name()),
            Type::Enum(_) => return,
        };
        faults.add(
            at,
            &codes::WRONG_TYPE,
            format_args!("`{number}` does not fit this field: {place} says {ty}"),
            format_args!(
                "`{}` goes from {least} to {most}: log such a number, or give `{name}` another type there",
                scalar.name()
            ),
        );
    }

    /// A key for it: the name of the field, or of the method, that it is the value of.
    pub(crate) fn suggested_key(&self) -> String {
        fn name(expr: &Expr) -> Option<String> {
            match literal::inner(expr) {
                Expr::Field(field) => match &field.member {
                    syn::Member::Named(member) => Some(crate::name(member)),
                    syn::Member::Unnamed(_) => name(&field.base),
                },
                Expr::MethodCall(call) if call.args.is_empty() => match crate::name(&call.method) {
                    method if method.starts_with("as_") || method.starts_with("to_") || method == "clone" => {
                        name(&call.receiver)
                    }
                    method => Some(method),
                },
                Expr::Path(path) => path.path.get_ident().map(crate::name),
                Expr::Reference(reference) => name(&reference.expr),
                Expr::Unary(unary) => name(&unary.expr),
                Expr::Paren(paren) => name(&paren.expr),
                _ => None,
            }
        }
        let named = self.parsed.as_ref().ok().and_then(name);
        named.unwrap_or_else(|| "key".to_owned())
    }

    /// What is wrong with a value that has no key, and the way out.
    pub(crate) fn keyless(&self) -> (&'static str, String) {
        match self.miskeyed() {
            Some((key, rest)) => (
                "a key is a bare name, and `=` stands behind it",
                format!("write `{key} = {rest}`"),
            ),
            None => (
                "a value without a key",
                format!("name its key: `{} = {}`", self.suggested_key(), self.tokens),
            ),
        }
    }

    /// `key: value` and `"key" = value`, as other macros have them: the key, and the value.
    fn miskeyed(&self) -> Option<(String, TokenStream)> {
        let mut tokens = self.tokens.clone().into_iter();
        let (first, sign) = (tokens.next()?, tokens.next()?);
        let TokenTree::Punct(sign) = sign else { return None };
        let key = match (&first, sign.as_char(), sign.spacing()) {
            (TokenTree::Ident(key), ':', Spacing::Alone) => crate::name(key),
            (TokenTree::Literal(_), '=', Spacing::Alone) => {
                let key: syn::LitStr = syn::parse2(first.into()).ok()?;
                key.parse::<Ident>().ok()?.to_string()
            }
            _ => return None,
        };
        let rest: TokenStream = tokens.collect();
        (!rest.is_empty()).then_some((key, rest))
    }

    /// A text with something behind it that no comma parts from it: the two.
    pub(crate) fn without_comma(&self) -> Option<(String, TokenStream)> {
        let mut tokens = self.tokens.clone().into_iter();
        let first = tokens.next()?;
        let text: syn::LitStr = syn::parse2(first.clone().into()).ok()?;
        let rest: TokenStream = tokens.collect();
        let is_next = matches!(rest.clone().into_iter().next(), Some(TokenTree::Ident(_)));
        is_next.then(|| (text.token().to_string(), rest))
    }
}

/// The first `.await` that would run here: not inside an `async` block, which is a value.
pub(crate) fn find_await(tokens: TokenStream) -> Option<At> {
    let (mut after_dot, mut after_async) = (false, false);
    for token in tokens {
        match &token {
            TokenTree::Ident(ident) if after_dot && ident == "await" => return Some(At::of(ident)),
            TokenTree::Group(group) if !after_async => {
                if let Some(found) = find_await(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
        after_async = match &token {
            TokenTree::Ident(ident) => ident == "async" || after_async && ident == "move",
            _ => false,
        };
        after_dot = matches!(&token, TokenTree::Punct(dot) if dot.as_char() == '.' && dot.spacing() == Spacing::Alone);
    }
    None
}
