//! Shippers against sinks of every temper: what is lost, what is told, and who waits for whom.

mod answers;
#[cfg(all(target_os = "linux", not(loom)))]
mod files;
mod losses;
mod spilling;

use super::*;
use crate::{
    journal::{OnFull, Options as JournalOptions, Pushed},
    sink::{Batch, Batching, SendError, Sent},
};
use std::{
    collections::VecDeque,
    ops::ControlFlow,
    sync::{
        atomic::{AtomicBool, AtomicUsize},
        mpsc,
    },
    thread,
};

fn journal(chunks: usize) -> Journal {
    let mut options = JournalOptions::default();
    (options.size, options.chunk, options.on_full) = (chunks * 4096, 4096, OnFull::DropNewest);
    Journal::in_memory(options).unwrap()
}

fn complete() -> Complete {
    Arc::new(|lane, seq, payload, out| {
        out.extend_from_slice(format!("{lane}/{seq}/").as_bytes());
        out.extend_from_slice(payload);
        out.push(b'\n');
    })
}

fn own(journal: &Journal) -> Source {
    Source::of(journal, complete()).unwrap()
}

/// Options that rest shortly, and what is reported.
fn options() -> (Options, Arc<Mutex<Vec<String>>>) {
    let reports = Arc::new(Mutex::new(Vec::new()));
    let into = reports.clone();
    let options = Options {
        backoff: Duration::from_millis(1),
        max_backoff: Duration::from_millis(5),
        report: Report::to(move |text| into.lock().unwrap().push(text.to_owned())),
        ..Options::default()
    };
    (options, reports)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// A sink made of a closure; what it acknowledges is kept.
struct Made<F> {
    send: F,
    batching: Batching,
    got: Arc<Mutex<Vec<String>>>,
}

type Answer = Result<Sent, SendError>;

impl<F: FnMut(&Batch<'_>) -> Answer + Send> Sink for Made<F> {
    fn name(&self) -> String {
        "made:".into()
    }

    fn batching(&self) -> Batching {
        self.batching
    }

    fn send(&mut self, batch: &Batch<'_>) -> Answer {
        let text = std::str::from_utf8(batch.bytes).unwrap();
        assert!(
            text.ends_with('\n') && text.lines().count() == batch.lines,
            "{text:?}"
        );
        let answer = (self.send)(batch);
        if answer == Ok(Sent::Acknowledged) {
            self.got.lock().unwrap().extend(text.lines().map(str::to_owned));
        }
        answer
    }
}

type Got = Arc<Mutex<Vec<String>>>;

fn made(send: impl FnMut(&Batch<'_>) -> Answer + Send + 'static) -> (Box<dyn Sink>, Got) {
    made_with(Batching::default(), send)
}

fn made_with(
    batching: Batching,
    send: impl FnMut(&Batch<'_>) -> Answer + Send + 'static,
) -> (Box<dyn Sink>, Got) {
    let got = Got::default();
    let sink = Made {
        send,
        batching,
        got: got.clone(),
    };
    (Box::new(sink), got)
}

/// One that answers nothing until the sender goes.
fn stuck(batching: Batching) -> (mpsc::Sender<()>, Box<dyn Sink>, Got) {
    let (open, door) = mpsc::channel::<()>();
    let (sink, got) = made_with(batching, move |_| {
        _ = door.recv();
        Ok(Sent::Acknowledged)
    });
    (open, sink, got)
}

fn count(shipper: &Shipper) -> Stats {
    let mut stats = Stats::default();
    stats::Source::add_to(&*shipper.control.counts, &mut stats);
    // The process counts these as they happen.
    stats.overrun = shipper.tally.overrun();
    stats
}

fn push(journal: &Journal, numbers: std::ops::Range<u32>) {
    for n in numbers {
        assert_eq!(journal.push(format!("r{n}").as_bytes()), Pushed::Written);
    }
}

/// The numbers of the records in these lines, in order.
fn numbers(got: &Got) -> Vec<u32> {
    let lines = got.lock().unwrap();
    lines
        .iter()
        .map(|line| line.rsplit('r').next().unwrap().parse().unwrap())
        .collect()
}

#[test]
fn what_is_pushed_is_delivered_after_a_flush() {
    let journal = journal(16);
    push(&journal, 0..10);
    let (sink, got) = made(|_| Ok(Sent::Acknowledged));
    let shipper = Shipper::start(own(&journal), sink, options().0).unwrap();
    assert!(shipper.flush(soon()));
    assert_eq!(numbers(&got), (0..10).collect::<Vec<_>>());
    for round in 1..50 {
        push(&journal, round * 10..round * 10 + 10);
        assert!(shipper.flush(soon()));
        assert_eq!(numbers(&got).len() as u32, round * 10 + 10);
    }
    push(&journal, 500..600);
    assert!(shipper.stop(soon()));
    assert_eq!(numbers(&got), (0..600).collect::<Vec<_>>());
    assert_eq!((count(&shipper).shipped, count(&shipper).lost), (600, 0));
    assert!(shipper.stop(soon()), "a second stop finds nothing to do");
}

#[test]
fn a_flush_is_quick_although_nobody_is_woken_for_a_record() {
    let journal = journal(16);
    let (sink, _) = made(|_| Ok(Sent::Acknowledged));
    let shipper = Shipper::start(own(&journal), sink, options().0).unwrap();
    let mut times: Vec<Duration> = (0..40)
        .map(|n| {
            // Long enough that it sleeps for 5 ms at a time.
            thread::sleep(Duration::from_millis(12));
            push(&journal, n..n + 1);
            let start = Instant::now();
            assert!(shipper.flush(soon()));
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    // Without a call, a quarter of the flushes would take less than 1.25 ms.
    assert!(times[10] < Duration::from_millis(1), "{times:?}");
}

#[test]
fn a_few_records_do_not_keep_it_awake() {
    let journal = journal(16);
    let looks = Arc::new(AtomicUsize::new(0));
    let counting = looks.clone();
    let (sink, got) = made(move |_| {
        counting.fetch_add(1, Relaxed);
        Ok(Sent::Acknowledged)
    });
    let shipper = Shipper::start(own(&journal), sink, options().0).unwrap();
    let (start, mut made) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_millis(400) {
        push(&journal, made..made + 1);
        made += 1;
        thread::sleep(Duration::from_micros(500));
    }
    let millis = start.elapsed().as_millis() as usize;
    let looks = looks.load(Relaxed);
    assert!(shipper.flush(soon()));
    assert_eq!(numbers(&got).len() as u32, made);
    // One each 5 ms, after a few that come sooner. Whoever looks again soon because there was a record finds most of them alone.
    assert!(
        looks <= 8 + millis / 5,
        "{looks} looks in {millis} ms for {made} records"
    );
}

#[test]
fn a_failing_sink_gets_the_same_batch_again_until_it_takes_it() {
    let journal = journal(16);
    push(&journal, 0..100);
    let mut seen = Vec::<(u64, Vec<u8>)>::new();
    let (sink, got) = made(move |batch| {
        seen.push((batch.id, batch.bytes.to_vec()));
        if seen.len() < 8 {
            return Err(SendError::retry("away"));
        }
        assert!(
            seen[..8].iter().all(|it| *it == seen[0]),
            "the same id and bytes each time"
        );
        Ok(Sent::Acknowledged)
    });
    let (options, reports) = options();
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    assert!(shipper.flush(soon()));
    assert_eq!(numbers(&got), (0..100).collect::<Vec<_>>());
    assert_eq!((count(&shipper).retried, count(&shipper).shipped), (7, 100));
    let reports = reports.lock().unwrap();
    assert_eq!(
        reports.len(),
        2,
        "once a minute, and that it is well again: {reports:?}"
    );
    assert!(reports[0].contains("made:") && reports[0].contains("away") && reports[1].contains("again"));
}

#[test]
fn one_bad_record_costs_no_other_its_place() {
    let journal = journal(64);
    push(&journal, 0..1000);
    let bad = |batch: &Batch<'_>| {
        let text = std::str::from_utf8(batch.bytes).unwrap();
        text.lines()
            .any(|line| line.ends_with("r17") || line.ends_with("r999"))
    };
    let (sink, got) = made(move |batch| {
        if bad(batch) {
            Err(SendError::refused("not a number"))
        } else {
            Ok(Sent::Acknowledged)
        }
    });
    let (options, reports) = options();
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    assert!(shipper.flush(soon()));
    assert_eq!(numbers(&got), (0..999).filter(|n| *n != 17).collect::<Vec<_>>());
    assert_eq!(
        (
            count(&shipper).refused,
            count(&shipper).shipped,
            count(&shipper).retried
        ),
        (2, 998, 0)
    );
    let reports = reports.lock().unwrap();
    assert!(
        reports[0].contains("record 17 of lane") && reports[0].contains("not a number"),
        "{reports:?}"
    );
}

#[test]
fn a_sink_that_never_answers_stops_neither_the_service_nor_the_others() {
    let journal = journal(16);
    let (open, door) = mpsc::channel::<()>();
    let (entered, inside) = mpsc::channel::<()>();
    let (stuck, never) = made(move |_| {
        _ = entered.send(());
        _ = door.recv();
        Ok(Sent::Acknowledged)
    });
    let (good, got) = made(|_| Ok(Sent::Acknowledged));
    let (stuck_options, reports) = options();
    let stuck = Shipper::start(own(&journal), stuck, stuck_options).unwrap();
    let good = Shipper::start(own(&journal), good, options().0).unwrap();
    // Many times what the journal holds.
    for round in 0..200 {
        push(&journal, round * 100..round * 100 + 100);
        if round == 0 {
            // From now on it does not read, and can be overtaken.
            inside.recv().unwrap();
        }
        if round % 5 == 4 {
            assert!(good.flush(soon()));
        }
    }
    assert_eq!(numbers(&got), (0..20_000).collect::<Vec<_>>());
    let start = Instant::now();
    assert!(!stuck.flush(Instant::now() + Duration::from_millis(50)));
    assert!(!stuck.stop(Instant::now() + Duration::from_millis(50)));
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(good.stop(soon()));
    assert_eq!(count(&good).lost, 0);
    // Every record is accounted for once: missed when it was overtaken, else lost at the end.
    let counts = count(&stuck);
    assert_eq!(counts.lost + counts.overrun, 20_000);
    assert!(
        reports
            .lock()
            .unwrap()
            .iter()
            .any(|text| text.contains("not delivered"))
    );
    // It wakes up too late: that changes nothing.
    drop(open);
    thread::sleep(Duration::from_millis(50));
    assert_eq!(count(&stuck).shipped, 0);
    assert!(never.lock().unwrap().len() < 20_000);
}

#[test]
fn a_sink_that_never_answers_takes_no_time_from_the_others_at_the_end() {
    let journal = journal(16);
    let (open, stuck, _) = stuck(Batching::default());
    let lingers = Batching {
        linger: Duration::from_secs(3600),
        ..Batching::default()
    };
    let (good, got) = made_with(lingers, |_| Ok(Sent::Acknowledged));
    let start = |sink| Shipper::start(own(&journal), sink, options().0).unwrap();
    let shippers = [start(stuck), start(good)];
    push(&journal, 0..10);
    assert!(!flush_all(&shippers, Instant::now() + Duration::from_millis(300)));
    assert_eq!(numbers(&got).len(), 10);
    push(&journal, 10..20);
    assert!(!stop_all(&shippers, Instant::now() + Duration::from_millis(300)));
    assert_eq!(numbers(&got).len(), 20);
    assert_eq!((count(&shippers[0]).lost, count(&shippers[1]).lost), (20, 0));
    drop(open);
}

#[test]
fn a_sink_that_was_too_slow_learns_what_it_missed() {
    let journal = journal(8);
    let gate = Arc::new(AtomicBool::new(false));
    let open = gate.clone();
    let (entered, inside) = mpsc::channel::<()>();
    let (slow, got) = made(move |_| {
        _ = entered.send(());
        while !open.load(Relaxed) {
            thread::sleep(Duration::from_millis(1));
        }
        Ok(Sent::Acknowledged)
    });
    let (good, _) = made(|_| Ok(Sent::Acknowledged));
    let (slow_options, reports) = options();
    let slow = Shipper::start(own(&journal).announcing(announce()), slow, slow_options).unwrap();
    let good = Shipper::start(own(&journal), good, options().0).unwrap();
    for round in 0..300 {
        push(&journal, round * 20..round * 20 + 20);
        if round == 0 {
            // From now on it does not read, and can be overtaken.
            inside.recv().unwrap();
        }
        assert!(good.flush(soon()));
    }
    gate.store(true, Relaxed);
    assert!(slow.flush(soon()));
    let counts = count(&slow);
    assert!(counts.overrun > 1000, "{counts:?}");
    assert_eq!(counts.shipped + counts.overrun, 6000);
    let lines = got.lock().unwrap().clone();
    let missed = lines.iter().filter(|line| line.contains("/lost ")).count();
    assert_eq!(counts.shipped as usize, lines.len() - missed);
    assert!(lines.iter().any(|line| line.ends_with("missed")));
    assert_no_gap(&lines, &journal);
    assert!(
        reports
            .lock()
            .unwrap()
            .iter()
            .any(|text| text.contains("too slow"))
    );
    assert!(slow.stop(soon()) && good.stop(soon()));
}

#[test]
fn a_full_journal_is_told() {
    let journal = journal(4);
    let (sink, got) = made(|_| Ok(Sent::Acknowledged));
    let mut written = 0;
    while journal.push(format!("r{written}").as_bytes()) == Pushed::Written {
        written += 1;
    }
    let (options, reports) = options();
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    assert!(shipper.flush(soon()));
    push(&journal, written..written + 1);
    assert!(shipper.stop(soon()));
    assert_eq!(numbers(&got).len() as u32, written + 1);
    let reports = reports.lock().unwrap();
    assert!(
        reports[0].contains("1 records were lost") && reports[0].contains(&format!("from seq {written}")),
        "{reports:?}"
    );
}

#[test]
fn a_closed_sink_loses_and_says_so() {
    let journal = journal(16);
    push(&journal, 0..10);
    let (sink, _) = made(|_| Err(SendError::closed("nobody there")));
    let (options, reports) = options();
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    assert!(shipper.stop(soon()));
    assert_eq!(count(&shipper).lost, 10);
    assert!(reports.lock().unwrap()[0].contains("nobody there"));
}

#[test]
fn a_sink_or_an_encoder_that_panics_is_survived() {
    let journal = journal(16);
    push(&journal, 0..10);
    let mut first = true;
    let (sink, got) = made(move |_| {
        assert!(!std::mem::take(&mut first), "of its own making");
        Ok(Sent::Acknowledged)
    });
    let complete: Complete = Arc::new(|_, _, payload, out| {
        out.extend_from_slice(b"begun ");
        assert_ne!(payload, b"r3");
        out.extend_from_slice(payload);
    });
    let shipper = Shipper::start(Source::of(&journal, complete).unwrap(), sink, options().0).unwrap();
    assert!(shipper.flush(soon()));
    assert_eq!(numbers(&got), (0..10).filter(|n| *n != 3).collect::<Vec<_>>());
    let lines = got.lock().unwrap().clone();
    assert!(lines.iter().all(|line| line.starts_with("begun r")), "{lines:?}");
    assert_eq!((count(&shipper).retried, count(&shipper).refused), (1, 1));
}

#[test]
fn records_linger_for_others_but_not_at_a_flush() {
    let journal = journal(16);
    let batches = Arc::new(AtomicUsize::new(0));
    let counted = batches.clone();
    let batching = Batching {
        linger: Duration::from_secs(3600),
        lines: 50,
        ..Batching::default()
    };
    let (sink, got) = made_with(batching, move |_| {
        counted.fetch_add(1, Relaxed);
        Ok(Sent::Acknowledged)
    });
    let shipper = Shipper::start(own(&journal), sink, options().0).unwrap();
    for n in 0..120 {
        push(&journal, n..n + 1);
        thread::sleep(Duration::from_micros(100));
    }
    let until = soon();
    while batches.load(Relaxed) < 2 && Instant::now() < until {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(Duration::from_millis(30));
    assert_eq!((batches.load(Relaxed), numbers(&got).len()), (2, 100));
    assert!(shipper.flush(soon()));
    assert_eq!((batches.load(Relaxed), numbers(&got).len()), (3, 120));
}

/// Takes batches and reports on them later, out of order; each fails once.
struct Later {
    pending: VecDeque<(u64, Vec<u8>)>,
    failed: Vec<u64>,
    most: Arc<AtomicUsize>,
    got: Arc<Mutex<Vec<String>>>,
}

impl Sink for Later {
    fn name(&self) -> String {
        "later:".into()
    }

    fn batching(&self) -> Batching {
        Batching {
            lines: 10,
            in_flight: 5,
            ..Batching::default()
        }
    }

    fn send(&mut self, batch: &Batch<'_>) -> Answer {
        self.pending.push_back((batch.id, batch.bytes.to_vec()));
        self.most.fetch_max(self.pending.len(), Relaxed);
        Ok(Sent::Pending)
    }

    fn settle(&mut self, _: Instant, report: &mut dyn FnMut(u64, Result<(), SendError>)) {
        while let Some((id, bytes)) = self.pending.pop_back() {
            if self.failed.contains(&id) {
                let text = String::from_utf8(bytes).unwrap();
                self.got.lock().unwrap().extend(text.lines().map(str::to_owned));
                report(id, Ok(()));
            } else {
                self.failed.push(id);
                report(id, Err(SendError::retry("once")));
            }
        }
    }
}

#[test]
fn several_batches_are_under_way_and_reported_in_any_order() {
    let journal = journal(64);
    push(&journal, 0..500);
    let (most, got) = (Arc::new(AtomicUsize::new(0)), Got::default());
    let sink = Later {
        pending: VecDeque::new(),
        failed: Vec::new(),
        most: most.clone(),
        got: got.clone(),
    };
    let shipper = Shipper::start(own(&journal), Box::new(sink), options().0).unwrap();
    assert!(shipper.flush(soon()));
    let mut all = numbers(&got);
    all.sort_unstable();
    assert_eq!(all, (0..500).collect::<Vec<_>>());
    assert!((2..=5).contains(&most.load(Relaxed)));
    assert_eq!(count(&shipper).shipped, 500);
}

/// Has all that it was sent under way, and says that each has arrived, the first one after the gate is open.
struct Second {
    pending: Vec<u64>,
    gate: Arc<AtomicBool>,
}

impl Sink for Second {
    fn name(&self) -> String {
        "second:".into()
    }

    fn batching(&self) -> Batching {
        Batching {
            lines: 10,
            in_flight: 5,
            ..Batching::default()
        }
    }

    fn send(&mut self, batch: &Batch<'_>) -> Answer {
        self.pending.push(batch.id);
        Ok(Sent::Pending)
    }

    fn settle(&mut self, until: Instant, report: &mut dyn FnMut(u64, Result<(), SendError>)) {
        let kept = usize::from(!self.gate.load(Relaxed));
        let done: Vec<u64> = self.pending.drain(kept.min(self.pending.len())..).collect();
        if done.is_empty() {
            thread::sleep(until.saturating_duration_since(Instant::now()));
        }
        done.into_iter().for_each(|id| report(id, Ok(())));
    }
}

#[test]
fn what_arrives_first_acknowledges_nothing_that_was_sent_before() {
    let journal = journal(16);
    push(&journal, 0..50);
    let gate = Arc::new(AtomicBool::new(false));
    let (pending, open) = (Vec::new(), gate.clone());
    let sink = Box::new(Second { pending, gate: open });
    let shipper = Shipper::start(own(&journal), sink, options().0).unwrap();
    assert!(!shipper.flush(Instant::now() + Duration::from_millis(100)));
    assert_eq!(count(&shipper).shipped, 0);
    gate.store(true, Relaxed);
    assert!(shipper.flush(soon()));
    assert_eq!(count(&shipper).shipped, 50);
}

#[test]
fn a_sink_that_fails_is_left_alone_longer_each_time_and_as_long_as_it_asks() {
    let journal = journal(16);
    push(&journal, 0..1);
    let times = Arc::new(Mutex::new(Vec::new()));
    let tries = times.clone();
    let (sink, got) = made(move |_| {
        let mut tries = tries.lock().unwrap();
        tries.push(Instant::now());
        match tries.len() {
            1..5 => Err(SendError::retry("away")),
            5 => Err(SendError::Retry {
                why: "busy".into(),
                after: Some(Duration::from_millis(200)),
            }),
            _ => Ok(Sent::Acknowledged),
        }
    });
    let (mut options, _) = options();
    (options.backoff, options.max_backoff) = (Duration::from_millis(8), Duration::from_millis(100));
    let _shipper = Shipper::start(own(&journal), sink, options).unwrap();
    // Not by a flush: while someone waits it rests less.
    let until = soon();
    while got.lock().unwrap().is_empty() {
        assert!(Instant::now() < until);
        thread::sleep(Duration::from_millis(1));
    }
    let times = times.lock().unwrap();
    let rests: Vec<u128> = times
        .windows(2)
        .map(|two| (two[1] - two[0]).as_millis())
        .collect();
    // Half of a rest is by chance.
    for (rest, least) in rests.iter().zip([4, 8, 16, 32, 200]) {
        assert!(*rest >= least, "{rests:?}");
    }
}

#[test]
fn a_dropped_handle_ends_the_thread_and_frees_the_journal() {
    let journal = journal(4);
    let (sink, _) = made(|_| Err(SendError::retry("away")));
    let (options, reports) = options();
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    push(&journal, 0..10);
    drop(shipper);
    assert!(
        reports
            .lock()
            .unwrap()
            .iter()
            .any(|text| text.contains("10 records were not delivered"))
    );
    let mut reader = journal.reader().unwrap();
    let until = soon();
    // As long as the dead one's cursor stands, nothing is free.
    let mut n = 10;
    while n < 10_000 {
        if journal.push(format!("r{n}").as_bytes()) == Pushed::Written {
            n += 1;
        }
        reader.poll(|_| ControlFlow::Continue(()));
        reader.ack_all();
        assert!(Instant::now() < until);
    }
}

#[test]
fn a_busy_service_can_be_flushed_and_stopped() {
    let journal = journal(64);
    let (sink, _) = made(|_| Ok(Sent::Acknowledged));
    let shipper = Shipper::start(own(&journal), sink, options().0).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    _ = journal.push(b"busy");
                }
            });
        }
        assert!(shipper.flush(soon()));
        assert!(shipper.stop(soon()));
        done.store(true, Relaxed);
    });
}

#[test]
fn what_is_adopted_comes_first_and_ends() {
    let (dead, alive) = ([journal(16), journal(16)], journal(16));
    push(&dead[0], 0..100);
    push(&dead[1], 100..200);
    push(&alive, 200..300);
    let (entered, inside) = mpsc::channel::<()>();
    let (open, door) = mpsc::channel::<()>();
    let small = Batching {
        lines: 30,
        ..Batching::default()
    };
    let (sink, got) = made_with(small, move |_| {
        _ = entered.send(());
        _ = door.recv();
        Ok(Sent::Acknowledged)
    });
    let shipper = Shipper::start(own(&alive), sink, options().0).unwrap();
    inside.recv().unwrap();
    let ended = Arc::new(Mutex::new(Vec::new()));
    for (at, journal) in dead.iter().enumerate() {
        let (into, shipped) = (ended.clone(), got.clone());
        let source = own(journal).at_end(move || into.lock().unwrap().push((at, numbers(&shipped).len())));
        shipper.adopt(source);
    }
    drop(open);
    assert!(shipper.flush(soon()) && shipper.stop(soon()));
    // One batch of its own was under way.
    let expected: Vec<_> = (200..230).chain(0..200).chain(230..300).collect();
    assert_eq!(numbers(&got), expected);
    let ended = ended.lock().unwrap();
    assert!(
        matches!(ended[..], [(0, first), (1, second)] if first >= 130 && second >= 230),
        "{ended:?}"
    );
    assert_eq!((count(&shipper).shipped, count(&shipper).lost), (300, 0));
}

/// At whatever moment of the thread's first rounds both come.
#[test]
fn a_flush_waits_for_what_was_adopted_just_before_it() {
    let dead = journal(16);
    push(&dead, 0..1);
    for _ in 0..5_000 {
        let ended = Arc::new(AtomicBool::new(false));
        let tell = ended.clone();
        let (sink, got) = made(|_| Ok(Sent::Acknowledged));
        let shipper = Shipper::recover(sink, options().0).unwrap();
        for _ in 0..fastrand::u32(..2_000) {
            std::hint::spin_loop();
        }
        shipper.adopt(own(&dead).at_end(move || tell.store(true, Relaxed)));
        assert!(shipper.flush(soon()));
        assert_eq!(numbers(&got), [0]);
        assert!(ended.load(Relaxed));
    }
}

#[test]
fn a_recovery_ships_what_was_left_and_loses_nothing_when_it_is_stopped() {
    let dead = journal(16);
    push(&dead, 0..100);
    let gate = Arc::new(AtomicBool::new(false));
    let open = gate.clone();
    let start = |ended: &Arc<AtomicBool>| {
        let (open, ended) = (open.clone(), ended.clone());
        let (sink, got) = made(move |_| match open.load(Relaxed) {
            true => Ok(Sent::Acknowledged),
            false => Err(SendError::retry("away")),
        });
        let (options, reports) = options();
        let shipper = Shipper::recover(sink, options).unwrap();
        shipper.adopt(own(&dead).at_end(move || ended.store(true, Relaxed)));
        (shipper, got, reports)
    };
    let ended = Arc::new(AtomicBool::new(false));
    let (shipper, _, reports) = start(&ended);
    assert!(!shipper.flush(Instant::now() + Duration::from_millis(50)));
    assert!(
        shipper.stop(Instant::now()),
        "what stays in its journal is not lost"
    );
    assert_eq!((count(&shipper).lost, reports.lock().unwrap().len()), (0, 1));
    assert!(!ended.load(Relaxed));

    gate.store(true, Relaxed);
    let (shipper, got, _) = start(&ended);
    assert!(shipper.flush(soon()));
    assert!(ended.load(Relaxed));
    assert_eq!(numbers(&got), (0..100).collect::<Vec<_>>());
    assert!(shipper.stop(soon()));
}

fn announce() -> Announce {
    Arc::new(|loss, out| {
        let Loss {
            lane,
            seq,
            count,
            reason,
        } = loss;
        out.extend_from_slice(format!("{lane}/{seq}/lost {count} {}\n", reason.word()).as_bytes());
    })
}

/// Whether each number of each lane is there or announced, up to the last that is. What a lane loses at its very end no
/// frame says before its next record: that only the census counts.
fn assert_no_gap(lines: &[String], journal: &Journal) {
    let mut seen: Vec<Vec<bool>> = journal
        .lanes()
        .iter()
        .map(|lane| vec![false; lane.next_seq as usize])
        .collect();
    for line in lines {
        let mut parts = line.splitn(3, '/');
        let mut number = || parts.next().unwrap().parse::<usize>().unwrap();
        let (lane, seq) = (number(), number());
        let lost = parts.next().unwrap().strip_prefix("lost ");
        let count = lost.map_or(1, |lost| lost.split(' ').next().unwrap().parse().unwrap());
        seen[lane][seq..seq + count].fill(true);
    }
    for (lane, seen) in seen.iter().enumerate() {
        let end = seen.iter().rposition(|seen| *seen).map_or(0, |last| last + 1);
        let gap = seen[..end].iter().position(|seen| !seen);
        assert_eq!(gap, None, "a gap that no line announces in lane {lane}");
        // What is left is a tail, and lost: nothing that the journal holds is missing there.
        let tail = (seen.len() - end) as u64;
        assert!(
            tail <= journal.lanes()[lane].lost,
            "lane {lane}: {tail} at its end"
        );
    }
}

#[test]
fn each_loss_is_announced_in_its_place() {
    // A journal of a few chunks under writers that it cannot keep up with, and a sink that refuses some records.
    let journal = journal(8);
    let (sink, got) = made(|batch| {
        let text = std::str::from_utf8(batch.bytes).unwrap();
        match text.lines().any(|line| line.ends_with("7")) {
            true => Err(SendError::refused("it ends in 7")),
            false => Ok(Sent::Acknowledged),
        }
    });
    let own = Source::of(&journal, complete()).unwrap().announcing(announce());
    let (options, _) = options();
    let shipper = Shipper::start(own, sink, options).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..5000).for_each(|n| _ = journal.push(format!("{:0>200}", n).as_bytes())));
        }
    });
    // A gap is written before the next record that is taken.
    assert!(shipper.flush(soon()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| while journal.push(b"r8") != Pushed::Written {});
        }
    });
    assert!(shipper.stop(soon()));
    let lines = got.lock().unwrap().clone();
    let counts = count(&shipper);
    let lost: u64 = journal.lanes().iter().map(|lane| lane.lost).sum();
    assert!(lost > 0 && counts.refused > 0, "{lost} {counts:?}");
    assert!(lines.iter().any(|line| line.contains("dropped")));
    assert!(lines.iter().any(|line| line.contains("refused")));
    assert_no_gap(&lines, &journal);
    let announced = lines.iter().filter(|line| line.contains("/lost ")).count();
    assert_eq!(
        counts.shipped as usize,
        lines.len() - announced,
        "an announcement is no record"
    );
    assert!(counts.announced > counts.refused);
}

#[test]
fn a_record_of_which_nothing_can_be_made_is_announced() {
    let journal = journal(8);
    push(&journal, 0..3);
    let (sink, got) = made(|_| Ok(Sent::Acknowledged));
    let picky: Complete = Arc::new(|lane, seq, payload, out| {
        if seq != 1 {
            complete()(lane, seq, payload, out);
        }
    });
    let own = Source::of(&journal, picky).unwrap().announcing(announce());
    let shipper = Shipper::start(own, sink, options().0).unwrap();
    assert!(shipper.stop(soon()));
    let lines = got.lock().unwrap().clone();
    assert!(lines[1].ends_with("/1/lost 1 damaged"), "{lines:?}");
    assert_no_gap(&lines, &journal);
}

#[cfg(all(target_os = "linux", not(loom)))]
#[test]
fn what_is_damaged_of_a_dead_process_is_announced_in_its_place() {
    use crate::journal::{Identity, relic::Relic};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::in_file(&path, &Identity::somebody(), JournalOptions::default()).unwrap();
    push(&journal, 0..3);
    drop(journal);
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(2).position(|bytes| bytes == b"r1").unwrap();
    // Its header: what kind of frame it is, and how long.
    bytes[at - 16..at - 8].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let relic = Arc::new(Relic::open(&path).unwrap().unwrap());
    let (sink, got) = made(|_| Ok(Sent::Acknowledged));
    let shipper = Shipper::recover(sink, options().0).unwrap();
    shipper.adopt(Source::of_relic(relic.reader(None), complete()).announcing(announce()));
    assert!(shipper.flush(soon()));
    assert_eq!(*got.lock().unwrap(), ["1/0/r0", "1/1/lost 1 damaged", "1/2/r2"]);
    assert_eq!((count(&shipper).shipped, count(&shipper).refused), (2, 1));
}
