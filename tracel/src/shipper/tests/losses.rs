//! What is counted and told of records that a sink did not get, each once; and who waits for a sink's own thread.

use super::*;

/// A sink that takes as many batches as it gets tokens; each that comes is told.
fn by_token(batching: Batching) -> (mpsc::Receiver<()>, mpsc::Sender<()>, Box<dyn Sink>, Got) {
    let (entered, inside) = mpsc::channel();
    let (token, tokens) = mpsc::channel::<()>();
    let (sink, got) = made_with(batching, move |_| {
        _ = entered.send(());
        match tokens.recv() {
            Ok(()) => Ok(Sent::Acknowledged),
            Err(_) => Err(SendError::retry("it is over")),
        }
    });
    (inside, token, sink, got)
}

fn briefly() -> Instant {
    Instant::now() + Duration::from_millis(50)
}

#[test]
fn what_a_sink_missed_and_was_not_delivered_either_is_counted_once() {
    let journal = journal(8);
    let (inside, token, slow, got) = by_token(Batching::default());
    let (good, _) = made(|_| Ok(Sent::Acknowledged));
    let own_of_slow = own(&journal).announcing(announce());
    let (slow_options, reports) = options();
    let slow = Shipper::start(own_of_slow, slow, slow_options).unwrap();
    let good = Shipper::start(own(&journal), good, options().0).unwrap();
    push(&journal, 0..1);
    inside.recv().unwrap();
    for n in 1..3000 {
        push(&journal, n..n + 1);
        if n % 20 == 0 {
            assert!(good.flush(soon()));
        }
    }
    let missed = count(&slow).overrun;
    assert!(
        missed > 1000,
        "it is counted before the sink comes back: {missed}"
    );
    // Now it learns what it missed, and hangs with just that.
    token.send(()).unwrap();
    inside.recv().unwrap();
    assert!(!slow.stop(briefly()));
    let counts = count(&slow);
    assert_eq!((counts.shipped, got.lock().unwrap().len()), (1, 1));
    assert_eq!(counts.shipped + counts.lost + counts.overrun, 3000, "{counts:?}");
    let reports = reports.lock().unwrap();
    let told = format!("too slow for {missed} records");
    assert!(reports.iter().any(|text| text.contains(&told)), "{reports:?}");
    let told = format!(
        "{} records were not delivered before the deadline, and are lost",
        counts.lost
    );
    assert!(reports.iter().any(|text| text.contains(&told)), "{reports:?}");
}

#[test]
fn what_cannot_be_completed_and_was_not_delivered_either_is_counted_once() {
    let journal = journal(16);
    push(&journal, 0..10);
    let (inside, _token, sink, _) = by_token(Batching::default());
    let picky: Complete = Arc::new(|lane, seq, payload, out| {
        assert_ne!(payload, b"r3");
        complete()(lane, seq, payload, out);
    });
    let own = Source::of(&journal, picky).unwrap();
    let shipper = Shipper::start(own, sink, options().0).unwrap();
    inside.recv().unwrap();
    assert!(!shipper.stop(briefly()));
    let counts = count(&shipper);
    assert_eq!(counts.lost + counts.refused, 10, "{counts:?}");
}

/// A journal in a file, whose spool takes nothing, with a sink that never answers: what the others overtake is not there at
/// the next start.
#[cfg(all(target_os = "linux", not(loom)))]
#[test]
fn what_a_sink_missed_is_not_said_to_be_kept() {
    use crate::journal::{Identity, relic::Relic};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut of = JournalOptions::default();
    (of.size, of.chunk) = (16 * 4096, 4096);
    let journal = Journal::in_file(&path, &Identity::somebody(), of).unwrap();
    let (down_options, reports) = spilling::spooling(&folder.path().join("spool"), 0);
    let (_inside, token, down, _) = by_token(spilling::small());
    let (good, _) = made(|_| Ok(Sent::Acknowledged));
    let down = Shipper::start(own(&journal), down, down_options).unwrap();
    let good = Shipper::start(own(&journal), good, options().0).unwrap();
    let mut written = 0;
    let until = soon();
    while count(&down).overrun < 1000 {
        assert!(Instant::now() < until);
        written += u64::from(journal.push(format!("r{written}").as_bytes()) == Pushed::Written);
        assert!(written % 20 != 0 || good.flush(soon()));
    }
    assert!(good.stop(soon()));
    assert!(!down.stop(briefly()));
    let counts = count(&down);
    assert_eq!(
        counts.overrun + counts.lost + counts.pending,
        written,
        "{counts:?}"
    );
    // What the sink hangs with, what waits for its thread, and what was ready to follow.
    assert!(
        (1..=300).contains(&counts.lost) && counts.shipped == 0,
        "{counts:?}"
    );
    let told = format!("too slow for {} records", counts.overrun);
    let reports = reports.lock().unwrap().clone();
    assert!(reports.iter().any(|text| text.contains(&told)), "{reports:?}");
    drop((journal, good, down, token));
    // The next process finds just what was said to be kept.
    let relic = loop {
        assert!(Instant::now() < until, "its threads have not ended");
        match Relic::open(&path).unwrap() {
            Some(relic) => break relic,
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    assert_eq!(relic.open_records(Some(0)).unwrap(), counts.pending);
}

#[test]
fn a_sink_that_logs_into_its_own_journal_does_not_wait_for_itself() {
    let mut of = JournalOptions::default();
    (of.size, of.chunk) = (4 * 4096, 4096);
    of.on_full = OnFull::Block(Duration::from_secs(60));
    let journal = Journal::in_memory(of).unwrap();
    push(&journal, 0..1);
    let own_journal = journal.clone();
    let mut first = true;
    let (done, dropped) = mpsc::channel();
    let (sink, _) = made(move |_| {
        if std::mem::take(&mut first) {
            let start = Instant::now();
            while own_journal.push(&[b'x'; 1000]) == Pushed::Written {}
            done.send(start.elapsed()).unwrap();
        }
        Ok(Sent::Acknowledged)
    });
    let shipper = Shipper::start(own(&journal), sink, options().0).unwrap();
    let took = dropped
        .recv_timeout(Duration::from_secs(20))
        .expect("it waits for itself");
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(shipper.stop(soon()));
}

/// Whether the sink is on the shipper's thread, or on one of its own.
#[test]
fn a_flush_from_a_sinks_thread_does_not_wait_for_itself() {
    for spools in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(16);
        let shipper = Arc::new(std::sync::OnceLock::<Shipper>::new());
        let mine = Arc::downgrade(&shipper);
        let (done, flushed) = mpsc::channel();
        let (sink, _) = made(move |_| {
            if let Some(shipper) = mine.upgrade().as_ref().and_then(|it| it.get()) {
                _ = done.send(shipper.flush(Instant::now() + Duration::from_secs(60)));
            }
            Ok(Sent::Acknowledged)
        });
        let options = match spools {
            true => spilling::spooling(folder.path(), 1 << 20).0,
            false => options().0,
        };
        assert!(
            shipper
                .set(Shipper::start(own(&journal), sink, options).unwrap())
                .is_ok()
        );
        push(&journal, 0..1);
        let answer = flushed.recv_timeout(Duration::from_secs(20));
        assert_eq!(answer, Ok(false), "spools: {spools}");
        assert!(shipper.get().unwrap().stop(soon()));
    }
}

/// As long as nobody waits, a sink that fails is left alone.
#[test]
fn a_sink_that_fails_is_tried_again_soon_while_someone_waits() {
    let journal = journal(16);
    push(&journal, 0..10);
    let mut left = 3;
    let (sink, got) = made(move |_| match left {
        0 => Ok(Sent::Acknowledged),
        _ => {
            left -= 1;
            Err(SendError::retry("away"))
        }
    });
    let (mut options, _) = options();
    (options.backoff, options.max_backoff) = (Duration::from_secs(600), Duration::from_secs(600));
    let shipper = Shipper::start(own(&journal), sink, options).unwrap();
    let start = Instant::now();
    assert!(shipper.flush(soon()));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert_eq!(numbers(&got), (0..10).collect::<Vec<_>>());
    assert_eq!(count(&shipper).retried, 3);
}

/// As in a forked child, whose sink code had given: nobody reads for it.
#[test]
fn what_a_sink_that_cannot_be_opened_does_not_get_is_told_once() {
    let journal = journal(16);
    let unread = journal.reader().unwrap();
    let (good, _) = made(|_| Ok(Sent::Acknowledged));
    let good = Shipper::start(own(&journal), good, options().0).unwrap();
    for n in 0..5000 {
        push(&journal, n..n + 1);
        assert!(n % 20 != 0 || good.flush(soon()));
    }
    assert!(good.stop(soon()));
    let (options, reports) = options();
    give_up(&journal, &unread, "made:", &options.report);
    let missed = unread.tally().overrun();
    let lost = 5000 - missed;
    assert!(missed > 1000 && lost > 1000, "{missed}");
    assert_eq!(
        *reports.lock().unwrap(),
        [
            format!("sink made: was too slow for {missed} records, and missed them"),
            format!("sink made:: {lost} records were not delivered before the deadline, and are lost"),
        ]
    );
}
