//! The control: the bytes of TraceL's record, ready made, copied into a ring in memory of the thread's own, which another
//! thread drains. It is what the machine takes for a record that costs nothing to make, at the moment of the run.

use bench_harness::{
    asked::Asked,
    sink::{Sink, report},
    timing::measure,
};
use rtrb::{Consumer, Producer, RingBuffer};
use std::{
    hint::black_box,
    io::Write,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// What `tracel` writes for the one record.
const LINE: &[u8] = include_bytes!("../record.ndjson");
/// A thread's, in bytes: the records before the clock runs fill it, so that all its pages are there.
const RING: usize = 1 << 20;
/// How long the one that drains sleeps when there was nothing, as TraceL's shipper does.
const PAUSE: Duration = Duration::from_micros(200);

#[inline(never)]
fn record(ring: &mut Producer<u8>) {
    let line = black_box(LINE);
    // Lossless: the caller waits for room.
    let mut chunk = loop {
        match ring.write_chunk(line.len()) {
            Ok(chunk) => break chunk,
            Err(_) => thread::yield_now(),
        }
    };
    let (first, second) = chunk.as_mut_slices();
    let (before, after) = line.split_at(first.len());
    first.copy_from_slice(before);
    second.copy_from_slice(after);
    chunk.commit_all();
}

/// Moves all that is there to the sink; returns whether there was something.
fn drain(ring: &mut Consumer<u8>, sink: &mut Sink) -> bool {
    let Ok(chunk) = ring.read_chunk(ring.slots()) else {
        return false;
    };
    let (first, second) = chunk.as_slices();
    let had = !first.is_empty();
    sink.write_all(first).expect("it is written");
    sink.write_all(second).expect("it is written");
    chunk.commit_all();
    had
}

fn main() {
    let asked = Asked::read();
    let mut sink = Sink::open(&asked);
    let (producers, mut consumers): (Vec<_>, Vec<_>) =
        (0..asked.threads).map(|_| RingBuffer::new(RING)).unzip();
    let producers = Mutex::new(producers);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            loop {
                // Asked before: what came until then is drained.
                let last = is_over.load(Ordering::Acquire);
                let had = consumers
                    .iter_mut()
                    .fold(false, |had, ring| drain(ring, &mut sink) | had);
                match (had, last) {
                    (false, true) => break,
                    (false, false) => thread::sleep(PAUSE),
                    (true, _) => {}
                }
            }
        });
        measure(&asked, |turn| {
            let mut ring = producers.lock().expect("nobody panics").pop().expect("one each");
            turn.run(|| record(&mut ring));
        });
        is_over.store(true, Ordering::Release);
    });
    report();
}
