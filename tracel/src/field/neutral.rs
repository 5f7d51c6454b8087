//! The checks of `fits` for a service without any schema.toml: the neutral schema has no lines to show.

use super::{Field, Seen, fits};
use crate::{
    Secret,
    value::{BoxedError, Plain, Report, SharedReport, StdError, Val},
};
use fits::{Loggable, Veiled};
use std::sync::Arc;

/// A value that fits the kind `K`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit this field: TraceL's default schema says `{K}` [TL0105]",
    label = "does not fit",
    note = "`user_id` takes unsigned integers: convert with `try_from`, a text with `parse`; `error` takes what implements `std::error::Error`, a `Box` or an `Arc` of that, `anyhow::Error` and `eyre::Report`",
    note = "any other key takes any value; a schema.toml of your own, which `tracel init` writes, declares your own fields",
    note = "a newtype around what fits derives `tracel::Field`; a generic value takes the bound `tracel::Field<{K}>`"
)]
pub trait FitsNeutral<K, X> {
    /// This value, as the field sees it.
    fn fit_neutral(&self) -> Val<'_>;
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + Field<K, M>, K, M> FitsNeutral<K, Seen<M>> for T {
    #[inline(always)]
    fn fit_neutral(&self) -> Val<'_> {
        self.field()
    }
}

macro_rules! secrets {
    ($($ty:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T, K> FitsNeutral<K, Veiled> for $ty {
            fn fit_neutral(&self) -> Val<'_> {
                Val::Null
            }
        }
    )*};
}

secrets!(
    Secret<T>,
    &Secret<T>,
    Option<Secret<T>>,
    &Option<Secret<T>>,
    Option<&Secret<T>>,
    Box<Secret<T>>,
    &Box<Secret<T>>,
    Arc<Secret<T>>,
    &Arc<Secret<T>>,
    Vec<Secret<T>>,
    &Vec<Secret<T>>,
    &[Secret<T>]
);

/// What was inferred of a value that is always there.
#[diagnostic::on_unimplemented(
    message = "a required field may not be absent: TraceL's default schema requires it, and this is an `Option` [TL0102]",
    label = "this may be `None`",
    note = "unwrap it before it is logged: `let Some(value) = value else {{ .. }}`"
)]
pub trait PresentNeutral {}

#[diagnostic::do_not_recommend]
impl PresentNeutral for Seen<Plain> {}
#[diagnostic::do_not_recommend]
impl PresentNeutral for Seen<StdError> {}
#[diagnostic::do_not_recommend]
impl PresentNeutral for Seen<BoxedError> {}
#[diagnostic::do_not_recommend]
impl PresentNeutral for Seen<Report> {}
#[diagnostic::do_not_recommend]
impl PresentNeutral for Seen<SharedReport> {}
// Refused for another reason; one error is enough.
#[diagnostic::do_not_recommend]
impl PresentNeutral for Veiled {}

/// A value of a log macro.
#[inline(always)]
pub fn val_neutral<K, X: Loggable, T: ?Sized + FitsNeutral<K, X>>(value: &T) -> Val<'_> {
    value.fit_neutral()
}

/// A required value of a log macro.
#[inline(always)]
pub fn required_neutral<K, X, T>(value: &T) -> Val<'_>
where
    T: ?Sized + FitsNeutral<K, X>,
    X: Loggable + PresentNeutral,
{
    value.fit_neutral()
}

/// A field of a struct.
#[inline(always)]
pub fn field_neutral<T: ?Sized + FitsNeutral<K, X>, K, X: Loggable>(value: &T) -> Val<'_> {
    value.fit_neutral()
}

/// A required field of a struct.
#[inline(always)]
pub fn need_neutral<T, K, X>(value: &T) -> Val<'_>
where
    T: ?Sized + FitsNeutral<K, X>,
    X: Loggable + PresentNeutral,
{
    value.fit_neutral()
}
