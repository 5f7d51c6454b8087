//! No macro panics, whatever stands in its call, and what it expands to always parses: every entry point's inner function
//! over mutations of right calls and items. What the errors say is in `ui-tests`.

mod mutate;

use crate::{
    derive, include, instrument, log,
    schema::{Loaded, Missing},
};
use mutate::Mutator;
use proc_macro2::TokenStream;
use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};
use syn::{DeriveInput, Expr, File, Item};
use tracel_schema::model::{Level, Owner};

/// How many inputs in all, unless [`LONGEST`] is over before.
const INPUTS: u32 = 100_000;
const LONGEST: Duration = Duration::from_secs(30);

const SCHEMA: &str = r#"
[schema]
name = "acme"
version = 3
[policy]
metadata = { default = "declared", debug = "open" }
[fields]
user_id = { type = "u64" }
attempt = { type = "u32" }
ratio = { type = "f64" }
items = { type = "list", of = "i16" }
digest = { type = "bytes" }
currency = { type = "enum", values = ["EUR", "USD"] }
tenant = { type = "string", class = "sensitive" }
password = { type = "string", class = "secret" }
error = { type = "error" }
kind = { type = "string" }
[category.user]
required = ["user_id"]
[category.audit]
required = ["tenant", "kind"]
[level.error]
required = ["error"]
[event.retried]
category = "system"
level = "info"
message = "retried"
required = ["attempt"]
optional = ["tenant", "ratio", "kind"]
"#;

const CALLS: &[&str] = &[
    r#"UserLog(user_id, "asked", attempt = 2, tenant)"#,
    r#"tracel::SysLog("x", ratio = -1.5, items = [1, -2], digest = b"ab", currency = logs::Currency::Eur)"#,
    r#"Log::audit("acme", "granted", kind = "admin", whatever = Some(7))"#,
    r#"SysLog("x", attempt = n as u32 + 1, tenant = %self.name, error = ?err, password = p)"#,
    r#"SysLog("at {attempt}", attempt = f::<A, B>(1, |x| x + 1)?, error = None)"#,
    r#"SysLog("x", attempt = count().await, attempt = if a { 1 } else { 2 }, [0u8; 4], user.id)"#,
    "Retried { attempt, ratio: Some(1.0) }",
    "logs::Retried { attempt: 3, r#kind: None, ..other }",
    "Other::<T> { a, b: c.d }",
    "&event",
    "make(5)?",
    r#""charging {}", card"#,
];

const ASSERTIONS: &[&str] = &[
    r#"logs, error SysLog("charge refused", attempt = 2u32, error = &err)"#,
    r#"&self.logs(), UserLog(42, "asked", tenant = None)"#,
    r#"logs, eror Log::audit("granted", %x, password)"#,
    r#"logs, info PaymentCaptured { amount: 1999, user_id, .. }"#,
    r#"logs, logs::PaymentCaptured { amont: Some(1), ..other }"#,
    r#"logs, if a { b } else { c }"#,
    r#"logs, "text""#,
    "logs",
    "",
];

const RECORDS: &[&str] = &[
    r#"user_id, tenant = "acme", attempt = n + 1"#,
    r#"items = vec![1], password, kind = %t, 5, "text""#,
];

const ITEMS: &[&str] = &[
    r#"#[log(event = "asked", message = "asked", level = "info")] struct Asked<'a, T: Clone> where T: Send { user_id: u64, kind: &'a str, attempt: Option<T> }"#,
    r#"#[log(event = "retried")] pub struct Again { attempt: u32, pub(crate) tenant: String, ratio: [f64; 2] }"#,
    r#"#[log(category = "audit", message = "by {who}")] struct Granted<const N: usize = 3> { tenant: &'static str, kind: char, password: [u8; N] }"#,
    r#"#[log(message = concat!("a", "b"), level = warn)] #[log] struct Unit;"#,
    "#[doc = \"x\"] struct Account(u64);",
    "struct Pair<A, B>(A, B);",
    "enum Moved { Up, Down(u8), Left { by: i64 } }",
    "union Bits { a: u32, b: f32 }",
];

const ATTRIBUTES: &[&str] = &[
    r#"fields(module = "Transaction", event_id = %generate_event_id(), user_id), skip_all"#,
    r#"root, err, name = "pay", level = tracing::Level::WARN, skip(self, order)"#,
    r#"fields(attempt = order.attempt, ?tenant, kind = "x", password, user_id = self.id()), level = "debug""#,
    "fields(self.x, tenant == 2), ret, skip(order",
    "",
];

const FUNCTIONS: &[&str] = &[
    "pub async fn capture(&self, user_id: u64, order: Order) -> Result<(), Error> { #![allow(unused)] go(order).await?; Ok(()) }",
    "fn pay<'a, T: Pay>((a, _): (u8, u8), Json(tenant): Json<&'a str>) -> Pin<Box<dyn Future<Output = T> + 'a>> { let x = 1; Box::pin(async move { x }) }",
    "const fn answer() -> impl Iterator<Item = u8> { 42 }",
    "unsafe extern \"C\" fn go() -> ! { loop {} }",
    "struct NoFunction { a: u8 }",
];

/// What the expansion must be.
#[derive(Clone, Copy)]
enum Form {
    Expression,
    Items,
}

/// One entry point, over one input.
struct Input {
    entry: &'static str,
    written: String,
    form: Form,
    expand: Box<dyn Fn() -> TokenStream>,
}

fn loaded(random: &mut fastrand::Rng) -> Result<Loaded, Missing> {
    if random.u8(..) < 8 {
        return Err(Missing::example());
    }
    let text = match random.u8(..) {
        0..64 => SCHEMA.to_owned(),
        64..128 => SCHEMA.replace(
            "[policy]",
            "[policy]\nlimit = \"5/s\"\nmax_level = { release = \"info\" }",
        ),
        _ => SCHEMA.replace(
            "error = { type = \"error\" }",
            "error = { type = \"error\", class = \"sensitive\" }",
        ),
    };
    let compiled = tracel_schema::compile(&text, "schema.toml".as_ref(), Owner::default());
    let mut schema = compiled.unwrap_or_else(|errors| panic!("{errors:?}")).schema;
    // Fields of a schema below, and of the neutral one, which no file says.
    if random.bool() {
        for field in &mut schema.fields {
            field.place.file = usize::from(random.bool());
            field.place.line = u32::from(random.u8(..3));
        }
    }
    Ok(Loaded {
        schema: Arc::new(schema),
        file: None,
    })
}

fn input(mutator: &mut Mutator, schemas: &[Result<Loaded, Missing>]) -> Option<Input> {
    let random = &mut mutator.random;
    let loaded = schemas.get(random.usize(..schemas.len()))?.clone();
    let site = log::Site {
        file: "src/pay.rs".into(),
        line: 42,
    };
    Some(match random.u8(..9) {
        8 => {
            let called = ["assert_logged", "assert_not_logged"][random.usize(..2)];
            let call = mutator.of(ASSERTIONS);
            Input {
                entry: called,
                written: call.to_string(),
                form: Form::Expression,
                expand: Box::new(move || log::assert::expand(&loaded, called, call.clone())),
            }
        }
        0..4 => {
            let level = [None, Some(Level::Info), Some(Level::Error), Some(Level::Debug)][random.usize(..4)];
            let call = mutator.of(CALLS);
            Input {
                entry: "log_*!",
                written: format!("{level:?}: {call}"),
                form: Form::Expression,
                expand: Box::new(move || log::expand(&loaded, level, &site, call.clone())),
            }
        }
        4 => {
            let call = mutator.of(RECORDS);
            Input {
                entry: "record!",
                written: call.to_string(),
                form: Form::Expression,
                expand: Box::new(move || log::record::expand(&loaded, call.clone())),
            }
        }
        5 => {
            let category = [
                derive::Category::Fixed("user"),
                derive::Category::Fixed("system"),
                derive::Category::Named,
            ][random.usize(..3)];
            let item = mutator.of(ITEMS);
            Input {
                entry: "derive(..Log)",
                written: item.to_string(),
                form: Form::Items,
                expand: Box::new(move || derive::expand(&loaded, category, item.clone())),
            }
        }
        6 => {
            let item = mutator.of(ITEMS);
            Input {
                entry: "derive(Field)",
                written: item.to_string(),
                form: Form::Items,
                expand: Box::new(move || derive::newtype::expand(item.clone())),
            }
        }
        _ => {
            let attributes = mutator.of(ATTRIBUTES);
            let function = match mutator.random.bool() {
                true => mutator.right(FUNCTIONS),
                false => mutator.of(FUNCTIONS),
            };
            // The compiler hands over nothing else.
            syn::parse2::<Item>(function.clone()).ok()?;
            Input {
                entry: "instrument",
                written: format!("#[instrument({attributes})] {function}"),
                form: Form::Items,
                expand: Box::new(move || {
                    instrument::expand(&loaded, &site, attributes.clone(), function.clone())
                }),
            }
        }
    })
}

#[test]
fn no_macro_panics_and_every_expansion_parses() {
    let seed = match env::var("TRACEL_FUZZ_SEED") {
        Ok(seed) => seed.parse().expect("TRACEL_FUZZ_SEED is a number"),
        Err(_) => 0x007E_ACE1,
    };
    println!("TRACEL_FUZZ_SEED={seed}");
    let mut mutator = Mutator {
        random: fastrand::Rng::with_seed(seed),
    };
    let schemas: Vec<_> = std::iter::repeat_with(|| loaded(&mut mutator.random))
        .take(32)
        .collect();
    for schema in &schemas {
        syn::parse2::<File>(include::expand(schema)).expect("include_schema! makes items");
    }
    let (begun, mut done, mut expanded) = (Instant::now(), 0u32, 0u32);
    while done < INPUTS && begun.elapsed() < LONGEST {
        let Some(input) = input(&mut mutator, &schemas) else {
            continue;
        };
        done += 1;
        let expansion = catch_unwind(AssertUnwindSafe(|| (input.expand)()));
        let Ok(expansion) = expansion else {
            panic!(
                "{} panics (seed {seed}, input {done}): {}",
                input.entry, input.written
            );
        };
        expanded += u32::from(!expansion.to_string().contains("compile_error"));
        let parsed = match input.form {
            Form::Expression => syn::parse2::<Expr>(expansion.clone()).map(drop),
            Form::Items => syn::parse2::<File>(expansion.clone()).map(drop),
        };
        if let Err(error) = parsed {
            panic!(
                "the expansion of {} does not parse: {error} (seed {seed}, input {done})\n{}\n{expansion}",
                input.entry, input.written
            );
        }
    }
    println!(
        "{done} inputs, {expanded} of them without an error, in {:?}",
        begun.elapsed()
    );
    assert!(
        expanded > done / 50,
        "the mutations leave too little right: {expanded} of {done}"
    );
}

#[test]
fn what_is_mutated_is_right() {
    for call in CALLS {
        let _: TokenStream = call.parse().expect("tokens");
    }
    for item in ITEMS {
        syn::parse_str::<DeriveInput>(item).unwrap_or_else(|error| panic!("{error}: {item}"));
    }
    for function in FUNCTIONS {
        syn::parse_str::<Item>(function).unwrap_or_else(|error| panic!("{error}: {function}"));
    }
}
