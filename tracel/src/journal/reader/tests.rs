//! Readers that are behind others: when they are overtaken, what they are told of it, and who gets the last chunks.

use super::*;
use crate::{
    journal::{Journal, OnFull, Options, Pushed},
    stats,
};
use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

fn journal(chunks: usize) -> Journal {
    let options = Options {
        size: chunks * 1024,
        chunk: 1024,
        on_full: OnFull::DropNewest,
    };
    Journal::in_memory(options).unwrap()
}

const RECORD: [u8; 100] = [b'r'; 100];

/// Pushes until the journal takes no more: how many it took.
fn fill(journal: &Journal) -> u64 {
    (0..)
        .take_while(|_| journal.push(&RECORD) == Pushed::Written)
        .count() as u64
}

fn read(reader: &mut Reader) {
    reader.poll(|_| ControlFlow::Continue(()));
    reader.ack_all();
}

/// Fills the journal for good: `good` has read everything, and can do nothing more about it.
fn fill_for(journal: &Journal, good: &mut Reader) {
    while fill(journal) > 0 {
        read(good);
    }
    read(good);
    assert_eq!(journal.push(&RECORD), Pushed::Dropped);
}

#[test]
fn a_full_journal_goes_on_once_a_reader_is_held_no_longer() {
    let journal = journal(16);
    let (stuck, mut good) = (journal.reader().unwrap(), journal.reader().unwrap());
    stuck.hold(true);
    fill_for(&journal, &mut good);
    stuck.hold(false);
    assert_eq!(journal.push(&RECORD), Pushed::Written, "nobody holds it");
    assert!(stuck.tally().missed() > 0);
}

#[test]
fn a_full_journal_goes_on_once_a_reader_that_was_held_is_gone() {
    let journal = journal(16);
    let (held, stuck) = (journal.reader().unwrap(), journal.reader().unwrap());
    let mut good = journal.reader().unwrap();
    held.hold(true);
    fill_for(&journal, &mut good);
    drop(held);
    assert_eq!(journal.push(&RECORD), Pushed::Written, "nobody holds it");
    assert!(stuck.tally().missed() > 0);
}

#[test]
fn a_reader_that_was_reading_is_overtaken_when_it_does_no_more() {
    let journal = journal(16);
    let (mut stuck, mut good) = (journal.reader().unwrap(), journal.reader().unwrap());
    assert_eq!(journal.push(&RECORD), Pushed::Written);
    stuck.poll(|_| {
        fill_for(&journal, &mut good);
        ControlFlow::Break(())
    });
    assert_eq!(journal.push(&RECORD), Pushed::Written, "nobody reads now");
    assert!(stuck.tally().missed() > 0);
}

#[test]
fn a_reader_learns_once_what_it_was_overtaken_at() {
    let journal = journal(16);
    let (mut stuck, mut good) = (journal.reader().unwrap(), journal.reader().unwrap());
    let before = stats::stats().overrun;
    for _ in 0..1000 {
        assert_eq!(journal.push(&RECORD), Pushed::Written);
        read(&mut good);
    }
    let tally = stuck.tally();
    let missed = tally.missed();
    assert!(missed > 800 && tally.overrun() == missed, "{missed}");
    assert_eq!(tally.gone(), missed);
    assert!(
        stats::stats().overrun - before >= missed,
        "the process counts it at once"
    );
    let (mut records, mut told) = (0, 0);
    stuck.poll(|frame| {
        match frame {
            Frame::Record { .. } => records += 1,
            Frame::Missed { records, .. } => told += records,
            other => panic!("{other:?}"),
        }
        ControlFlow::Continue(())
    });
    assert_eq!((told, records), (missed, 1000 - missed));
    assert_eq!(
        (tally.missed(), tally.done()),
        (missed, 0),
        "it has not acknowledged it"
    );
    stuck.ack_all();
    assert_eq!((tally.missed(), tally.overrun(), tally.done()), (0, missed, 1000));
    assert_eq!(tally.gone(), 0);
    // What it acknowledges next counts for itself.
    for done in 1001..1010 {
        assert_eq!(journal.push(&RECORD), Pushed::Written);
        read(&mut stuck);
        assert_eq!((tally.missed(), tally.done()), (0, done));
    }
}

/// A journal of 16 chunks in a file.
#[cfg(target_os = "linux")]
fn in_file(path: &std::path::Path) -> Journal {
    let options = Options {
        size: 16 * 1024,
        chunk: 1024,
        on_full: OnFull::DropNewest,
    };
    Journal::in_file(path, &crate::journal::Identity::somebody(), options).unwrap()
}

/// What the next process finds for the first reader.
#[cfg(target_os = "linux")]
fn found(path: &std::path::Path) -> u64 {
    use crate::journal::relic::Relic;
    // Another test's look at `stats()` may hold the journal for a moment.
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(relic) = Relic::open(path).unwrap() {
            return relic.open_records(Some(0)).unwrap();
        }
        assert!(Instant::now() < end, "its process is dead");
    }
}

/// Its sink's thread has ended: what it has not acknowledged is for the next process, as long as there is room.
#[cfg(target_os = "linux")]
#[test]
fn what_a_reader_leaves_in_a_file_is_kept_and_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = in_file(&path);
    let (gone, mut good) = (journal.reader().unwrap(), journal.reader().unwrap());
    gone.hold(true);
    let tally = gone.tally();
    drop(gone);
    for _ in 0..70 {
        assert_eq!(journal.push(&RECORD), Pushed::Written);
        read(&mut good);
    }
    assert!(
        journal.shared.ahead.free.load(Relaxed) <= 16 - 10,
        "seven of them fill a chunk"
    );
    for _ in 70..500 {
        assert_eq!(journal.push(&RECORD), Pushed::Written, "it is not held any more");
        read(&mut good);
    }
    let missed = tally.overrun();
    assert!(missed > 300);
    drop((journal, good));
    assert_eq!(found(&path), 500 - missed);
}

#[test]
fn no_lane_keeps_others_waiting() {
    let journal = journal(16);
    let mut reader = journal.reader().unwrap();
    let fill = |journal: &Journal| (0..5).for_each(|_| assert_eq!(journal.push(&RECORD), Pushed::Written));
    fill(&journal);
    thread::scope(|scope| _ = scope.spawn(|| fill(&journal)));
    let mut lanes = Vec::new();
    for _ in 0..10 {
        reader.poll(|frame| {
            if let Frame::Record { lane, .. } = frame {
                lanes.push(lane);
            }
            ControlFlow::Break(())
        });
    }
    assert_eq!(lanes, [1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
}

/// In a file the next process reads on where the cursor stands.
#[cfg(target_os = "linux")]
#[test]
fn a_late_acknowledgement_moves_no_cursor_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = in_file(&path);
    let (mut stuck, mut good) = (journal.reader().unwrap(), journal.reader().unwrap());
    (0..3).for_each(|_| assert_eq!(journal.push(&RECORD), Pushed::Written));
    stuck.poll(|_| ControlFlow::Continue(()));
    let mark = stuck.mark();
    for _ in 3..500 {
        assert_eq!(journal.push(&RECORD), Pushed::Written);
        read(&mut good);
    }
    stuck.ack(mark);
    let missed = stuck.tally().overrun();
    assert!(missed > 300);
    drop((journal, stuck, good));
    assert_eq!(found(&path), 500 - 3 - missed);
}

/// Numbers that no record has, too, are told to a reader that does not come to the gap, and only to that.
#[test]
fn a_reader_that_is_overtaken_at_a_gap_learns_of_it_once() {
    let last = [
        Frame::Record {
            seq: 6,
            lane: 1,
            payload: &RECORD,
        },
        Frame::Gap {
            seq: 7,
            count: 1,
            lane: 1,
        },
    ];
    for last in last {
        let journal = journal(16);
        let (mut stuck, mut good) = (journal.reader().unwrap(), journal.reader().unwrap());
        let long = vec![b'x'; 2000];
        for _ in 0..5 {
            assert_eq!(journal.push(&RECORD), Pushed::Written);
            assert_eq!(journal.push(&long), Pushed::TooLong, "a gap before the next");
        }
        let mut next = 0;
        let mut look = |frame: Frame<'_>| {
            let (seq, count) = match frame {
                Frame::Record { seq, .. } => (seq, 1),
                Frame::Gap { seq, count, .. } | Frame::Missed { seq, count, .. } => (seq, count),
                other @ Frame::Damaged { .. } => panic!("{other:?}"),
            };
            assert_eq!(next, seq, "{frame:?}");
            next = seq + count;
            match frame == last {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        stuck.poll(&mut look);
        for _ in 0..200 {
            assert_eq!(journal.push(&RECORD), Pushed::Written);
            read(&mut good);
        }
        stuck.poll(&mut look);
        assert_eq!(next, 210);
    }
}

/// The last chunks are for lanes that are full, not for those that begin.
#[test]
fn threads_that_begin_leave_the_last_chunks_to_those_that_go_on() {
    let journal = journal(16);
    let _reader = journal.reader().unwrap();
    let lanes = || journal.lanes().len();
    let fill_to = |free: u32| {
        while journal.shared.ahead.free.load(Relaxed) > free {
            assert_eq!(journal.push(&RECORD), Pushed::Written);
        }
    };
    fill_to(4);
    assert_eq!(lanes(), 2, "the common one and this thread's");
    // All that begin stay, so that none can take another's lane.
    let stays = Barrier::new(3);
    let found = thread::scope(|scope| {
        let found = [4, 2].map(|free| {
            fill_to(free);
            let (pushed, first) = std::sync::mpsc::channel();
            let (stays, journal) = (&stays, &journal);
            scope.spawn(move || {
                pushed.send(journal.push(&[b'r'; 8])).unwrap();
                stays.wait();
            });
            (first.recv().unwrap(), lanes())
        });
        stays.wait();
        found
    });
    assert_eq!(
        found,
        [(Pushed::Written, 3), (Pushed::Written, 3)],
        "an eighth is left"
    );
    fill_to(0);
}

/// What its sink has under way stays in the file until it is acknowledged, also when chunks run short.
#[cfg(target_os = "linux")]
#[test]
fn a_resting_lane_is_not_left_before_it_is_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = in_file(&path);
    let mut reader = journal.reader().unwrap();
    let push = |n: usize| (0..n).for_each(|_| assert_eq!(journal.push(&RECORD), Pushed::Written));
    push(1);
    // Its lane rests when it is joined, and nobody takes it: this thread has one.
    thread::scope(|scope| scope.spawn(|| push(3)).join().unwrap());
    push(69);
    let all = |reader: &mut Reader| reader.poll(|_| ControlFlow::Continue(()));
    assert_eq!((all(&mut reader), all(&mut reader)), (73, 0));
    assert!(journal.shared.is_short());
    // What is freed here is filled with other records.
    push(10);
    drop((journal, reader));
    assert_eq!(found(&path), 83);
}
