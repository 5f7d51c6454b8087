//! A value of a field in the expansion, where the compiler holds its type to the field's kind and marks the value when it
//! does not fit.

use super::{Value, expansion_at, literal, respan};
use crate::{
    below::{Named, below},
    kind,
    rules::{Key, Rules},
};
use proc_macro2::{Delimiter, Group, Ident, Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, UnOp};
use tracel_schema::model::{Place, Type};

impl Value {
    /// `::tracel::__private::val::<kind, line, _, _>(&value)`, so that an error of its type marks the value.
    pub(crate) fn checked(&self, rules: Rules<'_>, key: Key<'_>, required: Option<Place>) -> TokenStream {
        let at = self.at();
        let (function, generics) = check(rules, key, required);
        let ty = match key {
            Key::Declared(field) => Some(&field.ty),
            Key::Open => None,
        };
        let value = self.operand(ty);
        let (first, last) = (expansion_at(at.first()), expansion_at(at.last()));
        // Under the user's own span, so that an error marks the whole value; but for `*value`, which clippy would
        // call a needless reborrow.
        let is_deref = matches!(&self.parsed, Ok(Expr::Unary(unary)) if matches!(unary.op, UnOp::Deref(_)));
        let borrow = match is_deref || self.marked.is_some() {
            true => quote_spanned!(first=> &),
            false => quote_spanned!(at.first()=> &),
        };
        let call = |function: TokenStream, arguments: TokenStream| {
            let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
            arguments.set_span(last);
            quote_spanned!(first=> ::tracel::__private::#function #arguments)
        };
        let borrowed = quote!(#borrow #value);
        let value = match ty.filter(|_| self.may_be_untyped()).and_then(number_kind) {
            None => borrowed,
            Some(kind) => {
                let asked = call(quote_spanned!(first=> infer::#kind::infer), borrowed);
                let typed = respan(quote!(typed()), last);
                quote_spanned!(last=> #asked.#typed)
            }
        };
        let function = respan(function, first);
        let function = match generics.is_empty() {
            true => function,
            false => {
                let (generics, inferred) = (respan(generics, first), self.inferred());
                quote_spanned!(first=> #function::<#generics #inferred, #inferred>)
            }
        };
        call(function, value)
    }

    /// Its type, for the compiler to find: an error marks it.
    fn inferred(&self) -> TokenStream {
        let (first, last) = (self.at().first(), self.at().last());
        if self.marked.is_none() && self.as_variable().is_some() {
            return quote_spanned!(first=> _);
        }
        let mut inferred = quote_spanned!(first=> ::);
        inferred.extend(quote_spanned!(expansion_at(first)=> tracel::__private::fit::It<_));
        inferred.extend(quote_spanned!(last=> >));
        inferred
    }

    /// Whether its type may still be open: a literal has the field's already, and a cast says one.
    fn may_be_untyped(&self) -> bool {
        let says_its_type = |expr: &Expr| {
            matches!(literal::inner(expr), Expr::Lit(_) | Expr::Cast(_)) || literal::is_bare(expr)
        };
        self.marked.is_none() && self.parsed.as_ref().is_ok_and(|expr| !says_its_type(expr))
    }
}

/// The check of a value: a function, and the kind and the lines of schema.toml, which an error shows.
fn check(rules: Rules<'_>, key: Key<'_>, required: Option<Place>) -> (TokenStream, TokenStream) {
    let Key::Declared(field) = key else {
        return (quote!(open), TokenStream::new());
    };
    let (kind, group) = (kind::kind_type(field), kind::group(&field.ty));
    if let Some(below) = below(rules.0, field, required) {
        let Named { schema, line } = &below.field;
        return match &below.rule {
            None => (quote!(fit::#group::val_below), quote!(#kind, #schema, #line,)),
            Some(Named {
                schema: by,
                line: rule,
            }) => (
                quote!(fit::#group::required_below),
                quote!(#kind, #schema, #by, #line, #rule,),
            ),
        };
    }
    let line = Literal::u32_unsuffixed(field.place.line);
    match (required, field.place.line) {
        (None, 0) => (quote!(val_neutral), quote!(#kind,)),
        (Some(_), 0) => (quote!(required_neutral), quote!(#kind,)),
        (None, _) => (quote!(fit::#group::val), quote!(#kind, #line,)),
        (Some(rule), _) => {
            let rule = Literal::u32_unsuffixed(rule.line);
            (quote!(fit::#group::required), quote!(#kind, #line, #rule,))
        }
    }
}

/// The module of `tracel::__private::infer` for a field of integers: a variable without a type, `let n = 7;`, takes it.
fn number_kind(ty: &Type) -> Option<Ident> {
    match ty {
        Type::Scalar(scalar) if literal::is_integer(*scalar) => Some(format_ident!("{}", scalar.name())),
        Type::List(scalar) if literal::is_integer(*scalar) => Some(format_ident!("list_{}", scalar.name())),
        _ => None,
    }
}
