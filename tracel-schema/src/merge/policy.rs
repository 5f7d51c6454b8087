//! `[policy]` over that of the schemas below: each setting may be tightened.

use super::{
    Merger,
    event::{rate, retention},
};
use crate::{
    diagnostic::Spot,
    document::{PolicyEntry, Setting},
    model::{Level, Policy, Sensitive, Trust},
    parse::is_within,
};
use std::cmp::Ordering;

impl Merger<'_> {
    pub(super) fn policy(&mut self, own: PolicyEntry) {
        for (setting, spot) in &own.said {
            self.setting(*setting, *spot, &own.policy);
        }
    }

    fn setting(&mut self, setting: Setting, spot: Spot, own: &Policy) {
        let base = &mut self.out.policy;
        let known = base.said.iter_mut().find(|(known, _)| *known == setting);
        let Some((_, was)) = known else {
            base.said.push((setting, spot));
            return take(setting, own, &mut base.policy);
        };
        match compare(setting, own, &base.policy) {
            Some(Ordering::Equal) => {}
            Some(Ordering::Greater) => {
                *was = spot;
                take(setting, own, &mut base.policy);
            }
            Some(Ordering::Less) | None => {
                let was = *was;
                let (is, below) = (shown(setting, own), shown(setting, &base.policy));
                self.loosened(&name(setting), spot, &is, was, &below);
            }
        }
    }
}

/// How much tighter the first is than the second; nothing, when neither holds all of the other.
fn compare(setting: Setting, own: &Policy, base: &Policy) -> Option<Ordering> {
    // The higher the level, the less is logged; `off` is the highest.
    let level = |own: Option<Level>, base: Option<Level>| match (own, base) {
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Greater,
        (_, None) => Ordering::Less,
        (Some(own), Some(base)) => own.cmp(&base),
    };
    Some(match setting {
        Setting::Metadata(level) => base.open[level as usize].cmp(&own.open[level as usize]),
        Setting::MaxLevelDebug => level(own.max_level_debug, base.max_level_debug),
        Setting::MaxLevelRelease => level(own.max_level_release, base.max_level_release),
        Setting::Sensitive => hides(own.sensitive).cmp(&hides(base.sensitive)),
        Setting::ForeignLevel => level(own.foreign_level, base.foreign_level),
        Setting::ForeignMessage => base.foreign_message.cmp(&own.foreign_message),
        Setting::MaxRecord => base.max_record.cmp(&own.max_record),
        Setting::Retention(level) => kept(base, level).cmp(&kept(own, level)),
        Setting::Trust => return trust(&own.trust, &base.trust),
        Setting::Limit => {
            let (own, base) = (
                own.limit.map(|own| rate(&own).0),
                base.limit.map(|base| rate(&base).0),
            );
            return own.partial_cmp(&base);
        }
        Setting::Orphans => own.deny_orphans.cmp(&base.deny_orphans),
    })
}

fn take(setting: Setting, own: &Policy, base: &mut Policy) {
    match setting {
        Setting::Metadata(level) => base.open[level as usize] = own.open[level as usize],
        Setting::MaxLevelDebug => base.max_level_debug = own.max_level_debug,
        Setting::MaxLevelRelease => base.max_level_release = own.max_level_release,
        Setting::Sensitive => base.sensitive = own.sensitive,
        Setting::ForeignLevel => base.foreign_level = own.foreign_level,
        Setting::ForeignMessage => base.foreign_message = own.foreign_message,
        Setting::MaxRecord => base.max_record = own.max_record,
        Setting::Retention(None) => base.retention = own.retention,
        Setting::Retention(Some(level)) => {
            base.retention_by_level.retain(|(known, _)| *known != level);
            base.retention_by_level
                .extend(kept(own, Some(level)).map(|seconds| (level, seconds)));
            base.retention_by_level.sort_by_key(|(level, _)| *level);
        }
        Setting::Trust => base.trust = own.trust.clone(),
        Setting::Limit => base.limit = own.limit,
        Setting::Orphans => base.deny_orphans = own.deny_orphans,
    }
}

fn name(setting: Setting) -> String {
    let of = match setting {
        Setting::Metadata(level) => return format!("the policy `metadata` of the level {level}"),
        Setting::Retention(Some(level)) => return format!("the policy `retention` of the level {level}"),
        Setting::MaxLevelDebug => "`max_level` of debug builds",
        Setting::MaxLevelRelease => "`max_level` of release builds",
        Setting::Sensitive => "`sensitive`",
        Setting::ForeignLevel => "`foreign.level`",
        Setting::ForeignMessage => "`foreign.message`",
        Setting::MaxRecord => "`max_record`",
        Setting::Retention(None) => "`retention`",
        Setting::Trust => "`trust`",
        Setting::Limit => "`limit`",
        Setting::Orphans => "`orphans`",
    };
    format!("the policy {of}")
}

/// A setting's value, as a schema writes it.
fn shown(setting: Setting, policy: &Policy) -> String {
    let level = |level: Option<Level>| format!("{:?}", level.map_or("off", Level::name));
    let word = |on: bool, yes: &str, no: &str| format!("{:?}", if on { yes } else { no });
    match setting {
        Setting::Metadata(level) => word(policy.open[level as usize], "open", "declared"),
        Setting::MaxLevelDebug => level(policy.max_level_debug),
        Setting::MaxLevelRelease => level(policy.max_level_release),
        Setting::Sensitive => format!("{:?}", policy.sensitive.name()),
        Setting::ForeignLevel => level(policy.foreign_level),
        Setting::ForeignMessage => word(policy.foreign_message, "keep", "drop"),
        Setting::MaxRecord => match policy.max_record {
            bytes if bytes.is_multiple_of(1 << 10) => format!("\"{}KiB\"", bytes >> 10),
            bytes => format!("\"{bytes}B\""),
        },
        Setting::Retention(level) => {
            kept(policy, level).map_or_else(String::new, |seconds| retention(&seconds).1)
        }
        Setting::Trust => match &policy.trust {
            Trust::All => "\"all\"".to_owned(),
            Trust::None => "\"none\"".to_owned(),
            Trust::Networks(networks) => format!("{networks:?}"),
        },
        Setting::Limit => policy.limit.map_or_else(String::new, |limit| rate(&limit).1),
        Setting::Orphans => word(policy.deny_orphans, "deny", "count"),
    }
}

/// How much is hidden of a sensitive value: equal ones can be told by their hash, and not at all behind a mask.
fn hides(sensitive: Sensitive) -> u8 {
    match sensitive {
        Sensitive::Hash => 0,
        Sensitive::Mask => 1,
        Sensitive::Drop => 2,
    }
}

fn kept(policy: &Policy, level: Option<Level>) -> Option<u64> {
    let Some(level) = level else {
        return policy.retention;
    };
    let mut by_level = policy.retention_by_level.iter();
    by_level
        .find(|(known, _)| *known == level)
        .map(|(_, seconds)| *seconds)
}

fn trust(own: &Trust, base: &Trust) -> Option<Ordering> {
    let within = |inner: &[String], outer: &[String]| {
        let inside = |network: &String| outer.iter().any(|outer| is_within(network, outer));
        inner.iter().all(inside)
    };
    match (own, base) {
        (Trust::All, Trust::All) | (Trust::None, Trust::None) => Some(Ordering::Equal),
        (Trust::None, _) | (_, Trust::All) => Some(Ordering::Greater),
        (_, Trust::None) | (Trust::All, _) => Some(Ordering::Less),
        (Trust::Networks(own), Trust::Networks(base)) => match (within(own, base), within(base, own)) {
            (true, true) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Greater),
            (false, true) => Some(Ordering::Less),
            (false, false) => None,
        },
    }
}
