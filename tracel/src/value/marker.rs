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

/// What holds an error, and hands it out both as `dyn Error` and as `dyn Error + Send + Sync`: `anyhow::Error`,
/// `eyre::Report`. No box or pointer of std's does both, so none is seen in two ways.
#[derive(Clone, Copy, Debug)]
pub enum Report {}

/// An `Arc` of a [`Report`], which is how those are shared.
#[derive(Clone, Copy, Debug)]
pub enum SharedReport {}

/// An `Option` of what `M` marks: it may be absent.
#[derive(Clone, Copy, Debug)]
pub struct Maybe<M>(core::convert::Infallible, core::marker::PhantomData<M>);
