//! [`Value`] for errors: with their chain, not their text alone.

use super::{BoxedError, Report, SharedReport, StdError, Val, Value};
use crate::field::{Field, ty};
use std::{error::Error, sync::Arc};

impl<E: Error> Value<StdError> for E {
    #[inline]
    fn value(&self) -> Val<'_> {
        Val::Error(self)
    }
}

impl<E: Error> Field<ty::error, StdError> for E {}

impl<T: ?Sized + AsRef<dyn Error> + AsRef<dyn Error + Send + Sync>> Value<Report> for T {
    #[inline]
    fn value(&self) -> Val<'_> {
        Val::Error(self.as_ref())
    }
}

impl<T: ?Sized + AsRef<dyn Error> + AsRef<dyn Error + Send + Sync>> Field<ty::error, Report> for T {}

/// Written out, as below.
macro_rules! shared {
    ($($ty:ty: |$this:ident| $report:expr;)*) => {$(
        impl<T: Value<Report>> Value<SharedReport> for $ty {
            #[inline]
            fn value(&self) -> Val<'_> {
                let $this = self;
                $report.value()
            }
        }

        impl<T: Value<Report>> Field<ty::error, SharedReport> for $ty {}
    )*};
}

shared! {
    Arc<T>: |x| **x;
    &Arc<T>: |x| ***x;
}

/// What holds an error without being one, and errors without a size. Written out, since a rule for all of them could
/// collide with another crate's types.
macro_rules! boxed {
    ($($ty:ty: |$this:ident| $error:expr;)*) => {$(
        impl Value<BoxedError> for $ty {
            #[inline]
            fn value(&self) -> Val<'_> {
                let $this = self;
                Val::Error($error)
            }
        }

        impl Field<ty::error, BoxedError> for $ty {}
    )*};
}

/// The same for each of the three that are boxed in practice.
macro_rules! boxed_errors {
    ($($error:ty),*) => {$(
        boxed! {
            $error: |x| x;
            Box<$error>: |x| &**x;
            &Box<$error>: |x| &***x;
            &&Box<$error>: |x| &****x;
            &mut Box<$error>: |x| &***x;
            Arc<Box<$error>>: |x| &***x;
        }
    )*};
}

boxed_errors!(dyn Error, dyn Error + Send, dyn Error + Send + Sync);
