//! The macros' codes, TL0001 to TL0999: what a log, an event or an instrumented function may not say.

mod call;
mod derive;
mod find;
mod instrument;
mod value;

pub use {call::*, derive::*, find::*, instrument::*, value::*};

/// All of them, in their order.
pub(super) static ALL: [&[&super::Code]; 5] =
    [find::ALL, value::ALL, call::ALL, derive::ALL, instrument::ALL];
