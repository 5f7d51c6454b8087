//! TraceL's own records: announcements of losses and the census. They have the envelope of any record, and are known by
//! their event_name. When they are made is not said here.

use super::{
    complete::Process,
    fixed::{Fixed, Said},
    line::Line,
};
use crate::{
    Uuid,
    loss::Loss,
    record::{json, members::Members, time::Moment, uuid7},
    stats::Stats,
};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::hash::Hasher;
use tracing_core::Level;

/// The schema that they name, so that no service's own is asked what it requires.
pub(crate) const SCHEMA: &str = "tracel@1";
/// The event_name of an announcement.
pub(crate) const LOST: &str = "tracel_lost";
/// The event_name of a census.
pub(crate) const CENSUS: &str = "tracel_census";
/// The event_name of what flood control held back, and its message.
pub(crate) const HELD: &str = "tracel_held";
pub(crate) const HELD_MESSAGE: &str = "records were held back";

/// Where the closing census of a dead instance stands: no writer ever has this lane.
pub(crate) const CLOSING_LANE: u32 = u32::MAX;

/// The most that a census takes beside its list of lanes, in bytes.
const CENSUS_WITHOUT_LANES: usize = 1200;

/// What makes an instance's end known: its last census says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The process ended its log.
    Clean,
    /// It did not; another one found its journal.
    Recovered,
}

fn fixed(level: &Level, event_name: &str, message: &str) -> Fixed {
    Fixed::of(&Said {
        level,
        module: "tracel",
        message,
        log_type: "system",
        event_name,
        source: None,
        target: None,
        schema: SCHEMA,
    })
}

fn line<'a>(at: Moment, uuid: Uuid, fixed: &'a Fixed, own: &'a Members) -> Line<'a> {
    Line {
        at,
        uuid,
        fixed,
        schema: b"",
        context: None,
        own,
    }
}

/// The payloads of one census: every lane's next seq, in as many records as `max` bytes for each make it, and the
/// process's counters. `made` is given one after the other.
pub(crate) fn census(
    lanes: &[u64],
    stats: Option<&Stats>,
    end: Option<End>,
    max: usize,
    mut made: impl FnMut(&[u8]),
) {
    let (at, fixed) = (Moment::now(), fixed(&Level::INFO, CENSUS, "census"));
    let (mut payload, mut from) = (Vec::new(), 0);
    loop {
        let (list, to) = part(lanes, from, max.saturating_sub(CENSUS_WITHOUT_LANES));
        let mut members = Members::default();
        members.add("tracel_first_lane", true, |out| json::integer(out, from));
        members.add("tracel_next_seq", true, |out| out.extend_from_slice(&list));
        if let Some(end) = end.filter(|_| to == lanes.len()) {
            let end = match end {
                End::Clean => "clean",
                End::Recovered => "recovered",
            };
            members.add("tracel_end", true, |out| json::string(out, end));
        }
        for (name, count) in stats.iter().flat_map(|stats| stats.named()) {
            members.add(name, true, |out| json::integer(out, count));
        }
        line(at, uuid7(at), &fixed, &members).write(&mut payload);
        made(&payload);
        from = to;
        if from >= lanes.len() {
            return;
        }
    }
}

/// A list of the lanes' next seqs from `from` on, at least one, and where it ends.
fn part(lanes: &[u64], from: usize, max: usize) -> (Vec<u8>, usize) {
    let (mut list, mut to) = (vec![b'['], from);
    while let Some(&next) = lanes.get(to)
        && (to == from || list.len() + 21 <= max)
    {
        if to > from {
            list.push(b',');
        }
        json::integer(&mut list, next);
        to += 1;
    }
    list.push(b']');
    (list, to)
}

impl Process {
    /// Appends the line that stands in place of lost records: the same lane, and the first one's seq.
    pub(crate) fn announce(&self, loss: &Loss, out: &mut Vec<u8>) {
        let Loss {
            lane,
            seq,
            count,
            reason,
        } = *loss;
        let mut members = Members::default();
        members.add("tracel_lost", true, |out| json::integer(out, count));
        members.add("tracel_last_seq", true, |out| {
            json::integer(out, seq.saturating_add(count.saturating_sub(1)));
        });
        members.add("tracel_reason", true, |out| json::string(out, reason.word()));
        let uuid = self.uuid(lane, seq, LOST);
        let mut payload = Vec::new();
        let fixed = fixed(&Level::WARN, LOST, "records were lost");
        line(Moment::now(), uuid, &fixed, &members).write(&mut payload);
        self.complete_json(lane, seq, &payload, out);
    }

    /// Calls `made` with the lines of the census that closes this instance, which ended without one, and with each
    /// one's lane and seq. `lanes` are its lanes' next seqs. Made again it has the same lane, seqs and uuids, so that a
    /// recovery that is cut short and done again adds nothing.
    pub(crate) fn close(&self, lanes: &[u64], max: usize, mut made: impl FnMut(u32, u64, &[u8])) {
        let (mut seq, mut line) = (0, Vec::new());
        census(lanes, None, Some(End::Recovered), max, |payload| {
            line.clear();
            self.complete_json(CLOSING_LANE, seq, payload, &mut line);
            let uuid = self.uuid(CLOSING_LANE, seq, CENSUS);
            replace_uuid(&mut line, uuid);
            made(CLOSING_LANE, seq, &line);
            seq += 1;
        });
    }

    /// The same record of TraceL's own has the same uuid, whoever makes it.
    fn uuid(&self, lane: u32, seq: u64, kind: &str) -> Uuid {
        let mut hasher = SipHasher13::new();
        hasher.write(self.id().as_bytes());
        hasher.write_u32(lane);
        hasher.write_u64(seq);
        hasher.write(kind.as_bytes());
        // Version 8: what its bits mean is ours (RFC 9562, section 5.8).
        uuid::Builder::from_custom_bytes(hasher.finish128().as_bytes()).into_uuid()
    }
}

/// Puts a record's uuid in place of the one that it has.
fn replace_uuid(line: &mut [u8], uuid: Uuid) {
    const KEY: &[u8] = b"\"uuid\":\"";
    let found = line.windows(KEY.len()).position(|window| window == KEY);
    if let Some(place) = found.and_then(|at| line.get_mut(at + KEY.len()..at + KEY.len() + 36)) {
        uuid.hyphenated().encode_lower(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::Reason;
    use serde_json::{Value, json};

    fn process() -> Process {
        Process::new("Pay\"ment", Uuid::from_u128(7))
    }

    #[test]
    fn an_announcement_stands_in_place_of_what_is_lost() {
        let loss = Loss {
            lane: 3,
            seq: 17,
            count: 5,
            reason: Reason::Missed,
        };
        let announce = || {
            let mut out = Vec::new();
            process().announce(&loss, &mut out);
            serde_json::from_slice::<Value>(&out).unwrap()
        };
        let line = announce();
        assert_eq!(line["lane"], 3);
        assert_eq!(line["seq"], 17);
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["event_name"], "tracel_lost");
        assert_eq!(line["event_id"], Uuid::nil().to_string());
        assert_eq!(line["service_name"], "Pay\"ment");
        assert_eq!(line["instance"], Uuid::from_u128(7).to_string());
        assert_eq!(
            line["metadata"],
            json!({ "tracel_lost": 5, "tracel_last_seq": 21, "tracel_reason": "missed" })
        );
        assert_eq!(line["uuid"], announce()["uuid"], "it is one record, made twice");
    }

    #[test]
    fn the_label_is_the_default_schemas() {
        let schema = crate::DEFAULT_SCHEMA;
        assert_eq!(format!("{}@{}", schema.name, schema.version), SCHEMA);
    }

    #[test]
    fn a_census_of_many_lanes_is_split_and_no_part_is_too_long() {
        let lanes: Vec<u64> = (0..1000).map(|lane| u64::MAX - lane).collect();
        for max in [1024, 4096, 32 << 10] {
            let (mut seen, mut parts, mut ends) = (Vec::new(), 0, 0);
            let process = process();
            let all = Stats {
                written: u64::MAX,
                shipped: u64::MAX,
                ..Stats::default()
            };
            census(&lanes, Some(&all), Some(End::Clean), max, |payload| {
                let mut line = Vec::new();
                process.complete_json(0, 0, payload, &mut line);
                assert!(line.len() <= max.max(2048), "{} {max}", line.len());
                let line: Value = serde_json::from_slice(&line).unwrap();
                let metadata = &line["metadata"];
                assert_eq!(metadata["tracel_first_lane"], seen.len());
                let list = metadata["tracel_next_seq"].as_array().unwrap();
                seen.extend(list.iter().map(|seq| seq.as_u64().unwrap()));
                ends += usize::from(metadata["tracel_end"] == "clean");
                parts += 1;
            });
            assert_eq!((&seen, ends), (&lanes, 1), "only the last part ends it");
            assert!((max < 32 << 10) == (parts > 1), "{parts} of {max}");
        }
    }

    #[test]
    fn the_closing_census_is_the_same_each_time() {
        let close = || {
            let mut lines = Vec::new();
            process().close(&[4, 0, 9], 32 << 10, |lane, seq, line| {
                let record: Value = serde_json::from_slice(line).unwrap();
                assert_eq!((lane, seq), (CLOSING_LANE, record["seq"].as_u64().unwrap()));
                assert_eq!(record["metadata"]["tracel_end"], "recovered");
                assert_eq!(record["metadata"]["tracel_next_seq"], json!([4, 0, 9]));
                lines.push(record["uuid"].clone());
            });
            lines
        };
        assert_eq!(close(), close());
        assert_eq!(close().len(), 1);
    }
}
