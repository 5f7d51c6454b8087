//! Both subscribers make the same records of the same spans: our own, and the layer over `tracing_subscriber`'s registry.

use super::{Layer, sole::Sole};
use crate::{Context, DEFAULT_SCHEMA, layer::Take};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, Barrier, Mutex},
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
