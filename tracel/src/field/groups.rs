//! The checks of a declared field, one module for each group of kinds: what a value that does not fit is told depends on
//! what would. The macros choose the module; nothing here is for use by hand.

use super::{
    Field, Seen, Veiled,
    below::PresentBelow,
    fits::{Loggable, Present},
};
use crate::{Secret, value::Val};
use std::sync::Arc;

macro_rules! group {
    ($(#[doc = $doc:literal])* $group:ident, $fits:ident, $below:ident: $message:literal, $message_below:literal, $note:literal) => {
        $(#[doc = $doc])*
        pub mod $group {
            use super::*;

            /// A value that fits the kind `K` of line `LINE`.
            #[diagnostic::on_unimplemented(
                message = $message,
                label = "does not fit",
                note = $note,
                note = "a newtype around what fits derives `tracel::Field`; a generic value takes the bound `tracel::Field<{K}>`"
            )]
            pub trait $fits<K, X, const LINE: u32> {
                /// This value, as the field sees it.
                fn fit(&self) -> Val<'_>;
            }

            #[diagnostic::do_not_recommend]
            impl<T: ?Sized + Field<K, M>, K, M, const LINE: u32> $fits<K, Seen<M>, LINE> for T {
                #[inline(always)]
                fn fit(&self) -> Val<'_> {
                    self.field()
                }
            }

            /// The same of line `LINE` of the schema `F`, which the service's own extends.
            #[diagnostic::on_unimplemented(
                message = $message_below,
                label = "does not fit",
                note = $note,
                note = "a newtype around what fits derives `tracel::Field`; a generic value takes the bound `tracel::Field<{K}>`",
                note = "schema.toml extends that schema: there the field has its type, for every service"
            )]
            pub trait $below<K, X, F, const LINE: u32> {
                /// This value, as the field sees it.
                fn fit_below(&self) -> Val<'_>;
            }

            #[diagnostic::do_not_recommend]
            impl<T: ?Sized + Field<K, M>, K, M, F, const LINE: u32> $below<K, Seen<M>, F, LINE> for T {
                #[inline(always)]
                fn fit_below(&self) -> Val<'_> {
                    self.field()
                }
            }

            secrets!(
                $fits, $below:
                Secret<T>, &Secret<T>, Option<Secret<T>>, &Option<Secret<T>>, Option<&Secret<T>>,
                Box<Secret<T>>, &Box<Secret<T>>, Arc<Secret<T>>, &Arc<Secret<T>>,
                Vec<Secret<T>>, &Vec<Secret<T>>, &[Secret<T>]
            );

            use {$below as FitsBelow, $fits as Fits};
            include!("groups/checks.rs");
        }
    };
}

/// A secret fits every kind, so that the compiler goes on to say why it is refused nevertheless.
macro_rules! secrets {
    ($fits:ident, $below:ident: $($ty:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T, K, const LINE: u32> $fits<K, Veiled, LINE> for $ty {
            fn fit(&self) -> Val<'_> {
                Val::Null
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T, K, F, const LINE: u32> $below<K, Veiled, F, LINE> for $ty {
            fn fit_below(&self) -> Val<'_> {
                Val::Null
            }
        }
    )*};
}

group! {
    /// `i8` to `u64`
    integer, FitsInteger, FitsIntegerBelow:
    "`{Self}` does not fit this field: schema.toml:{LINE} says `{K}` [TL0105]",
    "`{Self}` does not fit this field: line {LINE} of the schema named in `{F}` says `{K}` [TL0105]",
    "integers widen and never narrow: convert with `try_from`, a text with `parse`"
}
group! {
    /// `f64`
    float, FitsFloat, FitsFloatBelow:
    "`{Self}` does not fit this field: schema.toml:{LINE} says `{K}` [TL0105]",
    "`{Self}` does not fit this field: line {LINE} of the schema named in `{F}` says `{K}` [TL0105]",
    "it takes `f64` and `f32`: convert an integer with `as f64`, a text with `parse`"
}
group! {
    /// `bool`
    truth, FitsBool, FitsBoolBelow:
    "`{Self}` does not fit this field: schema.toml:{LINE} says `bool` [TL0105]",
    "`{Self}` does not fit this field: line {LINE} of the schema named in `{F}` says `bool` [TL0105]",
    "it takes `true` and `false`: compare the value with something"
}
group! {
    /// `string`
    text, FitsText, FitsTextBelow:
    "`{Self}` does not fit this field: schema.toml:{LINE} says `string` [TL0105]",
    "`{Self}` does not fit this field: line {LINE} of the schema named in `{F}` says `string` [TL0105]",
    "it takes texts and paths; of anything else the text: `tracel::display(&value)` or `tracel::debug(&value)`"
}
group! {
    /// `uuid`
    uuid, FitsUuid, FitsUuidBelow:
    "`{Self}` does not fit this field: schema.toml:{LINE} says `uuid` [TL0105]",
    "`{Self}` does not fit this field: line {LINE} of the schema named in `{F}` says `uuid` [TL0105]",
    "it takes `tracel::Uuid` and `tracel::EventId`: a text is read with `tracel::Uuid::parse_str(text)`"
}
group! {
    /// `ip`
    ip, FitsIp, FitsIpBelow:
    "`{Self}` does not fit this field: schema.toml:{LINE} says `ip` [TL0105]",
    "`{Self}` does not fit this field: line {LINE} of the schema named in `{F}` says `ip` [TL0105]",
    "it takes `std::net::IpAddr`, `Ipv4Addr` and `Ipv6Addr`: of a `SocketAddr` write `.ip()`, a text is read with `parse`"
}
group! {
    /// `timestamp`
    timestamp, FitsTimestamp, FitsTimestampBelow:
    "`{Self}` does not fit this field: schema.toml:{LINE} says `timestamp` [TL0105]",
    "`{Self}` does not fit this field: line {LINE} of the schema named in `{F}` says `timestamp` [TL0105]",
    "it takes `std::time::SystemTime`: another crate's time is converted with `SystemTime::from`"
}
group! {
    /// `duration`
    duration, FitsDuration, FitsDurationBelow:
    "`{Self}` does not fit this field: schema.toml:{LINE} says `duration` [TL0105]",
    "`{Self}` does not fit this field: line {LINE} of the schema named in `{F}` says `duration` [TL0105]",
    "it takes `std::time::Duration`: of a number `Duration::from_millis(n)`, of an `Instant` `.elapsed()`"
}
group! {
    /// `bytes`
    bytes, FitsBytes, FitsBytesBelow:
    "`{Self}` does not fit this field: schema.toml:{LINE} says `bytes` [TL0105]",
    "`{Self}` does not fit this field: line {LINE} of the schema named in `{F}` says `bytes` [TL0105]",
    "it takes arrays, slices and vectors of `u8`: of a text `.as_bytes()`"
}
group! {
    /// `json`
    json, FitsJson, FitsJsonBelow:
    "`{Self}` does not fit this field: schema.toml:{LINE} says `json` [TL0105]",
    "`{Self}` does not fit this field: line {LINE} of the schema named in `{F}` says `json` [TL0105]",
    "it takes `tracel::JsonValue`, which is `serde_json::Value`: `json!(..)`, or `serde_json::to_value(&value)?`"
}
group! {
    /// `error`
    error, FitsError, FitsErrorBelow:
    "`{Self}` does not fit this field: schema.toml:{LINE} says `error` [TL0105]",
    "`{Self}` does not fit this field: line {LINE} of the schema named in `{F}` says `error` [TL0105]",
    "it takes what implements `std::error::Error`, a `Box` or an `Arc` of that, `anyhow::Error` and `eyre::Report`; a text of your own goes into a string field"
}
group! {
    /// An enum's words.
    word, FitsEnum, FitsEnumBelow:
    "`{Self}` does not fit this field: schema.toml:{LINE} lists its words [TL0105]",
    "`{Self}` does not fit this field: line {LINE} of the schema named in `{F}` lists its words [TL0105]",
    "it takes the enum that `tracel::include_schema!()` generates under the field's name: for a field `currency`, `logs::Currency::Eur`"
}
group! {
    /// `{ type = "list" }`
    list, FitsList, FitsListBelow:
    "`{Self}` does not fit this field: schema.toml:{LINE} says `{K}` [TL0105]",
    "`{Self}` does not fit this field: line {LINE} of the schema named in `{F}` says `{K}` [TL0105]",
    "it takes arrays, slices and vectors whose items fit: one value is `[value]`"
}

/// A type as it is. One that stands for several tokens lets an error mark them all, where a `_` has the place of one.
pub type It<T> = T;
