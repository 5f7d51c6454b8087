//! The language of `schema.toml`: what may be logged. Parsing, checks and generators are behind the
//! feature `build`; without it only the model and the compiled form are left, which the macros read.

pub mod compiled;
mod fnv;
pub mod model;
