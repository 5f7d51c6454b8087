//! The markers that [`Value`](super::Value) and `Field` infer. They are types without values.

/// A value of its own: a number, a text, an enum.
#[derive(Clone, Copy, Debug)]
pub enum Plain {}

/// Anything that implements [`std::error::Error`].
#[derive(Clone, Copy, Debug)]
pub enum StdError {}

/// A boxed error: `Box<dyn Error>` does not implement `Error` itself.
#[derive(Clone, Copy, Debug)]
pub enum BoxedError {}

/// An `Option` of what `M` marks: it may be absent.
#[derive(Clone, Copy, Debug)]
pub struct Maybe<M>(core::convert::Infallible, core::marker::PhantomData<M>);
