//! The static behind every log macro: whether it is on, and what it sends where.

use crate::{
    event::{LoggedAt, LoggedOwn, Shape},
    value::Val,
};
use tracing_core::Level;

/// One static a call of a log macro.
#[derive(Debug)]
pub struct Callsite {
    _todo: (),
}

impl Callsite {
    /// A constructor's call: everything about it is known at expansion.
    #[must_use]
    pub const fn fixed(
        _level: Level,
        _module: &'static str,
        _file: &'static str,
        _line: u32,
        _shape: &'static Shape,
    ) -> Self {
        Callsite { _todo: () }
    }

    /// An event at a macro's level; its shape comes from its type.
    #[must_use]
    pub const fn typed(_level: Level, _module: &'static str, _file: &'static str, _line: u32) -> Self {
        Callsite { _todo: () }
    }

    /// An event at its own level (`log!`); level and shape come from its type.
    #[must_use]
    pub const fn own(_module: &'static str, _file: &'static str, _line: u32) -> Self {
        Callsite { _todo: () }
    }

    /// Whether anyone wants this callsite's records now.
    #[inline(always)]
    pub fn is_on(&'static self) -> bool {
        false
    }
}

/// Sends a constructor's call.
pub fn emit(_site: &'static Callsite, _values: &[Val<'_>]) {}

/// Sends an event at a macro's level.
pub fn emit_event<L, E: LoggedAt<L> + ?Sized>(_site: &'static Callsite, _level: L, _event: &E) {}

/// Sends an event at its own level.
pub fn emit_own<E: LoggedOwn + ?Sized>(_site: &'static Callsite, _event: &E) {}
