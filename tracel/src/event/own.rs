//! What `log!` expands to where the event's type alone knows the level.

use super::LoggedOwn;
use crate::{
    callsite::{Callsite, emit_own},
    level,
};
use std::marker::PhantomData;

/// A call of `log!` whose event is not evaluated yet; its type is inferred from [`emit`](Own::emit).
#[derive(Debug)]
pub struct Own<E: ?Sized> {
    site: &'static Callsite,
    place: &'static str,
    max: u8,
    event: PhantomData<E>,
}

impl<E: ?Sized> Own<E> {
    /// `place` is the call's text; `max` is what the schema's policy leaves in this build, from 0 for nothing to 5 for trace.
    #[inline(always)]
    #[must_use]
    pub const fn new(site: &'static Callsite, place: &'static str, max: u8) -> Self {
        let event = PhantomData;
        Own {
            site,
            place,
            max,
            event,
        }
    }
}

impl<E: LoggedOwn + ?Sized> Own<E> {
    /// Whether the event must be evaluated; a constant `false` where its level is stripped from the build.
    #[inline(always)]
    #[must_use]
    #[allow(
        clippy::absurd_extreme_comparisons,
        reason = "with `max_level_off` nothing is left"
    )]
    pub fn is_on(&self) -> bool {
        let number = const { level::number(E::LEVEL) };
        number <= level::STATIC_MAX && number <= self.max && self.site.is_on(number)
    }

    /// Sends the event.
    #[inline(always)]
    pub fn emit(&self, event: &E) {
        emit_own(self.site, self.place, event);
    }
}
