//! How an audit is told: to people, or as one JSON object.

use super::{Audit, Instance, Skipped};
use serde_json::{Value, json};
use std::io::{self, Write};

/// How many of a list are told; the JSON has all.
const MOST: usize = 20;

/// For people: each instance that something is to be said of, then what concerns no instance, then the verdict.
///
/// # Errors
/// Those of `out`.
pub fn text(out: &mut impl Write, audit: &Audit) -> io::Result<()> {
    let mut quiet = 0;
    for instance in &audit.instances {
        let is_sound = instance.gaps.is_empty() && instance.announced.is_empty() && instance.quarantined == 0;
        if is_sound && instance.doubled == 0 && instance.end.is_some() {
            quiet += 1;
        } else {
            of_instance(out, instance)?;
        }
    }
    if quiet > 0 {
        writeln!(
            out,
            "{} ended, and nothing is missing",
            counted(quiet, "instance")
        )?;
    }
    for service in &audit.uncounted {
        writeln!(
            out,
            "{:?} does not count its records: {}, {}",
            service.service,
            counted(service.records, "record"),
            doubled(service.doubled)
        )?;
    }
    list(out, "damaged lines", &audit.damaged, |line| line.clone())?;
    list(
        out,
        "orphans, which no request is known of",
        &audit.orphans,
        |orphans| format!("{} of {:?} at {}", orphans.count, orphans.service, orphans.place),
    )?;
    if let Some(quarantine) = &audit.quarantine {
        list(out, "in quarantine", quarantine, |(reason, count)| {
            format!("{count}: {reason}")
        })?;
    }
    list(
        out,
        "messages of Kafka's of which nothing is here; `tracel backfill` reads them again",
        &audit.skipped,
        |skipped| {
            let Skipped {
                topic,
                partition,
                first,
                last,
            } = skipped;
            format!("--topic {topic} --partition {partition} --offsets {first}..{last}")
        },
    )?;
    if let Some(late @ 1..) = audit.late {
        writeln!(out, "{} late", counted(late, "record"))?;
    }
    writeln!(
        out,
        "{} of {}: {} lost, {} lost and announced, {}",
        counted(audit.records(), "record"),
        counted(audit.instances.len() as u64, "instance"),
        audit.lost(),
        audit.told(),
        doubled(audit.doubled())
    )
}

fn of_instance(out: &mut impl Write, instance: &Instance) -> io::Result<()> {
    write!(
        out,
        "{:?} {}: {}, {} lost, {} lost and announced, {} in quarantine, {}",
        instance.service,
        instance.instance,
        counted(instance.records, "record"),
        instance.lost(),
        instance.told(),
        instance.quarantined,
        doubled(instance.doubled),
    )?;
    match &instance.end {
        Some(end) => writeln!(out, "; its end: {end}")?,
        None => {
            let known: Vec<String> = instance
                .tails
                .iter()
                .take(MOST)
                .map(|(lane, last)| format!("{last} (lane {lane})"))
                .collect();
            let more = if instance.tails.len() > MOST { ", …" } else { "" };
            writeln!(
                out,
                "; has not ended: tail unknown after {}{more}",
                known.join(", ")
            )?;
        }
    }
    list(out, "", &instance.gaps, |gap| {
        format!("lane {}: {} lost", gap.lane, range(gap.first, gap.last))
    })?;
    list(out, "", &instance.announced, |lost| {
        format!(
            "lane {}: {} {}, announced",
            lost.lane,
            range(lost.first, lost.last),
            lost.reason
        )
    })
}

fn list<T>(out: &mut impl Write, title: &str, items: &[T], line: impl Fn(&T) -> String) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    if !title.is_empty() {
        writeln!(out, "{title}:")?;
    }
    for item in items.iter().take(MOST) {
        // A reason or a place is someone's text: no control character reaches a terminal.
        let text: String = line(item)
            .chars()
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect();
        writeln!(out, "    {text}")?;
    }
    if items.len() > MOST {
        writeln!(out, "    and {} more", items.len() - MOST)?;
    }
    Ok(())
}

fn range(first: u64, last: u64) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}–{last}")
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn doubled(times: u64) -> String {
    match times {
        0 => "none doubled".into(),
        _ => format!("{times} doubled (counted once)"),
    }
}

/// One JSON object, with all lists whole.
///
/// # Errors
/// Those of `out`.
pub fn json(out: &mut impl Write, audit: &Audit) -> io::Result<()> {
    let instances: Vec<Value> = audit
        .instances
        .iter()
        .map(|instance| {
            let gaps = instance.gaps.iter();
            let gaps = gaps.map(|gap| json!({ "lane": gap.lane, "first": gap.first, "last": gap.last }));
            let announced = instance.announced.iter().map(|lost| {
                json!({ "lane": lost.lane, "first": lost.first, "last": lost.last, "count": lost.count, "reason": lost.reason })
            });
            let tails = instance.tails.iter().map(|(lane, last)| json!({ "lane": lane, "last": last }));
            json!({
                "service_name": instance.service,
                "instance": instance.instance,
                "records": instance.records,
                "doubled": instance.doubled,
                "lost": instance.lost(),
                "gaps": gaps.collect::<Vec<_>>(),
                "lost_and_announced": instance.told(),
                "announced": announced.collect::<Vec<_>>(),
                "quarantined": instance.quarantined,
                "end": instance.end,
                "tails": tails.collect::<Vec<_>>(),
            })
        })
        .collect();
    let uncounted = audit.uncounted.iter().map(|service| {
        json!({ "service_name": service.service, "records": service.records, "doubled": service.doubled })
    });
    let orphans = audit.orphans.iter().map(
        |orphans| json!({ "service_name": orphans.service, "place": orphans.place, "count": orphans.count }),
    );
    let quarantine = audit.quarantine.as_ref().map(|reasons| {
        let reasons = reasons
            .iter()
            .map(|(reason, count)| json!({ "reason": reason, "count": count }));
        reasons.collect::<Vec<_>>()
    });
    let skipped = audit.skipped.iter().map(|skipped| {
        json!({ "topic": skipped.topic, "partition": skipped.partition, "first": skipped.first, "last": skipped.last })
    });
    let all = json!({
        "records": audit.records(),
        "lost": audit.lost(),
        "lost_and_announced": audit.told(),
        "doubled": audit.doubled(),
        "late": audit.late,
        "instances": instances,
        "uncounted": uncounted.collect::<Vec<_>>(),
        "orphans": orphans.collect::<Vec<_>>(),
        "quarantine": quarantine,
        "skipped": skipped.collect::<Vec<_>>(),
        "damaged": audit.damaged,
    });
    writeln!(out, "{all}")
}
