//! What the command `tracel` does, as functions: the demo and the tests call them too. Its arguments are the binary's.

pub mod audit;
#[cfg(feature = "kafka")]
pub mod backfill;
pub mod baseline;
pub mod clickhouse;
mod deliver;
pub mod generate;
pub mod init;
pub mod migrate;
pub mod quarantine;
pub mod replay;
pub mod schema;
