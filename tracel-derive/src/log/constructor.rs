//! `UserLog(user_id, "…", key = value)`: checked against the schema, and expanded.

use super::{Site, arguments::Argument, call::Constructor, is_on, place, site_static, site_text};
use crate::{
    fault::{At, Faults},
    name,
    rules::{Required, Rules},
    value::{Value, expansion_at},
};
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::LitStr;
use tracel_schema::{
    codes::macros as codes,
    message::{self, interpolation},
    model::{Level, Scalar, Type},
};

/// What was given, in the order of the record.
pub(super) struct Given<'c> {
    pub(super) message: Option<&'c LitStr>,
    pub(super) pairs: Vec<(String, At, &'c Value)>,
}

pub(super) fn expand(
    rules: Rules<'_>,
    level: Option<Level>,
    site: &Site,
    call: &Constructor,
    faults: &mut Faults,
) -> TokenStream {
    let category = call.category();
    if let Some(word) = &call.category {
        rules.category(&category, At::of(word), faults);
        if !faults.is_empty() {
            // What it requires is not known.
            return TokenStream::new();
        }
    }
    let Some(level) = level else {
        faults.add(
            At::of(&call.word),
            &codes::NO_LEVEL,
            "a message has no level of its own, and `log!` names none",
            format_args!("name the level: `log_info!({}(..))`", call.word),
        );
        return TokenStream::new();
    };
    let required = rules.required(&category, Some(level));
    let by_place = rules
        .0
        .category(&category)
        .and_then(|category| category.required.first());
    let given = sort(call, by_place.map(|required| required.field.as_str()), faults);
    check_required(rules, &required, &given, call, faults);

    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for (name, at, value) in &given.pairs {
        value.check(*at, faults);
        check_sigil(rules, name, value, faults);
        let Some(key) = rules.key(name, *at, &[level], faults) else {
            continue;
        };
        value.check_number(rules, key, faults);
        if value.is_none() {
            continue;
        }
        let rule = required
            .iter()
            .find(|required| required.field == name)
            .map(|required| required.place);
        keys.push((name.as_str(), key));
        values.push(value.checked(rules, key, rule));
    }
    let Some(message) = given.message.filter(|_| faults.is_empty()) else {
        return TokenStream::new();
    };
    // Before its values are evaluated; nothing is asked where there is no limit.
    let limit = rules.0.policy.limit;
    let text = site.text(rules.0, limit, &category, &keys, &message.value());
    let text = site_text(Some(level), &text);
    let admits = limit.map(|_| quote!(&&__TRACEL_SITE.admits(#text)));
    let (site, is_on) = (site_static(&word(call)), is_on(rules, level));
    let known = (rules.0.policy.deny_orphans && category == "user").then(|| {
        let span = expansion_at(At::of(&call.word).first());
        let place = place(span);
        quote_spanned!(span=> ::tracel::__private::orphan::user_log(#place);)
    });
    quote!({
        #site
        #known
        if #is_on #admits {
            ::tracel::__private::emit(&__TRACEL_SITE, #text, &[#(#values),*]);
        }
    })
}

/// Tells message, value by place and keys apart.
pub(super) fn sort<'c>(call: &'c Constructor, by_place: Option<&str>, faults: &mut Faults) -> Given<'c> {
    let mut given = Given {
        message: None,
        pairs: Vec::new(),
    };
    let is_text = |argument: &Argument| match argument {
        Argument::Place(value) => value.as_string().is_some(),
        Argument::Key(..) => false,
    };
    // The value by place may be a text itself: then the second one is the message.
    let second = call
        .arguments
        .get(1)
        .filter(|argument| by_place.is_some() && is_text(argument))
        .map(|_| 1);
    let literal = second.or_else(|| call.arguments.iter().position(is_text));
    let literal = literal.or_else(|| {
        let at = call
            .arguments
            .iter()
            .take_while(|argument| matches!(argument, Argument::Place(_)))
            .count();
        let wrong = at
            .checked_sub(1)
            .and_then(|last| call.arguments.get(last))
            .map(Argument::value);
        not_a_message(call, by_place, wrong, faults);
        at.checked_sub(1)
    });
    for (index, argument) in call.arguments.iter().enumerate() {
        let (name, at, value) = match argument {
            Argument::Key(key, value) => (name(key), At::of(key), value),
            Argument::Place(value) if Some(index) == literal => {
                given.message = value.as_string();
                if let Some(text) = given.message.map(LitStr::value) {
                    check_text(call, by_place, &text, value, faults);
                }
                continue;
            }
            Argument::Place(value) if literal.is_some_and(|literal| index < literal) => match by_place {
                Some(field) if index == 0 => (field.to_owned(), value.at(), value),
                _ => {
                    no_place(call, by_place, value, faults);
                    continue;
                }
            },
            Argument::Place(value) => match value.as_variable() {
                Some(variable) if value.sigil.is_none() => (name(variable), value.at(), value),
                _ => {
                    no_key(value, faults);
                    continue;
                }
            },
        };
        if given.pairs.iter().any(|(known, ..)| *known == name) {
            let what = format!("`{name}` is given twice");
            let way_out = match by_place {
                Some(field) if field == name => {
                    "it stands by place already, before the message: leave one out"
                }
                _ => "leave one out: a record has each key once",
            };
            faults.add(at, &codes::DUPLICATE_KEY, what, way_out);
            continue;
        }
        given.pairs.push((name, at, value));
    }
    given
}

fn check_required(
    rules: Rules<'_>,
    required: &[Required<'_>],
    given: &Given<'_>,
    call: &Constructor,
    faults: &mut Faults,
) {
    let first = rules
        .0
        .category(&call.category())
        .and_then(|category| category.required.first());
    for required in required {
        let found = given.pairs.iter().find(|(name, ..)| name == required.field);
        let at = match found {
            Some((.., value)) if value.is_none() => value.at(),
            Some(_) => continue,
            None => At::of(&call.word),
        };
        let example = match (first, required.field) {
            (Some(first), field) if first.field == field => {
                format!(
                    "it by place, before the message: `{}({field}, \"..\")`",
                    shown(call)
                )
            }
            (_, "error") => "it: `error = &err`".to_owned(),
            (_, field) => format!("it: `{field} = ..`, or `{field}` alone for a variable of that name"),
        };
        rules.missing(required, at, &example, faults);
    }
}

fn not_a_message(call: &Constructor, by_place: Option<&str>, wrong: Option<&Value>, faults: &mut Faults) {
    let shown = shown(call);
    let before = by_place.map(|field| format!("{field}, ")).unwrap_or_default();
    match wrong {
        Some(value) if value.without_comma().is_some() => {
            let (text, rest) = value.without_comma().unwrap_or_default();
            let way_out = format!("put one there: `{shown}({before}{text}, {rest})`");
            faults.add(
                value.at(),
                &codes::MESSAGE_LITERAL,
                "no comma ends the message",
                way_out,
            );
        }
        Some(value) => faults.add(
            value.at(),
            &codes::MESSAGE_LITERAL,
            "the message is not a string literal",
            format_args!(
                "write a fixed text, and put what varies into a field: `{shown}({before}\"..\", key = value)`"
            ),
        ),
        None => faults.add(
            call.close,
            &codes::MESSAGE_LITERAL,
            "the message is missing",
            format_args!("a log has a fixed text that says what happened: `{shown}({before}\"..\")`"),
        ),
    }
}

/// A message is a fixed text of one line.
fn check_text(call: &Constructor, by_place: Option<&str>, text: &str, value: &Value, faults: &mut Faults) {
    if let Some((what, way_out)) = message::fault(text) {
        let what = format!("the message {what}");
        faults.add(value.at(), &codes::MESSAGE_TEXT, what, way_out);
    }
    if let Some(found) = interpolation(text) {
        interpolated(call, by_place, found, value, faults);
    }
}

fn interpolated(call: &Constructor, by_place: Option<&str>, found: &str, value: &Value, faults: &mut Faults) {
    let before = by_place.map(|field| format!("{field}, ")).unwrap_or_default();
    let name = found
        .trim_matches(['{', '}'])
        .split(':')
        .next()
        .unwrap_or_default()
        .trim();
    let key = if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        "key = value"
    } else {
        name
    };
    faults.add(
        value.at(),
        &codes::INTERPOLATED,
        format_args!("`{found}` in the message: a message is a fixed text"),
        format_args!(
            "move the value behind the message, into a field: `{}({before}\"..\", {key})`",
            shown(call)
        ),
    );
}

fn no_place(call: &Constructor, by_place: Option<&str>, value: &Value, faults: &mut Faults) {
    let category = call.category();
    let what = match by_place {
        Some(field) => {
            format!("only `{field}` stands by place: it is the first that [category.{category}] requires")
        }
        None => format!("no value stands by place: [category.{category}] requires none"),
    };
    let way_out = format!(
        "give it after the message, with its key: `{}(.., \"..\", {} = {})`",
        shown(call),
        value.suggested_key(),
        value.tokens
    );
    faults.add(value.at(), &codes::NO_KEY, what, way_out);
}

pub(super) fn no_key(value: &Value, faults: &mut Faults) {
    if value.as_string().is_some() {
        let way_out = "a log has one message; further texts are fields: `key = \"..\"`";
        return faults.add(value.at(), &codes::NO_KEY, "a second text without a key", way_out);
    }
    let (what, way_out) = value.keyless();
    faults.add(value.at(), &codes::NO_KEY, what, way_out);
}

pub(super) fn check_sigil(rules: Rules<'_>, name: &str, value: &Value, faults: &mut Faults) {
    let Some(sigil) = &value.sigil else { return };
    let (sign, tokens) = (sigil.as_char(), &value.tokens);
    let field = rules.0.field(name);
    let what = match field {
        Some(field) => format!(
            "no `{sign}` here: {} says how `{name}` is written",
            rules.at(field.place)
        ),
        None => format!("no `{sign}` here: how a value is written is not for the call to say"),
    };
    let adapter = if sign == '%' { "display" } else { "debug" };
    let way_out = match field {
        Some(field) if field.ty != Type::Scalar(Scalar::String) => {
            format!("pass the value itself: `{name} = {tokens}`")
        }
        _ => format!(
            "pass the value itself, `{name} = {tokens}`, or its text, `{name} = tracel::{adapter}(&{tokens})`"
        ),
    };
    faults.add(At::of(sigil), &codes::SIGIL, what, way_out);
}

/// `UserLog`, `Log::audit`: as messages show it.
fn shown(call: &Constructor) -> String {
    match &call.category {
        Some(category) => format!("{}::{category}", call.word),
        None => call.word.to_string(),
    }
}

/// What makes the callsite, through the type under the user's word, so that an editor finds it there.
fn word(call: &Constructor) -> TokenStream {
    let word: &Ident = &call.word;
    quote_spanned!(word.span()=> ::tracel::#word::site)
}
