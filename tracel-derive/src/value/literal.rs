//! Bare literals: a number without a type takes the field's.

use crate::fault::At;
use proc_macro2::{Delimiter, Group, Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, ExprLit, ExprUnary, Lit, UnOp};
use tracel_schema::model::{Scalar, Type};

/// Sees through what a `macro_rules!` puts around its fragments.
pub(super) fn inner(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => inner(&group.expr),
        expr => expr,
    }
}

pub(super) fn is_integer(scalar: Scalar) -> bool {
    use Scalar::{I8, I16, I32, I64, U8, U16, U32, U64};
    matches!(scalar, I8 | I16 | I32 | I64 | U8 | U16 | U32 | U64)
}

/// Whether a number without a type stands where it would be the value, or an item of it.
pub(super) fn is_bare(expr: &Expr) -> bool {
    match inner(expr) {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.suffix().is_empty(),
        Expr::Lit(ExprLit {
            lit: Lit::Float(number),
            ..
        }) => number.suffix().is_empty(),
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => is_bare(expr),
        Expr::Paren(paren) => is_bare(&paren.expr),
        Expr::Reference(reference) => is_bare(&reference.expr),
        // Beside an item that has a type a number takes that one.
        Expr::Array(array) => !array.elems.is_empty() && array.elems.iter().all(is_bare),
        Expr::Repeat(repeat) => is_bare(&repeat.expr),
        Expr::Call(call) => is_some(&call.func) && call.args.iter().any(is_bare),
        _ => false,
    }
}

fn is_some(function: &Expr) -> bool {
    matches!(function, Expr::Path(path) if path.path.is_ident("Some"))
}

/// The expression with the field's type on its bare numbers.
pub(super) fn typed(expr: &Expr, ty: &Type) -> TokenStream {
    match inner(expr) {
        Expr::Lit(ExprLit { lit, .. }) => match ty {
            Type::Scalar(scalar) => number(lit, *scalar),
            Type::List(_) | Type::Enum(_) => lit.to_token_stream(),
        },
        Expr::Unary(ExprUnary { op, expr, .. }) => {
            let expr = typed(expr, ty);
            quote!(#op #expr)
        }
        Expr::Paren(paren) => {
            let mut group = Group::new(Delimiter::Parenthesis, typed(&paren.expr, ty));
            group.set_span(paren.paren_token.span.join());
            group.to_token_stream()
        }
        Expr::Reference(reference) => {
            let (and, mutable, expr) = (
                &reference.and_token,
                &reference.mutability,
                typed(&reference.expr, ty),
            );
            quote!(#and #mutable #expr)
        }
        Expr::Array(array) => {
            let item = item_type(ty);
            let items = array.elems.pairs().map(|pair| {
                let (item, comma) = (typed(pair.value(), &item), pair.punct());
                quote!(#item #comma)
            });
            let mut group = Group::new(Delimiter::Bracket, items.collect());
            group.set_span(array.bracket_token.span.join());
            group.to_token_stream()
        }
        Expr::Repeat(repeat) => {
            let (item, length) = (typed(&repeat.expr, &item_type(ty)), &repeat.len);
            let mut group = Group::new(Delimiter::Bracket, quote!(#item; #length));
            group.set_span(repeat.bracket_token.span.join());
            group.to_token_stream()
        }
        Expr::Call(call) if is_some(&call.func) => {
            let (function, arguments) = (&call.func, call.args.iter().map(|argument| typed(argument, ty)));
            let mut group = Group::new(Delimiter::Parenthesis, quote!(#(#arguments),*));
            group.set_span(call.paren_token.span.join());
            quote!(#function #group)
        }
        other => other.to_token_stream(),
    }
}

/// A number without a type that the field's cannot hold: where it stands, it, and the type of the field or its items.
pub(super) fn misfit(expr: &Expr, ty: &Type) -> Option<(At, String, Scalar)> {
    let beyond = |digits: &syn::LitInt, is_negative: bool, whole: &Expr| {
        let Type::Scalar(scalar) = ty else { return None };
        let (least, most) = range(*scalar)?;
        let number: i128 = digits.base10_parse().unwrap_or(i128::MAX);
        let number = if is_negative { -number } else { number };
        let is_out = digits.suffix().is_empty() && !(least..=most).contains(&number);
        let sign = if is_negative { "-" } else { "" };
        is_out.then(|| (At::of(whole), format!("{sign}{digits}"), *scalar))
    };
    match inner(expr) {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => beyond(number, false, expr),
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr: negated,
            ..
        }) => match inner(negated) {
            Expr::Lit(ExprLit {
                lit: Lit::Int(number),
                ..
            }) => beyond(number, true, expr),
            _ => None,
        },
        Expr::Paren(paren) => misfit(&paren.expr, ty),
        Expr::Reference(reference) => misfit(&reference.expr, ty),
        Expr::Array(array) if matches!(ty, Type::List(_) | Type::Scalar(Scalar::Bytes)) => {
            let item = item_type(ty);
            array.elems.iter().find_map(|number| misfit(number, &item))
        }
        Expr::Repeat(repeat) if matches!(ty, Type::List(_) | Type::Scalar(Scalar::Bytes)) => {
            misfit(&repeat.expr, &item_type(ty))
        }
        Expr::Call(call) if is_some(&call.func) => call.args.iter().find_map(|number| misfit(number, ty)),
        _ => None,
    }
}

/// The least and the most that an integer's type holds.
pub(super) fn range(scalar: Scalar) -> Option<(i128, i128)> {
    Some(match scalar {
        Scalar::U8 => (0, u8::MAX.into()),
        Scalar::U16 => (0, u16::MAX.into()),
        Scalar::U32 => (0, u32::MAX.into()),
        Scalar::U64 => (0, u64::MAX.into()),
        Scalar::I8 => (i8::MIN.into(), i8::MAX.into()),
        Scalar::I16 => (i16::MIN.into(), i16::MAX.into()),
        Scalar::I32 => (i32::MIN.into(), i32::MAX.into()),
        Scalar::I64 => (i64::MIN.into(), i64::MAX.into()),
        _ => return None,
    })
}

/// The type of a list's items; bytes are a list of u8.
fn item_type(ty: &Type) -> Type {
    match ty {
        Type::List(scalar) => Type::Scalar(*scalar),
        Type::Scalar(Scalar::Bytes) => Type::Scalar(Scalar::U8),
        other => other.clone(),
    }
}

/// `2` as `2u32`; a number that cannot be of the type stays as it is, and the type check tells.
fn number(literal: &Lit, scalar: Scalar) -> TokenStream {
    let text = match literal {
        Lit::Int(number) if number.suffix().is_empty() => {
            let text = number.to_string();
            // `0x1f64` would be another number.
            (is_integer(scalar)
                || scalar == Scalar::F64 && text.bytes().all(|c| c.is_ascii_digit() || c == b'_'))
            .then_some(text)
        }
        Lit::Float(number) if number.suffix().is_empty() && scalar == Scalar::F64 => {
            Some(number.to_string()).filter(|text| !text.ends_with('.'))
        }
        _ => None,
    };
    match text.and_then(|text| format!("{text}{}", scalar.name()).parse::<Literal>().ok()) {
        Some(mut number) => {
            number.set_span(literal.span());
            number.to_token_stream()
        }
        None => literal.to_token_stream(),
    }
}
