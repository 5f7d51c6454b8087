//! Structured logging in which a wrong log does not compile.
//!
#![doc = include_str!("front.md")]
#![cfg_attr(
    test,
    allow(
        clippy::disallowed_macros,
        clippy::disallowed_methods,
        reason = "clippy.toml speaks to services; these tests have no request to lose"
    )
)]
#![warn(missing_debug_implementations)]
// docs.rs says beside each item which feature brings it.
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate self as tracel;

mod apart;
pub mod callsite;
mod carry;
mod context;
mod default_schema;
#[cfg(all(target_os = "linux", not(loom)))]
mod durable;
mod encode;
pub mod error;
pub mod event;
pub mod event_id;
pub mod field;
mod flood;
mod handover;
mod instrument;
mod interest;
#[doc(hidden)]
#[allow(missing_debug_implementations, reason = "no user of the crate sees it")]
pub mod journal;
pub mod layer;
mod ledger;
pub mod level;
#[doc(hidden)]
pub mod loss;
#[doc(hidden)]
pub mod orphan;
#[cfg(feature = "opentelemetry")]
pub mod otel;
pub mod propagate;
mod record;
#[cfg(all(target_os = "linux", not(loom)))]
pub mod recover;
mod report;
pub mod schema;
pub mod secret;
pub mod setup;
#[doc(hidden)]
#[allow(missing_debug_implementations, reason = "no user of the crate sees it")]
pub mod shipper;
pub mod sink;
mod sorted;
pub mod span;
#[doc(hidden)]
pub mod spool;
pub mod stats;
#[doc(hidden)]
pub mod stdio;
pub mod testing;
mod threads;
#[cfg(feature = "tower")]
pub mod tower;
mod units;
pub mod value;
mod values;

#[cfg(feature = "rayon")]
pub use carry::rayon;
#[cfg(feature = "tokio")]
pub use carry::task::{self, spawn, spawn_blocking, spawn_local};
pub use carry::{Carry, Context, InContext, WithContext, thread};
pub use default_schema::DEFAULT_SCHEMA;
pub use error::Error;
pub use event::{Log, LogBuilder, SysLog, SystemLog, UserLog};
pub use event_id::{EventId, generate_event_id};
pub use field::{Field, ty};
pub use journal::OnFull;
pub use layer::Layer;
pub use propagate::{Carrier, RemoteContext, extract, inject, request_span};
pub use schema::{Class, Schema};
pub use secret::Secret;
pub use serde_json::Value as JsonValue;
pub use setup::{Guard, Init, init, layer};
pub use stats::{Stats, stats};
pub use tracel_derive::{
    Field, Log, SysLog, SystemLog, UserLog, include_schema, instrument, log, log_debug, log_error, log_info,
    log_trace, log_warn, record,
};
pub use uuid::Uuid;
pub use value::{Val, Value, debug, display};

/// What the macros expand to. Not for use by hand, and not held stable.
#[doc(hidden)]
pub mod __private {
    pub use crate::{
        callsite::{Callsite, Sending, emit, emit_event, emit_own},
        carry::request::record,
        event::{Event, Key, LoggedAt, LoggedOwn, Own, SchemaRef, Shape},
        event_id::AsEventId,
        field::{
            field_neutral, groups as fit, infer, need_neutral, open, open_field, required_neutral,
            val_neutral,
        },
        instrument::{AsModule, Fallible, context, in_place, returns},
        level::STATIC_MAX,
        orphan,
        propagate::policy::{Carried, CarriedField},
        schema::{Class, Sensitive, Trust},
        span::SpanSite,
        testing::wanted::{Wanted, assert_logged, assert_not_logged, shape_of},
        value::{Val, Value},
    };
    pub use tracing::{Instrument, Span};
    pub use tracing_core::{Level, LevelFilter};

    /// The words of `fields(..)` that need no import.
    pub mod words {
        pub use crate::event_id::generate_event_id;
    }
}
