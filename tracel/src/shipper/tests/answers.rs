//! What becomes of a sink's answers: ids, refusals, rests; and what a flush and an end wait for.

use super::*;
use std::collections::HashMap;

/// An output that goes on where it was, like `stdout:`, needs that.
#[test]
fn an_id_is_never_another_batchs() {
    let journal = journal(64);
    let small = Batching {
        lines: 16,
        ..Batching::default()
    };
    let mut seen = HashMap::<u64, Vec<u8>>::new();
    let (sink, got) = made_with(small, move |batch| {
        let before = seen.entry(batch.id).or_insert_with(|| batch.bytes.to_vec());
        assert_eq!(*before, batch.bytes, "id {}", batch.id);
        let text = std::str::from_utf8(batch.bytes).unwrap();
        match text.lines().any(|line| line.ends_with('7')) {
            true => Err(SendError::refused("it ends in 7")),
            false => Ok(Sent::Acknowledged),
        }
    });
    push(&journal, 0..200);
    let shipper = Shipper::start(own(&journal).announcing(announce()), sink, options().0).unwrap();
    assert!(shipper.flush(soon()));
    let counts = count(&shipper);
    assert_eq!(
        (counts.retried, counts.shipped, counts.refused, counts.announced),
        (0, 180, 20, 20),
        "a panic is tried again"
    );
    assert_no_gap(&got.lock().unwrap(), &journal);
}

#[test]
fn a_sink_that_refuses_even_the_announcements_holds_nobody_up() {
    let journal = journal(16);
    push(&journal, 0..10);
    let (sink, _) = made(|_| Err(SendError::refused("all of it")));
    let shipper = Shipper::start(own(&journal).announcing(announce()), sink, options().0).unwrap();
    assert!(shipper.flush(soon()));
    let counts = count(&shipper);
    assert_eq!((counts.refused, counts.announced, counts.shipped), (10, 0, 0));
}

/// As a sink that takes warnings alone.
#[test]
fn records_that_are_not_for_a_sink_keep_no_flush_waiting_and_no_memory() {
    let journal = journal(16);
    let (sink, got) = made(|_| Ok(Sent::Acknowledged));
    let none: Complete = Arc::new(|_, _, _, _| {});
    let shipper = Shipper::start(Source::of(&journal, none).unwrap(), sink, options().0).unwrap();
    for round in 0..50 {
        push(&journal, round * 100..round * 100 + 100);
        assert!(shipper.flush(soon()));
    }
    assert!(shipper.stop(soon()) && shipper.is_clear());
    assert!(got.lock().unwrap().is_empty());
}

#[test]
fn what_cannot_be_completed_is_counted_once_on_its_way_over_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let journal = spilling::patient(16);
    let (sink, got, gate) = spilling::gated(spilling::small());
    let picky: Complete = Arc::new(|lane, seq, payload, out| {
        assert!(!payload.ends_with(b"7"));
        complete()(lane, seq, payload, out);
    });
    let own = Source::of(&journal, picky).unwrap().announcing(announce());
    let shipper = Shipper::start(own, sink, spilling::spooling(folder.path(), 1 << 30).0).unwrap();
    push(&journal, 0..10_000);
    gate.store(true, Relaxed);
    assert!(shipper.flush(soon()));
    let counts = count(&shipper);
    assert_eq!((counts.refused, counts.shipped), (1000, 9000));
    assert_no_gap(&got.lock().unwrap(), &journal);
}

#[test]
fn a_flush_tries_a_sink_that_rests_at_once() {
    let journal = journal(16);
    push(&journal, 0..10);
    let (failed, failing) = mpsc::channel();
    let mut first = true;
    let (sink, got) = made(move |_| {
        if std::mem::take(&mut first) {
            failed.send(()).unwrap();
            return Err(SendError::retry("away"));
        }
        Ok(Sent::Acknowledged)
    });
    let (mut options, _) = options();
    (options.backoff, options.max_backoff) = (Duration::from_secs(600), Duration::from_secs(600));
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    failing.recv().unwrap();
    thread::sleep(Duration::from_millis(20));
    assert!(shipper.flush(soon()));
    assert_eq!(got.lock().unwrap().len(), 10);
}

#[test]
fn the_rest_after_a_failure_is_short_again_after_a_success() {
    let journal = journal(16);
    let mut times = Vec::new();
    let (done, all) = mpsc::channel();
    let (sink, _) = made(move |_| {
        times.push(Instant::now());
        // Seven failures, a success, a failure.
        match times.len() {
            8 => return Ok(Sent::Acknowledged),
            10 => done.send(times[9] - times[8]).unwrap(),
            _ => {}
        }
        Err(SendError::retry("away"))
    });
    let (mut options, _) = options();
    (options.backoff, options.max_backoff) = (Duration::from_millis(20), Duration::from_secs(600));
    let _shipper = Shipper::start(own(&journal), sink, options).unwrap();
    push(&journal, 0..1);
    let rest = (1..).find_map(|n| {
        push(&journal, n..n + 1);
        all.recv_timeout(Duration::from_millis(50)).ok()
    });
    // The eighth in a row would take 1.3 s at least.
    assert!(rest.unwrap() < Duration::from_secs(1), "{rest:?}");
}

/// What is logged meanwhile, and goes to disk, is not waited for.
#[test]
fn a_busy_service_with_a_slow_sink_can_be_flushed() {
    let folder = tempfile::tempdir().unwrap();
    let journal = journal(16);
    let (slow, _) = made_with(spilling::small(), |_| {
        thread::sleep(Duration::from_millis(2));
        Ok(Sent::Acknowledged)
    });
    let shipper = Shipper::start(own(&journal), slow, spilling::spooling(folder.path(), 1 << 30).0).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                for _ in 0..200 {
                    _ = journal.push(b"busy");
                }
                thread::sleep(Duration::from_millis(1));
            }
        });
        thread::sleep(Duration::from_millis(300));
        let flushed = shipper.flush(soon());
        let behind = count_kept(&shipper);
        done.store(true, Relaxed);
        assert!(flushed);
        assert!(behind > 0, "it is behind all the time");
    });
    drop(shipper);
}

fn count_kept(shipper: &Shipper) -> u64 {
    shipper.control.counts.kept.load(Relaxed)
}

#[test]
fn a_stop_without_any_time_still_puts_what_there_is_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let journal = journal(16);
    let (_open, sink, _) = stuck(spilling::small());
    let (options, reports) = spilling::spooling(folder.path(), 1 << 30);
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    push(&journal, 0..1000);
    assert!(shipper.stop(Instant::now()), "{reports:?}");
    assert_eq!((count(&shipper).lost, count(&shipper).pending), (0, 1000));
    assert!(!shipper.is_clear(), "the next start needs it");
}

/// A folder is removed when all of its sinks are clear.
#[test]
fn only_what_has_ended_with_everything_delivered_is_clear() {
    let journal = journal(16);
    let start = |sink| Shipper::start(own(&journal), sink, options().0).unwrap();
    let (good, _) = made(|_| Ok(Sent::Acknowledged));
    let good = start(good);
    push(&journal, 0..10);
    assert!(good.flush(soon()) && !good.is_clear(), "it works");
    assert!(good.stop(soon()) && good.is_clear());
    push(&journal, 10..11);
    assert!(!good.is_clear(), "nobody delivers that");
    let (_open, never, _) = stuck(Batching::default());
    let never = start(never);
    assert!(!never.stop(Instant::now()) && !never.is_clear());
    assert!(!never.stop(soon()), "it does not become true by asking again");
}

#[cfg(all(target_os = "linux", not(loom)))]
mod of_the_dead {
    use super::*;
    use crate::journal::{Identity, relic::Relic};

    fn relic(path: &std::path::Path, records: u32) -> Relic {
        let journal = Journal::in_file(path, &Identity::somebody(), JournalOptions::default()).unwrap();
        push(&journal, 0..records);
        drop(journal);
        // Another test's look at `stats()` may hold it for a moment.
        let until = soon();
        loop {
            assert!(Instant::now() < until);
            if let Some(relic) = Relic::open(path).unwrap() {
                return relic;
            }
        }
    }

    #[test]
    fn closing_lines_come_last() {
        let folder = tempfile::tempdir().unwrap();
        let relic = Arc::new(relic(&folder.path().join("journal"), 25));
        let few = Batching {
            lines: 10,
            ..Batching::default()
        };
        let (sink, got) = made_with(few, |_| Ok(Sent::Acknowledged));
        let shipper = Shipper::recover(sink, options().0).unwrap();
        let source = Source::of_relic(relic.reader(None), complete());
        shipper.adopt(source.closing(|put| put(1, 25, b"1/25/r25")));
        assert!(shipper.flush(soon()));
        assert_eq!(numbers(&got), (0..26).collect::<Vec<_>>());
    }

    /// It is not removed then.
    #[test]
    fn one_that_cannot_be_read_or_written_to_has_not_ended() {
        use std::fs::OpenOptions;
        // A handle that cannot do something stands in for a disk that cannot.
        for (reads, writes) in [(true, true), (false, true), (true, false)] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("journal");
            let relic = relic(&path, 5);
            let handle = OpenOptions::new().read(reads).write(writes).open(&path);
            let relic = relic.by(handle.unwrap());
            let ended = Arc::new(AtomicBool::new(false));
            let tell = Arc::clone(&ended);
            let source = Source::of_relic(Arc::new(relic).reader(Some(0)), complete());
            let (sink, got) = made(|_| Ok(Sent::Acknowledged));
            let (options, reports) = options();
            let shipper = Shipper::recover(sink, options).unwrap();
            shipper.adopt(source.at_end(move || tell.store(true, Relaxed)));
            assert!(shipper.flush(soon()), "nothing more can be done");
            assert_eq!(got.lock().unwrap().len(), if reads { 5 } else { 0 });
            assert_eq!(ended.load(Relaxed), reads && writes);
            let left = reports
                .lock()
                .unwrap()
                .iter()
                .any(|text| text.contains("left as it is"));
            assert_eq!(left, !(reads && writes));
        }
    }
}

/// Says that a batch is under way, and for some time no more.
struct Slow {
    pending: Vec<u64>,
    settled: Arc<AtomicUsize>,
    told: bool,
}

impl Sink for Slow {
    fn name(&self) -> String {
        "slow:".into()
    }

    fn send(&mut self, batch: &Batch<'_>) -> Answer {
        self.pending.push(batch.id);
        Ok(Sent::Pending)
    }

    fn settle(&mut self, until: Instant, report: &mut dyn FnMut(u64, Result<(), SendError>)) {
        self.settled.fetch_add(1, Relaxed);
        match self.told {
            true => self.pending.drain(..).for_each(|id| report(id, Ok(()))),
            false => thread::sleep(until.saturating_duration_since(Instant::now())),
        }
    }

    fn trouble(&mut self) -> Option<String> {
        let first = !std::mem::replace(&mut self.told, true);
        first.then(|| "the line is busy".to_owned())
    }
}

/// Also where the sink has a thread of its own; and it is left alone when nothing is under way.
#[test]
fn what_keeps_batches_from_arriving_is_told() {
    for spools in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(16);
        let settled = Arc::<AtomicUsize>::default();
        let sink = Slow {
            pending: Vec::new(),
            settled: Arc::clone(&settled),
            told: false,
        };
        let (options, reports) = match spools {
            true => spilling::spooling(folder.path(), 1 << 20),
            false => options(),
        };
        let shipper = Shipper::start(own(&journal), Box::new(sink), options).unwrap();
        push(&journal, 0..10);
        assert!(shipper.flush(soon()));
        let told = reports.lock().unwrap().clone();
        assert!(
            told.iter().any(|text| text.contains("the line is busy")),
            "{spools}: {told:?}"
        );
        let before = settled.load(Relaxed);
        thread::sleep(Duration::from_millis(50));
        assert!(settled.load(Relaxed) <= before + 1);
    }
}

/// However long a sink would have its batches linger.
#[test]
fn a_batch_that_lingers_does_not_fill_the_journal() {
    let large = Batching {
        bytes: 64 << 20,
        lines: usize::MAX,
        linger: Duration::from_secs(3600),
        ..Batching::default()
    };
    let journal = spilling::patient(16);
    let (sink, got) = made_with(large, |_| Ok(Sent::Acknowledged));
    let shipper = Shipper::start(own(&journal), sink, options().0).unwrap();
    push(&journal, 0..20_000);
    assert!(shipper.stop(soon()));
    assert_eq!(numbers(&got), (0..20_000).collect::<Vec<_>>());
}

/// Its end is what there was when it was told to stop.
#[test]
fn a_busy_service_with_a_sink_that_never_answers_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let journal = journal(16);
    let (_open, sink, _) = stuck(spilling::small());
    let (options, reports) = spilling::spooling(folder.path(), 1 << 30);
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    let done = AtomicBool::new(false);
    let stopped = thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                for _ in 0..200 {
                    _ = journal.push(b"busy");
                }
                thread::sleep(Duration::from_micros(200));
            }
        });
        thread::sleep(Duration::from_millis(100));
        // A quarter of it is for the disk.
        let stopped = shipper.stop(Instant::now() + Duration::from_secs(4));
        done.store(true, Relaxed);
        stopped
    });
    assert!(stopped && count(&shipper).pending > 0, "{reports:?}");
}
