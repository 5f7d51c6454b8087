//! What all measured programs share: the values of the one record, and the loops that are counted. It knows no logging library.

pub mod count;
pub mod record;
