//! Numbers whose type nothing has said yet take the field's: in `let n = 7; log_info!(UserLog(n, ".."))` the compiler would
//! fall back to `i32` before it looks at the field. Written by the macros; nothing here is for use by hand.
//!
//! There is a module for each kind, of an integer and of a list of it, so that the compiler has few `typed()` to try: every
//! log of a number pays for each.

use std::ops::Deref;

/// The same value, whose type is its own.
#[derive(Debug)]
pub struct Typed<'v, T: ?Sized>(&'v T);

impl<'v, T: ?Sized> Typed<'v, T> {
    /// The value as it is.
    #[inline(always)]
    #[must_use]
    pub const fn typed(&self) -> &'v T {
        self.0
    }
}

macro_rules! kind {
    ($int:ident, $module:ident, {$($first:tt)*} {$($held:tt)*}) => {
        #[doc = concat!("Values that a field of the kind `", stringify!($module), "` is asked about.")]
        pub mod $module {
            use super::*;

            /// A value that the field is asked about.
            ///
            /// The compiler takes the first `typed()` that the value can have: that of the kind's own integer (or of a `Vec`
            /// of it, for a list), then, by way of [`Deref`], that of what holds one, then that of every type. So a number
            /// without a type becomes the field's, what `parse()` or `collect()` makes too, and all else stays what it is.
            #[derive(Debug)]
            pub struct Untyped<'v, T: ?Sized>(Held<'v, T>);

            /// The same value, which may hold numbers without a type.
            #[derive(Debug)]
            pub struct Held<'v, T: ?Sized>(Typed<'v, T>);

            /// Asks whether the value's type is known.
            #[inline(always)]
            #[must_use]
            pub const fn infer<T: ?Sized>(value: &T) -> Untyped<'_, T> {
                Untyped(Held(Typed(value)))
            }

            impl<'v, T: ?Sized> Deref for Untyped<'v, T> {
                type Target = Held<'v, T>;

                #[inline(always)]
                fn deref(&self) -> &Held<'v, T> {
                    &self.0
                }
            }

            impl<'v, T: ?Sized> Deref for Held<'v, T> {
                type Target = Typed<'v, T>;

                #[inline(always)]
                fn deref(&self) -> &Typed<'v, T> {
                    &self.0
                }
            }

            typed!(Untyped, |this| this.0.0.0; $($first)*);
            typed!(Held, |this| this.0.0; $($held)*);
        }
    };
}

macro_rules! typed {
    ($asked:ident, |$this:ident| $value:expr; $(<$(const $n:ident)?> $ty:ty;)*) => {
        typed!(@ $asked, $this, $value; $(<$(const $n)?> $ty;)*);
    };
    (@ $asked:ident, $this:ident, $value:expr; ) => {};
    (@ $asked:ident, $this:ident, $value:expr; <$(const $n:ident)?> $ty:ty; $($rest:tt)*) => {
        impl<'v $(, const $n: usize)?> $asked<'v, $ty> {
            /// The value, with numbers of the field's type.
            #[inline(always)]
            #[must_use]
            pub const fn typed(&self) -> &'v $ty {
                let $this = self;
                $value
            }
        }
        typed!(@ $asked, $this, $value; $($rest)*);
    };
}

macro_rules! integers {
    ($($int:ident, $list:ident;)*) => {$(
        kind!($int, $int, {<> $int;} {<> &'v $int; <> Option<$int>;});
        kind!($int, $list, {<> Vec<$int>;} {<> &'v Vec<$int>; <const N> [$int; N]; <const N> &'v [$int; N];});
    )*};
}

integers! {
    u8, list_u8;
    u16, list_u16;
    u32, list_u32;
    u64, list_u64;
    i8, list_i8;
    i16, list_i16;
    i32, list_i32;
    i64, list_i64;
}
