//! Events and spans of crates that do not use TraceL: all their fields are text, and classes apply by name.

use crate::{
    record::{
        class_of,
        json::{self, Shown},
        members::Members,
        sensitive,
    },
    schema::Schema,
    value::Val,
};
use std::{error::Error, fmt};
use tracing_core::field::{Field, Visit};

/// The fields that the bridge from `log` adds to each event, told in the envelope instead.
const LOG_BRIDGE: &str = "log.";

/// Collects what a foreign event or span says.
pub(crate) struct ForeignFields<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) members: &'a mut Members,
    /// The event's text; `None` for a span, whose field of that name is like any other.
    pub(crate) message: Option<&'a mut String>,
}

impl ForeignFields<'_> {
    fn add(&mut self, field: &Field, value: Val<'_>) {
        let name = field.name();
        if let Some(message) = self.message.as_deref_mut() {
            if name == "message" {
                if self.schema.foreign_message {
                    *message = format!("{:?}", Shown(value));
                }
                return;
            }
            if name.starts_with(LOG_BRIDGE) {
                return;
            }
        }
        let class = class_of(self.schema.classes, name);
        match sensitive::classed(class, self.schema.sensitive, value, &mut sensitive::EMPTY.clone()) {
            Val::Null => {}
            value => self.members.add(name, false, |out| json::text(out, &value)),
        }
    }
}

impl Visit for ForeignFields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, Val::Debug(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, Val::Str(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, Val::Bool(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, Val::I64(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, Val::U64(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.add(field, Val::Display(&value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.add(field, Val::Display(&value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, Val::F64(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.add(field, Val::Error(value));
    }
}
