//! The twins of all mistakes: that they compile is the test. One crate, since so many would take minutes to link.
#![allow(missing_docs, unreachable_pub)]

include!(concat!(env!("OUT_DIR"), "/pass.rs"));
