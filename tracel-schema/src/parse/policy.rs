//! `[policy]`: what holds for all logs. Every key is read and checked here; each takes effect where it belongs.

use super::{
    levels,
    table::{Context, Table, Value, no_hint, unknown_word},
    unit,
};
use crate::{
    codes,
    document::{At, PolicyEntry, Setting},
    model::{Level, Sensitive, Trust},
};
use toml::de::DeValue;

const METADATA: [(&str, bool); 2] = [("declared", false), ("open", true)];
const MAX_RECORD: std::ops::RangeInclusive<u64> = 1 << 10..=48 << 10;

pub(super) fn policy(cx: &mut Context<'_>, mut table: Table<'_>) -> PolicyEntry {
    let mut entry = PolicyEntry::default();
    if let Some(value) = table.take("metadata") {
        metadata(cx, value, &mut entry);
    }
    if let Some(value) = table.take("max_level") {
        max_level(cx, value, &mut entry);
    }
    let sensitive = [Sensitive::Mask, Sensitive::Hash, Sensitive::Drop].map(|word| (word.name(), word));
    if let Some(value) = table.take("sensitive")
        && let Some(word) = value.word(cx, &sensitive)
    {
        entry.policy.sensitive = word;
        entry.said(Setting::Sensitive, value);
    }
    if let Some(value) = table.take("foreign") {
        foreign(cx, value, &mut entry);
    }
    if let Some(value) = table.take("max_record")
        && let Some(bytes) = max_record(cx, value)
    {
        entry.policy.max_record = bytes;
        entry.said(Setting::MaxRecord, value);
    }
    if let Some(value) = table.take("retention") {
        retention(cx, value, &mut entry);
    }
    if let Some(value) = table.take("trust")
        && let Some(trust) = trust(cx, value)
    {
        entry.policy.trust = trust;
        entry.said(Setting::Trust, value);
    }
    if let Some(value) = table.take("limit") {
        entry.policy.limit = rate(cx, value);
        entry.said(Setting::Limit, value);
    }
    let orphans = [("count", false), ("deny", true)];
    if let Some(value) = table.take("orphans")
        && let Some(deny) = value.word(cx, &orphans)
    {
        entry.policy.deny_orphans = deny;
        entry.said(Setting::Orphans, value);
    }
    table.finish(cx, no_hint);
    entry
}

impl PolicyEntry {
    fn said(&mut self, setting: Setting, value: Value<'_>) {
        self.said.push((setting, value.spot));
    }
}

/// One word for all levels, or a table of words by level over a `default`.
fn metadata(cx: &mut Context<'_>, value: Value<'_>, entry: &mut PolicyEntry) {
    if !matches!(value.raw(), DeValue::Table(_)) {
        return metadata_of_all(cx, value, entry);
    }
    let Some(mut table) = value.table(cx, "`metadata`".into(), "{ default = \"declared\" }") else {
        return;
    };
    if let Some(value) = table.take("default") {
        metadata_of_all(cx, value, entry);
    }
    for level in Level::ALL {
        if let Some(value) = table.take(level.name())
            && let Some(open) = value.word(cx, &METADATA)
        {
            entry.policy.open[level as usize] = open;
            entry
                .said
                .retain(|(setting, _)| *setting != Setting::Metadata(level));
            entry.said(Setting::Metadata(level), value);
        }
    }
    table.finish(cx, no_hint);
}

fn metadata_of_all(cx: &mut Context<'_>, value: Value<'_>, entry: &mut PolicyEntry) {
    if let Some(open) = value.word(cx, &METADATA) {
        entry.policy.open = [open; 5];
        for level in Level::ALL {
            entry.said(Setting::Metadata(level), value);
        }
    }
}

/// One word for both profiles, or a table.
fn max_level(cx: &mut Context<'_>, value: Value<'_>, entry: &mut PolicyEntry) {
    if !matches!(value.raw(), DeValue::Table(_)) {
        if let Some(level) = value.word(cx, &or_off()) {
            entry.policy.max_level_debug = level;
            entry.policy.max_level_release = level;
            entry.said(Setting::MaxLevelDebug, value);
            entry.said(Setting::MaxLevelRelease, value);
        }
        return;
    }
    let example = "{ debug = \"trace\", release = \"info\" }";
    let Some(mut table) = value.table(cx, "`max_level`".into(), example) else {
        return;
    };
    if let Some(value) = table.take("debug")
        && let Some(level) = value.word(cx, &or_off())
    {
        entry.policy.max_level_debug = level;
        entry.said(Setting::MaxLevelDebug, value);
    }
    if let Some(value) = table.take("release")
        && let Some(level) = value.word(cx, &or_off())
    {
        entry.policy.max_level_release = level;
        entry.said(Setting::MaxLevelRelease, value);
    }
    table.finish(cx, no_hint);
}

/// What becomes of other crates' events.
fn foreign(cx: &mut Context<'_>, value: Value<'_>, entry: &mut PolicyEntry) {
    let example = "{ level = \"warn\", message = \"keep\" }";
    let Some(mut table) = value.table(cx, "`foreign`".into(), example) else {
        return;
    };
    if let Some(value) = table.take("level")
        && let Some(level) = value.word(cx, &or_off())
    {
        entry.policy.foreign_level = level;
        entry.said(Setting::ForeignLevel, value);
    }
    if let Some(value) = table.take("message")
        && let Some(keep) = value.word(cx, &[("keep", true), ("drop", false)])
    {
        entry.policy.foreign_message = keep;
        entry.said(Setting::ForeignMessage, value);
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
fn retention(cx: &mut Context<'_>, value: Value<'_>, entry: &mut PolicyEntry) {
    if !matches!(value.raw(), DeValue::Table(_)) {
        entry.policy.retention = duration(cx, value);
        return entry.said(Setting::Retention(None), value);
    }
    let Some(mut table) = value.table(cx, "`retention`".into(), "{ default = \"30d\", error = \"90d\" }")
    else {
        return;
    };
    if let Some(value) = table.take("default") {
        entry.policy.retention = duration(cx, value);
        entry.said(Setting::Retention(None), value);
    }
    for level in Level::ALL {
        if let Some(value) = table.take(level.name())
            && let Some(seconds) = duration(cx, value)
        {
            entry.policy.retention_by_level.push((level, seconds));
            entry.said(Setting::Retention(Some(level)), value);
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
