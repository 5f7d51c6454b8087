//! TraceL's pipeline on one machine: ClickHouse's engine, from `libchdb.so`, behind ClickHouse's own HTTP interface.
//! Neither schemas nor records are known here.
#![allow(
    clippy::disallowed_methods,
    reason = "clippy.toml speaks to services; a database has no request context to lose"
)]

pub mod engine;
mod http;
pub mod library;
mod server;
pub mod testing;

pub use server::{Error, Options, Server};

/// The README's example, which is compiled with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
