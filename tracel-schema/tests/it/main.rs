//! Tests of the crate from outside: what it makes of schema.toml, held against checked-in files, real builds and every
//! diagnostic.

mod bases;
mod build;
mod cargo;
mod default_schema;
mod diagnostics;
mod extends;
mod generate;
mod golden;
mod page;
