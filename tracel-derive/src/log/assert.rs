//! `assert_logged!(logs, error SysLog("…", key = value))` and `assert_not_logged!`: a log that is wanted, held to the schema as
//! one that is made, but that it may say less. How records are held against it is the runtime's.

use super::{
    call::{Call, Constructor},
    check_await,
    constructor::{check_sigil, sort},
    event, level_const,
};
use crate::{
    fault::{At, Faults},
    kind, name,
    rules::{Key, Rules},
    schema::{Loaded, Missing},
    value::{Value, expansion_at, respan},
};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{
    ExprStruct, Member, Token,
    parse::{Parse, ParseStream, Parser},
};
use tracel_schema::{codes::macros as codes, model::Level, nearest::did_you_mean};

/// What stands in the parentheses.
struct Asked {
    /// The captured logs.
    logs: Value,
    /// The word before the log.
    level: Option<Ident>,
    log: TokenStream,
}

/// Words that may stand before another one in an expression.
const KEYWORDS: [&str; 13] = [
    "async", "break", "const", "for", "if", "let", "loop", "match", "move", "mut", "return", "unsafe",
    "while",
];

impl Asked {
    fn read(input: TokenStream) -> Option<Asked> {
        let mut rest = TokenStream::new();
        let read = |input: ParseStream<'_>| {
            let logs = Value::read(input)?;
            <Token![,]>::parse(input)?;
            rest = input.parse()?;
            Ok(logs)
        };
        let logs = read.parse2(input).ok()?;
        let mut log = rest.clone().into_iter().peekable();
        let level = match log.next() {
            None => return None,
            Some(TokenTree::Ident(first)) if !KEYWORDS.iter().any(|known| first == known) => {
                matches!(log.peek(), Some(TokenTree::Ident(_))).then_some(first)
            }
            Some(_) => None,
        };
        let log = match level {
            Some(_) => log.collect(),
            None => rest,
        };
        Some(Asked { logs, level, log })
    }
}

/// Expands the macro of this name.
pub(crate) fn expand(loaded: &Result<Loaded, Missing>, called: &str, input: TokenStream) -> TokenStream {
    let mut faults = Faults::default();
    let Some(Asked { logs, level, log }) = Asked::read(input.clone()) else {
        faults.add(
            At::of(&input),
            &codes::ASSERTION,
            "an assertion takes the captured logs, then a log",
            format_args!(
                "write `{called}!(logs, SysLog(\"..\", key = value))`, where `let logs = tracel::testing::capture();`"
            ),
        );
        return refused(&faults, called, Vec::new());
    };
    let call = Call::read(log);
    let refused = |faults: &Faults| refused(faults, called, kept(&logs, &call));
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(missing) => return refused(&missing.faults(Span::call_site())),
    };
    let rules = Rules(&loaded.schema);
    logs.check(logs.at(), &mut faults);
    let level = level.and_then(|word| read_level(&word, &mut faults));
    let wanted = match &call {
        Call::Constructor(constructor) => call_of(rules, level, constructor, &mut faults),
        Call::Literal(literal) => literal_of(rules, level, literal, &mut faults),
        Call::Event(tokens) => {
            check_await(tokens, &mut faults);
            event_of(level, tokens)
        }
        Call::Text(..) | Call::Malformed(..) => {
            event::not_a_log(&call, &mut faults);
            TokenStream::new()
        }
    };
    if !faults.is_empty() {
        return refused(&faults);
    }
    let at = logs.at();
    let borrow = quote_spanned!(at.first()=> &);
    let (function, logs) = (format_ident!("{called}"), logs.operand(None));
    quote!(::tracel::__private::#function(#borrow #logs, &#wanted))
}

/// The errors, and what can be read of the call.
pub(crate) fn stub(faults: &Faults, called: &str, input: TokenStream) -> TokenStream {
    let kept = Asked::read(input).map(|asked| kept(&asked.logs, &Call::read(asked.log)));
    refused(faults, called, kept.unwrap_or_default())
}

/// The user's expressions.
fn kept(logs: &Value, call: &Call) -> Vec<TokenStream> {
    let mut kept = match call {
        // It may lack fields, also without a `..`.
        Call::Literal(literal) => {
            let (path, values) = (&literal.path, literal.fields.iter().map(|field| &field.expr));
            let pattern = quote!((|#path { .. }| ()));
            values.map(ToTokens::to_token_stream).chain([pattern]).collect()
        }
        call => call.expressions(),
    };
    kept.extend(logs.kept());
    kept
}

/// The errors and these expressions, under the type that the macro has.
fn refused(faults: &Faults, called: &str, kept: Vec<TokenStream>) -> TokenStream {
    let refused = super::refused(faults, kept);
    match called {
        "assert_logged" => quote!({ #refused ::tracel::__private::returns::<::tracel::testing::Record>() }),
        _ => refused,
    }
}

fn read_level(word: &Ident, faults: &mut Faults) -> Option<Level> {
    let level = Level::from_name(&name(word));
    if level.is_none() {
        faults.add(
            At::of(word),
            &codes::ASSERTION,
            format_args!("`{word}` is not a level"),
            did_you_mean(
                &name(word),
                Level::ALL.map(Level::name),
                "before a log stands its level, trace, debug, info, warn or error, or nothing",
            ),
        );
    }
    level
}

/// `Some(Level::ERROR)`
fn some_level(level: Option<Level>) -> TokenStream {
    match level.map(level_const) {
        Some(level) => quote!(::core::option::Option::Some(#level)),
        None => quote!(::core::option::Option::None),
    }
}

/// Keys with their values, as they are collected.
#[derive(Default)]
struct Pairs {
    keys: Vec<TokenStream>,
    values: Vec<TokenStream>,
}

impl Pairs {
    fn add(&mut self, rules: Rules<'_>, name: &str, key: Key<'_>, value: &Value) {
        self.keys.push(kind::key(name, key));
        self.values.push(match value.is_none() {
            true => quote!(::tracel::__private::Val::Null),
            false => value.checked(rules, key, None),
        });
    }

    fn wanted(&self, level: Option<Level>, shape: &TokenStream) -> TokenStream {
        let (level, Pairs { keys, values }) = (some_level(level), self);
        quote!(::tracel::__private::Wanted::new(#level, #shape, const { &[#(#keys),*] }, &[#(#values),*]))
    }
}

/// `SysLog("…", key = value)`: no key is required.
fn call_of(rules: Rules<'_>, level: Option<Level>, call: &Constructor, faults: &mut Faults) -> TokenStream {
    let category = call.category();
    if let Some(word) = &call.category {
        rules.category(&category, At::of(word), faults);
    }
    let declared = rules.0.category(&category);
    let by_place = declared.and_then(|category| category.required.first());
    let given = sort(call, by_place.map(|required| required.field.as_str()), faults);
    // A key that the schema does not declare stands where it may: at a level that is named.
    let is_open = |level: &Level| rules.0.policy.open[*level as usize];
    let strictest = Level::ALL.into_iter().find(|level| !is_open(level));
    let level_of_keys = level.or(strictest).unwrap_or(Level::Info);
    let mut pairs = Pairs::default();
    for (name, at, value) in &given.pairs {
        value.check(*at, faults);
        check_sigil(rules, name, value, faults);
        if let Some(key) = rules.key(name, *at, &[level_of_keys], faults) {
            value.check_number(rules, key, faults);
            pairs.add(rules, name, key, value);
        }
    }
    let Some(message) = given.message.filter(|_| faults.is_empty()) else {
        return TokenStream::new();
    };
    let (schema, category, message) = (kind::schema_ref(rules.0), category_const(call), message.value());
    let shape = quote! {
        &::tracel::__private::Shape {
            category: #category,
            event: "",
            message: #message,
            schema: #schema,
            limit: ::core::option::Option::None,
            names: &[],
            keys: &[],
        }
    };
    pairs.wanted(level, &shape)
}

/// `PaymentCaptured { amount: 1999, .. }`: without `..` it is meant whole.
fn literal_of(
    rules: Rules<'_>,
    level: Option<Level>,
    literal: &ExprStruct,
    faults: &mut Faults,
) -> TokenStream {
    if let Some(rest) = &literal.rest {
        faults.add(
            At::of(rest),
            &codes::ASSERTION,
            "no other event stands behind the `..` of an assertion",
            "end with `..` alone: what is not named may be anything",
        );
    }
    let declared = event::declared(rules, literal);
    if let Some(event) = declared {
        let level_word = format!("write `{}` before it, or no level", event.level);
        event::check_level(rules, event, level, literal, &level_word, faults);
        let or = ", or end with `..`: what is not named may be anything";
        event::check_fields(rules, event, literal, or, faults);
    }
    // The level of an event that no schema declares is not known here; that its keys are fields, its type says.
    let is_open = |level: &Level| rules.0.policy.open[*level as usize];
    let loosest = Level::ALL.into_iter().find(is_open).unwrap_or(Level::Info);
    let mut pairs = Pairs::default();
    for field in &literal.fields {
        let Member::Named(member) = &field.member else {
            continue;
        };
        let (name, tokens) = (name(member), field.expr.to_token_stream());
        let is_listed = declared.is_none_or(|event| event.fields().any(|listed| listed == name));
        if let Ok(value) = Value::read.parse2(tokens)
            && is_listed
        {
            value.check(At::of(member), faults);
            if let Some(key) = rules.key(&name, At::of(member), &[loosest], faults) {
                value.check_number(rules, key, faults);
                pairs.add(rules, &name, key, &value);
            }
        }
    }
    let is_partial = literal.dot2_token.is_some();
    if let Some(event) = declared.filter(|_| !is_partial) {
        for optional in event.optional.iter().filter(|it| !event::has(literal, &it.field)) {
            if let Some(field) = rules.0.field(&optional.field) {
                pairs.keys.push(kind::key(&field.name, Key::Declared(field)));
                pairs.values.push(quote!(::tracel::__private::Val::Null));
            }
        }
    }
    // Its type is found by a pattern: its name and those of its fields stay the user's, and nothing is made.
    let (path, members) = (&literal.path, literal.fields.iter().map(|field| &field.member));
    let rest = (is_partial || declared.is_some()).then(|| quote!(..));
    let span = expansion_at(At::of(path).first());
    let shape = quote_spanned!(span=> ::tracel::__private::shape_of(|#path { #(#members: _,)* #rest }| ()));
    pairs.wanted(level, &shape)
}

/// Any expression whose type is an event.
fn event_of(level: Option<Level>, event: &TokenStream) -> TokenStream {
    let (at, level) = (At::of(event), some_level(level));
    let function = respan(
        quote!(::tracel::__private::Wanted::event),
        expansion_at(at.first()),
    );
    let operand = event::operand(event);
    let borrow = quote_spanned!(at.first()=> &);
    quote!(#function(#level, #borrow #operand))
}

/// The category, through the type under the user's word, so that an editor finds it there.
fn category_const(call: &Constructor) -> TokenStream {
    let word = &call.word;
    match &call.category {
        Some(_) => {
            let name = call.category();
            quote_spanned!(word.span()=> ::tracel::#word::category(#name))
        }
        None => quote_spanned!(word.span()=> ::tracel::#word::CATEGORY),
    }
}
