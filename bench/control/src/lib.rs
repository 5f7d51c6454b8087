//! A ring in memory, of each thread's own, which another thread drains to the sink. No record is lost: its caller waits for
//! room.

use bench_harness::{
    asked::Asked,
    sink::{Sink, report},
    timing::{Turn, measure},
};
use rtrb::{Consumer, Producer, RingBuffer};
use std::{
    io::Write,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// A thread's, in bytes: the records before the clock runs fill it, so that all its pages are there.
const RING: usize = 1 << 20;
/// How long the one that drains sleeps when there was nothing, as TraceL's shipper does.
const PAUSE: Duration = Duration::from_micros(200);

/// Copies a record into the ring.
#[inline]
pub fn write(ring: &mut Producer<u8>, line: &[u8]) {
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

/// Measures what is asked for: each thread takes its turn with a ring of its own.
pub fn run(task: impl Fn(Turn<'_>, Producer<u8>) + Sync) {
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
            let ring = producers.lock().expect("nobody panics").pop().expect("one each");
            task(turn, ring);
        });
        is_over.store(true, Ordering::Release);
    });
    report();
}
