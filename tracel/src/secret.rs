//! [`Secret`]: a value that never reaches a log. That no macro takes it is said in `field`.

use std::fmt;

/// A value that must not be logged: it has no `Display`, its `Debug` prints `Secret(..)`, and no log macro takes
/// it, under any key.
///
/// ```
/// let password = tracel::Secret::new("hunter2".to_owned());
/// assert_eq!(format!("{password:?}"), "Secret(..)");
/// assert_eq!(password.expose().len(), 7);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides a value.
    pub const fn new(value: T) -> Self {
        Secret(value)
    }

    /// The hidden value, to use it.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The hidden value, no longer hidden.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Secret(value)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
