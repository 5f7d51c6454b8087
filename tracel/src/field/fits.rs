//! What the macros' checks are made of: the field's kind with its line in `schema.toml`, which the compiler's error then
//! shows, and what may not be logged at all. The checks themselves are in `groups`, those of open keys here.

use crate::{
    Secret,
    value::{BoxedError, Plain, Report, SharedReport, StdError, Val, Value},
};
use std::sync::Arc;

/// What a check infers of a value that fits: `M` is what [`Field`](super::Field) inferred.
#[derive(Debug)]
pub enum Seen<M> {
    #[doc(hidden)]
    _Marker(core::convert::Infallible, core::marker::PhantomData<M>),
}

/// What a check infers of a [`Secret`]. It is no [`Loggable`].
#[derive(Debug)]
pub enum Veiled {}

/// A value that an open key admits: any [`Value`].
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` cannot be logged [TL0106]",
    label = "the log does not know how to write this",
    note = "log its text, `tracel::display(&value)` or `tracel::debug(&value)`, or put `#[derive(tracel::Field)]` on a newtype; a generic value is bound, `T: tracel::Value`"
)]
pub trait FitsOpen<X> {
    /// This value, as the log sees it.
    fn fit_open(&self) -> Val<'_>;
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + Value<M>, M> FitsOpen<Seen<M>> for T {
    #[inline(always)]
    fn fit_open(&self) -> Val<'_> {
        self.value()
    }
}

macro_rules! secrets {
    ($($ty:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T> FitsOpen<Veiled> for $ty {
            fn fit_open(&self) -> Val<'_> {
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

/// What was inferred of a value that may be logged: of anything but a [`Secret`].
#[diagnostic::on_unimplemented(
    message = "a `tracel::Secret` is never logged, under any key [TL0108]",
    label = "this value is secret",
    note = "leave it out, or log something that gives nothing of it away: whether it is there, a key's id, a length"
)]
pub trait Loggable {}

#[diagnostic::do_not_recommend]
impl<M> Loggable for Seen<M> {}

/// What was inferred of a value that is always there: of anything but an `Option`.
#[diagnostic::on_unimplemented(
    message = "a required field may not be absent: schema.toml:{RULE} requires it, and this is an `Option` [TL0102]",
    label = "this may be `None`",
    note = "unwrap it before it is logged: `let Some(value) = value else {{ .. }}`"
)]
pub trait Present<const RULE: u32> {}

#[diagnostic::do_not_recommend]
impl<const RULE: u32> Present<RULE> for Seen<Plain> {}
#[diagnostic::do_not_recommend]
impl<const RULE: u32> Present<RULE> for Seen<StdError> {}
#[diagnostic::do_not_recommend]
impl<const RULE: u32> Present<RULE> for Seen<BoxedError> {}
#[diagnostic::do_not_recommend]
impl<const RULE: u32> Present<RULE> for Seen<Report> {}
#[diagnostic::do_not_recommend]
impl<const RULE: u32> Present<RULE> for Seen<SharedReport> {}
// Refused for another reason; one error is enough.
#[diagnostic::do_not_recommend]
impl<const RULE: u32> Present<RULE> for Veiled {}

/// A value of a log macro under an open key.
#[inline(always)]
pub fn open<X: Loggable, T: ?Sized + FitsOpen<X>>(value: &T) -> Val<'_> {
    value.fit_open()
}

/// A field of a struct under an open key.
#[inline(always)]
pub fn open_field<T: ?Sized + FitsOpen<X>, X: Loggable>(value: &T) -> Val<'_> {
    value.fit_open()
}
