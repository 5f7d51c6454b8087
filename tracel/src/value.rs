//! How a Rust value is seen by the log: [`Val`], and the trait that gives it. What a field of the schema
//! admits is said in `field`.

mod adapter;
mod collection;
mod error;
mod marker;
mod plain;

pub use adapter::{Debugged, Displayed, debug, display};
pub use marker::{BoxedError, Maybe, Plain, Report, SharedReport, StdError};

use std::{
    error::Error,
    fmt,
    net::IpAddr,
    path::Path,
    time::{Duration, SystemTime},
};
use uuid::Uuid;

/// A value on its way into a record, borrowed from the caller.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Val<'a> {
    /// Absent: the key is left out.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// An unsigned integer; above 2^63−1 it is written as a decimal string.
    U64(u64),
    /// A number; NaN and the infinities are written as null.
    F64(f64),
    /// Text.
    Str(&'a str),
    /// Text that is formatted when it is written.
    Display(&'a (dyn fmt::Display + 'a)),
    /// Text that is formatted by `Debug` when it is written.
    Debug(&'a (dyn fmt::Debug + 'a)),
    /// A path; what is not UTF-8 in it is replaced.
    Path(&'a Path),
    /// A UUID, as text.
    Uuid(Uuid),
    /// An address, as text.
    Ip(IpAddr),
    /// RFC 3339 in UTC with nanoseconds.
    Time(SystemTime),
    /// Integer nanoseconds.
    Duration(Duration),
    /// Base64.
    Bytes(&'a [u8]),
    /// A JSON value.
    Json(&'a serde_json::Value),
    /// An error with its chain, joined by `": "`.
    Error(&'a (dyn Error + 'a)),
    /// An array.
    List(&'a (dyn List + 'a)),
}

impl fmt::Debug for Val<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Val::Null => f.write_str("Null"),
            Val::Bool(value) => value.fmt(f),
            Val::I64(value) => value.fmt(f),
            Val::U64(value) => value.fmt(f),
            Val::F64(value) => value.fmt(f),
            Val::Str(text) => text.fmt(f),
            Val::Display(value) => write!(f, "{value}"),
            Val::Debug(value) => value.fmt(f),
            Val::Path(path) => path.fmt(f),
            Val::Uuid(id) => id.fmt(f),
            Val::Ip(address) => address.fmt(f),
            Val::Time(time) => time.fmt(f),
            Val::Duration(time) => time.fmt(f),
            Val::Bytes(bytes) => bytes.fmt(f),
            Val::Json(json) => json.fmt(f),
            Val::Error(error) => error.fmt(f),
            Val::List(items) => {
                let mut list = f.debug_list();
                items.each(&mut |item| {
                    list.entry(&item);
                });
                list.finish()
            }
        }
    }
}

/// The items of a [`Val::List`].
pub trait List {
    /// Calls `item` with each, in order.
    fn each(&self, item: &mut dyn FnMut(Val<'_>));
}

/// A type that can be seen as a [`Val`]. `M` is inferred: it tells apart what Rust's rules of coherence would
/// not, such as every error from a reference to anything.
///
/// Implemented by `#[derive(tracel::Field)]` for newtypes, and by generated enums. By hand it is
/// `impl tracel::Value for Money { .. }` with `impl tracel::Field<tracel::ty::u64> for Money {}`.
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` cannot be logged [TL0106]",
    label = "the log does not know how to write this",
    note = "log its text with `tracel::display(&value)` or `tracel::debug(&value)`, or put `#[derive(tracel::Field)]` on a newtype; what holds a `tracel::Secret` is never logged"
)]
pub trait Value<M = Plain> {
    /// This value, as the log sees it.
    fn value(&self) -> Val<'_>;

    /// This value as an item of a list: a list of bytes shows each item's bytes, not lists of numbers.
    #[doc(hidden)]
    #[inline]
    fn item(&self) -> Val<'_> {
        self.value()
    }

    /// The same items as bytes, if that is what they are.
    #[doc(hidden)]
    #[inline]
    fn bytes(_items: &[Self]) -> Option<&[u8]>
    where
        Self: Sized,
    {
        None
    }
}
