//! What `#[tracel::instrument]` puts around a function's own statements. The span itself is opened in `span`.

use crate::{Uuid, span::SpanContextArgs};

/// What a span says of the context.
#[inline]
#[must_use]
#[allow(
    clippy::needless_update,
    reason = "what else there is, the attribute does not say"
)]
pub fn context(root: bool, event_id: Option<Uuid>, module: Option<&str>) -> SpanContextArgs<'_> {
    SpanContextArgs {
        root,
        event_id,
        module,
        ..SpanContextArgs::default()
    }
}

/// What `module` may be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit `module`, which is a text [TL0105]",
    label = "no text",
    note = "of anything else the text: `module = %value` or `module = ?value`"
)]
pub trait AsModule {
    /// The text.
    fn as_module(&self) -> &str;
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + AsRef<str>> AsModule for T {
    #[inline(always)]
    fn as_module(&self) -> &str {
        self.as_ref()
    }
}

/// Runs the body of a function that has an `err`: its `return` and `?` end the body, not the function.
#[inline(always)]
pub fn in_place<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// What a function returns that has an `err`.
#[diagnostic::on_unimplemented(
    message = "`err` logs the `Err` of a `Result`, and this function returns `{Self}` [TL0406]",
    label = "not a `Result`",
    note = "leave `err` out, or return a `Result`"
)]
pub trait Fallible<E> {
    /// The error, if that is what was returned.
    fn failure(&self) -> Option<&E>;
}

#[diagnostic::do_not_recommend]
impl<T, E> Fallible<E> for Result<T, E> {
    #[inline(always)]
    fn failure(&self) -> Option<&E> {
        self.as_ref().err()
    }
}

/// Never called: `return returns::<R>()` tells an async block what it returns, as a function's signature would.
#[cold]
pub fn returns<R>() -> R {
    unreachable!("it only stands where nothing is executed")
}
