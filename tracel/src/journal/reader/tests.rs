//! Readers that are behind others: when they are overtaken, what they are told of it, and who gets the last chunks.

use super::*;
use crate::journal::{Journal, OnFull, Options, Pushed};
use std::{sync::Barrier, thread};

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
    for _ in 0..1000 {
        assert_eq!(journal.push(&RECORD), Pushed::Written);
        read(&mut good);
    }
    let tally = stuck.tally();
    let missed = tally.missed();
    assert!(missed > 800 && tally.overrun() == missed, "{missed}");
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
}

/// Numbers that no record has, too, are told to a reader that does not come to the gap.
#[test]
fn a_reader_that_is_overtaken_at_a_gap_alone_learns_of_it() {
    let journal = journal(16);
    let (mut stuck, mut good) = (journal.reader().unwrap(), journal.reader().unwrap());
    let long = vec![b'x'; 2000];
    let mut next = 0;
    for round in 0..40 {
        assert_eq!(journal.push(&RECORD), Pushed::Written);
        assert_eq!(journal.push(&long), Pushed::TooLong, "a gap before the next");
        if round < 4 {
            // It comes to each record, and not behind it.
            stuck.poll(|frame| {
                if let Frame::Record { seq: 6, .. } = frame {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            });
        }
        read(&mut good);
    }
    for _ in 0..200 {
        assert_eq!(journal.push(&RECORD), Pushed::Written);
        read(&mut good);
    }
    stuck.poll(|frame| {
        let (seq, count) = match frame {
            Frame::Record { seq, .. } => (seq, 1),
            Frame::Gap { seq, count, .. } | Frame::Missed { seq, count, .. } => (seq, count),
            other @ Frame::Damaged { .. } => panic!("{other:?}"),
        };
        assert!(next == 0 || next == seq, "{frame:?} after {next}");
        next = seq + count;
        ControlFlow::Continue(())
    });
    assert!(next > 80);
}

/// The last chunks are for lanes that are full, not for those that begin.
#[test]
fn threads_that_begin_leave_the_last_chunks_to_those_that_go_on() {
    let journal = journal(16);
    let _reader = journal.reader().unwrap();
    let lanes = || journal.lanes().len();
    let fill_to = |free: u32| {
        while journal.shared.free.load(Relaxed) > free {
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
