//! [`Value`] for single values: numbers, texts, times, and what points to them. Lists and errors are beside.

use super::{Maybe, Val, Value};
use crate::Uuid;
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

/// `type: |value| its Val;`
macro_rules! plain {
    ($($ty:ty: |$this:ident| $val:expr;)*) => {$(
        impl Value for $ty {
            #[inline]
            fn value(&self) -> Val<'_> {
                let $this = self;
                $val
            }
        }
    )*};
}

plain! {
    bool: |x| Val::Bool(*x);
    u16: |x| Val::U64((*x).into());
    u32: |x| Val::U64((*x).into());
    u64: |x| Val::U64(*x);
    // No platform that has std has a usize above 64 bits.
    usize: |x| Val::U64(*x as u64);
    i8: |x| Val::I64((*x).into());
    i16: |x| Val::I64((*x).into());
    i32: |x| Val::I64((*x).into());
    i64: |x| Val::I64(*x);
    isize: |x| Val::I64(*x as i64);
    f32: |x| Val::F64((*x).into());
    f64: |x| Val::F64(*x);
    str: |x| Val::Str(x);
    String: |x| Val::Str(x);
    char: |x| Val::Display(x);
    fmt::Arguments<'_>: |x| x.as_str().map_or(Val::Display(x), Val::Str);
    Path: |x| Val::Path(x);
    PathBuf: |x| Val::Path(x);
    OsStr: |x| Val::Path(Path::new(x));
    OsString: |x| Val::Path(Path::new(x));
    Uuid: |x| Val::Uuid(*x);
    IpAddr: |x| Val::Ip(*x);
    Ipv4Addr: |x| Val::Ip(IpAddr::V4(*x));
    Ipv6Addr: |x| Val::Ip(IpAddr::V6(*x));
    SystemTime: |x| Val::Time(*x);
    Duration: |x| Val::Duration(*x);
    serde_json::Value: |x| Val::Json(x);
}

impl Value for u8 {
    #[inline]
    fn value(&self) -> Val<'_> {
        Val::U64((*self).into())
    }

    #[inline]
    fn bytes(items: &[u8]) -> Option<&[u8]> {
        Some(items)
    }
}

macro_rules! non_zero {
    ($($int:ty: $val:ident as $wide:ty;)*) => {$(
        impl Value for NonZero<$int> {
            #[inline]
            fn value(&self) -> Val<'_> {
                Val::$val(self.get() as $wide)
            }
        }
    )*};
}

non_zero! {
    u8: U64 as u64;
    u16: U64 as u64;
    u32: U64 as u64;
    u64: U64 as u64;
    usize: U64 as u64;
    i8: I64 as i64;
    i16: I64 as i64;
    i32: I64 as i64;
    i64: I64 as i64;
    isize: I64 as i64;
}

/// What points to a value is seen as the value.
macro_rules! pointers {
    ($(impl<[$($param:tt)*]> for $ty:ty;)*) => {$(
        impl<$($param)*> Value for $ty {
            #[inline]
            fn value(&self) -> Val<'_> {
                (**self).value()
            }

            fn item(&self) -> Val<'_> {
                (**self).item()
            }
        }
    )*};
}

pointers! {
    impl<[T: ?Sized + Value]> for &T;
    impl<[T: ?Sized + Value]> for &mut T;
    impl<[T: ?Sized + Value]> for Box<T>;
    impl<[T: ?Sized + Value]> for Rc<T>;
    impl<[T: ?Sized + Value]> for Arc<T>;
    impl<[T: ?Sized + Value + ToOwned]> for Cow<'_, T>;
}

impl<M, T: Value<M>> Value<Maybe<M>> for Option<T> {
    #[inline]
    fn value(&self) -> Val<'_> {
        self.as_ref().map_or(Val::Null, Value::value)
    }
}

impl<M, T: Value<Maybe<M>>> Value<Maybe<M>> for &T {
    #[inline]
    fn value(&self) -> Val<'_> {
        (**self).value()
    }
}
