//! The proc macros of TraceL; use them through `tracel`.
//!
//! Every macro reads what was written (`log::call`, `derive::attributes`, `instrument::attributes`), holds it to the compiled
//! schema (`rules`), and expands to absolute paths into `tracel::__private`. The errors of one item are collected in
//! `fault::Faults` and told together, each at the user's own token; a stub follows, so that no other error hides them.

mod below;
mod derive;
mod fault;
#[cfg(test)]
mod fuzz;
mod gate;
mod guard;
mod include;
mod instrument;
mod kind;
mod log;
mod rules;
mod schema;
#[cfg(test)]
mod spans;
mod value;

use fault::Faults;
use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use syn::ext::IdentExt;
use tracel_schema::model::Level;

/// The name that an identifier stands for: `r#type` is `type`.
fn name(ident: &proc_macro2::Ident) -> String {
    ident.unraw().to_string()
}

/// Where the macro was called.
fn site() -> log::Site {
    let span = proc_macro::Span::call_site();
    log::Site {
        file: span.file(),
        line: u32::try_from(span.line()).unwrap_or(0),
    }
}

/// What a macro expands to, whatever happens in it; see `guard`.
fn guarded(
    name: &str,
    input: TokenStream,
    expand: impl FnOnce(Tokens) -> Tokens,
    stub: impl FnOnce(&Faults, Tokens) -> Tokens,
) -> TokenStream {
    let input = Tokens::from(input);
    let again = input.clone();
    guard::guarded(name, || expand(input), |faults| stub(faults, again)).into()
}

fn log_at(level: Option<Level>, input: TokenStream) -> TokenStream {
    let name = level.map_or("log!".to_owned(), |level| format!("log_{level}!"));
    let expand = |input| log::expand(&schema::load(), level, &site(), input);
    guarded(&name, input, expand, log::stub)
}

fn asserted(called: &'static str, input: TokenStream) -> TokenStream {
    let expand = |input| log::assert::expand(&schema::load(), called, input);
    let stub = |faults: &Faults, input| log::assert::stub(faults, called, input);
    guarded(&format!("{called}!"), input, expand, stub)
}

fn event(name: &str, category: derive::Category, input: TokenStream) -> TokenStream {
    let expand = |input| derive::expand(&schema::load(), category, input);
    guarded(name, input, expand, derive::stub_of)
}

/// Logs an event at the level that the schema, or its own attribute, gives it: `log!(PaymentCaptured { .. })`.
#[proc_macro]
pub fn log(input: TokenStream) -> TokenStream {
    log_at(None, input)
}

/// Logs at the level `trace`; see `log_info!`.
#[proc_macro]
pub fn log_trace(input: TokenStream) -> TokenStream {
    log_at(Some(Level::Trace), input)
}

/// Logs at the level `debug`; see `log_info!`.
#[proc_macro]
pub fn log_debug(input: TokenStream) -> TokenStream {
    log_at(Some(Level::Debug), input)
}

/// Logs at the level `info`: a message under its category, or an event.
///
/// ```ignore
/// log_info!(UserLog(user_id, "capture requested"));
/// log_info!(SysLog("charging card", attempt = 2, tenant));    // a bare key is key = key
/// log_info!(Log::audit("role granted", role = "admin"));      // a category of schema.toml's own
/// log_info!(RefundAsked { user_id, payment_id, reason });     // a struct under #[derive(tracel::UserLog)]
/// ```
///
/// A log may name the request that it belongs to, where that is not the current one: a worker's, that is handed orders of
/// many requests, is `log_info!(context: order.context(), UserLog(user_id, "order taken up"))` (a `tracel::Context`). Under
/// `orphans = "deny"` a log of the category `user` compiles only so, or in a function under `instrument`.
///
/// The message is a literal without interpolation, the keys are fields of schema.toml under their types, and what the
/// category and the level require is there: all else does not compile. The arguments are evaluated only when somebody
/// wants the record.
#[proc_macro]
pub fn log_info(input: TokenStream) -> TokenStream {
    log_at(Some(Level::Info), input)
}

/// Logs at the level `warn`; see `log_info!`.
#[proc_macro]
pub fn log_warn(input: TokenStream) -> TokenStream {
    log_at(Some(Level::Warn), input)
}

/// Logs at the level `error`; see `log_info!`.
#[proc_macro]
pub fn log_error(input: TokenStream) -> TokenStream {
    log_at(Some(Level::Error), input)
}

/// Adds fields to the request that is current: `record!(user_id, tenant = "acme")`. All its records from here on carry
/// them, in every span and task, and so does the server layer's last one: a service says once who its user is.
///
/// The keys are fields of schema.toml under their types and classes, as in a log. Outside any request it does nothing.
#[proc_macro]
pub fn record(input: TokenStream) -> TokenStream {
    guarded(
        "record!",
        input,
        |input| log::record::expand(&schema::load(), input),
        log::record::stub,
    )
}

/// Asserts that a test's capture has a record of this log, and returns the first; `tracel::testing` says what is compared.
///
/// ```ignore
/// assert_logged!(logs, error SysLog("charge refused", attempt = 2));
/// assert_logged!(logs, PaymentCaptured { amount: 1999, .. });
/// ```
///
/// Keys, types and the message are held to schema.toml as in a log. When there is no such record it panics, and shows the
/// nearest one and what differs.
#[proc_macro]
pub fn assert_logged(input: TokenStream) -> TokenStream {
    asserted("assert_logged", input)
}

/// Asserts that a test's capture has no record of this log; see `assert_logged!`.
#[proc_macro]
pub fn assert_not_logged(input: TokenStream) -> TokenStream {
    asserted("assert_not_logged", input)
}

/// The events and enums that `tracel_schema::build()` generated from schema.toml, and `SCHEMA`, for `tracel::init`:
/// `mod logs { tracel::include_schema!(); }`.
#[proc_macro]
pub fn include_schema(input: TokenStream) -> TokenStream {
    guarded(
        "include_schema!",
        input,
        |_| include::expand(&schema::load()),
        |faults, _| include::stub(faults),
    )
}

/// Makes a struct an event of the category `user`; its fields are its keys.
///
/// ```ignore
/// #[derive(tracel::UserLog)]
/// #[log(event = "refund_asked", message = "refund asked")]
/// struct RefundAsked<'a> { user_id: u64, payment_id: Uuid, reason: &'a str }
/// ```
///
/// `event` is the struct's name in snake_case unless given; `level` fixes the level, so that `log!` can take it. Of an event that
/// schema.toml declares, all but the name stands there.
#[proc_macro_derive(UserLog, attributes(log))]
pub fn user_log(input: TokenStream) -> TokenStream {
    event("derive(UserLog)", derive::Category::Fixed("user"), input)
}

/// Makes a struct an event of the category `system`; see the derive `UserLog`.
#[proc_macro_derive(SysLog, attributes(log))]
pub fn sys_log(input: TokenStream) -> TokenStream {
    event("derive(SysLog)", derive::Category::Fixed("system"), input)
}

/// Makes a struct an event of the category `system`; see the derive `UserLog`.
#[proc_macro_derive(SystemLog, attributes(log))]
pub fn system_log(input: TokenStream) -> TokenStream {
    event("derive(SystemLog)", derive::Category::Fixed("system"), input)
}

/// Makes a struct an event of the category that its attribute names, `#[log(category = "audit", ..)]`; see the derive
/// `UserLog`.
#[proc_macro_derive(Log, attributes(log))]
pub fn any_log(input: TokenStream) -> TokenStream {
    event("derive(Log)", derive::Category::Named, input)
}

/// Lets a newtype be logged wherever its content may be: `#[derive(tracel::Field)] struct AccountId(u64);`.
#[proc_macro_derive(Field)]
pub fn field(input: TokenStream) -> TokenStream {
    guarded(
        "derive(Field)",
        input,
        derive::newtype::expand,
        derive::newtype::stub_of,
    )
}

/// Opens a span around a function: the request's context, which every log inside carries.
///
/// ```ignore
/// #[tracel::instrument(fields(module = "Transaction", event_id = %generate_event_id()), skip_all)]
/// async fn capture(user_id: u64, order: Order) -> Result<(), Error> { .. }
/// ```
///
/// - `fields(..)`: the context's `event_id` (which yields to a current one) and `module`, and fields of schema.toml:
///   `key = value`, or an argument's name alone. No argument is recorded unless it is named here, so `skip(..)` and `skip_all`
///   are accepted and change nothing. `%` and `?` stand before values of the context and of string fields.
///   `generate_event_id()` is a word here and needs no import; a function of your own under this name takes its path,
///   `self::generate_event_id()`.
/// - `root`: a new request begins here, whatever is current.
/// - `err`: an `Err` that the function returns is logged at the level `error`, once, under the field `error`.
/// - `name = ".."`, `level = "debug"`: the span's, unless the function's name and `info`.
///
/// A function that is not `async` becomes `#[inline(never)]`, unless it has an `#[inline]` of its own: a span costs more than
/// a call.
#[proc_macro_attribute]
pub fn instrument(attributes: TokenStream, item: TokenStream) -> TokenStream {
    guarded(
        "instrument",
        item,
        |item| instrument::expand(&schema::load(), &site(), attributes.into(), item),
        |faults, item| quote::quote!(#faults #item),
    )
}
