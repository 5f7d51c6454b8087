//! `PaymentCaptured { … }`, or any expression that is an event: what the schema knows of it is checked here, the rest by
//! its type.

use super::{Site, call::Call, check_await, is_on, level_type, place, site_static, site_text};
use crate::{
    fault::{At, Faults},
    gate,
    rules::Rules,
    value::expansion_at,
};
use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, ExprStruct, Member};
use tracel_schema::{
    codes::macros as codes,
    model::{Class, Event, Level, camel_case},
    nearest::did_you_mean,
};

/// An expression whose type is an event.
pub(super) fn expand(
    rules: Rules<'_>,
    level: Option<Level>,
    site: &Site,
    event: &TokenStream,
) -> TokenStream {
    let at = At::of(event);
    let span = expansion_at(at.first());
    let operand = operand(event);
    // An error of its type marks the event.
    let borrow = quote_spanned!(at.first()=> &);
    let event = match rules.0.policy.deny_orphans {
        false => quote!(#borrow #operand),
        true => {
            let place = place(span);
            quote_spanned!(span=> ::tracel::__private::orphan::event(#place, #borrow #operand))
        }
    };
    let Some(level) = level else {
        let (text, max) = (site_text(None, &site.place()), gate::max(&rules.0.policy));
        let site = site_static(&callsite());
        let own = Ident::new("own", span);
        let is_on = quote_spanned!(span=> #own.is_on());
        let emit = quote_spanned!(span=> #own.emit(#event));
        return quote!({
            #site
            let #own = ::tracel::__private::Own::<_>::new(&__TRACEL_SITE, #text, #max);
            if #is_on {
                #emit;
            }
        });
    };
    let (text, is_on) = (site_text(Some(level), &site.place()), is_on(rules, level));
    let site = site_static(&callsite());
    let level = level_type(level);
    let emit = quote_spanned!(span=> ::tracel::__private::emit_event(&__TRACEL_SITE, #text, #level, #event));
    quote!({
        #site
        if #is_on {
            #emit;
        }
    })
}

/// The expression behind a `&`.
pub(super) fn operand(event: &TokenStream) -> TokenStream {
    match syn::parse2(event.clone()) {
        Ok(Expr::Binary(_) | Expr::Cast(_) | Expr::Range(_) | Expr::Closure(_)) => {
            let mut group = Group::new(Delimiter::Parenthesis, event.clone());
            group.set_span(At::of(event).last());
            TokenTree::Group(group).into()
        }
        _ => event.clone(),
    }
}

/// The callsite of an event.
fn callsite() -> TokenStream {
    quote!(::tracel::__private::Callsite::new)
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
    let Some(event) = declared(rules, literal) else {
        return expand(rules, level, site, &tokens);
    };
    let way_out = format!(
        "write `log!({} {{ .. }})`, which takes its level, or `log_{}!`",
        camel_case(&event.name),
        event.level
    );
    check_level(rules, event, level, literal, &way_out, faults);
    check_fields(rules, event, literal, "", faults);
    expand(rules, Some(event.level), site, &completed(event, literal))
}

/// Tells of a level that is not the event's.
pub(super) fn check_level(
    rules: Rules<'_>,
    event: &Event,
    level: Option<Level>,
    literal: &ExprStruct,
    way_out: &str,
    faults: &mut Faults,
) {
    if let Some(level) = level.filter(|level| *level != event.level) {
        faults.add(
            At::of(&literal.path),
            &codes::WRONG_LEVEL,
            format_args!(
                "`{}` is an event of level `{}` ({}), not `{level}`",
                camel_case(&event.name),
                event.level,
                rules.at(event.place)
            ),
            way_out,
        );
    }
}

pub(super) fn has(literal: &ExprStruct, name: &str) -> bool {
    literal
        .fields
        .iter()
        .any(|field| matches!(&field.member, Member::Named(member) if crate::name(member) == name))
}

/// How a field gets into an event.
pub(crate) fn listing(rules: Rules<'_>, field: &str) -> String {
    let declare = match rules.0.field(field) {
        Some(_) => "",
        None => ", and declare it under [fields]",
    };
    format!("list it there, `optional = [\"{field}\"]`{declare}")
}

/// Tells of fields that the event has not and, unless `..` stands there, of those that it must have; `or` is another way out
/// for these.
pub(super) fn check_fields(
    rules: Rules<'_>,
    event: &Event,
    literal: &ExprStruct,
    or: &str,
    faults: &mut Faults,
) {
    for field in &literal.fields {
        let member = field.member.to_token_stream().to_string();
        let member = member.trim_start_matches("r#");
        if !event.fields().any(|listed| listed == member) {
            if let Some(declared) = rules.0.field(member)
                && declared.class == Class::Secret
            {
                rules.key(member, At::of(&field.member), &[event.level], faults);
                continue;
            }
            let declare = listing(rules, member);
            faults.add(
                At::of(&field.member),
                &codes::NOT_A_FIELD,
                format_args!(
                    "`{member}` is not a field of the event `{}` ({})",
                    event.name,
                    rules.at(event.place)
                ),
                did_you_mean(member, event.fields(), &declare),
            );
        }
    }
    if literal.dot2_token.is_none() {
        for required in rules.required_by_event(event) {
            if !has(literal, required.field) {
                let example = format!("it: `{}: ..`{or}", required.field);
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
            let name = Ident::new(&optional.field, span);
            quote_spanned!(span=> #name: ::core::option::Option::None)
        });
    let (path, fields) = (&literal.path, literal.fields.iter());
    let mut body = Group::new(Delimiter::Brace, quote!(#(#fields,)* #(#absent),*));
    body.set_span(literal.brace_token.span.join());
    quote!(#path #body)
}

/// The declared event that the literal's type is named after.
pub(super) fn declared<'s>(rules: Rules<'s>, literal: &ExprStruct) -> Option<&'s Event> {
    let name = literal.path.segments.last()?.ident.to_string();
    rules
        .0
        .events
        .iter()
        .find(|event| camel_case(&event.name) == name)
}

/// Tells of what is neither an event nor a message under its category.
pub(super) fn not_a_log(call: &Call, faults: &mut Faults) {
    match call {
        Call::Text(tokens, _) => {
            let way_out = format!("name its category: `SysLog({tokens})`, or `UserLog(user_id, {tokens})`");
            faults.add(
                At::of(tokens),
                &codes::NOT_A_LOG,
                "a message alone is no log",
                way_out,
            );
        }
        Call::Malformed(tokens, _) if names_no_context(tokens) => faults.add(
            At::of(tokens),
            &codes::NOT_A_LOG,
            "`context:` stands before a context, and a comma parts that from the log",
            "write `context: &context, UserLog(user_id, \"..\")`",
        ),
        Call::Malformed(tokens, _) => faults.add(
            At::of(tokens),
            &codes::NOT_A_LOG,
            "a log macro takes one event, or one message under its category",
            "write `UserLog(user_id, \"..\", key = value)`, `SysLog(\"..\", key = value)`, or an event `Event { .. }`",
        ),
        Call::Constructor(_) | Call::Literal(_) | Call::Event(_) => {}
    }
}

/// Whether it begins with `context:`, which was not understood.
fn names_no_context(tokens: &TokenStream) -> bool {
    let mut tokens = tokens.clone().into_iter();
    let (word, colon) = (tokens.next(), tokens.next());
    matches!((word, colon), (Some(TokenTree::Ident(word)), Some(TokenTree::Punct(colon)))
        if word == "context" && colon.as_char() == ':' && colon.spacing() == Spacing::Alone)
}

/// What is kept of a refused literal: it lacks nothing, so that the compiler does not repeat what was told, and an editor can
/// complete in it, also a field's name that is half written.
pub(super) fn kept(rules: Rules<'_>, literal: &ExprStruct) -> TokenStream {
    let Some(event) = declared(rules, literal).filter(|_| literal.dot2_token.is_none()) else {
        return literal.to_token_stream();
    };
    let is_listed = |field: &&syn::FieldValue| {
        let name = field.member.to_token_stream().to_string();
        let is_half_written = field.colon_token.is_none() && rules.0.field(&name).is_none();
        is_half_written || event.fields().any(|listed| listed == name)
    };
    let (known, unknown): (Vec<_>, Vec<_>) = literal.fields.iter().partition(is_listed);
    let (path, unknown) = (&literal.path, unknown.iter().map(|field| &field.expr));
    let mut body = Group::new(
        Delimiter::Brace,
        quote!(#(#known,)* ..::tracel::__private::returns()),
    );
    body.set_span(literal.brace_token.span.join());
    quote!((#path #body, #(#unknown),*))
}
