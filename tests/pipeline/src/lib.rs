//! What stands between Kafka and ClickHouse, run in Rust: the programs of `deploy/vector` in VRL's own runtime.

#[cfg(feature = "vrl")]
pub mod remap;
