//! `PaymentCaptured { … }`, or any expression that is an event: what the schema knows of it is checked here, the rest by
//! its type.

use super::{Site, check_await, is_on, level_type, site_static};
use crate::{
    fault::{At, Faults},
    gate,
    rules::Rules,
    value::expansion_at,
};
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{ExprStruct, Member};
use tracel_schema::{
    codes::macros as codes,
    model::{Event, Level, camel_case},
    nearest::did_you_mean,
};

/// An expression whose type is an event.
pub(super) fn expand(
    rules: Rules<'_>,
    level: Option<Level>,
    site: &Site,
    event: &TokenStream,
) -> TokenStream {
    let span = expansion_at(At::of(event).first());
    let mut operand = Group::new(Delimiter::Parenthesis, event.clone());
    operand.set_span(At::of(event).first());
    // A literal needs none; around anything else they hold an operator, or are seen through.
    let operand = match syn::parse2(event.clone()) {
        Ok(syn::Expr::Binary(_) | syn::Expr::Cast(_) | syn::Expr::Range(_) | syn::Expr::Closure(_)) => {
            TokenTree::Group(operand).into()
        }
        _ => event.clone(),
    };
    let Some(level) = level else {
        let (site, max) = (site_static("own", None, site, None), gate::max(&rules.0.policy));
        let own = proc_macro2::Ident::new("own", Span::mixed_site());
        let emit = quote_spanned!(span=> #own.emit(&#operand));
        return quote!({
            #site
            let #own = ::tracel::__private::Own::<_>::new(&__TRACEL_SITE, #max);
            if #own.is_on() {
                #emit;
            }
        });
    };
    let (site, is_on) = (site_static("typed", Some(level), site, None), is_on(rules, level));
    let level = level_type(level);
    let emit = quote_spanned!(span=> ::tracel::__private::emit_event(&__TRACEL_SITE, #level, &#operand));
    quote!({
        #site
        if #is_on {
            #emit;
        }
    })
}

/// A struct literal: of a declared event its level, its fields and what was left out are known.
pub(super) fn literal(
    rules: Rules<'_>,
    level: Option<Level>,
    site: &Site,
    literal: &ExprStruct,
    faults: &mut Faults,
) -> TokenStream {
    let tokens = literal.to_token_stream();
    check_await(&tokens, faults);
    let name = literal
        .path
        .segments
        .last()
        .map(|segment| segment.ident.to_string())
        .unwrap_or_default();
    let Some(event) = rules
        .0
        .events
        .iter()
        .find(|event| camel_case(&event.name) == name)
    else {
        return expand(rules, level, site, &tokens);
    };
    if let Some(level) = level.filter(|level| *level != event.level) {
        faults.add(
            At::of(&literal.path),
            &codes::WRONG_LEVEL,
            format_args!(
                "`{name}` is an event of level `{}` ({}), not `{level}`",
                event.level,
                rules.at(event.place)
            ),
            format_args!(
                "write `log!({name} {{ .. }})`, which takes its level, or `log_{}!`",
                event.level
            ),
        );
    }
    check_fields(rules, event, literal, faults);
    expand(rules, Some(event.level), site, &completed(event, literal))
}

fn has(literal: &ExprStruct, name: &str) -> bool {
    literal
        .fields
        .iter()
        .any(|field| matches!(&field.member, Member::Named(member) if crate::name(member) == name))
}

fn check_fields(rules: Rules<'_>, event: &Event, literal: &ExprStruct, faults: &mut Faults) {
    let listed = || {
        event
            .required
            .iter()
            .chain(&event.optional)
            .map(|listed| listed.field.as_str())
    };
    for field in &literal.fields {
        let member = field.member.to_token_stream().to_string();
        let member = member.trim_start_matches("r#");
        if !listed().any(|listed| listed == member) {
            let declare = format!("list it there: `optional = [\"{member}\"]`");
            faults.add(
                At::of(&field.member),
                &codes::NOT_A_FIELD,
                format_args!(
                    "`{member}` is not a field of the event `{}` ({})",
                    event.name,
                    rules.at(event.place)
                ),
                did_you_mean(member, listed(), &declare),
            );
        }
    }
    if literal.dot2_token.is_none() {
        for required in rules.required_by_event(event) {
            if !has(literal, required.field) {
                let example = format!("it: `{}: ..`", required.field);
                rules.missing(&required, At::of(&literal.path), &example, faults);
            }
        }
    }
}

/// The literal with `None` for each optional field that was left out.
fn completed(event: &Event, literal: &ExprStruct) -> TokenStream {
    if literal.dot2_token.is_some() {
        return literal.to_token_stream();
    }
    let span = literal.brace_token.span.close();
    let absent = event
        .optional
        .iter()
        .filter(|optional| !has(literal, &optional.field))
        .map(|optional| {
            let name = proc_macro2::Ident::new(&optional.field, span);
            quote_spanned!(span=> #name: ::core::option::Option::None)
        });
    let (path, fields) = (&literal.path, literal.fields.iter());
    let mut body = Group::new(Delimiter::Brace, quote!(#(#fields,)* #(#absent),*));
    body.set_span(literal.brace_token.span.join());
    quote!(#path #body)
}
