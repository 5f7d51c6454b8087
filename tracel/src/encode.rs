//! A record as one line of JSON, made on the caller's thread; `complete` adds, on the shipper's, what is
//! the same in every record of a process. Nothing here knows where the bytes go.

mod caller;
pub(crate) mod compact;
pub(crate) mod complete;
pub(crate) mod cut;
pub(crate) mod definition;
pub(crate) mod fixed;
mod head;
pub(crate) mod line;
pub(crate) mod own;
