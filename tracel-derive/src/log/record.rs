//! `record!(user_id, key = value)`: fields for the request that is current, held to the schema as a log's are.

use super::{
    arguments::{Argument, kept},
    constructor::{check_sigil, no_key},
    refused,
};
use crate::{
    fault::{At, Faults},
    kind, name,
    rules::Rules,
    schema::{Loaded, Missing},
};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use tracel_schema::{codes::macros as codes, model::Level};

/// Expands `record!`.
pub(crate) fn expand(loaded: &Result<Loaded, Missing>, input: TokenStream) -> TokenStream {
    let arguments = Argument::read_all(input);
    let kept = || kept(&arguments);
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(missing) => return refused(&missing.faults(Span::call_site()), kept()),
    };
    let rules = Rules(&loaded.schema);
    let mut faults = Faults::default();
    let (mut names, mut keys, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for argument in &arguments {
        let (key, at, value) = match argument {
            Argument::Key(key, value) => (name(key), At::of(key), value),
            Argument::Place(value) => match value.as_variable().filter(|_| value.sigil.is_none()) {
                Some(variable) => (name(variable), value.at(), value),
                None => {
                    no_key(value, &mut faults);
                    continue;
                }
            },
        };
        value.check(at, &mut faults);
        check_sigil(rules, &key, value, &mut faults);
        if names.contains(&key) {
            let what = format!("`{key}` is given twice");
            let way_out = "leave one out: a record has each key once";
            faults.add(at, &codes::DUPLICATE_KEY, what, way_out);
            continue;
        }
        let found = rules.key(&key, at, &[Level::Info], &mut faults);
        names.push(key);
        let (Some(found), Some(key)) = (found.filter(|_| !value.is_none()), names.last()) else {
            continue;
        };
        value.check_number(rules, found, &mut faults);
        keys.push(kind::key(key, found));
        values.push(value.checked(rules, found, None));
    }
    if !faults.is_empty() {
        return refused(&faults, kept());
    }
    let schema = kind::schema_ref(rules.0);
    quote!(::tracel::__private::record(#schema, const { &[#(#keys),*] }, &[#(#values),*]))
}

/// The errors, and what can be read of the call.
pub(crate) fn stub(faults: &Faults, input: TokenStream) -> TokenStream {
    refused(faults, kept(&Argument::read_all(input)))
}
