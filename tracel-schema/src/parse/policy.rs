//! `[policy]`: what holds for all logs. Every key is read and checked here; each takes effect where it belongs.

use super::{
    levels,
    table::{Context, Table, Value, no_hint, unknown_word},
    unit,
};
use crate::{
    codes,
    document::At,
    model::{Level, Policy, Sensitive, Trust},
};
use toml::de::DeValue;

const METADATA: [(&str, bool); 2] = [("declared", false), ("open", true)];
const MAX_RECORD: std::ops::RangeInclusive<u64> = 1 << 10..=48 << 10;

pub(super) fn policy(cx: &mut Context<'_>, mut table: Table<'_>) -> Policy {
    let mut policy = Policy::default();
    if let Some(value) = table.take("metadata") {
        metadata(cx, value, &mut policy);
    }
    if let Some(value) = table.take("max_level") {
        max_level(cx, value, &mut policy);
    }
    let sensitive = [Sensitive::Mask, Sensitive::Hash, Sensitive::Drop].map(|word| (word.name(), word));
    if let Some(word) = table
        .take("sensitive")
        .and_then(|value| value.word(cx, &sensitive))
    {
        policy.sensitive = word;
    }
    if let Some(mut foreign) = table
        .take("foreign")
        .and_then(|value| value.table(cx, "`foreign`".into(), "{ level = \"warn\", message = \"keep\" }"))
    {
        if let Some(level) = foreign.take("level").and_then(|value| value.word(cx, &or_off())) {
            policy.foreign_level = level;
        }
        let message = [("keep", true), ("drop", false)];
        if let Some(keep) = foreign.take("message").and_then(|value| value.word(cx, &message)) {
            policy.foreign_message = keep;
        }
        foreign.finish(cx, no_hint);
    }
    if let Some(bytes) = table.take("max_record").and_then(|value| max_record(cx, value)) {
        policy.max_record = bytes;
    }
    if let Some(value) = table.take("retention") {
        retention(cx, value, &mut policy);
    }
    if let Some(trust) = table.take("trust").and_then(|value| trust(cx, value)) {
        policy.trust = trust;
    }
    policy.limit = table.take("limit").and_then(|value| rate(cx, value));
    let orphans = [("count", false), ("deny", true)];
    if let Some(deny) = table.take("orphans").and_then(|value| value.word(cx, &orphans)) {
        policy.deny_orphans = deny;
    }
    table.finish(cx, no_hint);
    policy
}

/// One word for all levels, or a table of words by level over a `default`.
fn metadata(cx: &mut Context<'_>, value: Value<'_>, policy: &mut Policy) {
    if !matches!(value.raw(), DeValue::Table(_)) {
        if let Some(open) = value.word(cx, &METADATA) {
            policy.open = [open; 5];
        }
        return;
    }
    let Some(mut table) = value.table(cx, "`metadata`".into(), "{ default = \"declared\" }") else {
        return;
    };
    if let Some(open) = table.take("default").and_then(|value| value.word(cx, &METADATA)) {
        policy.open = [open; 5];
    }
    for level in Level::ALL {
        if let Some(open) = table
            .take(level.name())
            .and_then(|value| value.word(cx, &METADATA))
        {
            policy.open[level as usize] = open;
        }
    }
    table.finish(cx, no_hint);
}

/// One word for both profiles, or a table.
fn max_level(cx: &mut Context<'_>, value: Value<'_>, policy: &mut Policy) {
    if !matches!(value.raw(), DeValue::Table(_)) {
        if let Some(level) = value.word(cx, &or_off()) {
            policy.max_level_debug = level;
            policy.max_level_release = level;
        }
        return;
    }
    let example = "{ debug = \"trace\", release = \"info\" }";
    let Some(mut table) = value.table(cx, "`max_level`".into(), example) else {
        return;
    };
    if let Some(level) = table.take("debug").and_then(|value| value.word(cx, &or_off())) {
        policy.max_level_debug = level;
    }
    if let Some(level) = table.take("release").and_then(|value| value.word(cx, &or_off())) {
        policy.max_level_release = level;
    }
    table.finish(cx, no_hint);
}

fn max_record(cx: &mut Context<'_>, value: Value<'_>) -> Option<u32> {
    let text = value.string(cx, "\"32KiB\"")?;
    let Some(bytes) = unit::size(text.value) else {
        let what = format!("{:?} is not a size", text.value);
        cx.found.add(
            text.spot,
            &codes::SIZE,
            what,
            "write a whole number and B, KiB or MiB, like \"32KiB\"",
        );
        return None;
    };
    if !MAX_RECORD.contains(&bytes) {
        let what = format!("a longest record of {:?} is out of range", text.value);
        cx.found.add(
            text.spot,
            &codes::MAX_RECORD,
            what,
            "choose between \"1KiB\" and \"48KiB\"",
        );
        return None;
    }
    u32::try_from(bytes).ok()
}

/// One time for all, or a table of times by level over a `default`.
fn retention(cx: &mut Context<'_>, value: Value<'_>, policy: &mut Policy) {
    if !matches!(value.raw(), DeValue::Table(_)) {
        policy.retention = duration(cx, value);
        return;
    }
    let Some(mut table) = value.table(cx, "`retention`".into(), "{ default = \"30d\", error = \"90d\" }")
    else {
        return;
    };
    policy.retention = table.take("default").and_then(|value| duration(cx, value));
    for level in Level::ALL {
        if let Some(seconds) = table.take(level.name()).and_then(|value| duration(cx, value)) {
            policy.retention_by_level.push((level, seconds));
        }
    }
    table.finish(cx, no_hint);
}

/// `"30d"`, in seconds.
pub(super) fn duration(cx: &mut Context<'_>, value: Value<'_>) -> Option<u64> {
    let text = value.string(cx, "\"30d\"")?;
    let seconds = unit::duration(text.value);
    if seconds.is_none() {
        let what = format!("{:?} is not a time to keep records", text.value);
        let way_out = "write a whole number from 1 and s, m, h, d or w, like \"30d\", at most \"36500d\"";
        cx.found.add(text.spot, &codes::DURATION, what, way_out);
    }
    seconds
}

/// `"1000/s"`.
pub(super) fn rate(cx: &mut Context<'_>, value: Value<'_>) -> Option<crate::model::Rate> {
    let text = value.string(cx, "\"1000/s\"")?;
    let rate = unit::rate(text.value);
    if rate.is_none() {
        let what = format!("{:?} is not a rate", text.value);
        let way_out = "write a whole number from 1, a slash, and s, m, h or d, like \"1000/s\"";
        cx.found.add(text.spot, &codes::RATE, what, way_out);
    }
    rate
}

fn trust(cx: &mut Context<'_>, value: Value<'_>) -> Option<Trust> {
    match value.raw() {
        DeValue::String(word) => match word.as_ref() {
            "all" => Some(Trust::All),
            "none" => Some(Trust::None),
            network if network.contains('/') => {
                value.wrong(
                    cx,
                    "\"all\", \"none\" or an array of networks",
                    &format!("[{network:?}]"),
                );
                None
            }
            other => {
                let word = At {
                    value: other,
                    spot: value.spot,
                };
                unknown_word(cx, word, "trust", &["all", "none"]);
                None
            }
        },
        DeValue::Array(_) => {
            let networks = value.strings(cx, "[\"10.0.0.0/8\"]")?;
            for network in &networks {
                if let Err(way_out) = unit::network(&network.value) {
                    let what = format!("{:?} is not a network in CIDR notation", network.value);
                    cx.found.add(network.spot, &codes::NETWORK, what, way_out);
                }
            }
            Some(match networks.is_empty() {
                true => Trust::None,
                false => Trust::Networks(networks.into_iter().map(|network| network.value).collect()),
            })
        }
        _ => {
            value.wrong(cx, "\"all\", \"none\" or an array of networks", "\"all\"");
            None
        }
    }
}

/// The levels' words and `off`.
fn or_off() -> [(&'static str, Option<Level>); 6] {
    let [trace, debug, info, warn, error] = levels().map(|(name, level)| (name, Some(level)));
    [trace, debug, info, warn, error, ("off", None)]
}
