//! [`Value`] for errors: with their chain, not their text alone.

use super::{BoxedError, StdError, Val, Value};
use std::{error::Error, sync::Arc};

impl<E: Error> Value<StdError> for E {
    #[inline]
    fn value(&self) -> Val<'_> {
        Val::Error(self)
    }
}

/// What holds an error without being one.
pub trait Holds {
    /// That error.
    fn held(&self) -> &(dyn Error + 'static);
}

impl Holds for Box<dyn Error> {
    fn held(&self) -> &(dyn Error + 'static) {
        &**self
    }
}

impl Holds for Box<dyn Error + Send> {
    fn held(&self) -> &(dyn Error + 'static) {
        &**self
    }
}

impl Holds for Box<dyn Error + Send + Sync> {
    fn held(&self) -> &(dyn Error + 'static) {
        &**self
    }
}

impl<T: Holds> Holds for Arc<T> {
    fn held(&self) -> &(dyn Error + 'static) {
        (**self).held()
    }
}

impl<T: Holds + ?Sized> Holds for &T {
    fn held(&self) -> &(dyn Error + 'static) {
        (**self).held()
    }
}

impl<T: Holds> Value<BoxedError> for T {
    #[inline]
    fn value(&self) -> Val<'_> {
        Val::Error(self.held())
    }
}

/// An unsized error: what `*boxed` is.
macro_rules! unsized_errors {
    ($($ty:ty),*) => {$(
        impl Value<BoxedError> for $ty {
            #[inline]
            fn value(&self) -> Val<'_> {
                Val::Error(self)
            }
        }
    )*};
}

unsized_errors!(dyn Error, dyn Error + Send, dyn Error + Send + Sync);
