//! What stands between Kafka and ClickHouse, run in Rust: the programs of `deploy/vector` in VRL's own runtime, and a stand-in
//! for Vector around them.

pub mod random;
pub mod real;
#[cfg(feature = "vrl")]
pub mod remap;
#[cfg(feature = "standin")]
pub mod standin;
pub mod store;
