//! Both subscribers make the same records of the same spans: our own, and the layer over `tracing_subscriber`'s registry.

use super::{Layer, sole::Sole};
use crate::{
    Context, DEFAULT_SCHEMA, Uuid, Val,
    encode::{
        compact,
        complete::Process,
        fixed::{Fixed, Said},
    },
    event::Key,
    journal::{Frame, Journal, Options, Reader},
    layer::{Take, levels::Levels},
    record::members::{Labels, Members},
};
use serde_json::Value;
use std::{
    collections::HashMap,
    ops::ControlFlow,
    sync::{Arc, Barrier, Mutex, OnceLock},
    thread,
};
use tracing::{Dispatch, Span, warn, warn_span};
use tracing_core::{dispatcher, subscriber::NoSubscriber};
use tracing_subscriber::layer::SubscriberExt;

type Records = Arc<Mutex<Vec<Value>>>;

/// What stands in the records that `run` makes under our own subscriber, and under a registry.
fn both(run: impl Fn()) -> [Vec<String>; 2] {
    // With one dispatcher alone, tracing-core asks the default of whichever thread comes to a callsite first.
    let _other = Dispatch::new(NoSubscriber::new());
    [true, false].map(|sole| {
        let records = Records::default();
        let taken = Arc::clone(&records);
        let take: Take = Box::new(move |json, _| {
            let record = serde_json::from_slice(json).unwrap();
            taken.lock().unwrap().push(record);
        });
        let layer = Layer::capturing(DEFAULT_SCHEMA, take);
        let dispatch = match sole {
            true => Dispatch::new(Sole(layer)),
            false => Dispatch::new(tracing_subscriber::registry().with(layer)),
        };
        dispatcher::with_default(&dispatch, &run);
        told(&records.lock().unwrap())
    })
}

/// The same under both, as it is told.
fn one(run: impl Fn()) -> Vec<String> {
    let [sole, stacked] = both(run);
    assert_eq!(sole, stacked);
    sole
}

/// Each record's message, request, span, parent and fields; ids are numbered as they come.
fn told(records: &[Value]) -> Vec<String> {
    let (mut requests, mut spans) = (HashMap::new(), HashMap::new());
    let number = |known: &mut HashMap<String, usize>, id: &Value| match id.as_str() {
        None | Some("") => "-".to_owned(),
        Some(id) => {
            let next = known.len();
            known.entry(id.to_owned()).or_insert(next).to_string()
        }
    };
    let line = |record: &Value| {
        format!(
            "{} request {} span {} {} in {} {}",
            record["message"].as_str().unwrap(),
            number(&mut requests, &record["event_id"]),
            number(&mut spans, &record["span_id"]),
            record["span_name"].as_str().unwrap_or("-"),
            number(&mut spans, &record["parent_span_id"]),
            record["extra"],
        )
    };
    records.iter().map(line).collect()
}

#[test]
fn spans_within_spans() {
    let lines = one(|| {
        warn!("before");
        warn_span!("outer", tenant = "acme").in_scope(|| {
            warn!("outer");
            warn_span!("inner", tenant = "other", user = 7).in_scope(|| warn!("inner"));
            warn!("outer again");
        });
        warn!("after");
    });
    assert_eq!(lines.len(), 5, "{lines:#?}");
    assert!(
        lines[2].starts_with("inner request 1 span 1 inner in 0"),
        "{lines:#?}"
    );
    assert!(
        lines[3].starts_with("outer again request 1 span 0 outer in -"),
        "{lines:#?}"
    );
}

#[test]
fn spans_left_out_of_order_and_entered_twice() {
    let lines = one(|| {
        let (first, second) = (warn_span!("first"), warn_span!("second"));
        let entered = first.enter();
        let within = second.enter();
        let again = first.enter();
        warn!("first again");
        drop(within);
        warn!("still first");
        drop(again);
        warn!("first");
        drop(entered);
        warn!("none");
    });
    let names: Vec<_> = lines.iter().map(|line| line.contains(" first in ")).collect();
    assert_eq!(names, [true, true, true, false], "{lines:#?}");
}

#[test]
fn explicit_parents_and_roots() {
    let lines = one(|| {
        let elsewhere = warn_span!("elsewhere", tenant = "acme");
        let _current = warn_span!("current").entered();
        warn_span!(parent: &elsewhere, "child").in_scope(|| warn!("child"));
        warn_span!(parent: None, "root").in_scope(|| warn!("root"));
        warn!(parent: &elsewhere, "an event elsewhere");
        let child = warn_span!(parent: &elsewhere, "orphan");
        child.follows_from(Span::current());
        // The parent is closed, and its fields go on in its child.
        drop(elsewhere);
        child.in_scope(|| warn!("still of its parent"));
        warn_span!(parent: Span::none().id(), "of none").in_scope(|| warn!("of none"));
    });
    assert!(
        lines[0].contains(" child in ") && lines[0].contains("acme"),
        "{lines:#?}"
    );
    assert!(lines[1].contains(" root in -"), "{lines:#?}");
    assert!(
        lines[3].contains(" orphan in ") && lines[3].contains("acme"),
        "{lines:#?}"
    );
}

#[test]
fn fields_that_come_late() {
    let lines = one(|| {
        let outer = warn_span!("outer", status = tracing::field::Empty).entered();
        let inner = warn_span!("inner", status = tracing::field::Empty).entered();
        outer.record("status", 1);
        warn!("outer's");
        inner.record("status", 2);
        warn!("inner's");
    });
    assert!(lines[0].contains(r#"{"status":"1"}"#), "{lines:#?}");
    assert!(lines[1].contains(r#"{"status":"2"}"#), "{lines:#?}");
}

#[test]
fn a_span_on_several_threads() {
    let lines = one(|| {
        let span = warn_span!("shared");
        let context = span.in_scope(Context::current);
        let dispatch = dispatcher::get_default(Dispatch::clone);
        let (both, turn) = (Barrier::new(2), Barrier::new(2));
        thread::scope(|scope| {
            let other = scope.spawn(|| {
                dispatcher::with_default(&dispatch, || {
                    context.in_scope(|| {
                        both.wait();
                        warn!("one");
                        turn.wait();
                    });
                    // Made here, closed there.
                    warn_span!(parent: &span, "made elsewhere")
                })
            });
            span.in_scope(|| {
                both.wait();
                turn.wait();
                warn!("two");
            });
            let made = other.join().unwrap();
            made.in_scope(|| warn!("three"));
        });
        drop((context, span));
        warn_span!("next").in_scope(|| warn!("four"));
    });
    assert!(lines[0].starts_with("one request 0 span 0 shared"), "{lines:#?}");
    assert!(lines[1].starts_with("two request 0 span 0 shared"), "{lines:#?}");
    assert!(
        lines[2].starts_with("three request 0 span 1 made elsewhere in 0"),
        "{lines:#?}"
    );
    assert!(
        lines[3].starts_with("four request 1 span 2 next in -"),
        "{lines:#?}"
    );
}

#[test]
fn the_current_span_is_one_that_lives() {
    let lines = one(|| {
        assert!(Span::current().is_none());
        let span = warn_span!("outer");
        let entered = span.enter();
        let kept = Span::current();
        assert_eq!(kept.id(), span.id());
        assert_eq!(kept.metadata().unwrap().name(), "outer");
        drop(entered);
        assert!(Span::current().is_none());
        let id = span.id().unwrap();
        drop(span);
        // Its last handle is this one.
        kept.in_scope(|| warn!("kept"));
        drop(kept);
        let next = warn_span!("next");
        assert_ne!(next.id().unwrap(), id, "an id is not that of a span before");
        // Nobody has left the span, but it is closed.
        let forgotten = warn_span!("forgotten");
        dispatcher::get_default(|dispatch| dispatch.enter(&forgotten.id().unwrap()));
        drop(forgotten);
        assert!(Span::current().is_none());
    });
    assert!(lines[0].starts_with("kept request 0 span 0 outer"), "{lines:#?}");
}

#[test]
fn spans_of_one_subscriber_under_another() {
    let lines = one(|| {
        let inner = Records::default();
        let taken = Arc::clone(&inner);
        let take: Take = Box::new(move |json, _| {
            taken.lock().unwrap().push(serde_json::from_slice(json).unwrap());
        });
        let span = warn_span!("of the first");
        let other = Dispatch::new(Sole(Layer::capturing(DEFAULT_SCHEMA, take)));
        let kept = dispatcher::with_default(&other, || {
            let _entered = span.enter();
            warn!("without a span here");
            let own = warn_span!("of the second");
            own.in_scope(|| warn!("in its own"));
            own
        });
        // Here the first's is current.
        kept.in_scope(|| warn!("orphan"));
        let _entered = span.enter();
        kept.in_scope(|| warn!("in the first's"));
        let told = told(&inner.lock().unwrap());
        assert!(told[0].contains("span - - in -"), "{told:#?}");
        assert!(told[1].contains("of the second in -"), "{told:#?}");
    });
    assert!(lines[0].contains("span - - in -"), "{lines:#?}");
    assert!(lines[1].contains("of the first in -"), "{lines:#?}");
}

/// A journal that has room for some callsites' definitions, and one that reads it.
fn journal() -> (Journal, Reader) {
    let options = Options {
        size: 16 << 10,
        chunk: 4 << 10,
        ..Options::default()
    };
    let journal = Journal::in_memory(options).unwrap();
    let reader = journal.reader().unwrap();
    (journal, reader)
}

fn levels() -> Arc<Levels> {
    Arc::new(Levels::new(tracing_core::LevelFilter::INFO))
}

fn fixed(message: &str) -> Fixed {
    Fixed::of(&Said {
        level: &tracing_core::Level::INFO,
        module: "pay",
        message,
        log_type: "user",
        event_name: "payment_captured",
        source: Some(("src/pay.rs", 42)),
        target: None,
        schema: "",
    })
}

/// As a callsite does.
fn log_to(layer: &Layer, fixed: &Fixed, labels: &Labels, values: &[Val<'_>]) {
    let level = &tracing_core::Level::INFO;
    if !layer.record(level, fixed, labels, values) {
        let mut members = Members::default();
        members.add_all(labels, values);
        layer.record_members(level, fixed, &members);
    }
}

/// Whether each of its records is one that names a definition, and its amount.
fn shown(journal: &Journal, reader: &mut Reader) -> Vec<(bool, Value)> {
    let (process, mut shown) = (Process::new("Payment", Uuid::nil()), Vec::new());
    reader.poll(|frame| {
        let Frame::Record { lane, seq, payload } = frame else {
            panic!("nothing is lost");
        };
        let mut line = Vec::new();
        let defined = |number, show: &mut dyn FnMut(&[u8])| _ = journal.definition(number, show);
        process.complete(lane, seq, payload, defined, &mut line);
        let mut line: Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(line["schema"], "tracel@1");
        shown.push((compact::is_one(payload), line["metadata"]["amount"].take()));
        ControlFlow::Continue(())
    });
    shown
}

#[test]
fn what_a_callsites_records_have_in_common_is_in_the_journal_once() {
    let (journal, mut reader) = journal();
    let (other, mut other_reader) = self::journal();
    let [layer, other_layer] =
        [&journal, &other].map(|to| Layer::new(DEFAULT_SCHEMA, to.clone(), levels(), 200));
    static KEYS: [Key; 1] = [Key::safe("amount")];
    let (labels, fixed) = (Labels::of(&KEYS), fixed("payment captured"));
    let log = |layer: &Layer, amount| {
        let values = [Val::U64(amount)];
        log_to(layer, &fixed, &labels, &values);
    };
    for amount in 0..3 {
        log(&layer, amount);
    }
    // The first one defines it.
    let expected = [false, true, true]
        .into_iter()
        .zip(0..)
        .map(|(is_one, amount)| (is_one, amount.into()));
    assert_eq!(shown(&journal, &mut reader), expected.collect::<Vec<_>>());

    // Another journal knows nothing of that; what both know stays.
    for amount in 3..5 {
        log(&other_layer, amount);
    }
    log(&layer, 5);
    log(&layer, 6);
    assert_eq!(
        shown(&other, &mut other_reader),
        [(false, 3.into()), (true, 4.into())]
    );
    assert_eq!(
        shown(&journal, &mut reader),
        [(false, 5.into()), (true, 6.into())]
    );
}

#[test]
fn where_the_journal_has_no_room_for_what_they_have_in_common_records_are_json() {
    let (journal, mut reader) = journal();
    let layer = Layer::new(DEFAULT_SCHEMA, journal.clone(), levels(), 200);
    static KEYS: [Key; 1] = [Key::safe("amount")];
    let labels = Labels::of(&KEYS);
    let (mut defined, mut all) = (0, 0);
    for n in 0..40 {
        let fixed = fixed(&format!("payment {n} captured"));
        let values = [Val::U64(n)];
        (0..2).for_each(|_| log_to(&layer, &fixed, &labels, &values));
        let shown = shown(&journal, &mut reader);
        let amounts = shown.iter().all(|(_, amount)| *amount == n);
        assert!(shown.len() == 2 && amounts, "{shown:?}");
        assert!(!shown[0].0);
        defined += u32::from(shown[1].0);
        all += 1;
        let mark = reader.mark();
        reader.ack(mark);
    }
    assert!(5 < defined && defined < all, "{defined} of {all}");
}

/// Its records are not tried in vain.
#[test]
fn a_callsite_whose_values_run_code_of_others_has_no_definition() {
    let (journal, mut reader) = journal();
    let layer = Layer::new(DEFAULT_SCHEMA, journal.clone(), levels(), 200);
    static KEYS: [Key; 1] = [Key::safe("amount")];
    let (labels, fixed) = (Labels::of(&KEYS), fixed("payment captured"));
    assert!(!fixed.defined.is_nowhere());
    for _ in 0..2 {
        log_to(&layer, &fixed, &labels, &[Val::Display(&1)]);
        assert!(fixed.defined.is_nowhere());
    }
    let amount = Value::from("1");
    assert_eq!(
        shown(&journal, &mut reader),
        [(false, amount.clone()), (false, amount)]
    );
}

/// As in a forked child: the record names what its own journal has.
#[test]
fn where_another_journal_took_over_it_has_its_own_definitions() {
    let (journal, _reader) = journal();
    let (heir, mut reader) = self::journal();
    let layer = Layer::new(DEFAULT_SCHEMA, journal.clone(), levels(), 200);
    static KEYS: [Key; 1] = [Key::safe("amount")];
    let (labels, fixed) = (Labels::of(&KEYS), fixed("payment captured"));
    let log = |amount| {
        let values = [Val::U64(amount)];
        log_to(&layer, &fixed, &labels, &values);
    };
    (0..2).for_each(log);
    let next = OnceLock::from(heir.clone());
    journal.at_fork(Box::new(move || next.get().cloned()));
    journal.disinherit();
    (2..5).for_each(log);
    assert_eq!(
        shown(&heir, &mut reader),
        [(false, 2.into()), (true, 3.into()), (true, 4.into())]
    );
}
