//! Spools on disks of every temper: what is kept, in which order, what is counted, and what is told.

mod kill;

use super::{Budget, Entry, Options, Refusal, Spool, format};
use crate::report::Report;
use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, atomic::Ordering::Relaxed},
};
use tempfile::TempDir;

type Told = Arc<Mutex<Vec<String>>>;

fn options(segment: u64) -> (Options, Told) {
    let told = Told::default();
    let into = told.clone();
    let options = Options {
        segment,
        report: Report::to(move |text| into.lock().unwrap().push(text.to_owned())),
        ..Options::default()
    };
    (options, told)
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn line(n: u64) -> Vec<u8> {
    format!("{{\"n\":{n},\"pad\":\"{}\"}}\n", "x".repeat((n % 23) as usize)).into_bytes()
}

/// Puts in entries with these numbers, some of which announce losses, in batches of ten.
fn put(spool: &mut Spool, numbers: std::ops::Range<u64>) {
    for n in numbers.clone() {
        append(spool, n).unwrap();
        if n % 10 == 9 || n + 1 == numbers.end {
            spool.commit().unwrap();
        }
    }
}

fn append(spool: &mut Spool, n: u64) -> Result<(), Refusal> {
    let line = line(n);
    spool.append(Entry {
        lane: (n % 3) as u32,
        seq: n,
        announced: n.is_multiple_of(7).then_some(n),
        line: &line,
    })
}

/// The numbers of all entries that can be read, each checked.
fn get(spool: &mut Spool) -> Vec<u64> {
    let mut numbers = Vec::new();
    spool.read(|entry| {
        assert_eq!(entry.line, line(entry.seq));
        assert_eq!(u64::from(entry.lane), entry.seq % 3);
        assert_eq!(entry.announced, entry.seq.is_multiple_of(7).then_some(entry.seq));
        numbers.push(entry.seq);
        ControlFlow::Continue(())
    });
    numbers
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut segments: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|it| it == "spool"))
        .collect();
    segments.sort();
    segments
}

fn all(numbers: std::ops::Range<u64>) -> Vec<u64> {
    numbers.collect()
}

#[test]
fn lines_are_read_in_order_and_deleted_when_they_are_acknowledged() {
    let folder = folder();
    let (options, told) = options(2000);
    let budget = options.budget.clone();
    let mut spool = Spool::open(folder.path(), options).unwrap();
    assert!(!spool.has_unread() && get(&mut spool).is_empty());
    let (mut read, mut older) = (Vec::new(), None);
    for round in 0..40 {
        put(&mut spool, round * 25..round * 25 + 25);
        assert!(spool.has_unread());
        let mut some = 0;
        spool.read(|entry| {
            read.push(entry.seq);
            some += 1;
            if some == 20 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let mark = spool.mark();
        older.get_or_insert(mark);
        spool.ack(mark);
    }
    spool.ack(older.unwrap());
    assert_eq!(spool.left(), 200, "an older mark changes nothing");
    assert!(
        segments(folder.path()).len() < 12,
        "what is acknowledged is deleted"
    );
    assert_eq!(budget.used(), spool.bytes());
    read.extend(get(&mut spool));
    assert_eq!(read, all(0..1000));
    let mark = spool.mark();
    spool.ack(mark);
    assert_eq!((spool.left(), spool.bytes(), budget.used()), (0, 0, 0));
    assert_eq!(segments(folder.path()), [] as [PathBuf; 0]);
    assert_eq!(
        spool.counts.spooled.load(Relaxed),
        (0..1000).filter(|n| n % 7 != 0).count() as u64
    );
    assert_eq!(told.lock().unwrap().len(), 0);
}

#[test]
fn what_is_not_acknowledged_is_there_after_a_crash() {
    let folder = folder();
    let (options, told) = options(3000);
    let mut spool = Spool::open(folder.path(), options.clone()).unwrap();
    put(&mut spool, 0..500);
    spool.read(|entry| {
        if entry.seq == 299 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    let mark = spool.mark();
    // What is read and not acknowledged comes again.
    assert_eq!(get(&mut spool), all(300..500));
    spool.ack(mark);
    // Gathered, and never committed: nobody was told that it was taken.
    append(&mut spool, 500).unwrap();
    drop(spool);
    let mut spool = Spool::open(folder.path(), options.clone()).unwrap();
    assert_eq!(spool.left(), 200);
    put(&mut spool, 500..600);
    assert_eq!(get(&mut spool), all(300..600));
    let mark = spool.mark();
    spool.ack(mark);
    drop(spool);
    let mut spool = Spool::open(folder.path(), options).unwrap();
    assert_eq!(get(&mut spool), all(0..0));
    put(&mut spool, 600..610);
    assert_eq!(get(&mut spool), all(600..610));
    assert_eq!(
        (spool.counts.damaged.load(Relaxed), told.lock().unwrap().len()),
        (0, 0)
    );
}

#[test]
fn a_crash_between_the_cursor_and_the_deletion_brings_nothing_twice() {
    let folder = folder();
    let (options, _) = options(1000);
    let mut spool = Spool::open(folder.path(), options.clone()).unwrap();
    put(&mut spool, 0..100);
    let kept: Vec<_> = segments(folder.path())
        .into_iter()
        .map(|path| (fs::read(&path).unwrap(), path))
        .collect();
    assert_eq!(get(&mut spool), all(0..100));
    let mark = spool.mark();
    spool.ack(mark);
    drop(spool);
    kept.iter()
        .for_each(|(bytes, path)| fs::write(path, bytes).unwrap());
    let budget = options.budget.clone();
    let mut spool = Spool::open(folder.path(), options).unwrap();
    assert_eq!(get(&mut spool), all(0..0));
    assert_eq!((segments(folder.path()).len(), budget.used()), (0, 0));
}

#[test]
fn without_a_sound_cursor_all_is_read_again() {
    let folder = folder();
    let (options, told) = options(1000);
    let mut spool = Spool::open(folder.path(), options.clone()).unwrap();
    put(&mut spool, 0..100);
    spool.read(|entry| {
        if entry.seq == 49 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    let mark = spool.mark();
    spool.ack(mark);
    drop(spool);
    let first = {
        let spool = Spool::open(folder.path(), options.clone()).unwrap();
        spool.segments[0].first.unwrap()
    };
    let cursor = folder.path().join("cursor");
    let mut bytes = fs::read(&cursor).unwrap();
    // The last slot is torn: the place before it holds.
    bytes[70] ^= 1;
    bytes[6] ^= 1;
    fs::write(&cursor, bytes).unwrap();
    let mut spool = Spool::open(folder.path(), options).unwrap();
    assert_eq!(get(&mut spool), all(first..100));
    assert!(told.lock().unwrap()[0].contains("delivered again"));
    assert_eq!(spool.counts.damaged.load(Relaxed), 0);
}

#[test]
fn a_torn_cursor_is_the_one_before() {
    let folder = folder();
    let (options, _) = options(1 << 20);
    let mut spool = Spool::open(folder.path(), options.clone()).unwrap();
    put(&mut spool, 0..100);
    for upto in [20, 40] {
        spool.read(|entry| {
            if entry.seq == upto {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let mark = spool.mark();
        spool.ack(mark);
    }
    drop(spool);
    let cursor = folder.path().join("cursor");
    let bytes = fs::read(&cursor).unwrap();
    for slot in 0..2 {
        let mut torn = bytes.clone();
        torn[slot * 64 + 20..slot * 64 + 40].fill(0);
        fs::write(&cursor, torn).unwrap();
        let mut spool = Spool::open(folder.path(), options.clone()).unwrap();
        let first = get(&mut spool)[0];
        assert!(first == 21 || first == 41, "{first}");
    }
}

#[test]
fn all_spools_of_a_process_share_the_budget() {
    let folders = [folder(), folder()];
    let (mut options, told) = options(1000);
    options.budget = Budget::of(10_000);
    let mut spools = folders
        .each_ref()
        .map(|folder| Spool::open(folder.path(), options.clone()).unwrap());
    let mut n = [0, 0];
    'full: loop {
        for (spool, n) in spools.iter_mut().zip(&mut n) {
            for _ in 0..10 {
                if append(spool, *n).is_err() {
                    break 'full;
                }
                *n += 1;
            }
            spool.commit().unwrap();
        }
    }
    assert!(
        options.budget.used() <= 10_000 + 2 * 1000 && options.budget.used() > 8_000,
        "{:?}",
        options.budget
    );
    assert!(matches!(append(&mut spools[0], 0), Ok(()) | Err(Refusal::Spent)));
    assert!(told.lock().unwrap()[0].contains("budget is spent"), "{told:?}");
    // A batch of which a part had no room left nothing behind.
    let read = get(&mut spools[0]);
    assert_eq!(read.len() % 10, 0);
    assert_eq!(read, all(0..read.len() as u64));
    let mark = spools[0].mark();
    spools[0].ack(mark);
    let more = get(&mut spools[1]).len() as u64;
    put(&mut spools[1], more..more + 10);
    drop(spools);
    assert_eq!(options.budget.used(), 0);
}

#[test]
fn a_removed_folder_is_made_anew() {
    let parent = folder();
    let folder = parent.path().join("deep/spool");
    let (options, told) = options(1000);
    let budget = options.budget.clone();
    let mut spool = Spool::open(&folder, options.clone()).unwrap();
    put(&mut spool, 0..40);
    let open = spool.segments.back().unwrap().first.unwrap();
    fs::remove_dir_all(&folder).unwrap();
    put(&mut spool, 40..80);
    // The segment that was open can still be read, those before it cannot.
    assert!(open > 0 && open < 40);
    assert_eq!(get(&mut spool), all(open..80));
    assert_eq!(spool.counts.damaged.load(Relaxed), open);
    let reports = told.lock().unwrap().join("\n");
    assert!(
        reports.contains("made anew") && reports.contains("lost"),
        "{reports}"
    );
    drop(spool);
    let mut spool = Spool::open(&folder, options).unwrap();
    assert_eq!(get(&mut spool), all(40..80), "what came after it survives");
    let mark = spool.mark();
    spool.ack(mark);
    assert_eq!(budget.used(), 0);
}

#[test]
fn a_folder_that_cannot_be_written_to_keeps_nothing_and_loses_nothing() {
    let folder = folder();
    let (options, told) = options(1 << 20);
    let mut spool = Spool::open(folder.path(), options.clone()).unwrap();
    put(&mut spool, 0..10);
    let mark = {
        get(&mut spool);
        spool.mark()
    };
    spool.ack(mark);
    // A file in the folder's place: permissions would not keep root out.
    let aside = folder.path().with_extension("aside");
    fs::rename(folder.path(), &aside).unwrap();
    fs::write(folder.path(), "in the way").unwrap();
    append(&mut spool, 10).unwrap();
    assert!(matches!(spool.commit(), Err(Refusal::Failed(_))));
    assert_eq!((spool.left(), spool.options.budget.used()), (0, 0));
    assert!(
        told.lock().unwrap()[0].contains("stay in the journal"),
        "{told:?}"
    );
    fs::remove_file(folder.path()).unwrap();
    fs::rename(&aside, folder.path()).unwrap();
    put(&mut spool, 10..20);
    assert_eq!(get(&mut spool), all(10..20));
    drop(spool);
    fs::remove_dir_all(folder.path()).unwrap();
    fs::write(folder.path(), "in the way").unwrap();
    let error = Spool::open(folder.path(), options).unwrap_err().to_string();
    assert!(
        error.contains("sink that is behind") && error.contains("may write"),
        "{error}"
    );
    fs::remove_file(folder.path()).unwrap();
    fs::create_dir(folder.path()).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_takes_nothing_of_a_batch_and_the_rest_when_it_has_room() {
    let folder = folder();
    // A filesystem of 256 KiB, for which this has to be root.
    let mount = |args: &[&str]| {
        std::process::Command::new("mount")
            .args(args)
            .arg(folder.path())
            .output()
    };
    let made = mount(&["-t", "tmpfs", "-o", "size=256k", "tmpfs"]);
    if !made.as_ref().is_ok_and(|made| made.status.success()) {
        let why = "no small tmpfs can be mounted here: a full disk was not tried";
        assert!(
            std::env::var_os("TRACEL_REQUIRE_SERVERS").is_none(),
            "{why}: {made:?}"
        );
        _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{why}\n"));
        return;
    }
    struct Unmount<'a>(&'a Path);
    impl Drop for Unmount<'_> {
        fn drop(&mut self) {
            _ = std::process::Command::new("umount")
                .arg("-l")
                .arg(self.0)
                .status();
        }
    }
    let _unmount = Unmount(folder.path());
    let (options, told) = options(64 << 10);
    let mut spool = Spool::open(folder.path(), options).unwrap();
    let mut n = 0;
    let refusal = loop {
        (n..n + 100).for_each(|n| append(&mut spool, n).unwrap());
        match spool.commit() {
            Ok(()) => n += 100,
            Err(refusal) => break refusal,
        }
    };
    assert!(refusal.to_string().contains("space"), "{refusal}");
    assert!(
        n >= 1000 && told.lock().unwrap()[0].contains("stay in the journal"),
        "{n} {told:?}"
    );
    assert_eq!(get(&mut spool), all(0..n));
    // Of what was refused nothing is left for the next process, which would deliver it a second time.
    let mut next = Spool::open(folder.path(), spool.options.clone()).unwrap();
    assert_eq!(get(&mut next), all(0..n));
    drop(next);
    let mark = spool.mark();
    spool.ack(mark);
    // There is room again.
    put(&mut spool, n..n + 500);
    assert_eq!(get(&mut spool), all(n..n + 500));
    assert_eq!(spool.counts.damaged.load(Relaxed), 0);
    // Nor does it take anything when it is read-only; then there is no spool.
    drop(spool);
    assert!(mount(&["-o", "remount,ro"]).unwrap().status.success());
    let error = Spool::open(folder.path(), self::options(1000).0)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("Read-only") && error.contains("may write"),
        "{error}"
    );
    assert!(mount(&["-o", "remount,rw"]).unwrap().status.success());
    let mut spool = Spool::open(folder.path(), self::options(1000).0).unwrap();
    assert_eq!(get(&mut spool), all(n..n + 500));
}

#[test]
fn a_segment_that_is_cut_while_it_is_written_to_costs_what_is_cut() {
    let folder = folder();
    let (options, told) = options(1 << 20);
    let mut spool = Spool::open(folder.path(), options).unwrap();
    put(&mut spool, 0..100);
    let file = fs::OpenOptions::new()
        .write(true)
        .open(&segments(folder.path())[0])
        .unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    let read = get(&mut spool);
    assert_eq!(read, all(0..read.len() as u64));
    assert_eq!(spool.counts.damaged.load(Relaxed) + read.len() as u64, 100);
    assert!(told.lock().unwrap()[0].contains("damaged"), "{told:?}");
    put(&mut spool, 100..120);
    assert_eq!(get(&mut spool), all(100..120));
}

#[test]
fn another_versions_segments_are_left_alone() {
    let folder = folder();
    let (options, told) = options(1000);
    let mut spool = Spool::open(folder.path(), options.clone()).unwrap();
    put(&mut spool, 0..60);
    drop(spool);
    let paths = segments(folder.path());
    let mut newer = fs::read(&paths[0]).unwrap();
    newer[8] = 9;
    resum(&mut newer);
    fs::write(&paths[0], &newer).unwrap();
    let mut spool = Spool::open(folder.path(), options).unwrap();
    let read = get(&mut spool);
    assert_eq!(*read.last().unwrap(), 59);
    let mark = spool.mark();
    spool.ack(mark);
    assert_eq!(fs::read(&paths[0]).unwrap(), newer);
    assert!(told.lock().unwrap()[0].contains("another version"), "{told:?}");
    put(&mut spool, 60..70);
    assert_eq!(get(&mut spool), all(60..70), "its number is not used again");
}

fn resum(segment: &mut [u8]) {
    let sum = crc32c::crc32c(&segment[..36]);
    segment[36..40].copy_from_slice(&sum.to_le_bytes());
}

/// How often the test below changes a segment; its seed is printed, and can be set.
const MUTATIONS: u64 = 100_000;

#[test]
fn of_a_segment_that_is_changed_at_random_every_sound_frame_is_read_and_the_rest_is_counted() {
    let seed = std::env::var("TRACEL_SEED").map_or(7, |seed| seed.parse().unwrap());
    println!("TRACEL_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    // A disk would be asked to write each of them.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        folder()
    };
    let (options, _) = options(900);
    let mut spool = Spool::open(folder.path(), options.clone()).unwrap();
    put(&mut spool, 0..20);
    put(&mut spool, 20..30);
    drop(spool);
    let paths = segments(folder.path());
    assert_eq!(paths.len(), 2);
    let cursor = (
        fs::read(folder.path().join("cursor")).unwrap(),
        folder.path().join("cursor"),
    );
    let sound = fs::read(&paths[0]).unwrap();
    let frames = places(&sound);
    assert_eq!(frames.len(), 20);
    let (mut damaged, mut whole) = (0, 0);
    for turn in 0..MUTATIONS {
        let mut bytes = sound.clone();
        let foreign = mutate(&mut bytes, &mut random);
        fs::write(&paths[0], &bytes).unwrap();
        let mut spool = Spool::open(folder.path(), options.clone()).unwrap();
        let read = get(&mut spool);
        // Those of which no byte is changed, where they were or moved by what was put in or taken out.
        let is_whole = |place: &std::ops::Range<usize>| {
            let shift = |at: usize| (at + bytes.len()).checked_sub(sound.len());
            let moved = shift(place.start).and_then(|start| bytes.get(start..shift(place.end)?));
            [bytes.get(place.clone()), moved].contains(&Some(&sound[place.clone()]))
        };
        let expected: Vec<u64> = match foreign {
            true => all(20..30),
            false => (0..20)
                .filter(|n| is_whole(&frames[*n as usize]))
                .chain(20..30)
                .collect(),
        };
        assert_eq!(read, expected, "turn {turn}");
        let lost = spool.counts.damaged.load(Relaxed);
        assert_eq!(lost + read.len() as u64, 30, "turn {turn}");
        damaged += lost;
        whole += u64::from(lost == 0);
        drop(spool);
        // Nothing was acknowledged, so all is as it was.
        if turn % 1000 == 0 {
            assert_eq!(fs::read(&cursor.1).unwrap(), cursor.0);
        }
    }
    assert!(damaged > MUTATIONS && whole > 0, "{damaged} {whole}");
}

/// Where each frame of a sound segment lies.
fn places(segment: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut at = format::HEADER;
    let mut places = Vec::new();
    while let format::Next::Frame { len, .. } = format::next(&segment[at..]) {
        places.push(at..at + len);
        at += len;
    }
    assert_eq!(at, segment.len());
    places
}

/// Changes a segment. True when it looks like another version's or machine's by that.
fn mutate(bytes: &mut Vec<u8>, random: &mut fastrand::Rng) -> bool {
    let at = |bytes: &[u8], random: &mut fastrand::Rng| random.usize(..bytes.len());
    match random.u8(..8) {
        0 => {
            let cut = at(bytes, random);
            bytes.truncate(cut);
        }
        1 => {
            // A page, as small as the segment.
            let from = at(bytes, random) / 256 * 256;
            let to = (from + 256).min(bytes.len());
            bytes[from..to].fill(0);
        }
        2 => {
            let from = at(bytes, random);
            let to = (from + random.usize(1..100)).min(bytes.len());
            bytes[from..to].fill_with(|| random.u8(..));
        }
        3 => {
            let from = at(bytes, random);
            let to = (from + random.usize(1..200)).min(bytes.len());
            bytes.drain(from..to);
        }
        4 => {
            let more: Vec<u8> = (0..random.usize(1..100)).map(|_| random.u8(..)).collect();
            let from = at(bytes, random);
            bytes.splice(from..from, more);
        }
        5 if random.u8(..4) == 0 => {
            bytes[8..12].copy_from_slice(&random.u32(2..).to_le_bytes());
            resum(bytes);
            return true;
        }
        6 if random.u8(..4) == 0 => {
            bytes[12..16].reverse();
            resum(bytes);
            bytes[36..40].reverse();
            return true;
        }
        _ => {
            for _ in 0..random.u8(1..6) {
                let place = at(bytes, random);
                bytes[place] ^= 1 << random.u8(..8);
            }
        }
    }
    false
}
