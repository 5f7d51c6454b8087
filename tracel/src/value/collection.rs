//! [`Value`] for lists: arrays, slices, vectors. Bytes are lists too; a field of type `bytes` sees them whole.

use super::{List, Val, Value};
use std::{borrow::Cow, rc::Rc, sync::Arc};

/// A slice alone is no [`List`]: a `Val` points to something sized, so what points to a slice is one.
macro_rules! lists {
    ($(impl<$item:ident $(: $bound:path)? $(, const $n:ident)?> for $ty:ty;)*) => {$(
        impl<$item: Value $(+ $bound)? $(, const $n: usize)?> List for $ty {
            fn each(&self, item: &mut dyn FnMut(Val<'_>)) {
                for one in self.iter() {
                    item(one.item());
                }
            }
        }

        impl<$item: Value $(+ $bound)? $(, const $n: usize)?> Value for $ty {
            #[inline]
            fn value(&self) -> Val<'_> {
                Val::List(self)
            }

            fn item(&self) -> Val<'_> {
                $item::bytes(self).map_or(Val::List(self), Val::Bytes)
            }
        }
    )*};
}

lists! {
    impl<T, const N> for [T; N];
    impl<T> for Vec<T>;
    impl<T> for &[T];
    impl<T> for &mut [T];
    impl<T> for Box<[T]>;
    impl<T> for Rc<[T]>;
    impl<T> for Arc<[T]>;
    impl<T: Clone> for Cow<'_, [T]>;
}
