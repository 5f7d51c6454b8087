//! The verdict held to a plain one: numbers in sets, over random losses, repeats, announcements and quarantine.

use super::{Audit, Window, book::Book, files::Files};
use crate::replay::Record;
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const INSTANCE: &str = "0193cf1e-0000-7000-8000-00000000000a";

/// What became of one record.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Came,
    CameAgain,
    Lost,
    Announced,
    /// It came, though it was announced.
    Both,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Came),
        1 => Just(Fate::CameAgain),
        1 => Just(Fate::Lost),
        1 => Just(Fate::Announced),
        1 => Just(Fate::Both),
    ]
}

fn line(lane: usize, seq: u64, event_name: &str, metadata: serde_json::Value) -> Record {
    let line = json!({
        "timestamp": "2026-11-22T11:40:00Z",
        "event_id": "0193cf1e-0000-7000-8000-000000000001",
        "uuid": uuid::Uuid::from_u128((lane as u128) << 64 | u128::from(seq)).to_string(),
        "service_name": "Payment",
        "event_name": event_name,
        "metadata": metadata,
        "instance": INSTANCE,
        "lane": lane,
        "seq": seq,
    });
    Record::read(line.to_string().as_bytes()).expect("a record")
}

/// The announcements of a lane: one a run, or one a number.
fn announcements(lane: usize, fates: &[Fate], one_a_run: bool) -> Vec<Record> {
    let mut found: Vec<(u64, u64)> = Vec::new();
    for (seq, fate) in (0..).zip(fates) {
        if !matches!(fate, Fate::Announced | Fate::Both) {
            continue;
        }
        match found.last_mut() {
            Some((_, last)) if one_a_run && *last + 1 == seq => *last = seq,
            _ => found.push((seq, seq)),
        }
    }
    let record = |(seq, last): (u64, u64)| {
        let own =
            json!({ "tracel_lost": last - seq + 1, "tracel_last_seq": last, "tracel_reason": "dropped" });
        line(lane, seq, "tracel_lost", own)
    };
    found.into_iter().map(record).collect()
}

proptest! {
    #[test]
    fn the_verdict_is_right(
        lanes in prop::collection::vec(prop::collection::vec(fate(), 0..40), 1..4),
        census_came in any::<bool>(),
        one_a_run in any::<bool>(),
        shuffle in any::<u64>(),
    ) {
        let mut records = Vec::new();
        for (lane, fates) in lanes.iter().enumerate() {
            for (seq, fate) in (0..).zip(fates) {
                let times = match fate {
                    Fate::Came | Fate::Both => 1,
                    Fate::CameAgain => 2,
                    Fate::Lost | Fate::Announced => 0,
                };
                records.extend((0..times).map(|_| line(lane, seq, "", json!({}))));
            }
            records.extend(announcements(lane, fates, one_a_run));
        }
        let next: Vec<u64> = lanes.iter().map(|fates| fates.len() as u64).collect();
        if census_came {
            let own = json!({ "tracel_first_lane": 0, "tracel_next_seq": next, "tracel_end": "clean" });
            records.push(line(lanes.len(), 0, "tracel_census", own));
        }
        // In any order.
        let mut random = shuffle;
        for at in (1..records.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            records.swap(at, (random >> 33) as usize % (at + 1));
        }
        let window = Window { since: None, settled: u64::MAX };
        let mut files = Files::default();
        records.iter().for_each(|record| files.take(record, &window));
        let audit = files.close(&window);

        let (mut lost, mut told, mut came, mut again) = (BTreeSet::new(), 0, 0, 0);
        for (lane, fates) in lanes.iter().enumerate() {
            let last = |fate: fn(&Fate) -> bool| fates.iter().rposition(fate).map_or(0, |at| at + 1);
            let known = if census_came { fates.len() } else { last(|fate| !matches!(fate, Fate::Lost | Fate::Announced)) };
            for (seq, fate) in fates.iter().enumerate() {
                match fate {
                    Fate::Came | Fate::Both => came += 1,
                    Fate::CameAgain => { came += 1; again += 1; }
                    Fate::Announced => told += 1,
                    Fate::Lost if seq < known => { lost.insert((lane as u64, seq as u64)); }
                    Fate::Lost => {}
                }
            }
        }
        let found: BTreeSet<(u64, u64)> = audit.instances.iter().flat_map(|instance| &instance.gaps)
            .flat_map(|gap| (gap.first..=gap.last).map(|seq| (gap.lane, seq))).collect();
        prop_assert_eq!(&found, &lost);
        prop_assert_eq!(audit.lost(), lost.len() as u64);
        prop_assert_eq!(audit.told(), told);
        prop_assert_eq!(audit.records(), came + u64::from(census_came));
        prop_assert_eq!(audit.doubled(), again);
        for instance in &audit.instances {
            prop_assert_eq!(instance.end.is_some(), census_came);
        }
    }
}

fn verdict(window: Window, fill: impl FnOnce(&mut Book)) -> super::Instance {
    let mut book = Book::default();
    fill(&mut book);
    book.close(&window).remove(0)
}

#[test]
fn retention_and_what_is_on_its_way_are_no_loss() {
    let at = |since, settled| Window {
        since: Some(since),
        settled,
    };
    // The instance started in December 2024; 5…9 came inside the window, 20 a moment ago.
    let fill = |book: &mut Book| {
        let lane = book.instance("Payment", INSTANCE).lane(3);
        lane.present.add(5..10);
        lane.present.add(20..21);
        lane.starts_at(5);
        lane.is_complete_below(10);
    };
    let young = verdict(at(1_800_000_000_000, 1_800_000_060_000), fill);
    assert_eq!((young.lost(), young.tails), (0, vec![(3, 20)]));
    // The same of one that started inside the window.
    let whole = verdict(at(1_700_000_000_000, 1_800_000_060_000), fill);
    assert_eq!((whole.lost(), whole.gaps[0].first, whole.gaps[0].last), (5, 0, 4));
}

#[test]
fn nobody_writes_to_the_lane_of_a_closing_census() {
    let window = Window {
        since: None,
        settled: u64::MAX,
    };
    let found = verdict(window, |book| {
        let instance = book.instance("Payment", INSTANCE);
        instance.lane(0).present.add(0..4);
        instance.census(0, [4]);
        instance.lane(u64::from(u32::MAX)).present.add(0..1);
    });
    assert_eq!((found.lost(), found.tails), (0, vec![(0, 3)]));
}

#[test]
fn what_is_in_quarantine_is_not_lost() {
    let window = Window {
        since: None,
        settled: u64::MAX,
    };
    let found = verdict(window, |book| {
        let lane = book.instance("Payment", INSTANCE).lane(0);
        lane.present.add(0..4);
        lane.quarantined.add(3..6);
        lane.announce(5..8, "refused");
        lane.is_complete_below(10);
    });
    assert_eq!((found.quarantined, found.told(), found.lost()), (2, 2, 2));
}

#[test]
fn numbers_at_the_end_of_their_range_panic_nowhere() {
    let window = Window {
        since: None,
        settled: u64::MAX,
    };
    let mut files = Files::default();
    for seq in [0, u64::MAX - 1, u64::MAX] {
        files.take(&line(0, seq, "", json!({})), &window);
    }
    let own = json!({ "tracel_last_seq": u64::MAX, "tracel_reason": 7 });
    files.take(&line(1, u64::MAX, "tracel_lost", own), &window);
    files.take(
        &line(2, 9, "tracel_lost", json!({ "tracel_last_seq": 3 })),
        &window,
    );
    let audit: Audit = files.close(&window);
    assert_eq!(audit.lost(), u64::MAX - 2);
    let by_lane: BTreeMap<u64, u64> = audit.instances[0].tails.iter().copied().collect();
    assert_eq!(by_lane[&0], u64::MAX - 1);
}
