//! An event over the same of the schemas below: it may ask for more, and say nothing else of what it is.

use super::{Merger, add};
use crate::{
    document::{At, EventEntry},
    model::Rate,
};

impl Merger<'_> {
    pub(super) fn event(&mut self, own: EventEntry) {
        let mut known = self.out.events.iter();
        let Some(index) = known.position(|event| event.name.value == own.name.value) else {
            own.left.iter().for_each(|left| left.report(self.found));
            return self.out.events.push(own);
        };
        let mut base = self.out.events[index].clone();
        let name = format!("[event.{}]", own.name.value);
        self.same(own.category, &base.category, &name, "category", |word| {
            format!("{word:?}")
        });
        self.same(own.level, &base.level, &name, "level", |level| {
            format!("{:?}", level.name())
        });
        self.same(own.message, &base.message, &name, "message", |text| {
            format!("{text:?}")
        });
        base.doc = own.doc.or(base.doc);
        add(&mut base.required, own.required);
        add(&mut base.optional, own.optional);
        base.limit = self.tighter(own.limit, base.limit, &format!("the limit of {name}"), rate);
        base.retention = self.tighter(
            own.retention,
            base.retention,
            &format!("the retention of {name}"),
            retention,
        );
        self.out.events[index] = base;
    }

    fn same<T: PartialEq>(
        &mut self,
        own: Option<At<T>>,
        base: &Option<At<T>>,
        event: &str,
        key: &str,
        shown: impl Fn(&T) -> String,
    ) {
        if let (Some(own), Some(base)) = (own, base)
            && own.value != base.value
        {
            let is = At {
                value: shown(&own.value),
                spot: own.spot,
            };
            self.redefined(
                &format!("the {key} of {event}"),
                is,
                base.spot,
                &shown(&base.value),
            );
        }
    }
}

/// A rate: the lower, the tighter.
pub(super) fn rate(rate: &Rate) -> (f64, String) {
    let unit = match rate.seconds {
        1 => "s",
        60 => "m",
        3_600 => "h",
        _ => "d",
    };
    (
        -(rate.count as f64) / rate.seconds as f64,
        format!("\"{}/{unit}\"", rate.count),
    )
}

/// How long records are kept: the shorter, the tighter.
pub(super) fn retention(seconds: &u64) -> (i64, String) {
    let shown = [(604_800, "w"), (86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")]
        .into_iter()
        .find(|(unit, _)| seconds.is_multiple_of(*unit))
        .map_or_else(String::new, |(unit, word)| {
            format!("\"{}{word}\"", seconds / unit)
        });
    (-seconds.cast_signed(), shown)
}
