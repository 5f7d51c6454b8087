//! Sinks that are down for longer than the journal holds: what goes to disk, what comes back, and what is told.

use super::*;
use crate::spool::{self, Budget, Spool};
use std::path::Path;
use tempfile::TempDir;

/// Options with a spool of small segments, and what is reported.
pub(super) fn spooling(folder: &Path, budget: u64) -> (Options, Arc<Mutex<Vec<String>>>) {
    let (mut options, reports) = options();
    let mut spool = spool::Options::default();
    (spool.segment, spool.budget, spool.report) = (64 << 10, Budget::of(budget), options.report.clone());
    options.spool = Some((folder.to_path_buf(), spool));
    (options, reports)
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// One whose writers wait for room, so that a shipper that has no time loses nothing.
pub(super) fn patient(chunks: usize) -> Journal {
    let mut options = JournalOptions::default();
    (options.size, options.chunk) = (chunks * 4096, 4096);
    options.on_full = OnFull::Block(Duration::from_secs(20));
    Journal::in_memory(options).unwrap()
}

pub(super) fn small() -> Batching {
    Batching {
        lines: 100,
        ..Batching::default()
    }
}

/// A sink that fails until the gate is open.
pub(super) fn gated(batching: Batching) -> (Box<dyn Sink>, Got, Arc<AtomicBool>) {
    let gate = Arc::new(AtomicBool::new(false));
    let open = gate.clone();
    let (sink, got) = made_with(batching, move |_| match open.load(Relaxed) {
        true => Ok(Sent::Acknowledged),
        false => Err(SendError::retry("away")),
    });
    (sink, got, gate)
}

fn spool_of(shipper_options: &Options) -> (std::path::PathBuf, spool::Options) {
    shipper_options.spool.clone().unwrap()
}

/// The records' numbers by lane: each lane's must rise.
fn assert_in_order(lines: &[String]) {
    let mut next = std::collections::HashMap::new();
    for line in lines {
        let mut parts = line.splitn(3, '/');
        let mut number = || parts.next().unwrap().parse::<u64>().unwrap();
        let (lane, seq) = (number(), number());
        let next = next.entry(lane).or_insert(0);
        assert_eq!(seq, *next, "lane {lane}");
        *next += 1;
    }
}

#[test]
fn a_sink_that_is_down_for_many_times_the_journal_loses_nothing() {
    let folder = folder();
    let journal = patient(16);
    let (sink, got, gate) = gated(small());
    let (options, reports) = spooling(folder.path(), 1 << 30);
    let budget = spool_of(&options).1.budget;
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    // 8 MB through a journal of 64 KiB, by several lanes.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                (0..10_000)
                    .for_each(|n| assert_eq!(journal.push(format!("{n:0>200}").as_bytes()), Pushed::Written))
            });
        }
    });
    assert!(got.lock().unwrap().is_empty());
    // All but what the journal holds and one batch has left the memory.
    assert!(budget.used() > 39_000 * 200, "{budget:?}");
    gate.store(true, Relaxed);
    assert!(shipper.flush(soon()));
    let lines = got.lock().unwrap().clone();
    assert_eq!(lines.len(), 40_000);
    assert_in_order(&lines);
    assert_eq!(budget.used(), 0, "what is delivered is deleted");
    // It goes on without the disk.
    push(&journal, 0..10);
    assert!(shipper.stop(soon()));
    assert_eq!(got.lock().unwrap().len(), 40_010);
    let counts = count(&shipper);
    assert_eq!(
        (counts.shipped, counts.lost, counts.overrun, counts.pending),
        (40_010, 0, 0, 0)
    );
    let reports = reports.lock().unwrap();
    assert_eq!(reports.len(), 2, "it fails, and it is well again: {reports:?}");
}

#[test]
fn a_sink_with_many_batches_under_way_goes_on_with_them_from_disk() {
    let folder = folder();
    let journal = patient(16);
    let open = Arc::new(AtomicBool::new(false));
    /// Leaves all pending until the gate is open; by then each has failed once.
    struct Slow {
        open: Arc<AtomicBool>,
        pending: VecDeque<(u64, Vec<u8>)>,
        got: Got,
        failed: bool,
    }
    impl Sink for Slow {
        fn name(&self) -> String {
            "slow:".into()
        }

        fn batching(&self) -> Batching {
            Batching {
                in_flight: 4,
                ..small()
            }
        }

        fn send(&mut self, batch: &Batch<'_>) -> Answer {
            self.pending.push_back((batch.id, batch.bytes.to_vec()));
            Ok(Sent::Pending)
        }

        fn settle(&mut self, until: Instant, report: &mut dyn FnMut(u64, Result<(), SendError>)) {
            thread::sleep(until.saturating_duration_since(Instant::now()));
            if !self.open.load(Relaxed) {
                return;
            }
            if !std::mem::replace(&mut self.failed, true) {
                self.pending
                    .drain(..)
                    .for_each(|(id, _)| report(id, Err(SendError::retry("once"))));
            }
            while let Some((id, bytes)) = self.pending.pop_front() {
                let text = String::from_utf8(bytes).unwrap();
                self.got.lock().unwrap().extend(text.lines().map(str::to_owned));
                report(id, Ok(()));
            }
        }
    }
    let got = Got::default();
    let sink = Slow {
        open: open.clone(),
        pending: VecDeque::new(),
        got: got.clone(),
        failed: false,
    };
    let shipper = Shipper::start(own(&journal), Box::new(sink), spooling(folder.path(), 1 << 30).0).unwrap();
    for n in 0..20_000 {
        assert_eq!(journal.push(format!("r{n}").as_bytes()), Pushed::Written);
    }
    open.store(true, Relaxed);
    assert!(shipper.stop(soon()));
    assert_eq!(numbers(&got), (0..20_000).collect::<Vec<_>>());
    assert_eq!((count(&shipper).shipped, count(&shipper).lost), (20_000, 0));
}

#[test]
fn a_sink_that_never_answers_keeps_nothing_from_the_disk() {
    let folder = folder();
    let journal = patient(16);
    let (open, sink, _) = stuck(small());
    let (options, reports) = spooling(folder.path(), 1 << 30);
    let spool = spool_of(&options);
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    push(&journal, 0..20_000);
    assert!(!shipper.flush(Instant::now() + Duration::from_millis(50)));
    let start = Instant::now();
    assert!(
        shipper.stop(Instant::now() + Duration::from_millis(200)),
        "nothing is lost: {reports:?}"
    );
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!((count(&shipper).lost, count(&shipper).pending), (0, 20_000));
    assert!(shipper.stop(soon()));
    assert_eq!(count(&shipper).pending, 20_000, "it is counted once");
    let reports = reports.lock().unwrap().clone();
    assert!(
        reports
            .iter()
            .any(|text| text.contains("20000 records") && text.contains("kept for the next start")),
        "{reports:?}"
    );
    drop(shipper);
    // The next start ships them before its own.
    let journal = patient(16);
    push(&journal, 20_000..20_010);
    let (sink, got) = made(|_| Ok(Sent::Acknowledged));
    let (mut again, _) = super::options();
    again.spool = Some(spool);
    let shipper = Shipper::start(own(&journal), sink, again).unwrap();
    assert!(shipper.flush(soon()) && shipper.stop(soon()));
    assert_eq!(numbers(&got), (0..20_010).collect::<Vec<_>>());
    drop(open);
}

#[test]
fn what_a_crash_leaves_on_disk_is_delivered_by_whoever_adopts_it() {
    let (folder, image) = (folder(), self::folder());
    let journal = patient(16);
    let (sink, got, gate) = gated(small());
    let (options, _) = spooling(folder.path(), 1 << 30);
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    push(&journal, 0..10_000);
    gate.store(true, Relaxed);
    let until = soon();
    while got.lock().unwrap().len() < 3_000 {
        assert!(Instant::now() < until);
        thread::yield_now();
    }
    gate.store(false, Relaxed);
    push(&journal, 10_000..20_000);
    // What is on disk at this moment is what a crash would leave there, with some of it delivered. Nothing is deleted
    // meanwhile: nothing is acknowledged.
    thread::sleep(Duration::from_millis(50));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), image.path().join(file.file_name())).unwrap();
    }
    let before = numbers(&got);
    let ended = Arc::new(AtomicBool::new(false));
    let tell = ended.clone();
    let spool = Spool::open(image.path(), spool::Options::default()).unwrap();
    assert!(spool.left() > 10_000);
    let (sink, rest) = made_with(small(), |_| Ok(Sent::Acknowledged));
    let recovery = Shipper::recover(sink, super::options().0).unwrap();
    recovery.adopt(
        Source::of_spool(spool)
            .announcing(announce())
            .at_end(move || tell.store(true, Relaxed)),
    );
    assert!(recovery.flush(soon()) && recovery.stop(soon()));
    assert!(ended.load(Relaxed));
    let rest = numbers(&rest);
    // From the first that was not acknowledged on, up to what the journal still held; it may begin with a batch of which
    // the answer was not noted.
    let (first, last) = (rest[0], *rest.last().unwrap());
    assert_eq!(rest, (first..=last).collect::<Vec<_>>());
    let delivered = before.len() as u32;
    assert!(
        first <= delivered && first + 100 >= delivered,
        "{first} {delivered}"
    );
    assert!(last > 18_000, "{last}");
    assert_eq!(
        std::fs::read_dir(image.path()).unwrap().count(),
        1,
        "the cursor alone is left"
    );
    gate.store(true, Relaxed);
    assert!(shipper.stop(soon()));
    assert_eq!(numbers(&got), (0..20_000).collect::<Vec<_>>());
}

#[test]
fn a_spent_budget_leaves_it_to_the_journal() {
    for on_full in [OnFull::DropNewest, OnFull::Block(Duration::from_millis(1))] {
        let folder = folder();
        let mut of = JournalOptions::default();
        (of.size, of.chunk, of.on_full) = (16 * 4096, 4096, on_full);
        let journal = Journal::in_memory(of).unwrap();
        let (sink, got, gate) = gated(small());
        let (options, reports) = spooling(folder.path(), 100_000);
        let budget = spool_of(&options).1.budget;
        let own = own(&journal).announcing(announce());
        let shipper = Shipper::start(own, sink, options).unwrap();
        let spent = || {
            reports
                .lock()
                .unwrap()
                .iter()
                .any(|text| text.contains("budget is spent"))
        };
        let (mut written, mut dropped) = (0, 0);
        let until = soon();
        // The shipper gets its time until nothing more goes to disk; then the journal fills.
        while !spent() || dropped < 20 {
            assert!(Instant::now() < until);
            match journal.push(format!("r{}", written + dropped).as_bytes()) {
                Pushed::Written => written += 1,
                _ => dropped += 1,
            }
            if written % 50 == 0 && !spent() {
                thread::sleep(Duration::from_micros(300));
            }
        }
        assert!(
            budget.used() <= 100_000 + 80 && budget.used() > 80_000,
            "{budget:?}"
        );
        gate.store(true, Relaxed);
        assert!(shipper.flush(soon()));
        // A gap is written before the next record that is taken.
        while journal.push(b"r0") != Pushed::Written {}
        assert!(shipper.stop(soon()));
        let lines = got.lock().unwrap().clone();
        assert_no_gap(&lines, &journal);
        assert!(lines.iter().any(|line| line.contains("lost")));
        assert_eq!((count(&shipper).shipped, count(&shipper).lost), (written + 1, 0));
        let reports = reports.lock().unwrap();
        assert!(
            reports
                .iter()
                .any(|text| text.contains("budget is spent") && text.contains("TRACEL_SPOOL")),
            "{reports:?}"
        );
    }
}

#[test]
fn a_folder_that_is_in_the_way_for_a_while_costs_nothing() {
    let parent = folder();
    let folder = parent.path().join("spool");
    let journal = patient(16);
    let (sink, got, gate) = gated(small());
    let (options, reports) = spooling(&folder, 1 << 30);
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    thread::scope(|scope| {
        // It waits for room, since nothing can go to disk.
        let writer = scope.spawn(|| push(&journal, 0..20_000));
        let until = soon();
        while !reports
            .lock()
            .unwrap()
            .iter()
            .any(|text| text.contains("stay in the journal"))
        {
            assert!(Instant::now() < until, "{reports:?}");
            thread::sleep(Duration::from_millis(1));
        }
        assert!(!writer.is_finished());
        std::fs::remove_file(&folder).unwrap();
        writer.join().unwrap();
    });
    assert!(folder.is_dir());
    gate.store(true, Relaxed);
    assert!(shipper.stop(soon()));
    assert_eq!(numbers(&got), (0..20_000).collect::<Vec<_>>());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_sink_with_a_spool_is_not_overtaken() {
    let folder = folder();
    let journal = patient(16);
    let (down, late, gate) = gated(small());
    let (good, got) = made(|_| Ok(Sent::Acknowledged));
    let down = Shipper::start(own(&journal), down, spooling(folder.path(), 1 << 30).0).unwrap();
    let good = Shipper::start(own(&journal), good, options().0).unwrap();
    push(&journal, 0..30_000);
    assert!(good.flush(soon()));
    assert_eq!(numbers(&got).len(), 30_000);
    gate.store(true, Relaxed);
    assert!(down.flush(soon()));
    assert_eq!(numbers(&late), (0..30_000).collect::<Vec<_>>());
    assert_eq!(count(&down).overrun, 0);
}

#[test]
fn nor_where_writers_do_not_wait() {
    let folder = folder();
    let journal = journal(16);
    let (down, late, gate) = gated(small());
    let (good, _) = made(|_| Ok(Sent::Acknowledged));
    let own_of_down = own(&journal).announcing(announce());
    let down = Shipper::start(own_of_down, down, spooling(folder.path(), 1 << 30).0).unwrap();
    let good = Shipper::start(own(&journal), good, options().0).unwrap();
    let written = (0..30_000)
        .filter(|n| journal.push(format!("r{n}").as_bytes()) == Pushed::Written)
        .count();
    assert!(good.flush(soon()));
    gate.store(true, Relaxed);
    assert!(down.flush(soon()));
    assert_eq!(count(&down).overrun, 0);
    assert_eq!(
        count(&down).shipped as usize,
        written,
        "what is lost the journal had not taken"
    );
    assert_no_gap(&late.lock().unwrap(), &journal);
}

#[test]
fn a_sink_for_which_nothing_goes_to_disk_takes_nothing_from_the_others() {
    let folder = folder();
    let journal = journal(16);
    let (down, _, _gate) = gated(small());
    let (good, got) = made(|_| Ok(Sent::Acknowledged));
    let (options_of_down, reports) = spooling(folder.path(), 0);
    let down = Shipper::start(own(&journal), down, options_of_down).unwrap();
    let good = Shipper::start(own(&journal), good, options().0).unwrap();
    let until = soon();
    while !reports
        .lock()
        .unwrap()
        .iter()
        .any(|text| text.contains("budget is spent"))
    {
        assert!(Instant::now() < until);
        (0..20).for_each(|_| _ = journal.push(b"r0"));
        thread::sleep(Duration::from_millis(1));
    }
    assert!(good.flush(soon()));
    let before = got.lock().unwrap().len();
    // Many times the journal.
    for n in 0..400 {
        push(&journal, n * 20..n * 20 + 20);
        assert!(good.flush(soon()));
    }
    assert_eq!(got.lock().unwrap().len(), before + 8000);
    drop(down);
}

/// Says of nothing that it has arrived, but panics, when it is asked for the first time.
struct Startled {
    pending: VecDeque<(u64, Vec<u8>)>,
    was: bool,
    got: Got,
}

impl Sink for Startled {
    fn name(&self) -> String {
        "startled:".into()
    }

    fn batching(&self) -> Batching {
        small()
    }

    fn send(&mut self, batch: &Batch<'_>) -> Answer {
        self.pending.push_back((batch.id, batch.bytes.to_vec()));
        Ok(Sent::Pending)
    }

    fn settle(&mut self, _: Instant, report: &mut dyn FnMut(u64, Result<(), SendError>)) {
        let pending = std::mem::take(&mut self.pending);
        assert!(std::mem::replace(&mut self.was, true), "of its own making");
        for (id, bytes) in pending {
            let text = String::from_utf8(bytes).unwrap();
            self.got.lock().unwrap().extend(text.lines().map(str::to_owned));
            report(id, Ok(()));
        }
    }
}

#[test]
fn what_was_under_way_when_a_sink_on_its_own_thread_panicked_is_sent_again() {
    let folder = folder();
    let journal = patient(16);
    push(&journal, 0..250);
    let got = Got::default();
    let (pending, was) = (VecDeque::new(), false);
    let sink = Box::new(Startled {
        pending,
        was,
        got: got.clone(),
    });
    let shipper = Shipper::start(own(&journal), sink, spooling(folder.path(), 1 << 30).0).unwrap();
    assert!(shipper.flush(soon()));
    assert_eq!(numbers(&got), (0..250).collect::<Vec<_>>());
    assert_eq!(count(&shipper).retried, 1);
}

#[test]
fn a_record_that_is_refused_from_disk_is_announced_in_its_place() {
    let folder = folder();
    let journal = patient(16);
    let gate = Arc::new(AtomicBool::new(false));
    let open = gate.clone();
    let (sink, got) = made_with(small(), move |batch| {
        let text = std::str::from_utf8(batch.bytes).unwrap();
        if !open.load(Relaxed) {
            return Err(SendError::retry("away"));
        }
        match text
            .lines()
            .any(|line| line.ends_with("r50") || line.ends_with("r7000"))
        {
            true => Err(SendError::refused("it is one of two")),
            false => Ok(Sent::Acknowledged),
        }
    });
    let own = own(&journal).announcing(announce());
    let shipper = Shipper::start(own, sink, spooling(folder.path(), 1 << 30).0).unwrap();
    push(&journal, 0..10_000);
    gate.store(true, Relaxed);
    assert!(shipper.stop(soon()));
    let lines = got.lock().unwrap().clone();
    assert_no_gap(&lines, &journal);
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.contains("lost 1 refused"))
            .count(),
        2
    );
    assert_eq!((count(&shipper).shipped, count(&shipper).refused), (9_998, 2));
}

#[test]
fn what_is_under_way_is_settled_while_a_full_sink_rests() {
    let journal = journal(16);
    /// Fails the first batch for long, and takes the second soon after.
    struct Half {
        ids: Vec<u64>,
        turns: usize,
        got: Arc<AtomicBool>,
    }
    impl Sink for Half {
        fn name(&self) -> String {
            "half:".into()
        }

        fn batching(&self) -> Batching {
            Batching {
                lines: 10,
                in_flight: 2,
                ..Batching::default()
            }
        }

        fn send(&mut self, batch: &Batch<'_>) -> Answer {
            self.ids.push(batch.id);
            Ok(Sent::Pending)
        }

        fn settle(&mut self, _: Instant, report: &mut dyn FnMut(u64, Result<(), SendError>)) {
            if self.ids.len() < 2 {
                return;
            }
            self.turns += 1;
            if self.turns == 1 {
                let after = Some(Duration::from_secs(60));
                report(
                    self.ids[0],
                    Err(SendError::Retry {
                        why: "later".into(),
                        after,
                    }),
                );
            } else if self.turns == 5 {
                report(self.ids[1], Ok(()));
                self.got.store(true, Relaxed);
            }
        }
    }
    push(&journal, 0..20);
    let got = Arc::new(AtomicBool::new(false));
    let sink = Half {
        ids: Vec::new(),
        turns: 0,
        got: got.clone(),
    };
    let shipper = Shipper::start(own(&journal), Box::new(sink), options().0).unwrap();
    let until = Instant::now() + Duration::from_secs(5);
    while !got.load(Relaxed) {
        assert!(Instant::now() < until, "nobody asked for a minute");
        thread::sleep(Duration::from_millis(1));
    }
    shipper.stop(Instant::now());
}

#[test]
fn threads_that_rest_bring_nothing_to_disk() {
    let folder = folder();
    let journal = patient(32);
    // Most of the chunks are begun by threads that live on, and the sink is slow, but never behind.
    let (done, wait) = (mpsc::channel::<()>(), Arc::new(std::sync::Barrier::new(21)));
    let rest = Arc::new(Mutex::new(done.1));
    let threads: Vec<_> = (0..20)
        .map(|_| {
            let (journal, wait, rest) = (journal.clone(), wait.clone(), rest.clone());
            thread::spawn(move || {
                push(&journal, 0..1);
                wait.wait();
                _ = rest.lock().unwrap().recv();
            })
        })
        .collect();
    wait.wait();
    let (sink, got) = made_with(small(), |_| {
        thread::sleep(Duration::from_micros(500));
        Ok(Sent::Acknowledged)
    });
    let (options, _) = spooling(folder.path(), 1 << 30);
    let budget = spool_of(&options).1.budget;
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    for n in 0..200 {
        push(&journal, n * 20..n * 20 + 20);
        assert!(shipper.flush(soon()));
        assert_eq!(budget.used(), 0);
    }
    assert!(shipper.stop(soon()));
    assert_eq!(got.lock().unwrap().len(), 4020);
    drop(done.0);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn a_flood_waits_for_a_sink_that_answers() {
    let folder = folder();
    let journal = patient(16);
    let (mut options, _) = spooling(folder.path(), 1 << 30);
    options.patience = Duration::from_secs(10);
    let budget = spool_of(&options).1.budget;
    let most = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let (used, seen) = (budget.clone(), most.clone());
    let (sink, got) = made_with(small(), move |_| {
        thread::sleep(Duration::from_micros(200));
        seen.fetch_max(used.used(), Relaxed);
        Ok(Sent::Acknowledged)
    });
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    // Many times what the journal holds, as fast as it goes.
    push(&journal, 0..30_000);
    assert!(shipper.stop(soon()));
    assert_eq!(numbers(&got), (0..30_000).collect::<Vec<_>>());
    assert_eq!(most.load(Relaxed), 0, "nothing went over the disk");
}

#[test]
fn a_flood_waits_once_for_a_sink_that_stalls() {
    let folder = folder();
    let journal = patient(16);
    let (open, sink, got) = stuck(small());
    let (mut options, _) = spooling(folder.path(), 1 << 30);
    options.patience = Duration::from_millis(500);
    let budget = spool_of(&options).1.budget;
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    // Some forty times what the journal holds.
    let waits = (0..1_000).filter(|n| {
        let start = Instant::now();
        push(&journal, n * 100..n * 100 + 100);
        start.elapsed() >= Duration::from_millis(400)
    });
    let waits = waits.count();
    // One; a machine full of work may take as long a time once for itself.
    assert!((1..=3).contains(&waits), "{waits}");
    assert!(budget.used() > 0);
    drop(open);
    assert!(shipper.stop(soon()));
    assert_eq!(numbers(&got), (0..100_000).collect::<Vec<_>>());
}

#[test]
fn what_waits_for_the_sinks_thread_comes_after_what_fails_before_it() {
    let folder = folder();
    let journal = patient(16);
    let (failed, counted) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (failing, counting) = (failed.clone(), counted.clone());
    // Four of them wait for its thread.
    let little = Batching {
        bytes: 1000,
        ..small()
    };
    let (sink, got) = made_with(little, move |batch| {
        // The next ones are there by then.
        thread::sleep(Duration::from_millis(1));
        let turn = counting.fetch_add(1, Relaxed);
        let text = std::str::from_utf8(batch.bytes).unwrap();
        if text.contains("r7777\n") {
            return Err(SendError::refused("that one"));
        }
        if turn % 4 == 1 {
            failing.fetch_add(1, Relaxed);
            return Err(SendError::retry("now and then"));
        }
        Ok(Sent::Acknowledged)
    });
    let shipper = Shipper::start(own(&journal), sink, spooling(folder.path(), 1 << 30).0).unwrap();
    push(&journal, 0..10_000);
    assert!(shipper.flush(soon()));
    let wanted: Vec<u32> = (0..10_000).filter(|n| *n != 7777).collect();
    assert!(numbers(&got) == wanted, "in their order, and each once");
    let counts = count(&shipper);
    assert_eq!((counts.shipped, counts.refused, counts.lost), (9_999, 1, 0));
    assert!(failed.load(Relaxed) > 20, "{failed:?} of {counted:?}");
    assert_eq!(
        counts.retried,
        failed.load(Relaxed) as u64,
        "one that was not tried has not failed"
    );
    assert!(shipper.stop(soon()));
}

#[test]
fn a_sink_that_is_left_behind_begins_nothing_more() {
    let folder = folder();
    let journal = patient(16);
    let (open, door) = mpsc::channel::<()>();
    let begun = Arc::new(AtomicUsize::new(0));
    let beginning = begun.clone();
    let (sink, _) = made_with(small(), move |_| {
        beginning.fetch_add(1, Relaxed);
        _ = door.recv();
        Ok(Sent::Acknowledged)
    });
    let shipper = Shipper::start(own(&journal), sink, spooling(folder.path(), 1 << 30).0).unwrap();
    push(&journal, 0..2_000);
    assert!(shipper.stop(Instant::now() + Duration::from_millis(200)));
    assert_eq!(count(&shipper).pending, 2_000, "kept for the next start");
    drop(shipper);
    // The shipper's thread goes, then the sink's, whose batch is done at last.
    thread::sleep(Duration::from_millis(100));
    drop(open);
    thread::sleep(Duration::from_millis(100));
    assert_eq!(begun.load(Relaxed), 1, "the next start would deliver them twice");
}
