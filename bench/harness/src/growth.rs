//! How a record's cost grows with what is in it and around it: `bench-growth CASE SIZE` takes the time, `bench-growth CASE
//! SIZE CALLS` counts allocations and is what callgrind runs.

use crate::{asked::Asked, count::count, timing::measure};
use std::env;

/// A library's words for it.
pub trait Library: Sync {
    /// Logs a record with so many fields.
    fn fields(&self, count: usize);
    /// Logs a record with a message of so many bytes alone.
    fn message(&self, bytes: usize);
    /// Logs a record with one field of this text.
    fn value(&self, text: &str);
    /// Calls `run` within so many spans, each within the one before, with one field each.
    fn within(&self, spans: usize, run: &mut dyn FnMut());
}

/// Fields of a record whose number is not what grows.
const FIELDS: usize = 4;

/// Does what the program's arguments ask for.
///
/// # Panics
/// Where they are not understood.
pub fn run(library: &impl Library) {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let number =
        |at: usize| -> Option<usize> { arguments.get(at).map(|text| text.parse().expect("a number")) };
    let case = arguments.first().map_or("", String::as_str);
    let size = number(1).expect("usage: bench-growth fields|spans|nest|message|value|threads SIZE [CALLS]");
    let text = "m".repeat(size);
    let spans = if case == "spans" { size } else { 1 };
    let record = || match case {
        "fields" => library.fields(size),
        "spans" | "threads" => library.fields(FIELDS),
        "nest" => library.within(size, &mut || ()),
        "message" => library.message(size),
        "value" => library.value(&text),
        _ => panic!("there is no case `{case}`"),
    };
    match number(2) {
        Some(calls) => library.within(spans, &mut || count(calls as u64, record)),
        None => {
            let asked = Asked::bursts(if case == "threads" { size } else { 1 });
            measure(&asked, |turn| {
                let mut turn = Some(turn);
                library.within(spans, &mut || {
                    if let Some(turn) = turn.take() {
                        turn.run(record);
                    }
                });
            });
        }
    }
}
