//! What the checks are made of for a schema that the service's own extends: they name it, beside the line. A type error can
//! show types alone, and none whose name were the schema's without a path before it: so `F` is a type with a lifetime of
//! that name, `for<'acme_schema> fn(&'acme_schema ())`.

use super::fits::Present;

/// What was inferred of a value that is always there.
#[diagnostic::on_unimplemented(
    message = "a required field may not be absent: line {RULE} of the schema named in `{G}` requires it, and this is an `Option` [TL0102]",
    label = "this may be `None`",
    note = "unwrap it before it is logged: `let Some(value) = value else {{ .. }}`"
)]
pub trait PresentBelow<G, const RULE: u32> {}

#[diagnostic::do_not_recommend]
impl<X: Present<RULE>, G, const RULE: u32> PresentBelow<G, RULE> for X {}
