//! `tracel replay`: all records of one request, from a store, as a tree or as JSON.

pub mod print;
pub(crate) mod record;
pub mod source;
pub mod time;
pub mod tree;

pub use record::Record;
pub use tree::Request;
