//! The schema of a service without any schema.toml. Generated from the repository's own; a test of
//! `tracel-schema` holds it equal to that.

/// What the runtime must know of the schema `tracel@1`.
#[allow(dead_code, unreachable_pub)]
pub const DEFAULT_SCHEMA: ::tracel::Schema = ::tracel::Schema::new("tracel", 1)
    .sensitive(::tracel::__private::Sensitive::Mask)
    .foreign(::tracel::__private::LevelFilter::WARN, true)
    .max_record(32_768)
    .classes(&[])
    .trust(::tracel::__private::Trust::All)
    .carried(&[]);
