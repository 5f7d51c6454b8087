//! `policy.orphans = "deny"`: a record of the category `user` compiles only where a request is known. `instrument` brings
//! [`WithinRequest`] into its function's scope, and a log macro asks [`Here`] which of its two methods is found there.

use crate::{Context, carry::captured::Captured, context};
use tracing::span::Entered;
use tracing_core::dispatcher::DefaultGuard;

/// Where a log macro stands.
#[derive(Clone, Copy, Debug)]
pub struct Here;

/// A place where a request is known.
#[derive(Clone, Copy, Debug)]
pub struct Within;

/// A place where none is.
#[derive(Clone, Copy, Debug)]
pub struct Outside;

/// In scope where a request is known.
pub trait WithinRequest: Sized {
    /// By value, so it is found before [`Here`]'s own.
    fn place(self) -> Within;
}

impl WithinRequest for Here {
    fn place(self) -> Within {
        Within
    }
}

impl Here {
    /// What is found where the trait is not in scope: by reference, so it comes second.
    #[must_use]
    pub fn place(&self) -> Outside {
        Outside
    }
}

/// A place where a user log compiles.
#[diagnostic::on_unimplemented(
    message = "no request is known here, and schema.toml refuses a user log outside any (`orphans = \"deny\"`) [TL0206]",
    label = "an orphan: nothing would tell whose request it was",
    note = "put `#[tracel::instrument]` on the function, or hand a request over: `log_info!(context: &context, ..)`"
)]
pub trait Known {}

impl Known for Within {}

/// What a user log by a constructor expands to.
#[inline(always)]
pub fn user_log<P: Known>(_place: P) {}

/// An event that may be logged at the place `P`: one of the category `user` only where a request is known.
#[diagnostic::on_unimplemented(
    message = "no request is known here, and schema.toml refuses the user log `{Self}` outside any (`orphans = \"deny\"`) [TL0206]",
    label = "an orphan: nothing would tell whose request it was",
    note = "put `#[tracel::instrument]` on the function, or hand a request over: `log_info!(context: &context, ..)`"
)]
pub trait LoggedIn<P> {}

#[diagnostic::do_not_recommend]
impl<P, E: LoggedIn<P> + ?Sized> LoggedIn<P> for &E {}

/// The event of a log, as it was.
#[inline(always)]
pub fn event<P, E: LoggedIn<P> + ?Sized>(_place: P, event: &E) -> &E {
    event
}

/// A context while a log is written in it.
#[derive(Debug)]
pub struct Entry<'a> {
    _span: Entered<'a>,
    _outside: Option<context::Outside>,
    _captured: Option<DefaultGuard>,
}

/// Enters the context that a log names: `log_info!(context: &context, ..)`.
#[must_use]
pub fn enter(context: &Context) -> Entry<'_> {
    context.enter()
}

impl<'a> Entry<'a> {
    pub(crate) fn new(span: &'a tracing::Span, captured: Option<&Captured>) -> Self {
        Entry {
            _span: span.enter(),
            _outside: span.is_none().then(context::Outside::enter),
            _captured: captured.and_then(Captured::enter),
        }
    }
}
