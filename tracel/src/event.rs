//! What is constant about an event: its shape, and the traits by which the derives state it.

use crate::{
    schema::{Class, Sensitive},
    value::Val,
};
use tracing_core::Level;

/// What is constant about an event or a constructor's call. Written by the macros.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The record's `log_type`.
    pub category: &'static str,
    /// The record's `event_name`; "" when it has none.
    pub event: &'static str,
    /// The record's `message`.
    pub message: &'static str,
    /// The schema that it was checked against.
    pub schema: &'static SchemaRef,
    /// `"message"`, then one name for each key: what a `FieldSet` wants.
    pub names: &'static [&'static str],
    /// One for each value, in order.
    pub keys: &'static [Key],
}

/// A key of an event.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key, an identifier: it needs no escaping in JSON.
    pub name: &'static str,
    /// Its class.
    pub class: Class,
    /// Whether the schema declares it: it stands under `metadata`, else under `extra`, as text.
    pub declared: bool,
}

/// The schema of a callsite: a library keeps its own.
#[derive(Clone, Copy, Debug)]
pub struct SchemaRef {
    /// `name@version`, as the record says it.
    pub label: &'static str,
    /// What is done to this callsite's sensitive values.
    pub sensitive: Sensitive,
}

/// A type that can be logged: `#[derive(tracel::UserLog)]`, `SysLog` or `Log`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a log event [TL0301]",
    label = "not a log event",
    note = "put `#[derive(tracel::UserLog)]` or `#[derive(tracel::SysLog)]` on the struct"
)]
pub trait Event {
    /// What is constant about it.
    const SHAPE: &'static Shape;
    /// Calls `f` with its values, one for each of the shape's keys, in order.
    fn values(&self, f: &mut dyn FnMut(&[Val<'_>]));
}

/// An event that may be logged at the level `L` of [`level`](crate::level).
pub trait LoggedAt<L>: Event {}

/// An event whose level the schema, or its own attribute, fixes.
pub trait LoggedOwn: Event {
    /// That level.
    const LEVEL: Level;
}
