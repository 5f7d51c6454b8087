//! What a request learns on its way: the fields that `record!` adds.

use crate::{
    context,
    event::{Key, SchemaRef},
    record::{
        members::{Labels, Members},
        sensitive,
    },
    value::Val,
};

/// Adds fields to the current request, as their classes let them out. Written by `record!`.
pub fn record(schema: &'static SchemaRef, keys: &'static [Key], values: &[Val<'_>]) {
    let Some(current) = context::current() else {
        return;
    };
    sensitive::with_classes(schema.sensitive, keys, values, |values| {
        // Encoded before the span's lock is taken: a value's own code may log.
        let mut learnt = Members::default();
        learnt.add_all(&Labels::of(keys), values);
        current.first().add(learnt);
    });
}
