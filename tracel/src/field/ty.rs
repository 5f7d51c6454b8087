//! The kinds of fields, named like the types of `schema.toml`. Macros name them; nothing else makes use of their
//! values.
#![allow(non_camel_case_types, reason = "each is the word of schema.toml")]

macro_rules! kinds {
    ($($name:ident: $doc:literal;)*) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
    )*};
}

kinds! {
    bool: "True or false.";
    string: "Text; paths and whatever is logged as its text, too.";
    i8: "A signed integer of 8 bits.";
    i16: "A signed integer of 16 bits.";
    i32: "A signed integer of 32 bits.";
    i64: "A signed integer of 64 bits.";
    u8: "An unsigned integer of 8 bits.";
    u16: "An unsigned integer of 16 bits.";
    u32: "An unsigned integer of 32 bits.";
    u64: "An unsigned integer of 64 bits.";
    f64: "A number.";
    uuid: "A UUID or an event's id.";
    ip: "An IP address.";
    timestamp: "A point in time.";
    duration: "A span of time.";
    bytes: "Bytes, written in base64.";
    json: "A JSON value.";
    error: "An error, written with its chain.";
    any: "What the schema does not declare, where its policy is open.";
}

/// A list of `K`.
#[derive(Clone, Copy, Debug)]
pub struct list<K>(pub K);

/// The enum of one field: `HASH` is made from the field's name and its words, so that no other enum fits.
#[derive(Clone, Copy, Debug)]
pub struct Enum<const HASH: core::primitive::u64>;
