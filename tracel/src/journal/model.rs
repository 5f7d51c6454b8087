//! The protocol under loom, in all interleavings of a few steps at small sizes: commit, link, acknowledge, recycle,
//! inherit, overtake. Run: `RUSTFLAGS="--cfg loom" cargo test -p tracel --release --lib journal::model`.

use super::*;
use loom::{model::Builder, thread};
use std::ops::ControlFlow;

/// Chunks of two records each, with a payload of 8 bytes.
fn journal(chunks: u32) -> Journal {
    let layout = Layout::new(128, chunks);
    let region = Region::anonymous(layout.len()).unwrap();
    Journal::over(region, layout, OnFull::DropNewest)
}

fn check(f: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.max_branches = 20_000;
    builder.check(f);
}

/// Pushes what is 1000 times the lane and its seq; returns how many were taken.
fn push(journal: &Journal, writer: &mut Writer, records: u64) -> u64 {
    let taken = (0..records).filter(|_| {
        let value = u64::from(writer.lane) * 1000 + writer.seq;
        writer.push(&journal.shared, &value.to_ne_bytes(), true).is_ok()
    });
    taken.count() as u64
}

/// What a reader saw: the next seq of each lane, records, and losses.
#[derive(Default)]
struct Seen {
    next: [u64; 4],
    records: u64,
    lost: u64,
}

impl Seen {
    fn look(&mut self, reader: &mut Reader) {
        reader.poll(|frame| {
            let (lane, seq, count) = match frame {
                Frame::Record { lane, seq, payload } => {
                    let value = u64::from_ne_bytes(payload.try_into().unwrap());
                    assert_eq!(
                        value,
                        u64::from(lane) * 1000 + seq,
                        "a record is whole when it is seen"
                    );
                    self.records += 1;
                    (lane, seq, 1)
                }
                Frame::Gap { lane, seq, count }
                | Frame::Damaged { lane, seq, count }
                | Frame::Missed { lane, seq, count, .. } => {
                    self.lost += count;
                    (lane, seq, count)
                }
            };
            let next = &mut self.next[lane as usize];
            assert_eq!(*next, seq, "in order, and each once");
            *next += count;
            ControlFlow::Continue(())
        });
    }
}

#[test]
fn a_record_is_seen_whole_and_links_are_followed() {
    check(|| {
        let journal = journal(4);
        let mut reader = journal.reader().unwrap();
        let mut writer = journal.shared.open_lane().unwrap();
        let writing = {
            let journal = journal.clone();
            thread::spawn(move || assert_eq!(push(&journal, &mut writer, 3), 3))
        };
        let mut seen = Seen::default();
        seen.look(&mut reader);
        writing.join().unwrap();
        seen.look(&mut reader);
        assert_eq!(seen.records, 3);
    });
}

/// Also one that another thread has put there, and has told of.
#[test]
fn what_a_record_names_is_there_when_the_record_is_seen() {
    check(|| {
        let journal = journal(4);
        let mut reader = journal.reader().unwrap();
        let mut writer = journal.shared.open_lane().unwrap();
        let told = std::sync::Arc::new(sync::AtomicU32::new(0));
        let defining = {
            let (journal, told) = (journal.clone(), told.clone());
            thread::spawn(move || {
                let number = journal.define(&7_u64.to_ne_bytes()).unwrap();
                assert_eq!(journal.define(&7_u64.to_ne_bytes()), Some(number));
                assert_eq!(journal.define(b"no room"), None);
                told.store(number, sync::Ordering::Release);
            })
        };
        let writing = {
            let (journal, told) = (journal.clone(), told.clone());
            thread::spawn(move || {
                let number = u64::from(told.load(sync::Ordering::Acquire));
                if number > 0 {
                    assert!(writer.push(&journal.shared, &number.to_ne_bytes(), true).is_ok());
                }
            })
        };
        let mut look = || {
            reader.poll(|frame| {
                let Frame::Record { payload, .. } = frame else {
                    panic!("nothing is lost")
                };
                let number = u64::from_ne_bytes(payload.try_into().unwrap()) as u32;
                let found = journal.definition(number, <[u8]>::to_vec);
                assert_eq!(found.as_deref(), Some(&7_u64.to_ne_bytes()[..]));
                ControlFlow::Continue(())
            });
        };
        look();
        defining.join().unwrap();
        writing.join().unwrap();
        look();
    });
}

/// By whoever has guessed its number.
#[test]
fn a_definition_is_seen_whole_or_not_at_all() {
    check(|| {
        let journal = journal(4);
        let guessing = {
            let journal = journal.clone();
            thread::spawn(move || journal.definition(1, <[u8]>::to_vec))
        };
        assert_eq!(journal.define(&7_u64.to_ne_bytes()), Some(1));
        let seen = guessing.join().unwrap();
        assert!(seen.is_none_or(|seen| seen == 7_u64.to_ne_bytes()));
    });
}

#[test]
fn a_chunk_is_used_again_only_when_it_was_acknowledged() {
    check(|| {
        let journal = journal(4);
        let mut reader = journal.reader().unwrap();
        let mut writer = journal.shared.open_lane().unwrap();
        // Three chunks are the lane's to fill: six records, then it depends on the reader.
        assert_eq!(push(&journal, &mut writer, 6), 6);
        let writing = {
            let journal = journal.clone();
            thread::spawn(move || push(&journal, &mut writer, 2))
        };
        let mut seen = Seen::default();
        seen.look(&mut reader);
        reader.ack_all();
        seen.look(&mut reader);
        let taken = writing.join().unwrap();
        seen.look(&mut reader);
        assert_eq!(seen.records, 6 + taken);
    });
}

#[test]
fn a_resting_lane_is_inherited_while_its_reader_leaves_it() {
    check(|| {
        let journal = journal(4);
        let mut reader = journal.reader().unwrap();
        let mut writer = journal.shared.open_lane().unwrap();
        assert_eq!(push(&journal, &mut writer, 3), 3);
        // Chunks are short, so that the reader leaves resting lanes.
        let other = journal.shared.open_lane().unwrap();
        journal.shared.park(writer);
        let mut seen = Seen::default();
        seen.look(&mut reader);
        let writing = {
            let journal = journal.clone();
            thread::spawn(move || {
                let Some(mut writer) = journal.shared.open_lane() else {
                    return 0;
                };
                let taken = push(&journal, &mut writer, 1);
                journal.shared.park(writer);
                taken
            })
        };
        reader.ack_all();
        seen.look(&mut reader);
        seen.look(&mut reader);
        let taken = writing.join().unwrap();
        seen.look(&mut reader);
        assert_eq!(seen.records, 3 + taken);
        drop(other);
    });
}

#[test]
fn a_reader_is_overtaken_only_where_it_does_not_read() {
    check(|| {
        let journal = journal(4);
        let mut quick = journal.reader().unwrap();
        let mut slow = journal.reader().unwrap();
        let mut writer = journal.shared.open_lane().unwrap();
        assert_eq!(push(&journal, &mut writer, 6), 6);
        let mut seen = Seen::default();
        seen.look(&mut quick);
        quick.ack_all();
        let writing = {
            let journal = journal.clone();
            thread::spawn(move || push(&journal, &mut writer, 1))
        };
        let mut late = Seen::default();
        late.look(&mut slow);
        let taken = writing.join().unwrap();
        late.look(&mut slow);
        slow.ack_all();
        seen.look(&mut quick);
        assert_eq!(seen.records, 6 + taken);
        assert_eq!(late.records + late.lost, 6 + taken);
        assert!(slow.has_acked(&journal.committed()));
    });
}
