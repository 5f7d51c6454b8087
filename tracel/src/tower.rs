//! The layers for `tower` services: [`ServerLayer`] for those that answer (axum, hyper, tonic), [`ClientLayer`] for those
//! that call. What a request's own records say is in `canonical`.

mod canonical;
mod client;
mod server;

pub use client::{ClientLayer, ClientService};
pub use server::{ResponseFuture, ServerLayer, ServerService};
