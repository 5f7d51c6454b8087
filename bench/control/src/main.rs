//! The floor: the bytes of TraceL's record, ready made, copied into a ring in memory. It is what the machine takes for a
//! record that costs nothing to make, at the moment of the run.

use bench_control::{run, write};
use std::hint::black_box;

/// What `tracel` writes for the one record.
const LINE: &[u8] = include_bytes!("../record.ndjson");

fn main() {
    run(|turn, mut ring| turn.run(|| write(&mut ring, black_box(LINE))));
}
