//! What all measured programs share: the values of the one record, the loops that are counted, and the clock. It knows no
//! logging library.

pub mod count;
pub mod record;
pub mod sink;
pub mod timing;
