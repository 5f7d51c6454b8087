//! The audit of files of NDJSON. They do not say when a record came, so its own time stands for that.

use super::{Audit, Options, Orphans, Uncounted, Window, book::Book};
use crate::replay::{
    record::{Record, number},
    source::read_file,
};
use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use uuid::Uuid;

/// What is gathered from record to record.
#[derive(Default)]
pub(super) struct Files {
    book: Book,
    /// Of services that do not count theirs: the records, and how often one came once more.
    uncounted: HashMap<String, (HashSet<Uuid>, u64)>,
    orphans: HashMap<(String, String), HashSet<Uuid>>,
}

pub(super) fn audit(files: &[PathBuf], options: &Options) -> Result<Audit, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = now.as_millis().try_into().unwrap_or(u64::MAX);
    let window = Window::new(now, options.since, options.settle.unwrap_or(Duration::ZERO));
    let (mut all, mut damaged) = (Files::default(), Vec::new());
    for path in files {
        let mut tell = |line: &str| damaged.push(line.to_owned());
        read_file(path, &mut tell, &mut |record| all.take(&record, &window))?;
    }
    Ok(Audit {
        damaged,
        ..all.close(&window)
    })
}

impl Files {
    pub(super) fn take(&mut self, record: &Record, window: &Window) {
        let at = u64::try_from(record.time / 1_000_000).unwrap_or(0);
        let (service, name) = (record.text("service_name"), record.text("event_name"));
        // TraceL's own records are no orphans, and no event of a schema is called so.
        if record.event_id.is_nil() && !name.starts_with("tracel_") {
            let place = ["source", "target", "module_name"].map(|key| record.text(key));
            let place = place
                .into_iter()
                .find(|place| !place.is_empty())
                .unwrap_or_default();
            let orphans = self.orphans.entry((service.to_owned(), place.to_owned()));
            orphans.or_default().insert(record.uuid);
        }
        let Some(seq) = record.number("seq").filter(|_| !record.instance.is_empty()) else {
            let (seen, doubled) = self.uncounted.entry(service.to_owned()).or_default();
            *doubled += u64::from(!seen.insert(record.uuid));
            return;
        };
        let is_inside = window.since.is_none_or(|since| at >= since);
        let is_settled = at <= window.settled;
        let instance = self.book.instance(service, &record.instance);
        let own = |key: &str| record.object("metadata").and_then(|own| own.get(key));
        if name == "tracel_lost" {
            let last = own("tracel_last_seq").and_then(number).unwrap_or(seq);
            let reason = own("tracel_reason")
                .and_then(|reason| reason.as_str())
                .unwrap_or("?");
            instance
                .lane(record.lane)
                .announce(seq..last.saturating_add(1), reason);
            return;
        }
        if name == "tracel_census" {
            if let Some(end) = own("tracel_end").and_then(|end| end.as_str()) {
                instance.end = Some(end.to_owned());
            }
            if let Some(next) = own("tracel_next_seq").and_then(|next| next.as_array())
                && is_settled
            {
                let first = own("tracel_first_lane").and_then(number).unwrap_or(0);
                instance.census(first, next.iter().map(|next| number(next).unwrap_or(0)));
            }
        }
        let lane = instance.lane(record.lane);
        let is_new = lane.present.add(seq..seq.saturating_add(1)) > 0;
        if is_inside {
            lane.starts_at(seq);
        }
        if is_settled {
            lane.is_complete_below(seq.saturating_add(1));
        }
        instance.doubled += u64::from(!is_new);
    }

    pub(super) fn close(self, window: &Window) -> Audit {
        let mut uncounted: Vec<Uncounted> = self
            .uncounted
            .into_iter()
            .map(|(service, (seen, doubled))| Uncounted {
                service,
                records: seen.len() as u64,
                doubled,
            })
            .collect();
        uncounted.sort_by(|a, b| a.service.cmp(&b.service));
        let mut orphans: Vec<Orphans> = self
            .orphans
            .into_iter()
            .map(|((service, place), seen)| Orphans {
                service,
                place,
                count: seen.len() as u64,
            })
            .collect();
        orphans.sort_by(|a, b| (b.count, &a.service, &a.place).cmp(&(a.count, &b.service, &b.place)));
        Audit {
            instances: self.book.close(window),
            uncounted,
            orphans,
            ..Audit::default()
        }
    }
}
