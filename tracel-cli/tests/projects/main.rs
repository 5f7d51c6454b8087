//! What the command does to whole projects, and what the shipped lints do in them. Each test has a package outside of
//! this workspace, and the real Cargo; all share one target folder, and the versions of this workspace, so that nothing
//! is fetched.

mod baseline;
mod clippy;
mod codes;
mod folder;
mod init;
mod ours;
mod packages;
