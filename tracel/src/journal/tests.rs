//! Ordinary threads against the journal: every (lane, seq) arrives once and in order, whatever happens around it.

use super::*;
use std::{
    collections::HashMap,
    ops::ControlFlow,
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

/// Small chunks, so that links and recycling happen all the time.
fn small(chunks: usize, on_full: OnFull) -> Journal {
    let options = Options {
        size: chunks * 1024,
        chunk: 1024,
        on_full,
    };
    Journal::in_memory(options).unwrap()
}

const PATIENT: OnFull = OnFull::Block(Duration::from_secs(60));

/// A payload whose length and bytes follow from its number.
fn payload(n: u64) -> Vec<u8> {
    let len = 8 + (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 57) as usize;
    let mut bytes = n.to_ne_bytes().to_vec();
    bytes.resize(len, n as u8);
    bytes
}

/// What a reader saw, checked as it comes.
#[derive(Default)]
struct Seen {
    next: HashMap<u32, u64>,
    numbers: Vec<u64>,
    gaps: u64,
    missed: u64,
}

impl Seen {
    fn look(&mut self, reader: &mut Reader) -> usize {
        reader.poll(|frame| {
            self.take(frame);
            ControlFlow::Continue(())
        })
    }

    fn take(&mut self, frame: Frame<'_>) {
        match frame {
            Frame::Record {
                lane,
                seq,
                payload: bytes,
            } => {
                let next = self.next.entry(lane).or_default();
                assert_eq!(*next, seq, "lane {lane}");
                *next += 1;
                let n = u64::from_ne_bytes(bytes[..8].try_into().unwrap());
                assert_eq!(bytes, payload(n), "lane {lane}, seq {seq}");
                self.numbers.push(n);
            }
            Frame::Gap { lane, seq, count } => {
                let next = self.next.entry(lane).or_default();
                assert_eq!(*next, seq, "gap in lane {lane}");
                *next += count;
                self.gaps += count;
            }
            Frame::Damaged { .. } => panic!("a living journal has no damage: {frame:?}"),
            Frame::Missed {
                lane,
                seq,
                count,
                records,
            } => {
                let next = self.next.entry(lane).or_default();
                assert_eq!(*next, seq, "missed in lane {lane}");
                *next += count;
                self.missed += records;
            }
        }
    }

    fn all(mut self, n: u64) {
        self.numbers.sort_unstable();
        assert!(
            self.numbers.iter().copied().eq(0..n),
            "{} numbers of {n}",
            self.numbers.len()
        );
    }
}

/// Reads and acknowledges until told to stop, then what is left.
fn drain(mut reader: Reader, done: &AtomicBool) -> Seen {
    let mut seen = Seen::default();
    loop {
        let last = done.load(Relaxed);
        if seen.look(&mut reader) > 0 {
            reader.ack_all();
        } else if last {
            return seen;
        } else {
            thread::sleep(Duration::from_micros(100));
        }
    }
}

#[test]
fn what_threads_write_at_a_change_of_chunk_is_apart_from_what_others_read_for_each_record() {
    use std::mem::offset_of;
    let read = [
        offset_of!(Shared, id),
        offset_of!(Shared, generation),
        offset_of!(Shared, on_full),
        offset_of!(Shared, region),
    ];
    assert!(read.iter().all(|&at| at < 64), "one line of the cache: {read:?}");
    // What is apart begins at its own pair of lines, and nothing follows in it.
    assert_eq!(align_of::<Shared>(), 128);
    let apart = [offset_of!(Shared, ahead), offset_of!(Shared, pool)];
    assert!(
        apart.iter().all(|at| at.is_multiple_of(128) && *at > 0),
        "{apart:?}"
    );
}

#[test]
fn what_is_pushed_comes_out_in_order() {
    let journal = small(8, OnFull::DropNewest);
    let mut reader = journal.reader().unwrap();
    for n in 0..20 {
        assert_eq!(journal.push(&payload(n)), Pushed::Written);
    }
    let mut seen = Seen::default();
    assert_eq!(seen.look(&mut reader), 20);
    assert_eq!(seen.look(&mut reader), 0);
    assert_eq!(journal.push(&payload(20)), Pushed::Written);
    assert_eq!(seen.look(&mut reader), 1);
    seen.all(21);
    assert_eq!(journal.written(), 21);
}

#[test]
fn a_batch_may_end_anywhere() {
    let journal = small(8, OnFull::DropNewest);
    let mut reader = journal.reader().unwrap();
    (0..50).for_each(|n| _ = journal.push(&payload(n)));
    let mut seen = Seen::default();
    for _ in 0..50 {
        let shown = reader.poll(|frame| {
            seen.take(frame);
            ControlFlow::Break(())
        });
        assert_eq!(shown, 1);
    }
    seen.all(50);
}

#[test]
fn a_full_journal_drops_the_newest_and_says_which() {
    let journal = small(4, OnFull::DropNewest);
    let mut reader = journal.reader().unwrap();
    let mut written = 0;
    while journal.push(&payload(written)) == Pushed::Written {
        written += 1;
    }
    assert!(written > 10);
    for _ in 0..4 {
        assert_eq!(journal.push(&payload(written)), Pushed::Dropped);
    }
    let mut seen = Seen::default();
    seen.look(&mut reader);
    assert_eq!((seen.numbers.len() as u64, seen.gaps), (written, 0));
    // Nothing is free before it is acknowledged.
    assert_eq!(journal.push(&payload(written)), Pushed::Dropped);
    reader.ack_all();
    assert_eq!(journal.push(&payload(written)), Pushed::Written);
    seen.look(&mut reader);
    assert_eq!(seen.gaps, 6);
    seen.all(written + 1);
    let lane = journal
        .lanes()
        .into_iter()
        .find(|lane| lane.next_seq > 0)
        .unwrap();
    assert_eq!((lane.next_seq, lane.lost), (written + 7, 6));
}

#[test]
fn a_record_longer_than_a_chunk_is_refused_and_costs_no_other() {
    let journal = small(4, OnFull::Block(Duration::from_secs(600)));
    let mut reader = journal.reader().unwrap();
    let longest = 1024 - 64 - 24 - 16 - 16;
    assert_eq!(journal.push(&payload(0)), Pushed::Written);
    assert_eq!(journal.push(&vec![0; longest + 1]), Pushed::TooLong);
    assert_eq!(journal.push(&[0; 1 << 20]), Pushed::TooLong);
    assert_eq!(journal.push(&payload(1)), Pushed::Written);
    let mut seen = Seen::default();
    seen.look(&mut reader);
    assert_eq!(seen.gaps, 2);
    seen.all(2);
    reader.ack_all();
    // The longest one fits behind a gap, too.
    assert_eq!(journal.push(&[0; 1 << 20]), Pushed::TooLong);
    assert_eq!(journal.push(&vec![7; longest]), Pushed::Written);
    let mut lengths = Vec::new();
    reader.poll(|frame| {
        if let Frame::Record { payload, .. } = frame {
            lengths.push(payload.len());
        }
        ControlFlow::Continue(())
    });
    assert_eq!(lengths, [longest]);
}

#[test]
fn blocking_waits_no_longer_than_told() {
    let journal = small(4, OnFull::Block(Duration::from_millis(80)));
    let _reader = journal.reader().unwrap();
    loop {
        let start = Instant::now();
        if journal.push(&payload(0)) == Pushed::Dropped {
            assert!(start.elapsed() >= Duration::from_millis(80));
            break;
        }
    }
}

#[test]
fn blocking_waits_for_room() {
    let journal = small(4, PATIENT);
    let mut reader = journal.reader().unwrap();
    let mut n = 0;
    while journal.shared.ahead.free.load(Relaxed) > 0 {
        assert_eq!(journal.push(&payload(n)), Pushed::Written);
        n += 1;
    }
    let pushing = thread::spawn(move || (n..n + 100).all(|n| journal.push(&payload(n)) == Pushed::Written));
    thread::sleep(Duration::from_millis(20));
    let mut seen = Seen::default();
    while !pushing.is_finished() {
        seen.look(&mut reader);
        reader.ack_all();
    }
    assert!(pushing.join().unwrap());
    seen.look(&mut reader);
    assert_eq!(seen.gaps, 0);
    seen.all(n + 100);
}

#[test]
fn nobody_waits_for_a_reader_that_is_gone() {
    let journal = small(4, OnFull::Block(Duration::from_secs(600)));
    drop(journal.reader().unwrap());
    let start = Instant::now();
    while journal.push(&payload(0)) == Pushed::Written {}
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn many_threads_few_chunks_several_readers() {
    const THREADS: u64 = 8;
    const EACH: u64 = 5000;
    let journal = small(16, PATIENT);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| journal.reader().unwrap())
            .map(|reader| scope.spawn(|| drain(reader, &done)))
            .collect();
        thread::scope(|writers| {
            for thread in 0..THREADS {
                let journal = &journal;
                writers.spawn(move || {
                    for n in 0..EACH {
                        assert_eq!(journal.push(&payload(thread * EACH + n)), Pushed::Written);
                    }
                });
            }
        });
        done.store(true, Relaxed);
        for reader in readers {
            let seen = reader.join().unwrap();
            assert_eq!((seen.gaps, seen.missed), (0, 0));
            seen.all(THREADS * EACH);
        }
    });
}

#[test]
fn short_lived_threads_inherit_lanes() {
    let journal = Journal::in_memory(Options::default()).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = journal.reader().unwrap();
        let reader = scope.spawn(|| drain(reader, &done));
        for round in 0..50 {
            thread::scope(|writers| {
                for thread in 0..10 {
                    let journal = &journal;
                    writers.spawn(move || {
                        for n in 0..7 {
                            assert_eq!(
                                journal.push(&payload((round * 10 + thread) * 7 + n)),
                                Pushed::Written
                            );
                        }
                    });
                }
            });
        }
        done.store(true, Relaxed);
        reader.join().unwrap().all(3500);
    });
    // Ten at a time, and the common one; a scope's threads may outlive it by their destructors.
    assert!(journal.lanes().len() <= 21, "{} lanes", journal.lanes().len());
}

#[test]
fn more_live_threads_than_lanes_share_one() {
    const THREADS: u64 = 350;
    let journal = Journal::in_memory(Options {
        on_full: PATIENT,
        ..Options::default()
    })
    .unwrap();
    let done = AtomicBool::new(false);
    let barrier = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        let reader = journal.reader().unwrap();
        let reader = scope.spawn(|| drain(reader, &done));
        let writers: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (journal, barrier) = (&journal, &barrier);
                scope.spawn(move || {
                    assert_eq!(journal.push(&payload(thread * 20)), Pushed::Written);
                    barrier.wait();
                    for n in 1..20 {
                        assert_eq!(journal.push(&payload(thread * 20 + n)), Pushed::Written);
                    }
                    barrier.wait();
                })
            })
            .collect();
        // Joined by hand, which waits for their destructors, too.
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        done.store(true, Relaxed);
        reader.join().unwrap().all(THREADS * 20);
    });
    assert_eq!(journal.lanes().len(), 192);
    // The crowd is gone, and its lanes with their chunks do not starve those who stay.
    let mut reader = journal.reader().unwrap();
    reader.poll(|_| ControlFlow::Continue(()));
    reader.ack_all();
    let mut rounds = 0;
    while !journal.shared.is_short() {
        assert_eq!(journal.push(&[1; 30_000]), Pushed::Written);
        rounds += 1;
        assert!(rounds < 1000);
    }
    reader.poll(|_| ControlFlow::Continue(()));
    reader.ack_all();
    assert_eq!(reader.poll(|_| ControlFlow::Continue(())), 0);
    let free = journal.shared.ahead.free.load(Relaxed);
    assert!(free >= 128, "{free} chunks are free");
}

#[test]
fn lanes_that_lost_their_chunk_go_on_where_they_were() {
    let journal = small(8, PATIENT);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| journal.reader().unwrap())
            .map(|reader| scope.spawn(|| drain(reader, &done)))
            .collect();
        // Crowds of changing size, so that lanes rest, leave their chunk, and come back.
        let mut n = 0;
        for round in 0..300 {
            thread::scope(|writers| {
                for _ in 0..1 + round % 7 {
                    let (journal, from) = (&journal, n);
                    n += 10;
                    writers.spawn(move || {
                        for n in from..from + 10 {
                            assert_eq!(journal.push(&payload(n)), Pushed::Written);
                        }
                    });
                }
            });
        }
        done.store(true, Relaxed);
        for reader in readers {
            reader.join().unwrap().all(n);
        }
    });
}

#[test]
fn a_reader_that_never_acknowledges_takes_nothing_from_the_others() {
    let journal = small(16, OnFull::DropNewest);
    let mut stuck = journal.reader().unwrap();
    let mut good = journal.reader().unwrap();
    let (mut seen, mut late) = (Seen::default(), Seen::default());
    for n in 0..10_000 {
        assert_eq!(journal.push(&payload(n)), Pushed::Written, "{n}");
        if n == 5 {
            late.look(&mut stuck);
        }
        if n % 10 == 9 {
            seen.look(&mut good);
            good.ack_all();
        }
    }
    assert_eq!((seen.gaps, seen.missed), (0, 0));
    seen.all(10_000);
    // The other one learns exactly what it missed, and what is left is whole.
    late.look(&mut stuck);
    assert_eq!(late.numbers.len() as u64 + late.missed, 10_000);
    assert!(late.missed > 5000);
    stuck.ack_all();
    assert_eq!(stuck.tally().done(), 10_000);
    assert!(stuck.has_acked(&journal.committed()));
}

#[test]
fn all_readers_stuck_is_a_full_journal() {
    let journal = small(8, OnFull::DropNewest);
    let (_one, _other) = (journal.reader().unwrap(), journal.reader().unwrap());
    let written = (0..1000)
        .filter(|&n| journal.push(&payload(n)) == Pushed::Written)
        .count() as u64;
    assert!(written < 1000);
    assert_eq!(journal.written(), written);
}

#[test]
fn a_reader_that_leaves_holds_nothing_back() {
    let journal = small(8, OnFull::DropNewest);
    let stuck = journal.reader().unwrap();
    let mut good = journal.reader().unwrap();
    let mut n = 0;
    let mut seen = Seen::default();
    while journal.shared.ahead.free.load(Relaxed) > 1 {
        _ = journal.push(&payload(n));
        n += 1;
    }
    seen.look(&mut good);
    good.ack_all();
    drop(stuck);
    assert!(journal.shared.ahead.free.load(Relaxed) > 4);
    for _ in 0..500 {
        assert_eq!(journal.push(&payload(n)), Pushed::Written);
        n += 1;
        seen.look(&mut good);
        good.ack_all();
    }
    seen.all(n);
}

/// A writer must not meet the lines that a reader's processor has just taken, nor touch more memory than that needs.
#[test]
fn a_chunk_rests_before_it_is_used_again_and_few_are_used() {
    let journal = Journal::in_memory(Options::default()).unwrap();
    let mut reader = journal.reader().unwrap();
    // One fills more than half a chunk.
    let record = vec![b'x'; 40 << 10];
    let (mut last, mut soonest) = (HashMap::new(), usize::MAX);
    for turn in 0..500 {
        assert_eq!(journal.push(&record), Pushed::Written);
        reader.poll(|_| ControlFlow::Continue(()));
        reader.ack_all();
        // All but the one that it writes to is released: the lanes are the common one's and this thread's.
        let chunk = sync::lock(&journal.shared.pool).oldest[1];
        if let Some(before) = last.insert(chunk, turn) {
            soonest = soonest.min(turn - before);
        }
    }
    let rests = (2 << 20) / Options::default().chunk;
    assert!(soonest > rests, "a chunk was used again after {soonest}");
    assert!(last.len() < rests + 4, "{} chunks were used", last.len());
}

/// The page faults of this thread that needed no disk.
#[cfg(target_os = "linux")]
fn faults() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    // After the name, which may have anything in it: the third field is the first.
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    fields.split(' ').nth(7).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn memory_that_is_warm_makes_no_caller_wait_for_its_pages() {
    let folder = tempfile::tempdir().unwrap();
    let faults_of_four_mebibytes = |warm: bool| {
        // In a file: what the allocator gives may be memory that somebody has used.
        let path = folder.path().join(if warm { "warm" } else { "cold" });
        let journal = Journal::in_file(&path, &Identity::somebody(), Options::default()).unwrap();
        let mut seen = 0;
        for _ in 0..8 {
            if warm {
                journal.warm();
            }
            let before = faults();
            (0..512).for_each(|_| _ = journal.push(&[b'x'; 1000]));
            seen += faults() - before;
        }
        seen
    };
    let (cold, warm) = (faults_of_four_mebibytes(false), faults_of_four_mebibytes(true));
    // Of the 1,024 pages. A sanitizer's own memory has its faults both times.
    assert!(cold > warm + 900, "{cold} faults, and {warm} faults");
}

#[cfg(target_os = "linux")]
#[test]
fn memory_that_the_system_has_written_to_a_disk_is_made_ready_again() {
    // Where the system keeps temporary files may be no disk.
    let target = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    std::fs::create_dir_all(&target).unwrap();
    let folder = tempfile::tempdir_in(target).unwrap();
    let journal = Journal::in_file(
        &folder.path().join("journal"),
        &Identity::somebody(),
        Options::default(),
    )
    .unwrap();
    let mut reader = journal.reader().unwrap();
    let mut half_a_mebibyte = || {
        let before = faults();
        (0..512).for_each(|_| _ = journal.push(&[b'x'; 1000]));
        let seen = faults() - before;
        reader.poll(|_| ControlFlow::Continue(()));
        reader.ack_all();
        seen
    };
    // Until chunks are used again.
    (0..10).for_each(|_| _ = half_a_mebibyte());
    journal.sync().unwrap();
    let cold = half_a_mebibyte();
    assert!(
        cold > 100,
        "target/ is on no disk that pages are written to: {cold} faults"
    );
    half_a_mebibyte();
    journal.sync().unwrap();
    journal.warm();
    let warm = half_a_mebibyte();
    // Of the 128 pages; the chunk that is being filled is not looked at.
    assert!(cold > warm + 90, "{cold} faults, and {warm} faults");
}

#[test]
fn a_late_reader_begins_at_the_oldest_record_held() {
    let journal = small(8, OnFull::DropNewest);
    (0..10).for_each(|n| _ = journal.push(&payload(n)));
    let mut first = journal.reader().unwrap();
    let mut seen = Seen::default();
    seen.look(&mut first);
    seen.all(10);
    for n in 10..200 {
        assert_eq!(journal.push(&payload(n)), Pushed::Written);
        first.poll(|_| ControlFlow::Continue(()));
        first.ack_all();
    }
    let mut late = journal.reader().unwrap();
    let before = late.tally().done();
    assert!(before > 100);
    let held = late.poll(|_| ControlFlow::Continue(())) as u64;
    late.ack_all();
    assert_eq!(before + held, 200);
    assert!(late.has_acked(&journal.committed()));
    let more: Vec<_> = (0..7).map(|_| journal.reader()).collect();
    assert!(more[5].is_ok() && more[6].is_err());
}

#[test]
fn a_flush_target_is_reached_only_by_acknowledgement() {
    let journal = small(8, OnFull::DropNewest);
    let mut reader = journal.reader().unwrap();
    (0..5).for_each(|n| _ = journal.push(&payload(n)));
    let target = journal.committed();
    assert!(!reader.has_acked(&target));
    reader.poll(|_| ControlFlow::Continue(()));
    assert!(!reader.has_acked(&target));
    let mark = reader.mark();
    _ = journal.push(&payload(5));
    reader.ack(mark);
    assert!(reader.has_acked(&target));
    assert!(!reader.has_acked(&journal.committed()));
}

#[test]
fn a_thread_uses_several_journals_and_outlives_one() {
    let (one, two) = (small(8, OnFull::DropNewest), small(8, OnFull::DropNewest));
    let mut readers = [one.reader().unwrap(), two.reader().unwrap()];
    for n in 0..50 {
        _ = one.push(&payload(n));
        _ = two.push(&payload(n));
    }
    let mut seen = Seen::default();
    seen.look(&mut readers[0]);
    seen.all(50);
    drop(one);
    let [first, mut second] = readers;
    drop(first);
    _ = two.push(&payload(50));
    let three = small(8, OnFull::DropNewest);
    _ = three.push(&payload(0));
    let mut seen = Seen::default();
    seen.look(&mut second);
    seen.all(51);
    for _ in 0..200 {
        let journal = small(4, OnFull::DropNewest);
        _ = journal.push(&payload(1));
    }
}

#[test]
fn a_log_from_a_destructor_at_the_threads_end_arrives() {
    static SENT: AtomicU64 = AtomicU64::new(0);
    struct Late(Journal);
    impl Drop for Late {
        fn drop(&mut self) {
            assert_eq!(self.0.push(&payload(SENT.fetch_add(1, Relaxed))), Pushed::Written);
        }
    }
    thread_local!(static LATE: Cell<Option<Late>> = const { Cell::new(None) });
    let journal = small(8, OnFull::DropNewest);
    let mut reader = journal.reader().unwrap();
    for late_first in [true, false] {
        let journal = journal.clone();
        thread::spawn(move || {
            if late_first {
                LATE.set(Some(Late(journal.clone())));
            }
            _ = journal.push(&payload(SENT.fetch_add(1, Relaxed)));
            if !late_first {
                LATE.set(Some(Late(journal)));
            }
        })
        .join()
        .unwrap();
    }
    let mut seen = Seen::default();
    seen.look(&mut reader);
    seen.all(4);
}

#[test]
fn sizes_and_policies_that_make_no_sense_are_refused() {
    for (size, chunk) in [
        (0, 1024),
        (16 << 20, 0),
        (16 << 20, 1000),
        (16 << 20, 16 << 20),
        (2048, 1024),
        (usize::MAX, 1024),
    ] {
        let options = Options {
            size,
            chunk,
            on_full: OnFull::DropNewest,
        };
        assert!(Journal::in_memory(options).is_err(), "{size} {chunk}");
    }
    assert_eq!("drop_newest".parse::<OnFull>().unwrap(), OnFull::DropNewest);
    assert_eq!(
        "block:5s".parse::<OnFull>().unwrap(),
        OnFull::Block(Duration::from_secs(5))
    );
    for bad in [
        "",
        "block",
        "block:",
        "block:5",
        "drop",
        "drop_newest:1s",
        "wait:5s",
    ] {
        let error = bad.parse::<OnFull>().unwrap_err().to_string();
        assert!(error.contains("block:5s"), "{error}");
    }
}
