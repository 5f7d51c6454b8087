//! The checks of `fits` for what a schema says that the service's own extends: they name it, beside the line. A type error
//! can show types alone, and none whose name were the schema's without a path before it: so `F` is a type with a lifetime of
//! that name, `for<'acme_schema> fn(&'acme_schema ())`.

use super::{
    FitsNeutral,
    fits::{Loggable, Present},
};
use crate::value::Val;
use core::marker::PhantomData;

/// The kind `K`, declared in line `LINE` of the schema `F`.
#[derive(Clone, Copy, Debug)]
pub struct AtBelow<K, F, const LINE: u32>(pub K, pub PhantomData<F>);

/// A kind again, required by line `RULE` of the schema `G`.
#[derive(Clone, Copy, Debug)]
pub struct NeedBelow<K, F, G, const LINE: u32, const RULE: u32>(pub K, pub PhantomData<(F, G)>);

/// A value that fits the kind `K` of line `LINE` of the schema `F`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit this field: line {LINE} of the schema named in `{F}` says `{K}` [TL0105]",
    label = "does not fit",
    note = "schema.toml extends that schema: a field's type is the same in every service",
    note = "convert it (integers widen and never narrow: `try_from`), put `#[derive(tracel::Field)]` on a newtype, or give a string field its text: `tracel::display(&value)`, `tracel::debug(&value)`",
    note = "an enum field takes the type that `tracel::include_schema!()` generates under its name; an error field whatever implements `std::error::Error`, a `Box` or an `Arc` of that, `anyhow::Error`, `eyre::Report`"
)]
pub trait FitsBelow<K, X, F, const LINE: u32> {
    /// This value, as the field sees it.
    fn fit_below(&self) -> Val<'_>;
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + FitsNeutral<K, X>, K, X, F, const LINE: u32> FitsBelow<K, X, F, LINE> for T {
    #[inline(always)]
    fn fit_below(&self) -> Val<'_> {
        self.fit_neutral()
    }
}

/// What was inferred of a value that is always there.
#[diagnostic::on_unimplemented(
    message = "a required field may not be absent: line {RULE} of the schema named in `{G}` requires it, and this is an `Option` [TL0102]",
    label = "this may be `None`",
    note = "unwrap it before it is logged: `let Some(value) = value else {{ .. }}`"
)]
pub trait PresentBelow<G, const RULE: u32> {}

#[diagnostic::do_not_recommend]
impl<X: Present<RULE>, G, const RULE: u32> PresentBelow<G, RULE> for X {}

/// A value of a log macro.
#[inline(always)]
pub fn val_below<K, X, T, F, const LINE: u32>(_kind: AtBelow<K, F, LINE>, value: &T) -> Val<'_>
where
    T: ?Sized + FitsBelow<K, X, F, LINE>,
    X: Loggable,
{
    value.fit_below()
}

/// A required value of a log macro.
#[inline(always)]
pub fn required_below<K, X, T, F, G, const LINE: u32, const RULE: u32>(
    _kind: NeedBelow<K, F, G, LINE, RULE>,
    value: &T,
) -> Val<'_>
where
    T: ?Sized + FitsBelow<K, X, F, LINE>,
    X: Loggable + PresentBelow<G, RULE>,
{
    value.fit_below()
}

/// A field of a struct.
#[inline(always)]
pub fn field_below<T, K, X, F, const LINE: u32>(value: &T) -> Val<'_>
where
    T: ?Sized + FitsBelow<K, X, F, LINE>,
    X: Loggable,
{
    value.fit_below()
}

/// A required field of a struct.
#[inline(always)]
pub fn need_below<T, K, X, F, G, const LINE: u32, const RULE: u32>(value: &T) -> Val<'_>
where
    T: ?Sized + FitsBelow<K, X, F, LINE>,
    X: Loggable + PresentBelow<G, RULE>,
{
    value.fit_below()
}
