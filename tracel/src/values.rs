//! Values as `tracing` fields, so that other layers see our events and spans like anyone's.

use crate::{record::json::Shown, value::Val};
use tracing_core::field::{DebugValue, FieldSet, Value, ValueSet, debug};

/// Callsites of up to so many fields need no memory of their own.
const FEW: usize = 8;
/// The same, for most others.
const MANY: usize = 40;

/// Calls `with` with the value set of `first` and of `values`, whose classes are applied.
pub(crate) fn with_value_set(
    fields: &FieldSet,
    first: &[Option<&dyn Value>],
    values: &[Val<'_>],
    with: impl FnOnce(&ValueSet<'_>),
) {
    let count = fields.len();
    if count <= FEW {
        sized::<FEW>(fields, first, values, with);
    } else if count <= MANY {
        sized::<MANY>(fields, first, values, with);
    } else {
        unsized_set(fields, first, values, with);
    }
}

fn sized<const N: usize>(
    fields: &FieldSet,
    first: &[Option<&dyn Value>],
    values: &[Val<'_>],
    with: impl FnOnce(&ValueSet<'_>),
) {
    let shown: [DebugValue<Shown<'_>>; N] =
        std::array::from_fn(|at| debug(Shown(values.get(at).copied().unwrap_or(Val::Null))));
    let mut set: [Option<&dyn Value>; N] = [None; N];
    fill(&mut set, first, values, &shown);
    with(&fields.value_set_all(&set[..fields.len()]));
}

fn unsized_set(
    fields: &FieldSet,
    first: &[Option<&dyn Value>],
    values: &[Val<'_>],
    with: impl FnOnce(&ValueSet<'_>),
) {
    let shown: Vec<DebugValue<Shown<'_>>> = values.iter().map(|value| debug(Shown(*value))).collect();
    let mut set: Vec<Option<&dyn Value>> = vec![None; fields.len()];
    fill(&mut set, first, values, &shown);
    with(&fields.value_set_all(&set));
}

fn fill<'v>(
    set: &mut [Option<&'v dyn Value>],
    first: &[Option<&'v dyn Value>],
    values: &'v [Val<'v>],
    shown: &'v [DebugValue<Shown<'v>>],
) {
    let (head, tail) = set.split_at_mut(first.len().min(set.len()));
    head.copy_from_slice(&first[..head.len()]);
    for ((slot, value), shown) in tail.iter_mut().zip(values).zip(shown) {
        *slot = match value {
            Val::Null => None,
            Val::Bool(value) => Some(value),
            Val::I64(value) => Some(value),
            Val::U64(value) => Some(value),
            Val::F64(value) => Some(value),
            Val::Str(value) => Some(value),
            _ => Some(shown),
        };
    }
}
