//! What all measured programs share: the values of the one record, the loops that are counted, and the clock. Of logging
//! libraries it knows `tracing` alone, for those that are layers of it.

pub mod asked;
pub mod count;
pub mod growth;
pub mod record;
pub mod sink;
#[cfg(feature = "tracing")]
pub mod through_tracing;
pub mod timing;
