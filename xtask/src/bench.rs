//! `cargo xtask bench`: what is measured, one module each.

pub(crate) mod calls;
pub(crate) mod compile;
mod cpu;
mod sample;
pub(crate) mod storage;
mod subject;
