//! The end: what was refused is found by `tracel audit` and brought back by `tracel backfill`; then nothing is lost, all
//! poison is where it belongs, and requests are whole.

use crate::{
    kafka::{QUARANTINE, TOPIC},
    load::{Account, Request},
    pipeline::Pipeline,
    poison::{self, Becomes},
    process::say,
    schedule::Injected,
};
use fastrand::Rng;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tracel_cli::replay::{Record, source::Source};

/// How many requests are replayed.
const SAMPLE: usize = 200;

/// Looks at everything.
pub(crate) fn settle(
    pipeline: &mut Pipeline,
    account: &Account,
    injected: &Injected,
    rng: &mut Rng,
) -> Result<(), String> {
    pipeline.caught_up("after the load")?;
    let refused = audit(pipeline, 1)?;
    let ranges = skipped(&refused);
    if number(&refused, "lost") == 0 || ranges.is_empty() {
        return Err("ClickHouse refused nothing, though its table was away".to_owned());
    }
    backfill(pipeline, &ranges)?;
    let audit = audit(pipeline, 0)?;
    let of = |service: &str| -> u64 {
        let instances = audit["instances"].as_array().into_iter().flatten();
        let its = instances.filter(|instance| instance["service_name"] == service);
        its.map(|instance| number(instance, "records")).sum()
    };
    let logged = account
        .services
        .iter()
        .map(|service| (service.service.as_str(), service.written));
    for (service, logged) in logged.chain([("Refunds", injected.ahead)]) {
        let stored = of(service);
        if stored != logged {
            return Err(format!(
                "{service} logged {logged} records, and {stored} are in ClickHouse"
            ));
        }
    }
    if let Some(service) = account.services.iter().find(|service| service.dropped > 0) {
        return Err(format!("{} dropped {} records", service.service, service.dropped));
    }
    quarantined(pipeline, injected)?;
    versions(pipeline)?;
    replayed(pipeline, account, rng)?;
    lookups(pipeline, account, rng)?;
    say(&format!(
        "nothing lost of {} records, {} that came again count once; {} faults, {} records of poison, seen through {SAMPLE} replays",
        number(&audit, "records"),
        number(&audit, "doubled"),
        injected.faults,
        injected.poison.len(),
    ));
    Ok(())
}

fn number(of: &Value, key: &str) -> u64 {
    of[key].as_u64().unwrap_or_default()
}

/// `tracel audit`, which must exit with this code.
fn audit(pipeline: &Pipeline, code: i32) -> Result<Value, String> {
    let url = pipeline.store.url();
    let (exit, text) = pipeline.tracel(&["audit", "--from", &url, "--settle", "0s", "--json"])?;
    let audit: Value =
        serde_json::from_str(&text).map_err(|error| format!("tracel audit: {error}: {text}"))?;
    if exit != Some(code) || number(&audit, "lost_and_announced") > 0 {
        let (_, text) = pipeline.tracel(&["audit", "--from", &url, "--settle", "0s"])?;
        return Err(format!(
            "tracel audit exits with {exit:?}, not with {code}:\n{text}"
        ));
    }
    say(&format!(
        "    {} records, {} lost, {} doubled; exit code {code}",
        number(&audit, "records"),
        number(&audit, "lost"),
        number(&audit, "doubled")
    ));
    Ok(audit)
}

/// The offsets of which the audit says that nothing is there: partition, first, last.
fn skipped(audit: &Value) -> Vec<(u64, u64, u64)> {
    let ranges = audit["skipped"].as_array().into_iter().flatten();
    ranges
        .map(|range| {
            (
                number(range, "partition"),
                number(range, "first"),
                number(range, "last"),
            )
        })
        .collect()
}

fn backfill(pipeline: &mut Pipeline, ranges: &[(u64, u64, u64)]) -> Result<(), String> {
    let (brokers, sink) = (pipeline.kafka.brokers().to_owned(), pipeline.kafka.sink());
    for (partition, first, last) in ranges {
        let (partition, offsets) = (partition.to_string(), format!("{first}..{last}"));
        let text = pipeline.sound(&[
            "backfill",
            "--brokers",
            &brokers,
            "--topic",
            TOPIC,
            "--partition",
            &partition,
            "--offsets",
            &offsets,
            "--to",
            &sink,
        ])?;
        say(&format!("    {}", text.trim()));
    }
    pipeline.caught_up("after the backfill")
}

/// Each line of poison is where it belongs, once.
fn quarantined(pipeline: &Pipeline, injected: &Injected) -> Result<(), String> {
    let held = pipeline.store.ask(
        "SELECT reason, extract(if(encoding = 'base64', base64Decode(original), original), {name:String}) AS name, \
         count() FROM quarantine_open GROUP BY reason, name FORMAT JSONCompactEachRow",
        &[("name", "\"([a-zA-Z0-9^.:{} -]+ no[.] [0-9]+[.])")],
    )?;
    let rows = pipeline.store.ask(
        "SELECT message, uniqExact(uuid) FROM logs WHERE service_name = {service:String} GROUP BY message \
         FORMAT JSONCompactEachRow",
        &[("service", poison::SERVICE)],
    )?;
    let parse =
        |line: &str| serde_json::from_str::<Vec<Value>>(line).map_err(|error| format!("{error} in {line}"));
    let mut found = BTreeMap::<String, Vec<(Option<String>, u64)>>::new();
    let count = |value: &Value| {
        let text = value.as_str().and_then(|text| text.parse().ok());
        value.as_u64().or(text).unwrap_or_default()
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for line in held.lines() {
        let row = parse(line)?;
        let place = (Some(text(&row[0])), count(&row[2]));
        found.entry(text(&row[1])).or_default().push(place);
    }
    for line in rows.lines() {
        let row = parse(line)?;
        found
            .entry(text(&row[0]))
            .or_default()
            .push((None, count(&row[1])));
    }
    let mut reasons = BTreeMap::<&str, u64>::new();
    for poison in &injected.poison {
        let place = match poison.becomes {
            Becomes::Row => None,
            Becomes::Held(reason) => {
                *reasons.entry(reason).or_default() += 1;
                Some(reason.to_owned())
            }
        };
        let found = found.remove(&poison.name).unwrap_or_default();
        if found != [(place, 1)] {
            return Err(format!(
                "poison {:?} belongs once in {:?}, and is found in {found:?} (quarantine's reason, or None for a row)",
                poison.name, poison.becomes
            ));
        }
    }
    if !found.is_empty() {
        return Err(format!("what nobody injected is in quarantine: {found:?}"));
    }
    let lines = pipeline.broker.lines(QUARANTINE);
    let originals: Result<BTreeSet<String>, String> = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).map_err(|error| format!("{error} in {QUARANTINE}")))
        .map(|row| row.map(|row| text(&row["original"])))
        .collect();
    let (topic, table) = (
        originals?.len() as u64,
        pipeline
            .store
            .count("SELECT uniqExact(original) FROM quarantine", &[])?,
    );
    if topic != table {
        return Err(format!(
            "{table} different lines are in quarantine, and {topic} in its topic"
        ));
    }
    say(&format!(
        "  in quarantine, each once, and in its topic: {reasons:?}"
    ));
    Ok(())
}

/// Records of the newer schema are rows before Vector knew it, and of the older one after.
fn versions(pipeline: &Pipeline) -> Result<(), String> {
    let count = |what: &str, sql: &str| match pipeline.store.count(sql, &[])? {
        0 => Err(format!("there is no record {what}")),
        count => Ok(count),
    };
    let early = count(
        "of shop@2 from before Vector knew it",
        "SELECT uniqExact(uuid) FROM logs WHERE schema = 'shop@2' AND mapContains(extra, 'channel')",
    )?;
    let known = count(
        "of shop@2 after that",
        "SELECT uniqExact(uuid) FROM logs WHERE schema = 'shop@2' AND toString(metadata.channel) = 'shop'",
    )?;
    let behind = count(
        "of shop@1 after that",
        "SELECT uniqExact(uuid) FROM logs WHERE schema = 'shop@1' AND event_name = 'payment_captured' AND arrived > \
         (SELECT min(arrived) FROM logs WHERE schema = 'shop@2' AND toString(metadata.channel) = 'shop')",
    )?;
    say(&format!(
        "  one version ahead: {early} records that Vector did not know, {known} that it did; one behind: {behind}"
    ));
    Ok(())
}

/// A sample of requests, each whole.
fn replayed(pipeline: &Pipeline, account: &Account, rng: &mut Rng) -> Result<(), String> {
    let source = Source::new(&pipeline.store.url())?;
    for _ in 0..SAMPLE {
        let request = &account.requests[rng.usize(0..account.requests.len())];
        let records = source.records(request.event_id, &mut |_| ())?;
        whole(request, &records).map_err(|what| format!("the replay of {}: {what}", request.event_id))?;
    }
    let event_id = account.requests[0].event_id.to_string();
    pipeline
        .sound(&["replay", &event_id, "--from", &pipeline.store.url()])
        .map(drop)
}

/// What ClickHouse reads for one request, by its `event_id` alone: in the parts as they are, each id asked once.
fn lookups(pipeline: &Pipeline, account: &Account, rng: &mut Rng) -> Result<(), String> {
    let total = pipeline.store.count("SELECT count() FROM logs", &[])?;
    let mut read = Vec::new();
    for request in rng.choose_multiple(account.requests.iter(), SAMPLE) {
        let event_id = request.event_id.to_string();
        let sql = "SELECT * FROM logs WHERE event_id = {id:UUID} FORMAT JSON";
        let text = pipeline.store.ask(sql, &[("id", &event_id)])?;
        let answer: Value = serde_json::from_str(&text).map_err(|error| format!("{sql}: {error}"))?;
        let of = &answer["statistics"];
        read.push((number(of, "rows_read"), number(of, "bytes_read")));
    }
    read.sort_unstable();
    let parts = pipeline.store.count(
        "SELECT count() FROM system.parts WHERE active AND table = 'logs' AND database = currentDatabase()",
        &[],
    )?;
    let (middle, most) = (read[read.len() / 2], read[read.len() - 1]);
    say(&format!(
        "  a lookup by event_id reads {} of {total} rows, {} bytes, in {parts} parts (the median of {}; at most {} and {})",
        middle.0,
        middle.1,
        read.len(),
        most.0,
        most.1
    ));
    match total < 100_000 || middle.0 * 10 < total {
        true => Ok(()),
        false => Err("that is a tenth of the table and more: no index finds a request".to_owned()),
    }
}

/// Whether all is there that such a request logs, each record once.
fn whole(request: &Request, records: &[Record]) -> Result<(), String> {
    let unique: BTreeSet<_> = records.iter().map(|record| record.uuid).collect();
    if unique.len() != records.len() {
        return Err(format!(
            "{} records, {} of them different",
            records.len(),
            unique.len()
        ));
    }
    let said: BTreeSet<&str> = records.iter().map(|record| record.text("message")).collect();
    let expected: &[&str] = match request.status {
        Some(201) => &[
            "payment asked",
            "capture requested",
            "the bank approved",
            "entry booked",
            "payment captured",
            "payment answered",
            "receipt taken from the queue",
        ],
        Some(402) => &[
            "payment asked",
            "capture requested",
            "payment declined by the bank",
            "payment refused",
        ],
        Some(504) => &["payment asked", "payment timed out"],
        Some(502) => &["payment asked", "payment failed"],
        // No answer: its customer knows nothing of it.
        _ => &[],
    };
    let absent: Vec<&&str> = expected
        .iter()
        .filter(|message| !said.contains(*message))
        .collect();
    let receipt =
        request.status != Some(201) || said.contains("receipt sent") || said.contains("receipt not sent");
    match absent.is_empty() && receipt {
        true => Ok(()),
        false => Err(format!(
            "answered {:?}, has {said:?}, and lacks {absent:?}",
            request.status
        )),
    }
}
