//! `cargo xtask bench storage`: what tables for logs cost and how fast they answer, on traffic that ClickHouse makes itself.
//! docs/storage.md keeps what it printed.

mod designs;
mod server;

use super::sample::Sample;
use crate::command::say;
use designs::{DESIGNS, Design};
use server::{DATABASE, Server};

const TRAFFIC: &str = include_str!("storage/traffic.sql");
const COLUMNS: &str = "timestamp,level,event_id,uuid,service_name,module_name,message,metadata,log_type,event_name,span_id,\
     parent_span_id,span_name,thread,task,source,target,extra,instance,lane,seq,schema,arrived";
/// The records of one request in the traffic.
const A_REQUEST: u64 = 10;
/// The limits that the shipped design is held to: milliseconds and share of the rows.
const BY_ID: (f64, f64) = (20.0, 0.001);
const BY_HOUR: (f64, f64) = (100.0, 0.01);
const COMPRESSION: f64 = 10.0;
const INSERTS: f64 = 200_000.0;

/// What was measured of one question.
struct Found {
    milliseconds: f64,
    rows: f64,
}

/// Measures, and prints a table in Markdown. Whether the shipped design keeps its limits.
pub(crate) fn run(url: &str, rows: u64, only_shipped: bool) -> Result<bool, String> {
    let server = Server::new(url);
    for sql in [
        format!("DROP DATABASE IF EXISTS {DATABASE}"),
        format!("CREATE DATABASE {DATABASE}"),
    ] {
        server.send("default", &[], sql.as_bytes())?;
    }
    let result = measure(&server, rows, only_shipped);
    let dropped = server.send("default", &[], format!("DROP DATABASE {DATABASE}").as_bytes());
    let result = result?;
    dropped?;
    Ok(result)
}

fn measure(server: &Server, rows: u64, only_shipped: bool) -> Result<bool, String> {
    let a_record = json(server)?;
    say(&format!(
        "a record is {a_record:.0} bytes of JSON; {rows} of them"
    ));
    say(
        "| design | bytes a row | against JSON | inserts/s inside | by event_id | rows read | hour of a service | rows read |",
    );
    say("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut kept = true;
    for (number, design) in DESIGNS
        .iter()
        .enumerate()
        .take(if only_shipped { 1 } else { DESIGNS.len() })
    {
        let table = format!("logs_{number}");
        server.ask(&design.create(&table), &[])?;
        let seconds = fill(server, design, &table, rows)?;
        let size = server.number(&format!(
            "SELECT sum(bytes_on_disk) FROM system.parts WHERE database = '{DATABASE}' AND table = '{table}' AND active"
        ))?;
        let by_id = by_id(server, design, &table)?;
        let by_hour = by_hour(server, &table)?;
        let (a_row, all) = (size / rows as f64, rows as f64);
        say(&format!(
            "| {} | {a_row:.1} | {:.1}× | {:.0} | {:.1} ms | {:.0} ({:.4} %) | {:.1} ms | {:.0} ({:.3} %) |",
            design.name,
            a_record / a_row,
            all / seconds,
            by_id.milliseconds,
            by_id.rows,
            100.0 * by_id.rows / all,
            by_hour.milliseconds,
            by_hour.rows,
            100.0 * by_hour.rows / all,
        ));
        if number == 0 {
            let inserts = inserts(server, design)?;
            say(&format!(
                "inserts of NDJSON over HTTP into it: {inserts:.0} rows a second"
            ));
            kept = by_id.milliseconds <= BY_ID.0
                && by_id.rows <= BY_ID.1 * all
                && by_hour.milliseconds <= BY_HOUR.0
                && by_hour.rows <= BY_HOUR.1 * all
                && a_record / a_row >= COMPRESSION
                && inserts >= INSERTS;
        }
        server.ask(&format!("DROP TABLE {table}"), &[])?;
    }
    Ok(kept)
}

/// The bytes of a record as services write it: what is empty is left out.
fn json(server: &Server) -> Result<f64, String> {
    let sample = [
        ("param_requests", "1000"),
        ("param_from", "0"),
        ("param_count", "1000"),
    ];
    let answer = server.ask(&format!("{TRAFFIC} FORMAT JSONEachRow"), &sample)?;
    let (mut bytes, mut lines) = (0, 0);
    for line in answer.text.lines() {
        let line = line
            .replace(",\"target\":\"\"", "")
            .replace(",\"extra\":{}", "")
            .replace(",\"event_name\":\"\"", "")
            .replace(",\"parent_span_id\":\"\"", "")
            .replace("\"metadata\":\"{", "\"metadata\":{")
            .replace("}\",\"log_type\"", "},\"log_type\"")
            .replace("\\\"", "\"")
            .replace("\\/", "/");
        // The table's own column is no part of a record.
        let arrived = line.rfind(",\"arrived\"").map_or(0, |at| line.len() - at - 1);
        bytes += line.len() - arrived + 1;
        lines += 1;
    }
    Ok(bytes as f64 / f64::from(lines))
}

/// Fills a table in the order of time, and gives the seconds that took.
fn fill(server: &Server, design: &Design, table: &str, rows: u64) -> Result<f64, String> {
    let requests = rows / A_REQUEST;
    let step = requests.min(500_000);
    let metadata = design.metadata();
    let mut seconds = 0.0;
    for from in (0..requests).step_by(step as usize) {
        let insert = format!(
            "INSERT INTO {table} ({COLUMNS}) SELECT {} FROM ({TRAFFIC})",
            COLUMNS.replace("metadata", &metadata)
        );
        let fields = [
            ("param_requests", requests.to_string()),
            ("param_from", from.to_string()),
            ("param_count", step.min(requests - from).to_string()),
            ("max_insert_threads", "2".to_owned()),
        ];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        seconds += server.ask(&insert, &fields)?.time.as_secs_f64();
    }
    // As a table is some time later: most of it in parts that are merged.
    server.ask(&format!("OPTIMIZE TABLE {table} FINAL"), &[])?;
    Ok(seconds)
}

/// What a reader asks with: no memory of the last question, and what the role `tracel_reader` sets (`tracel dev` does, too).
const READER: [(&str, &str); 2] = [
    ("use_query_condition_cache", "0"),
    ("use_skip_indexes_on_data_read", "0"),
];

/// One request, each time another, with no time given.
fn by_id(server: &Server, design: &Design, table: &str) -> Result<Found, String> {
    let ids = server.ask(
        &format!("SELECT DISTINCT event_id FROM {table} WHERE cityHash64(event_id) % 9973 < 40 LIMIT 40"),
        &[],
    )?;
    let questions = ids.text.lines().map(|id| {
        let sql = format!(
            "SELECT * FROM {table} WHERE {}'{id}' FORMAT JSONEachRow",
            design.condition
        );
        (sql, Some(A_REQUEST))
    });
    median(server, questions)
}

/// One service's records of one hour, and of one module of it every other time.
fn by_hour(server: &Server, table: &str) -> Result<Found, String> {
    let questions = (0..20).map(|n| {
        let name = ["Gateway", "Payment", "Ledger", "Stock"][n % 4];
        let module = if n % 2 == 0 {
            ""
        } else {
            " AND module_name = 'Transaction'"
        };
        let from = format!("2026-11-{:02} {:02}:00:00", 1 + n, n);
        let sql = format!(
            "SELECT * FROM {table} WHERE service_name = '{name}{}' AND timestamp >= '{from}' \
             AND timestamp < toDateTime('{from}', 'UTC') + 3600{module} FORMAT JSONEachRow",
            1 + n % 9
        );
        (sql, None)
    });
    median(server, questions)
}

fn median(server: &Server, questions: impl Iterator<Item = (String, Option<u64>)>) -> Result<Found, String> {
    let (mut times, mut rows) = (Sample::default(), Vec::new());
    for (sql, expected) in questions {
        let answer = server.ask(&sql, &READER)?;
        let found = answer.text.lines().count() as u64;
        if expected.is_some_and(|expected| expected != found) {
            return Err(format!("{found} rows in answer to {sql}"));
        }
        times.add(answer.time);
        rows.push(answer.rows);
    }
    rows.sort_unstable();
    Ok(Found {
        milliseconds: times.median().as_secs_f64() * 1000.0,
        rows: rows.get(rows.len() / 2).copied().unwrap_or_default() as f64,
    })
}

/// Rows a second that ClickHouse takes as a sink sends them: batches of NDJSON, two connections at once.
#[allow(clippy::disallowed_methods, reason = "nothing is logged here")]
fn inserts(server: &Server, design: &Design) -> Result<f64, String> {
    const BATCH: u64 = 100_000;
    let sample = [
        ("param_requests", "1000000"),
        ("param_from", "0"),
        ("param_count", "10000"),
    ];
    let lines = server
        .ask(&format!("{TRAFFIC} FORMAT JSONEachRow"), &sample)?
        .text;
    // In the traffic metadata is text, in a record an object.
    let lines = lines
        .replace("\"metadata\":\"{", "\"metadata\":{")
        .replace("}\",\"log_type\"", "},\"log_type\"")
        .replace("\\\"", "\"");
    server.ask(&design.create("inserted"), &[])?;
    let body = format!("INSERT INTO inserted FORMAT JSONEachRow\n{lines}");
    let start = std::time::Instant::now();
    let sent = |_| {
        (0..4).try_for_each(|_| {
            let settings = [("async_insert", "0"), ("date_time_input_format", "best_effort")];
            server.send(DATABASE, &settings, body.as_bytes()).map(drop)
        })
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| sent(0));
        sent(1).and(other.join().unwrap_or_else(|_| Err("a sender failed".into())))
    })?;
    Ok(8.0 * BATCH as f64 / start.elapsed().as_secs_f64())
}
