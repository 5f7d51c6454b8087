//! Values that are logged as their text: [`display`] and [`debug`]. They fit string fields and open keys.

use super::{Val, Value};
use std::fmt;

/// What [`display`] makes.
#[derive(Clone, Copy)]
pub struct Displayed<T>(T);

/// What [`debug`] makes.
#[derive(Clone, Copy)]
pub struct Debugged<T>(T);

/// Logs the value's `Display` text, under a field of type string.
///
/// ```
/// let site = tracel::display(std::num::Wrapping(7));
/// # assert_eq!(format!("{site:?}"), "7");
/// ```
pub const fn display<T: fmt::Display>(value: T) -> Displayed<T> {
    Displayed(value)
}

/// Logs the value's `Debug` text, under a field of type string.
///
/// ```
/// let range = tracel::debug(1..4);
/// # assert_eq!(format!("{range:?}"), "1..4");
/// ```
pub const fn debug<T: fmt::Debug>(value: T) -> Debugged<T> {
    Debugged(value)
}

impl<T: fmt::Display> Value for Displayed<T> {
    #[inline]
    fn value(&self) -> Val<'_> {
        Val::Display(&self.0)
    }
}

impl<T: fmt::Debug> Value for Debugged<T> {
    #[inline]
    fn value(&self) -> Val<'_> {
        Val::Debug(&self.0)
    }
}

impl<T: fmt::Display> fmt::Debug for Displayed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: fmt::Debug> fmt::Debug for Debugged<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
