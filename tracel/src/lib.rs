//! Structured logging in which a wrong log does not compile.

extern crate self as tracel;

pub mod callsite;
mod default_schema;
pub mod event;
pub mod schema;
pub mod span;
pub mod value;

pub use default_schema::DEFAULT_SCHEMA;
pub use schema::{Class, Schema};
pub use uuid::Uuid;
pub use value::{Val, Value};

/// What the macros expand to. Not for use by hand, and not held stable.
#[doc(hidden)]
pub mod __private {
    pub use crate::{
        callsite::{Callsite, emit, emit_event, emit_own},
        event::{Event, Key, LoggedAt, LoggedOwn, SchemaRef, Shape},
        schema::{Class, Sensitive},
        span::SpanSite,
        value::{Val, Value},
    };
    pub use tracing::{Instrument, Span};
    pub use tracing_core::{Level, LevelFilter};
}
