//! Journals of the dead: whole ones, and 100,000 that something has happened to.

use super::*;
use crate::{
    Uuid,
    journal::{Journal, OnFull, Options, Pushed},
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

fn identity() -> Identity {
    Identity {
        boot: Uuid::from_u128(9),
        ..Identity::somebody()
    }
}

fn options(chunks: usize) -> Options {
    Options {
        size: chunks * 1024,
        chunk: 1024,
        on_full: OnFull::DropNewest,
    }
}

fn payload(n: u64) -> Vec<u8> {
    format!("{{\"n\":{n},\"pad\":\"{}\"}}", "x".repeat((n * 7 % 60) as usize)).into_bytes()
}

/// What a reader shows: each lane's records by their seq, and all that is told of the others.
#[derive(Debug, Default, PartialEq)]
struct Shown {
    records: BTreeMap<(u32, u64), Vec<u8>>,
    gaps: u64,
    damaged: u64,
}

fn show(reader: &mut Reader) -> Shown {
    let mut shown = Shown::default();
    reader
        .poll(|frame| {
            match frame {
                Frame::Record { lane, seq, payload } => {
                    shown.records.insert((lane, seq), payload.to_vec());
                }
                Frame::Gap { count, .. } => shown.gaps += count,
                Frame::Damaged { count, .. } => shown.damaged += count,
                Frame::Missed { .. } => panic!("nobody overtakes here"),
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    shown
}

fn relic(path: &Path) -> Arc<Relic> {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        match Relic::open(path).unwrap() {
            Some(relic) => return relic.into(),
            // Another test's look at `stats()` holds each journal of the process for a moment, one that is dropped, too.
            None => assert!(Instant::now() < end, "its process is dead"),
        }
    }
}

#[test]
fn what_was_not_acknowledged_is_there_in_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::in_file(&path, &identity(), options(16)).unwrap();
    assert!(journal.is_durable());
    let mut reader = journal.reader_named("kafka://there").unwrap();
    (0..30).for_each(|n| assert_eq!(journal.push(&payload(n)), Pushed::Written));
    reader.poll(|_| ControlFlow::Continue(()));
    reader.ack_all();
    (30..60).for_each(|n| assert_eq!(journal.push(&payload(n)), Pushed::Written));
    std::thread::scope(|scope| {
        scope.spawn(|| (60..70).for_each(|n| assert_eq!(journal.push(&payload(n)), Pushed::Written)));
    });
    assert!(Relic::open(&path).unwrap().is_none(), "its process lives");
    drop((reader, journal));

    let relic = relic(&path);
    assert_eq!(relic.identity(), &identity());
    assert_eq!(relic.readers().collect::<Vec<_>>(), [(0, "kafka://there")]);
    assert_eq!(relic.open_records(Some(0)).unwrap(), 40);
    let mut reader = relic.reader(Some(0));
    let shown = show(&mut reader);
    assert!(reader.is_dry());
    let all: Vec<_> = shown.records.into_values().collect();
    assert_eq!(all.len(), 40);
    for n in 30..70 {
        assert!(all.contains(&payload(n)), "{n}");
    }
    let total: u64 = relic.lanes().unwrap().iter().map(|lane| lane.next_seq).sum();
    assert_eq!(total, 70);
    assert!(Relic::open(&path).unwrap().is_none(), "it is being read");
    relic.remove().unwrap();
    assert!(!path.exists());
}

#[test]
fn a_recovery_that_is_cut_short_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::in_file(&path, &identity(), options(16)).unwrap();
    let reader = journal.reader_named("one").unwrap();
    (0..50).for_each(|n| assert_eq!(journal.push(&payload(n)), Pushed::Written));
    drop((reader, journal));
    let mut seen = 0;
    for _ in 0..10 {
        let relic = relic(&path);
        let mut reader = relic.reader(Some(0));
        let mut here = 0;
        let poll = reader.poll(|frame| {
            let Frame::Record {
                seq, payload: bytes, ..
            } = frame
            else {
                panic!("{frame:?}")
            };
            assert_eq!((seq, bytes), (seen, &*payload(seen)));
            seen += 1;
            here += 1;
            if here == 7 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        poll.unwrap();
        let mark = reader.mark();
        assert_eq!(mark.records(), here);
        reader.ack(&mark).unwrap();
    }
    assert_eq!(seen, 50);
}

#[test]
fn losses_of_the_dead_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::in_file(&path, &identity(), options(4)).unwrap();
    let reader = journal.reader_named("one").unwrap();
    let written = (0..200)
        .filter(|&n| journal.push(&payload(n)) == Pushed::Written)
        .count();
    assert!(written < 150, "{written}");
    drop((reader, journal));
    let relic = relic(&path);
    let shown = show(&mut relic.reader(Some(0)));
    assert_eq!((shown.records.len(), shown.gaps), (written, 200 - written as u64));
    // The first lane is the one that threads without a lane share.
    let lanes = relic.lanes().unwrap();
    assert_eq!((lanes[1].next_seq, lanes[1].lost), (200, 200 - written as u64));
}

/// What its process had counted: also of lanes whose chunks are others' by now, and losses whose places are.
#[test]
fn what_a_dead_process_counted_is_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::in_file(&path, &identity(), options(8)).unwrap();
    let mut reader = journal.reader_named("one").unwrap();
    let mut read = || {
        while reader.poll(|_| ControlFlow::Continue(())) > 0 {
            reader.ack_all();
        }
    };
    let push = |n| journal.push(&payload(n));
    assert_eq!(push(0), Pushed::Written);
    // Its lane rests when it is joined, and nobody takes it: this thread has one.
    std::thread::scope(|scope| {
        let other = scope.spawn(|| (0..5).for_each(|n| assert_eq!(push(n), Pushed::Written)));
        other.join().unwrap();
    });
    let dropped = (0..300).filter(|&n| push(n) == Pushed::Dropped).count();
    assert!(dropped > 100);
    // Chunks are short: the lane that rests is left.
    (0..3).for_each(|_| read());
    for n in 0..300 {
        assert_eq!(push(n), Pushed::Written);
        read();
    }
    let lanes = journal.lanes();
    assert_eq!(lanes.len(), 3, "{lanes:?}");
    drop((reader, journal));
    let relic = relic(&path);
    assert_eq!(relic.lanes().unwrap(), lanes);
    assert_eq!(relic.open_records(Some(0)).unwrap(), 0);
}

#[test]
fn lanes_are_acknowledged_each_at_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::in_file(&path, &identity(), options(16)).unwrap();
    let reader = journal.reader_named("one").unwrap();
    for _ in 0..3 {
        // Each leaves its lane to nobody: the next is there before it goes.
        (0..7).for_each(|n| assert_eq!(journal.push(&payload(n)), Pushed::Written));
    }
    std::thread::scope(|scope| {
        scope.spawn(|| (0..9).for_each(|n| assert_eq!(journal.push(&payload(n)), Pushed::Written)));
    });
    drop((reader, journal));
    {
        let relic = relic(&path);
        let mut reader = relic.reader(Some(0));
        let mut left = 25;
        let poll = reader.poll(|_| {
            left -= 1;
            if left == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!(poll.unwrap(), 25);
        let mark = reader.mark();
        assert_eq!(mark.records(), 25);
        reader.ack(&mark).unwrap();
    }
    let relic = relic(&path);
    let shown = show(&mut relic.reader(Some(0)));
    let rest: Vec<_> = shown.records.into_keys().collect();
    assert_eq!(rest, (4..9).map(|seq| (2, seq)).collect::<Vec<_>>());
    relic.remove().unwrap();
    relic.remove().expect("it is gone already");
}

/// Who its readers were stands at both ends, as the rest does.
#[test]
fn the_last_page_tells_whose_it_is_when_the_first_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::in_file(&path, &identity(), options(4)).unwrap();
    let reader = journal.reader_named("kafka://there").unwrap();
    assert_eq!(journal.push(&payload(1)), Pushed::Written);
    drop((reader, journal));
    let whole = fs::read(&path).unwrap();
    let last = whole.len() - identity::PAGE;
    for (damaged, other) in [(0, last), (last, 0)] {
        let mut bytes = whole.clone();
        bytes[damaged..damaged + 64].fill(0xff);
        fs::write(&path, &bytes).unwrap();
        let relic = relic(&path);
        assert_eq!(relic.identity(), &identity(), "from {other}");
        assert_eq!(relic.readers().collect::<Vec<_>>(), [(0, "kafka://there")]);
        assert_eq!(relic.open_records(Some(0)).unwrap(), 1);
    }
}

#[test]
fn a_journal_is_not_made_in_anothers_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::in_file(&path, &identity(), options(4)).unwrap();
    assert_eq!(journal.push(&payload(1)), Pushed::Written);
    assert!(Journal::in_file(&path, &identity(), options(4)).is_err());
    drop(journal);
    assert_eq!(relic(&path).open_records(None).unwrap(), 1);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left of the other"
    );
}

#[test]
fn what_is_no_journal_of_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    drop(Journal::in_file(&path, &identity(), options(4)).unwrap());
    // Nobody holds it any more.
    drop(relic(&path));
    let whole = fs::read(&path).unwrap();
    let refused = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let error = Relic::open(&path).unwrap_err().to_string();
        assert_eq!(fs::read(&path).unwrap(), bytes, "left as it is");
        error
    };
    assert!(refused(b"").contains("no journal"));
    assert!(refused(b"hello").contains("no journal"));
    assert!(refused(&[0; 10_000]).contains("no journal"));
    let mut other = whole.clone();
    other[8..16].copy_from_slice(&1u64.to_ne_bytes());
    assert!(refused(&other).contains("the format 1"), "{}", refused(&other));
    let mut other = whole.clone();
    other[..8].reverse();
    assert!(refused(&other).contains("byte order"));
    // Its first page alone may be lost.
    let mut torn = whole;
    let mut changed = torn.clone();
    torn[..4096].fill(0);
    let at = changed.windows(7).position(|bytes| bytes == b"Payment").unwrap();
    changed[at] = b'B';
    for bytes in [torn, changed] {
        fs::write(&path, bytes).unwrap();
        assert_eq!(relic(&path).identity(), &identity());
    }
}

#[test]
fn a_sink_that_goes_takes_nothing_with_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::in_file(&path, &identity(), options(8)).unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it holds what is logged");
    let reader = journal.reader_named("one").unwrap();
    let push = |range: std::ops::Range<u64>| {
        range
            .take_while(|&n| journal.push(&payload(n)) == Pushed::Written)
            .count() as u64
    };
    let before = push(0..20);
    // Its thread has ended, and the service goes on: the next process has what it had not taken.
    drop(reader);
    let after = push(20..10_000);
    assert!((20, 20) < (before, after) && after < 9_000, "{after}");
    drop(journal);
    let shown = show(&mut relic(&path).reader(Some(0)));
    assert_eq!(shown.records.len() as u64, before + after);
    assert_eq!(shown.records.values().next(), Some(&payload(0)));
}

/// A journal of several lanes, some of it acknowledged, as bytes, with what its reader has yet to see.
fn sample() -> (Vec<u8>, Layout, Shown) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::in_file(&path, &identity(), options(12)).unwrap();
    let mut reader = journal.reader_named("one").unwrap();
    let push = |range: std::ops::Range<u64>| {
        std::thread::scope(|scope| {
            scope.spawn(|| range.for_each(|n| assert_eq!(journal.push(&payload(n)), Pushed::Written)));
        });
    };
    push(0..40);
    reader.poll(|_| ControlFlow::Continue(()));
    reader.ack_all();
    std::thread::scope(|scope| {
        scope.spawn(|| push(40..60));
        scope.spawn(|| push(60..80));
    });
    (80..90).for_each(|n| assert_eq!(journal.push(&payload(n)), Pushed::Written));
    drop((reader, journal));
    let relic = relic(&path);
    let shown = show(&mut relic.reader(Some(0)));
    assert_eq!(shown.records.len(), 50);
    (fs::read(&path).unwrap(), relic.layout, shown)
}

fn walk(bytes: Vec<u8>, layout: Layout, mut f: impl FnMut(u32, Step, &Map)) {
    let map = Map::new(bytes, layout);
    for lane in 0..layout.lanes {
        let mut walk = Walk::new(&map, lane, Some(0));
        let mut steps = 0;
        while let Some(step) = walk.next(&map) {
            f(lane, step, &map);
            steps += 1;
            assert!(steps < 100_000, "it never ends");
        }
        let _ = walk::count(&map, lane);
    }
}

/// What of a sample's records is found, and how many numbers are told, as records or as damaged.
fn found(bytes: Vec<u8>, layout: Layout, whole: &Shown) -> (usize, u64) {
    let (mut found, mut told) = (0, 0);
    walk(bytes, layout, |lane, step, map| match step {
        Step::Record { seq, at, len } => {
            told += 1;
            found += usize::from(
                whole
                    .records
                    .get(&(lane, seq))
                    .is_some_and(|it| it == map.bytes(at, len)),
            );
        }
        Step::Damaged { count, .. } => told += count,
        Step::Gap { .. } => {}
    });
    (found, told)
}

#[test]
fn one_damaged_frame_costs_no_other() {
    let (bytes, layout, whole) = sample();
    assert_eq!(found(bytes.clone(), layout, &whole), (50, 50));
    let mut random = fastrand::Rng::with_seed(seed());
    // Anywhere in the chunks, but for their headers: those are the next test's.
    for _ in 0..20_000 {
        let mut bytes = bytes.clone();
        let at = random.usize(layout.chunk(0)..layout.len());
        if (at - layout.chunk(0)) % layout.chunk < 64 {
            continue;
        }
        bytes[at] ^= 1 << random.u8(..8);
        let (found, told) = found(bytes, layout, &whole);
        let off = (at - layout.chunk(0)) % layout.chunk;
        assert_eq!(
            told, 50,
            "{found} found after a bit flipped at {at} ({off} in its chunk)"
        );
        assert!(
            found >= 49,
            "{found} of 50 after a bit flipped at {at} ({off} in its chunk)"
        );
    }
}

#[test]
fn a_cursor_that_nobody_can_have_set_costs_nothing() {
    let (mut bytes, layout, whole) = sample();
    for place in [cursor(9_999, 64), cursor(0, 1), cursor(0, 0), u64::MAX - 1, 0] {
        for lane in 0..layout.lanes {
            let at = layout.cursor(0, lane);
            bytes[at..at + 8].copy_from_slice(&place.to_ne_bytes());
        }
        // What was acknowledged may come again.
        let (found, told) = found(bytes.clone(), layout, &whole);
        assert!(found == 50 && told >= 50, "{found} and {told} after {place:x}");
    }
}

#[test]
fn a_hundred_thousand_damaged_journals() {
    let (bytes, layout, whole) = sample();
    let mut random = fastrand::Rng::with_seed(seed());
    let mut most = 0;
    for _ in 0..100_000 {
        let mut bytes = bytes.clone();
        for _ in 0..random.usize(1..6) {
            let at = random.usize(..bytes.len());
            let to = (at + random.usize(1..5000)).min(bytes.len());
            match random.u8(..8) {
                0 => bytes[at..to].fill(0),
                1 => bytes[at..to].fill(0xff),
                2 => bytes.truncate(at.max(1)),
                3 => random.fill(&mut bytes[at..to]),
                4 if at >= 8 => bytes.copy_within(at & !7..to, at / 16 * 8),
                _ => bytes[at] ^= 1 << random.u8(..8),
            }
        }
        let (found, _) = found(bytes, layout, &whole);
        most = most.max(found);
    }
    assert_eq!(most, 50);
}

/// The same each time, unless told otherwise; printed for the day that it fails.
fn seed() -> u64 {
    let given = std::env::var("TRACEL_TEST_SEED").ok();
    let seed = given.and_then(|seed| seed.parse().ok()).unwrap_or(0x5eed);
    println!("TRACEL_TEST_SEED={seed}");
    seed
}
