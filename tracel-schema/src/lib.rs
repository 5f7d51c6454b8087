//! The language of `schema.toml`: what may be logged. A build script compiles it, the macros of `tracel` hold every
//! log to it.
//!
//! ```text
//! schema.toml ─ parse ─ merge ─ check ─ model ┬ generate ─ $OUT_DIR/tracel.rs      structs, enums, SCHEMA
//!                                             └ compiled ─ $OUT_DIR/tracel.schema  what the macros read
//! ```
//!
//! - A service's build script calls [`build`], whose page is the tutorial.
//! - That of an organisation's schema, which services extend, calls [`publish`].
//! - A tool that has a schema's text in hand calls [`compile()`] or [`compile_with`], which touch neither disk nor
//!   environment, and report every error at once as [`Diagnostic`]s.
//! - A macro calls [`compiled::read`], and gets the [`model::Schema`].
//! - [`codes`] is the table of every diagnostic, the macros' too.
//!
//! Parsing, checking and generating are behind the feature `build` (on by default): without it, as the macros have it, this
//! crate has no dependency.

#![cfg_attr(
    not(feature = "build"),
    allow(
        rustdoc::broken_intra_doc_links,
        reason = "the crate's page speaks of all of it"
    )
)]

#[cfg(feature = "build")]
mod build;
#[cfg(feature = "build")]
mod check;
pub mod codes;
#[cfg(feature = "build")]
mod compile;
pub mod compiled;
#[cfg(feature = "build")]
mod diagnostic;
#[cfg(feature = "build")]
mod document;
mod fnv;
#[cfg(feature = "build")]
pub mod generate;
#[cfg(feature = "build")]
mod merge;
pub mod message;
pub mod model;
pub mod name;
pub mod nearest;
#[cfg(feature = "build")]
mod parse;
#[cfg(feature = "build")]
mod published;
#[cfg(feature = "build")]
mod sources;

#[cfg(feature = "build")]
pub use {
    build::{build, publish},
    compile::{Compiled, compile, compile_with},
    diagnostic::Diagnostic,
    published::Published,
    sources::{Bases, Source, Unresolved, is_path, normal},
};

/// The [compiled form](compiled) of the schema that holds where there is no schema.toml: the repository's own, without an
/// owner and without places.
pub const DEFAULT_COMPILED: &str = include_str!("default.schema");

/// The README's example, which is compiled with the others.
#[cfg(all(doctest, feature = "build"))]
#[doc = include_str!("../README.md")]
struct Readme;
