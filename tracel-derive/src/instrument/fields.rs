//! `fields(..)` held to the schema: the context's own keys, and those of the dictionary.

use super::{Attributes, Function, attributes::Pair};
use crate::{
    fault::{At, Faults},
    name,
    rules::{Key, Rules},
    value::{Value, expansion_at},
};
use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use tracel_schema::{
    codes::macros as codes,
    model::{Scalar, Type},
    nearest::did_you_mean,
};

/// What the span carries.
#[derive(Default)]
pub(crate) struct Fields<'s> {
    /// An `Option<Uuid>`.
    pub(crate) event_id: Option<TokenStream>,
    /// An `Option<&str>`.
    pub(crate) module: Option<TokenStream>,
    pub(crate) keys: Vec<(String, Key<'s>)>,
    pub(crate) values: Vec<TokenStream>,
}

pub(crate) fn check<'s>(
    rules: Rules<'s>,
    attributes: &Attributes,
    function: &Function,
    faults: &mut Faults,
) -> Fields<'s> {
    let arguments = function.arguments();
    let mut known = |named: &proc_macro2::Ident, way_out: &str| {
        let argument = name(named);
        if !arguments.contains(&argument) {
            let what = format!(
                "`{argument}` is not an argument of `{}`",
                function.signature.ident
            );
            let way_out = did_you_mean(&argument, arguments.iter().map(String::as_str), way_out);
            faults.add(At::of(named), &codes::NOT_AN_ARGUMENT, what, way_out);
        }
    };
    for skipped in &attributes.skipped {
        known(
            skipped,
            "leave it out: no argument is recorded unless `fields(..)` names it",
        );
    }
    // Of a key that may not be logged at all, that is told.
    let is_key = |key: &str| matches!(key, "event_id" | "module") || rules.0.field(key).is_some();
    for pair in attributes
        .fields
        .iter()
        .filter(|pair| pair.bare && is_key(&name(&pair.key)))
    {
        known(&pair.key, &format!("name its value: `{0} = ..`", pair.key));
    }
    let mut fields = Fields::default();
    let mut seen: Vec<String> = Vec::new();
    for pair in &attributes.fields {
        let key = name(&pair.key);
        if seen.contains(&key) {
            let way_out = "leave one out: a record has each key once";
            faults.add(
                At::of(&pair.key),
                &codes::DUPLICATE_KEY,
                format_args!("`{key}` is given twice"),
                way_out,
            );
            continue;
        }
        pair.value.check(At::of(&pair.key), faults);
        match key.as_str() {
            "event_id" => fields.event_id = Some(event_id(&pair.value)),
            "module" => fields.module = Some(module(&pair.value)),
            _ => fields.add(rules, attributes, pair, &key, faults),
        }
        seen.push(key);
    }
    fields
}

impl<'s> Fields<'s> {
    fn add(
        &mut self,
        rules: Rules<'s>,
        attributes: &Attributes,
        pair: &Pair,
        key: &str,
        faults: &mut Faults,
    ) {
        let at = At::of(&pair.key);
        let Some(found) = rules.key(key, at, &[attributes.level()], faults) else {
            return;
        };
        let value = match &pair.value.sigil {
            None => &pair.value,
            Some(sigil) => {
                if let Key::Declared(field) = found
                    && field.ty != Type::Scalar(Scalar::String)
                {
                    faults.add(
                        At::of(sigil),
                        &codes::SIGIL,
                        format_args!(
                            "no `{}` here: `{key}` is no text ({}), and the schema says how it is written",
                            sigil.as_char(),
                            rules.at(field.place)
                        ),
                        format_args!("pass the value itself: `{key} = {}`", pair.value.tokens),
                    );
                    return;
                }
                &pair.value.as_text()
            }
        };
        if value.is_none() {
            return;
        }
        value.check_number(rules, found, faults);
        self.keys.push((key.to_owned(), found));
        self.values.push(value.checked(rules, found, None));
    }
}

/// The id is handed over as it is: `%` and `?` are for those who know them from `tracing`.
fn event_id(value: &Value) -> TokenStream {
    let operand = value.operand(None);
    let operand = worded(operand);
    let (first, user) = (expansion_at(value.at().first()), value.at().first());
    let borrow = quote_spanned!(user=> &);
    quote_spanned!(first=> ::tracel::__private::AsEventId::as_event_id(#borrow #operand))
}

/// An expression in which the words of `fields(..)` need no import.
pub(crate) fn worded(expression: TokenStream) -> TokenStream {
    match calls_bare(&expression, "generate_event_id") {
        true => quote!({ use ::tracel::__private::words::*; #expression }),
        false => expression,
    }
}

fn module(value: &Value) -> TokenStream {
    let span = expansion_at(value.at().first());
    let operand = value.operand(None);
    let text = match value
        .sigil
        .as_ref()
        .filter(|_| value.as_string().is_none())
        .map(|sigil| sigil.as_char())
    {
        None => {
            let borrow = quote_spanned!(value.at().first()=> &);
            quote_spanned!(span=> ::tracel::__private::AsModule::as_module(#borrow #operand))
        }
        Some('?') => quote_spanned!(span=> &*::std::format!("{:?}", &#operand)),
        Some(_) => quote_spanned!(span=> &*::std::string::ToString::to_string(&#operand)),
    };
    quote!(::core::option::Option::Some(#text))
}

/// Whether the tokens name this without a path before it.
fn calls_bare(tokens: &TokenStream, word: &str) -> bool {
    let mut after_path = false;
    for token in tokens.clone() {
        match &token {
            TokenTree::Ident(ident) if ident == word && !after_path => return true,
            TokenTree::Group(group) if calls_bare(&group.stream(), word) => return true,
            _ => {}
        }
        after_path = match &token {
            TokenTree::Punct(punct) => {
                matches!(punct.as_char(), ':' | '.') && punct.spacing() == Spacing::Alone
            }
            _ => false,
        };
    }
    false
}
