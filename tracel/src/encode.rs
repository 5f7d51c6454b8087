//! A record on its way from values to one line of JSON. The caller's thread leaves what is least work for it: bytes, and the
//! number of what its callsite says (`compact`, `definition`), or else JSON (`line`). The shipper's `complete` makes the line, and adds what is
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
