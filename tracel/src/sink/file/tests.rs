//! The file sink on a real folder.
