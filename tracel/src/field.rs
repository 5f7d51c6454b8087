//! What a field of the schema admits: [`Field`], one kind of [`ty`] for each type of `schema.toml`. How a value
//! is seen is said in `value`.

mod below;
mod fits;
pub mod groups;
pub mod infer;
mod kinds;
mod list;
mod neutral;
#[cfg(test)]
mod tests;
pub mod ty;

pub use below::PresentBelow;
pub use fits::{FitsOpen, Loggable, Present, Seen, Veiled, open, open_field};
pub use neutral::{FitsNeutral, PresentNeutral, field_neutral, need_neutral, required_neutral, val_neutral};

use crate::value::{Plain, Val, Value};

/// A value that a field of the kind `K` (one of [`ty`]) admits. `M` is inferred, as in [`Value`].
///
/// `#[derive(tracel::Field)]` gives it to a newtype for every kind that its content fits. As a bound it makes a
/// generic function loggable: `fn settle<T: tracel::Field<tracel::ty::u64>>(amount: T)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit a field of type `{K}` [TL0105]",
    label = "does not fit",
    note = "integers widen and never narrow: convert with `try_from`; a string field takes a text: `tracel::display(&value)` or `tracel::debug(&value)`",
    note = "a newtype around what fits derives `tracel::Field`; a generic value takes the bound `tracel::Field<{K}>`"
)]
pub trait Field<K, M = Plain>: Value<M> {
    /// This value, as a field of this kind sees it.
    #[inline]
    fn field(&self) -> Val<'_> {
        self.value()
    }
}
