//! One schema.toml as it was written: every value with its place, nothing resolved, nothing filled in. The parser
//! makes it, `merge` joins it with what it extends, the checks read it.

use crate::{
    diagnostic::Spot,
    model::{Class, Level, Place, Policy, Rate, Type},
};

/// A value and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) spot: Spot,
}

impl From<Spot> for Place {
    fn from(spot: Spot) -> Place {
        Place {
            file: spot.file,
            line: spot.line,
        }
    }
}

impl Spot {
    pub(crate) fn place(self) -> Place {
        self.into()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<u64>,
    pub(crate) extends: Vec<At<String>>,
    pub(crate) service: Option<String>,
    pub(crate) policy: PolicyEntry,
    pub(crate) fields: Vec<FieldEntry>,
    pub(crate) categories: Vec<CategoryEntry>,
    pub(crate) levels: Vec<LevelEntry>,
    pub(crate) events: Vec<EventEntry>,
}

/// `None` stands for what was missing or wrong, and is reported already.
#[derive(Clone, Debug)]
pub(crate) struct FieldEntry {
    pub(crate) name: At<String>,
    pub(crate) ty: Option<Type>,
    pub(crate) class: Option<At<Class>>,
    pub(crate) doc: Option<String>,
    pub(crate) unit: Option<At<String>>,
    pub(crate) propagate: Option<At<bool>>,
    pub(crate) left: Vec<Left>,
}

/// A key that an entry does not have, because the schema that this one extends may say it.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    /// The table, as messages call it.
    pub(crate) table: String,
    pub(crate) key: &'static str,
    /// What to write.
    pub(crate) example: &'static str,
    /// Where the table is.
    pub(crate) spot: Spot,
}

/// `[policy]`: all settings, and where those stand that the file says.
#[derive(Clone, Debug, Default)]
pub(crate) struct PolicyEntry {
    pub(crate) policy: Policy,
    pub(crate) said: Vec<(Setting, Spot)>,
}

/// One setting of `[policy]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Metadata(Level),
    MaxLevelDebug,
    MaxLevelRelease,
    Sensitive,
    ForeignLevel,
    ForeignMessage,
    MaxRecord,
    /// Of one level, or of all others.
    Retention(Option<Level>),
    Trust,
    Limit,
    Orphans,
}

#[derive(Clone, Debug)]
pub(crate) struct CategoryEntry {
    pub(crate) name: At<String>,
    pub(crate) doc: Option<String>,
    pub(crate) required: Vec<At<String>>,
}

#[derive(Clone, Debug)]
pub(crate) struct LevelEntry {
    pub(crate) level: At<Level>,
    pub(crate) doc: Option<String>,
    pub(crate) required: Vec<At<String>>,
}

#[derive(Clone, Debug)]
pub(crate) struct EventEntry {
    pub(crate) name: At<String>,
    pub(crate) category: Option<At<String>>,
    pub(crate) level: Option<At<Level>>,
    pub(crate) message: Option<At<String>>,
    pub(crate) doc: Option<String>,
    pub(crate) required: Vec<At<String>>,
    pub(crate) optional: Vec<At<String>>,
    pub(crate) limit: Option<At<Rate>>,
    pub(crate) retention: Option<At<u64>>,
    pub(crate) left: Vec<Left>,
}
