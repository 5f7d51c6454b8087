//! What is constant about an event: its shape, and the traits by which the derives state it.

mod category;
mod own;

pub use category::{Log, LogBuilder, SysLog, SystemLog, UserLog};
pub use own::Own;

use crate::{
    callsite::{Limit, Sending},
    schema::{Class, Sensitive},
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
    /// Its flood control, when the schema sets a limit; a call without an event has its own.
    pub limit: Option<&'static Limit>,
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

impl Key {
    /// A declared key of class safe.
    #[must_use]
    pub const fn safe(name: &'static str) -> Self {
        Key {
            name,
            class: Class::Safe,
            declared: true,
        }
    }

    /// A declared key of class sensitive.
    #[must_use]
    pub const fn sensitive(name: &'static str) -> Self {
        Key {
            name,
            class: Class::Sensitive,
            declared: true,
        }
    }

    /// A key that the schema does not declare, where its policy is open.
    #[must_use]
    pub const fn open(name: &'static str) -> Self {
        Key {
            name,
            class: Class::Safe,
            declared: false,
        }
    }
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
    message = "`{Self}` is not a log event [TL0302]",
    label = "not a log event",
    note = "put `#[derive(tracel::UserLog)]` or `#[derive(tracel::SysLog)]` on the struct, or log a message: `SysLog(\"..\", key = value)`"
)]
pub trait Event {
    /// What is constant about it: its [`Shape`], as `callsite::text` reads it.
    const TEXT: &'static str;
    /// Sends its values, one for each of the shape's keys, in order.
    fn values(&self, to: &mut Sending<'_>);
}

/// An event that may be logged at the level `L` of [`level`](crate::level).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event that may be logged at the level `{L}` [TL0302]",
    label = "not an event of level `{L}`",
    note = "an event derives `tracel::UserLog`, `tracel::SysLog` or `tracel::Log`; one with a level, in schema.toml or in its attribute, is logged at no other (`tracel::log!` takes it); one without carries what schema.toml requires of the level"
)]
pub trait LoggedAt<L>: Event {}

/// An event whose level the schema, or its own attribute, fixes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event with a level of its own [TL0303]",
    label = "its level is not known",
    note = "name the level: `tracel::log_info!(..)`, or give it one: `#[log(level = \"info\", ..)]`"
)]
pub trait LoggedOwn: Event {
    /// That level.
    const LEVEL: Level;
}

#[diagnostic::do_not_recommend]
impl<E: Event + ?Sized> Event for &E {
    const TEXT: &'static str = E::TEXT;

    fn values(&self, to: &mut Sending<'_>) {
        E::values(self, to);
    }
}

#[diagnostic::do_not_recommend]
impl<L, E: LoggedAt<L> + ?Sized> LoggedAt<L> for &E {}

#[diagnostic::do_not_recommend]
impl<E: LoggedOwn + ?Sized> LoggedOwn for &E {
    const LEVEL: Level = E::LEVEL;
}
