//! The audit of a ClickHouse: what it counts itself, so that a table of many records is read there. Each record counts
//! once, however often it came.

use super::{Audit, Instance, Options, Orphans, Skipped, Uncounted, Window, book::Book};
use crate::{
    clickhouse::{ClickHouse, Error},
    replay::{record::number, source::explain},
};
use serde_json::Value;
use std::time::Duration;

/// How much before the window records may have come that belong to it.
const SLACK: u64 = 3_600_000;

/// All records that count, inside the window or shortly before.
const COUNTED: &str =
    "arrived >= fromUnixTimestamp64Milli({from:Int64}) AND instance != '' AND event_name != 'tracel_lost'";

/// Per lane: records as stored, and as numbers; from where to where; the first inside the window; the last that is settled.
const LANES: &str = "SELECT service_name, instance, lane, count(), groupBitmap(seq), min(seq), max(seq), \
     minIf(seq, arrived >= fromUnixTimestamp64Milli({since:Int64})), countIf(arrived >= fromUnixTimestamp64Milli({since:Int64})), \
     maxIf(seq, arrived <= fromUnixTimestamp64Milli({settled:Int64})), countIf(arrived <= fromUnixTimestamp64Milli({settled:Int64}))";

/// The runs of numbers in those lanes that have a hole.
const RUNS: &str = "SELECT service_name, instance, lane, min(seq), max(seq) FROM \
     (SELECT *, seq - row_number() OVER (PARTITION BY service_name, instance, lane ORDER BY seq) AS run FROM \
     (SELECT DISTINCT service_name, instance, lane, seq FROM {table:Identifier} WHERE COUNTED \
     AND (service_name, instance, lane) IN (SELECT service_name, instance, lane FROM {table:Identifier} WHERE COUNTED \
     GROUP BY service_name, instance, lane HAVING groupBitmap(seq) != max(seq) - min(seq) + 1))) \
     GROUP BY service_name, instance, lane, run";

const LOST: &str = "SELECT service_name, instance, lane, seq, metadata FROM {table:Identifier} \
     WHERE event_name = 'tracel_lost' AND instance != '' AND arrived >= fromUnixTimestamp64Milli({from:Int64}) \
     LIMIT 1 BY service_name, instance, lane, seq";

/// The last census of each instance: the numbers in it only grow. One that does not fit into a record is several.
const CENSUS: &str = "SELECT service_name, instance, metadata FROM {table:Identifier} \
     WHERE event_name = 'tracel_census' AND instance != '' AND arrived >= fromUnixTimestamp64Milli({from:Int64}) \
     AND arrived <= fromUnixTimestamp64Milli({settled:Int64}) \
     ORDER BY timestamp DESC LIMIT 1 BY service_name, instance, toString(metadata.tracel_first_lane)";

const ENDS: &str = "SELECT service_name, instance, any(toString(metadata.tracel_end)) FROM {table:Identifier} \
     WHERE event_name = 'tracel_census' AND instance != '' AND arrived >= fromUnixTimestamp64Milli({from:Int64}) \
     AND toString(metadata.tracel_end) != '' GROUP BY service_name, instance";

const UNCOUNTED: &str = "SELECT service_name, uniqExact(uuid), count() FROM {table:Identifier} \
     WHERE instance = '' AND arrived >= fromUnixTimestamp64Milli({from:Int64}) GROUP BY service_name ORDER BY service_name";

const ORPHANS: &str = "SELECT service_name, multiIf(source != '', source, target != '', target, module_name) AS place, \
     uniqExact(uuid) AS found FROM {table:Identifier} WHERE event_id = toUUID('00000000-0000-0000-0000-000000000000') \
     AND NOT startsWith(event_name, 'tracel_') AND arrived >= fromUnixTimestamp64Milli({from:Int64}) \
     GROUP BY service_name, place ORDER BY found DESC, service_name, place";

const LATE: &str = "SELECT uniqExact(uuid) FROM {table:Identifier} WHERE arrived >= fromUnixTimestamp64Milli({from:Int64}) \
     AND timestamp < arrived - toIntervalMillisecond({late:Int64})";

const REASONS: &str = "SELECT reason, uniqExact(id) AS found FROM quarantine_open \
     WHERE arrived >= fromUnixTimestamp64Milli({from:Int64}) GROUP BY reason ORDER BY found DESC, reason";

const QUARANTINED: &str = "SELECT DISTINCT service_name, instance, lane, seq FROM quarantine \
     WHERE instance != '' AND arrived >= fromUnixTimestamp64Milli({from:Int64})";

/// Where in Kafka offsets are missing between others. What broke the schema is in quarantine.
const SKIPPED: &str = "SELECT topic, partition, before + 1, offset - 1 FROM (SELECT topic, partition, offset, \
     lagInFrame(offset, 1, offset) OVER (PARTITION BY topic, partition ORDER BY offset \
     ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before FROM (\
     SELECT topic, partition, offset FROM {table:Identifier} WHERE partition >= 0 AND arrived >= fromUnixTimestamp64Milli({from:Int64}) \
     UNION DISTINCT \
     SELECT topic, partition, offset FROM quarantine WHERE partition >= 0 AND arrived >= fromUnixTimestamp64Milli({from:Int64}))) \
     WHERE offset > before + 1 ORDER BY topic, partition, before";

/// Statements about one window of one server.
struct Questions<'a> {
    server: &'a ClickHouse,
    fields: [(&'static str, String); 5],
}

pub(super) fn audit(server: &ClickHouse, options: &Options) -> Result<Audit, String> {
    let fault = |error: Error| explain(server, &error);
    let now = server
        .query("SELECT toUnixTimestamp64Milli(now64(3))", &[])
        .map_err(fault)?;
    let now = now
        .trim()
        .parse()
        .map_err(|_| format!("ClickHouse's clock says {now:?}"))?;
    let since = match options.since {
        Some(since) => Some(since),
        None => shortest(server).map_err(fault)?,
    };
    let window = Window::new(now, since, options.settle.unwrap_or(Duration::from_secs(60)));
    let from = window.since.unwrap_or(0);
    let questions = Questions {
        server,
        fields: [
            ("param_table", server.table().to_owned()),
            ("param_since", from.to_string()),
            ("param_from", from.saturating_sub(SLACK).to_string()),
            ("param_settled", window.settled.to_string()),
            ("param_late", options.late.as_millis().to_string()),
        ],
    };
    questions.audit(&window).map_err(fault)
}

/// The shortest time that records are kept: what is older may be gone, and that is no loss.
fn shortest(server: &ClickHouse) -> Result<Option<Duration>, Error> {
    let sql = "SELECT count() FROM system.columns WHERE database = currentDatabase() AND table = {table:String} AND name = 'kept_days'";
    let table = [("param_table", server.table())];
    if server.query(sql, &table)?.trim() != "1" {
        return Ok(None);
    }
    let days = server.query("SELECT min(kept_days) FROM {table:Identifier}", &table)?;
    // What is no number is the answer of an empty table.
    let days = days.trim().parse().ok().filter(|days| *days > 0);
    Ok(days.map(|days: u64| Duration::from_secs(days * 86_400)))
}

impl Questions<'_> {
    fn rows(&self, sql: &str) -> Result<Vec<Row>, Error> {
        let sql = format!("{} FORMAT JSONCompactEachRow", sql.replace("COUNTED", COUNTED));
        let mut fields: Vec<(&str, &str)> = self
            .fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        fields.push(("output_format_json_quote_64bit_integers", "0"));
        let text = self.server.query(&sql, &fields)?;
        text.lines()
            .map(|line| {
                serde_json::from_str(line)
                    .map(Row)
                    .map_err(|error| Error::Broken(format!("{error} in {line}")))
            })
            .collect()
    }

    fn audit(&self, window: &Window) -> Result<Audit, Error> {
        let mut book = Book::default();
        self.lanes(&mut book)?;
        for row in self.rows(LOST)? {
            let (seq, own) = (row.number(3), &row.0[4]);
            let last = own.get("tracel_last_seq").and_then(number).unwrap_or(seq);
            let reason = own.get("tracel_reason").and_then(Value::as_str).unwrap_or("?");
            let lane = book.instance(row.text(0), row.text(1)).lane(row.number(2));
            lane.announce(seq..last.saturating_add(1), reason);
        }
        for row in self.rows(CENSUS)? {
            let own = &row.0[2];
            let first = own.get("tracel_first_lane").and_then(number).unwrap_or(0);
            let next = own.get("tracel_next_seq").and_then(Value::as_array);
            let next = next.into_iter().flatten().map(|next| number(next).unwrap_or(0));
            book.instance(row.text(0), row.text(1)).census(first, next);
        }
        for row in self.rows(ENDS)? {
            book.instance(row.text(0), row.text(1)).end = Some(row.text(2).to_owned());
        }
        let quarantine = self.quarantine(&mut book)?;
        let late = self.rows(LATE)?.first().map_or(0, |row| row.number(0));
        let instances = book.close(window);
        let is_lost = instances.iter().any(|instance: &Instance| instance.lost() > 0);
        let skipped = match quarantine.is_some() && is_lost {
            true => self.rows(SKIPPED)?.iter().map(Row::skipped).collect(),
            false => Vec::new(),
        };
        Ok(Audit {
            instances,
            uncounted: self.rows(UNCOUNTED)?.iter().map(Row::uncounted).collect(),
            orphans: self.rows(ORPHANS)?.iter().map(Row::orphans).collect(),
            quarantine,
            late: Some(late),
            skipped,
            damaged: Vec::new(),
        })
    }

    fn lanes(&self, book: &mut Book) -> Result<(), Error> {
        let sql =
            format!("{LANES} FROM {{table:Identifier}} WHERE COUNTED GROUP BY service_name, instance, lane");
        for row in self.rows(&sql)? {
            let [stored, numbers, first, last] = [3, 4, 5, 6].map(|column| row.number(column));
            let instance = book.instance(row.text(0), row.text(1));
            instance.doubled += stored.saturating_sub(numbers);
            let lane = instance.lane(row.number(2));
            if numbers == (last - first).saturating_add(1) {
                lane.present.add(first..last.saturating_add(1));
            }
            if row.number(8) > 0 {
                lane.starts_at(row.number(7));
            }
            if row.number(10) > 0 {
                lane.is_complete_below(row.number(9).saturating_add(1));
            }
        }
        for row in self.rows(RUNS)? {
            let lane = book.instance(row.text(0), row.text(1)).lane(row.number(2));
            lane.present.add(row.number(3)..row.number(4).saturating_add(1));
        }
        Ok(())
    }

    /// What is in quarantine, by reason. `None` when there is none.
    fn quarantine(&self, book: &mut Book) -> Result<Option<Vec<(String, u64)>>, Error> {
        let exists = self.server.query("EXISTS TABLE quarantine", &[])?;
        if exists.trim() != "1" {
            return Ok(None);
        }
        for row in self.rows(QUARANTINED)? {
            let lane = book.instance(row.text(0), row.text(1)).lane(row.number(2));
            lane.quarantined
                .add(row.number(3)..row.number(3).saturating_add(1));
        }
        let reasons = self.rows(REASONS)?;
        Ok(Some(
            reasons
                .iter()
                .map(|row| (row.text(0).to_owned(), row.number(1)))
                .collect(),
        ))
    }
}

/// One row of an answer.
struct Row(Vec<Value>);

impl Row {
    fn text(&self, column: usize) -> &str {
        self.0.get(column).and_then(Value::as_str).unwrap_or_default()
    }

    fn number(&self, column: usize) -> u64 {
        self.0.get(column).and_then(number).unwrap_or_default()
    }

    fn uncounted(&self) -> Uncounted {
        Uncounted {
            service: self.text(0).to_owned(),
            records: self.number(1),
            doubled: self.number(2).saturating_sub(self.number(1)),
        }
    }

    fn skipped(&self) -> Skipped {
        Skipped {
            topic: self.text(0).to_owned(),
            partition: self.number(1),
            first: self.number(2),
            last: self.number(3),
        }
    }

    fn orphans(&self) -> Orphans {
        Orphans {
            service: self.text(0).to_owned(),
            place: self.text(1).to_owned(),
            count: self.number(2),
        }
    }
}
