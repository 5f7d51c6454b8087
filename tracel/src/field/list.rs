//! Lists as fields: of any item that the list's kind admits; and bytes, which are lists of `u8` seen whole.

use super::{Field, ty};
use crate::value::Val;
use std::{borrow::Cow, rc::Rc, sync::Arc};

macro_rules! lists {
    ($(impl<$item:ident $(: $bound:path)? $(, const $n:ident)?> for $ty:ty, $bytes:ty;)*) => {$(
        impl<K, $item: Field<K> $(+ $bound)? $(, const $n: usize)?> Field<ty::list<K>> for $ty {}

        impl$(<const $n: usize>)? Field<ty::bytes> for $bytes {
            #[inline]
            fn field(&self) -> Val<'_> {
                Val::Bytes(self)
            }
        }
    )*};
}

lists! {
    impl<T, const N> for [T; N], [u8; N];
    impl<T> for Vec<T>, Vec<u8>;
    impl<T> for &[T], &[u8];
    impl<T> for &mut [T], &mut [u8];
    impl<T> for Box<[T]>, Box<[u8]>;
    impl<T> for Rc<[T]>, Rc<[u8]>;
    impl<T> for Arc<[T]>, Arc<[u8]>;
    impl<T: Clone> for Cow<'_, [T]>, Cow<'_, [u8]>;
}
