//! Numbers whose type nothing has said yet take the field's: in `let n = 7; log_info!(UserLog(n, ".."))` the compiler would
//! fall back to `i32` before it looks at the field. Written by the macros; nothing here is for use by hand.

use super::ty;
use std::{marker::PhantomData, ops::Deref};

/// A value that a field of the kind `K` is asked about.
///
/// The compiler takes the first `typed()` that the value can have: that of the kind's own integer (or of a `Vec` of it, for
/// a list), then, by way of [`Deref`], that of what holds one, then that of every type. So a number without a type becomes
/// the field's, what `parse()` or `collect()` makes too, and all else stays what it is.
#[derive(Debug)]
pub struct Untyped<'v, K, T: ?Sized>(Held<'v, K, T>);

/// The same value, which may hold numbers without a type.
#[derive(Debug)]
pub struct Held<'v, K, T: ?Sized>(Typed<'v, T>, PhantomData<K>);

/// The same value, whose type is its own.
#[derive(Debug)]
pub struct Typed<'v, T: ?Sized>(&'v T);

/// Asks whether the value's type is known.
#[inline(always)]
#[must_use]
pub const fn infer<K: Copy, T: ?Sized>(_kind: K, value: &T) -> Untyped<'_, K, T> {
    Untyped(Held(Typed(value), PhantomData))
}

impl<'v, K, T: ?Sized> Deref for Untyped<'v, K, T> {
    type Target = Held<'v, K, T>;

    #[inline(always)]
    fn deref(&self) -> &Held<'v, K, T> {
        &self.0
    }
}

impl<'v, K, T: ?Sized> Deref for Held<'v, K, T> {
    type Target = Typed<'v, T>;

    #[inline(always)]
    fn deref(&self) -> &Typed<'v, T> {
        &self.0
    }
}

impl<'v, T: ?Sized> Typed<'v, T> {
    /// The value as it is.
    #[inline(always)]
    #[must_use]
    pub const fn typed(&self) -> &'v T {
        self.0
    }
}

macro_rules! typed {
    ($(impl<$(const $n:ident)?> $asked:ident<$kind:ty>: $ty:ty, |$this:ident| $value:expr;)*) => {$(
        impl<'v $(, const $n: usize)?> $asked<'v, $kind, $ty> {
            /// The value, with numbers of the field's type.
            #[inline(always)]
            #[must_use]
            pub const fn typed(&self) -> &'v $ty {
                let $this = self;
                $value
            }
        }
    )*};
}

macro_rules! integers {
    ($($int:ident)*) => {$(
        typed! {
            impl<> Untyped<ty::$int>: $int, |x| x.0.0.0;
            impl<> Held<ty::$int>: &'v $int, |x| x.0.0;
            impl<> Held<ty::$int>: Option<$int>, |x| x.0.0;
            impl<> Untyped<ty::list<ty::$int>>: Vec<$int>, |x| x.0.0.0;
            impl<> Held<ty::list<ty::$int>>: &'v Vec<$int>, |x| x.0.0;
            impl<const N> Held<ty::list<ty::$int>>: [$int; N], |x| x.0.0;
            impl<const N> Held<ty::list<ty::$int>>: &'v [$int; N], |x| x.0.0;
        }
    )*};
}

integers!(u8 u16 u32 u64 i8 i16 i32 i64);
