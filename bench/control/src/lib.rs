//! A ring in memory, of each thread's own, which another thread drains to the sink. No record is lost: its caller waits for
//! room.

use bench_harness::{
    asked::Asked,
    sink::{Sink, report_of},
    timing::{Turn, measure},
};
use rtrb::{Consumer, Producer, RingBuffer};
use std::{
    io::Write,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// A thread's, in bytes: the records before the clock runs fill it, so that all its pages are there.
const RING: usize = 1 << 20;
/// How long the one that drains sleeps when there was nothing, as TraceL's shipper does.
const PAUSE: Duration = Duration::from_micros(200);

/// Copies a record into the ring, behind its length.
#[inline]
pub fn write(ring: &mut Producer<u8>, record: &[u8]) {
    let mut chunk = loop {
        match ring.write_chunk(LENGTH + record.len()) {
            Ok(chunk) => break chunk,
            Err(_) => thread::yield_now(),
        }
    };
    let (first, second) = chunk.as_mut_slices();
    let length = (record.len() as u32).to_le_bytes();
    match first.split_first_chunk_mut::<LENGTH>() {
        Some((to, first)) => {
            *to = length;
            let (before, after) = record.split_at(first.len());
            first.copy_from_slice(before);
            second.copy_from_slice(after);
        }
        None => {
            let (before, after) = length.split_at(first.len());
            let (to, second) = second.split_at_mut(after.len());
            first.copy_from_slice(before);
            to.copy_from_slice(after);
            second.copy_from_slice(record);
        }
    }
    chunk.commit_all();
}

/// The bytes of a record's length.
const LENGTH: usize = 4;

/// Moves all that is there to the sink; returns how many records.
fn drain(ring: &mut Consumer<u8>, all: &mut Vec<u8>, sink: &mut Sink) -> u64 {
    let Ok(chunk) = ring.read_chunk(ring.slots()) else {
        return 0;
    };
    all.clear();
    let (first, second) = chunk.as_slices();
    all.extend_from_slice(first);
    all.extend_from_slice(second);
    chunk.commit_all();
    let (mut rest, mut records) = (&all[..], 0);
    while let Some((length, behind)) = rest.split_first_chunk() {
        rest = &behind[u32::from_le_bytes(*length) as usize..];
        records += 1;
    }
    sink.write_all(all).expect("it is written");
    records
}

/// Measures what is asked for: each thread takes its turn with a ring of its own.
pub fn run(task: impl Fn(Turn<'_>, Producer<u8>) + Sync) {
    let asked = Asked::read();
    let mut sink = Sink::open(&asked);
    let (producers, mut consumers): (Vec<_>, Vec<_>) =
        (0..asked.threads).map(|_| RingBuffer::new(RING)).unzip();
    let producers = Mutex::new(producers);
    let (is_over, arrived) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut all = Vec::new();
            loop {
                // Asked before: what came until then is drained.
                let last = is_over.load(Ordering::Acquire);
                let drained: u64 = consumers
                    .iter_mut()
                    .map(|ring| drain(ring, &mut all, &mut sink))
                    .sum();
                arrived.fetch_add(drained, Ordering::Relaxed);
                match (drained > 0, last) {
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
    report_of(arrived.into_inner(), 0);
}
