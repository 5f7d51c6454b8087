//! One schema.toml as it was written: every value with its place, nothing resolved, nothing filled in. The parser
//! makes it, the checks read it.

use crate::{
    diagnostic::Spot,
    model::{Class, Level, Place, Policy, Rate, Type},
};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) spot: Spot,
}

impl Spot {
    pub(crate) fn place(self) -> Place {
        Place {
            file: self.file,
            line: self.line,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<u64>,
    pub(crate) service: Option<String>,
    pub(crate) policy: Policy,
    pub(crate) fields: Vec<FieldEntry>,
    pub(crate) categories: Vec<CategoryEntry>,
    pub(crate) levels: Vec<LevelEntry>,
    pub(crate) events: Vec<EventEntry>,
}

/// `None` stands for what was missing or wrong, and is reported already.
#[derive(Debug)]
pub(crate) struct FieldEntry {
    pub(crate) name: At<String>,
    pub(crate) ty: Option<Type>,
    pub(crate) class: Class,
    pub(crate) doc: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) propagate: bool,
}

#[derive(Debug)]
pub(crate) struct CategoryEntry {
    pub(crate) name: At<String>,
    pub(crate) doc: Option<String>,
    pub(crate) required: Vec<At<String>>,
}

#[derive(Debug)]
pub(crate) struct LevelEntry {
    pub(crate) level: At<Level>,
    pub(crate) doc: Option<String>,
    pub(crate) required: Vec<At<String>>,
}

#[derive(Debug)]
pub(crate) struct EventEntry {
    pub(crate) name: At<String>,
    pub(crate) category: Option<At<String>>,
    pub(crate) level: Option<Level>,
    pub(crate) message: Option<String>,
    pub(crate) doc: Option<String>,
    pub(crate) required: Vec<At<String>>,
    pub(crate) optional: Vec<At<String>>,
    pub(crate) limit: Option<Rate>,
    pub(crate) retention: Option<u64>,
}
