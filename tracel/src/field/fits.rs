//! The checks that the macros write: each names the field's kind and its line in `schema.toml`, which the
//! compiler's error then shows. Nothing here is for use by hand.

use super::{Field, ty};
use crate::{
    Secret,
    value::{BoxedError, Plain, StdError, Val, Value},
};

/// The kind `K`, declared in line `LINE`.
#[derive(Clone, Copy, Debug)]
pub struct At<K, const LINE: u32>(pub K);

/// A kind again, required by line `RULE`.
#[derive(Clone, Copy, Debug)]
pub struct Need<K, const LINE: u32, const RULE: u32>(pub K);

/// What [`Fits`] infers of a value that fits: `M` is what [`Field`] inferred.
#[derive(Debug)]
pub enum Seen<M> {
    #[doc(hidden)]
    _Marker(core::convert::Infallible, core::marker::PhantomData<M>),
}

/// What [`Fits`] infers of a [`Secret`]. It is no [`Loggable`].
#[derive(Debug)]
pub enum Veiled {}

/// A value that fits the kind `K` of line `LINE`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit this field: schema.toml:{LINE} says `{K}` [TL0105]",
    label = "not a `{K}`",
    note = "convert the value, put `#[derive(tracel::Field)]` on a newtype, or for a string field log its text: `tracel::display(&value)`, `tracel::debug(&value)`",
    note = "for an enum field take the type that `tracel::include_schema!()` generates; for an error without `std::error::Error` (`anyhow::Error`) write `&*error`"
)]
pub trait Fits<K, X, const LINE: u32> {
    /// This value, as the field sees it.
    fn fit(&self) -> Val<'_>;
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + Field<K, M>, K, M, const LINE: u32> Fits<K, Seen<M>, LINE> for T {
    #[inline(always)]
    fn fit(&self) -> Val<'_> {
        self.field()
    }
}

/// A value that an open key admits: any [`Value`].
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` cannot be logged [TL0106]",
    label = "the log does not know how to write this",
    note = "log its text, `tracel::display(&value)` or `tracel::debug(&value)`, or put `#[derive(tracel::Field)]` on a newtype",
    note = "for an error without `std::error::Error` (`anyhow::Error`) write `&*error`"
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

/// A secret fits every kind, so that the compiler goes on to say why it is refused nevertheless.
macro_rules! secrets {
    ($($ty:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T, K, const LINE: u32> Fits<K, Veiled, LINE> for $ty {
            fn fit(&self) -> Val<'_> {
                Val::Null
            }
        }

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
    Box<Secret<T>>
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
// Refused for another reason; one error is enough.
#[diagnostic::do_not_recommend]
impl<const RULE: u32> Present<RULE> for Veiled {}

/// A value of a log macro.
#[inline(always)]
pub fn val<K, X, T, const LINE: u32>(_kind: At<K, LINE>, value: &T) -> Val<'_>
where
    T: ?Sized + Fits<K, X, LINE>,
    X: Loggable,
{
    value.fit()
}

/// A required value of a log macro.
#[inline(always)]
pub fn required<K, X, T, const LINE: u32, const RULE: u32>(_kind: Need<K, LINE, RULE>, value: &T) -> Val<'_>
where
    T: ?Sized + Fits<K, X, LINE>,
    X: Loggable + Present<RULE>,
{
    value.fit()
}

/// A value of a log macro under an open key.
#[inline(always)]
pub fn open<X: Loggable, T: ?Sized + FitsOpen<X>>(_kind: ty::any, value: &T) -> Val<'_> {
    value.fit_open()
}

/// A field of a struct under an open key.
#[inline(always)]
pub fn open_field<T: ?Sized + FitsOpen<X>, X: Loggable>(value: &T) -> Val<'_> {
    value.fit_open()
}

/// A field of a struct.
#[inline(always)]
pub fn field<T, K, X, const LINE: u32>(value: &T) -> Val<'_>
where
    T: ?Sized + Fits<K, X, LINE>,
    X: Loggable,
{
    value.fit()
}

/// A required field of a struct.
#[inline(always)]
pub fn need<T, K, X, const LINE: u32, const RULE: u32>(value: &T) -> Val<'_>
where
    T: ?Sized + Fits<K, X, LINE>,
    X: Loggable + Present<RULE>,
{
    value.fit()
}
