//! What the books say, and when: no census counts itself for ever.

use super::*;
use crate::journal::{Frame, Options, Reader};
use serde_json::Value;
use std::ops::ControlFlow;

fn journal() -> (Journal, Reader) {
    let journal = Journal::in_memory(Options::default()).unwrap();
    let reader = journal.reader().unwrap();
    (journal, reader)
}

fn records(reader: &mut Reader) -> Vec<Value> {
    let mut all = Vec::new();
    reader.poll(|frame| {
        if let Frame::Record { payload, .. } = frame {
            // What the tests push themselves is no JSON.
            all.extend(serde_json::from_slice::<Value>(
                &payload[crate::encode::complete::HEADER..],
            ));
        }
        ControlFlow::Continue(())
    });
    all
}

#[test]
fn a_census_is_taken_where_a_lane_moved_by_more_than_a_census() {
    let (journal, mut reader) = journal();
    let mut books = Books::new(journal.clone(), 32 << 10, None, Report::to(|_| {}));
    books.census(None);
    books.census(Some(End::Clean));
    assert_eq!(records(&mut reader).len(), 0, "nothing was ever logged");
    for round in 1..4 {
        assert_eq!(journal.push(b"....record"), crate::journal::Pushed::Written);
        (0..5).for_each(|_| books.census(None));
        let found = records(&mut reader);
        assert_eq!(found.len(), 1, "one census a record, not one a census");
        let lanes: u64 = found[0]["metadata"]["tracel_next_seq"]
            .as_array()
            .unwrap()
            .iter()
            .map(|seq| seq.as_u64().unwrap())
            .sum();
        assert_eq!(
            lanes,
            2 * round - 1,
            "the census before counts, this one does not"
        );
        assert_eq!(found[0]["metadata"].get("tracel_end"), None);
        assert_eq!(found[0]["event_name"], "tracel_census");
        assert!(found[0]["metadata"]["tracel_written"].is_u64());
    }
    books.census(Some(End::Clean));
    assert_eq!(records(&mut reader)[0]["metadata"]["tracel_end"], "clean");
}

#[test]
fn the_last_census_is_in_the_journal_when_the_end_returns() {
    let (journal, mut reader) = journal();
    let ledger = Ledger::start(journal.clone(), 32 << 10, None).unwrap();
    assert_eq!(journal.push(b"....record"), crate::journal::Pushed::Written);
    ledger.end(Instant::now() + Duration::from_secs(60));
    let found = records(&mut reader);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["metadata"]["tracel_end"], "clean");
}

#[test]
fn people_hear_of_losses_once_and_again_when_there_are_more() {
    let mut options = Options::default();
    (options.size, options.chunk) = (8192, 1024);
    let journal = Journal::in_memory(options).unwrap();
    let said = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&said);
    let report = Report::to(move |text| into.lock().unwrap().push(text.to_owned()));
    let mut books = Books::new(journal.clone(), 1024, None, report);
    books.told.0 = stats().losses();
    let lose = || while journal.push(&[b'x'; 500]) == crate::journal::Pushed::Written {};
    lose();
    books.tell_losses(false);
    let told = said.lock().unwrap().clone();
    assert!(
        told[0].contains("records were lost") && told[0].contains("dropped "),
        "{told:?}"
    );
    lose();
    books.tell_losses(false);
    assert_eq!(said.lock().unwrap().len(), 1, "not so soon");
    books.tell_losses(true);
    assert_eq!(said.lock().unwrap().len(), 2, "but at the end");
}
