//! Which types each kind admits. Integers widen, and never narrow.

use super::{Field, ty};
use crate::{
    Uuid,
    value::{Debugged, Displayed, Maybe, Val},
};
use std::{
    borrow::Cow,
    ffi::{OsStr, OsString},
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    num::NonZero,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
    time::{Duration, SystemTime},
};

macro_rules! admits {
    ($($kind:ident: $($ty:ty)*;)*) => {$($(impl Field<ty::$kind> for $ty {})*)*};
}

admits! {
    bool: bool;
    string: str String char fmt::Arguments<'_> Path PathBuf OsStr OsString;
    f64: f32 f64;
    uuid: Uuid;
    ip: IpAddr Ipv4Addr Ipv6Addr;
    timestamp: SystemTime;
    duration: Duration;
    json: serde_json::Value;
}

macro_rules! integers {
    ($($kind:ident: $($int:ident)*;)*) => {$($(
        impl Field<ty::$kind> for $int {}
        impl Field<ty::$kind> for NonZero<$int> {}
    )*)*};
}

integers! {
    u8: u8;
    u16: u8 u16;
    u32: u8 u16 u32;
    u64: u8 u16 u32 u64 usize;
    i8: i8;
    i16: i8 i16 u8;
    i32: i8 i16 i32 u8 u16;
    i64: i8 i16 i32 i64 isize u8 u16 u32;
}

impl<T: fmt::Display> Field<ty::string> for Displayed<T> {}
impl<T: fmt::Debug> Field<ty::string> for Debugged<T> {}

impl<K, M, T: Field<K, M>> Field<K, Maybe<M>> for Option<T> {
    #[inline]
    fn field(&self) -> Val<'_> {
        self.as_ref().map_or(Val::Null, Field::field)
    }
}

impl<K, M, T: Field<K, Maybe<M>>> Field<K, Maybe<M>> for &T {
    #[inline]
    fn field(&self) -> Val<'_> {
        (**self).field()
    }
}

/// What points to a value is admitted where the value is.
macro_rules! pointers {
    ($(impl<[$($param:tt)*]> for $ty:ty;)*) => {$(
        impl<K, $($param)*> Field<K> for $ty {
            #[inline]
            fn field(&self) -> Val<'_> {
                (**self).field()
            }
        }
    )*};
}

pointers! {
    impl<[T: ?Sized + Field<K>]> for &T;
    impl<[T: ?Sized + Field<K>]> for &mut T;
    impl<[T: ?Sized + Field<K>]> for Box<T>;
    impl<[T: ?Sized + Field<K>]> for Rc<T>;
    impl<[T: ?Sized + Field<K>]> for Arc<T>;
    impl<[T: ?Sized + Field<K> + ToOwned]> for Cow<'_, T>;
}
