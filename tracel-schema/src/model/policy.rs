//! `[policy]`: what holds for all logs, and the quantities that it is stated in.

use super::Level;

/// At most so many in that many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u64,
    /// In how many seconds.
    pub seconds: u64,
}

/// `[policy]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Whether undeclared keys are admitted, by [`Level`] as an index.
    pub open: [bool; 5],
    /// What stays in a debug build; `None` is `off`.
    pub max_level_debug: Option<Level>,
    /// What stays in a release build; `None` is `off`.
    pub max_level_release: Option<Level>,
    /// What is done to sensitive values.
    pub sensitive: Sensitive,
    /// The least severe level of other crates' events that is recorded; `None` is `off`.
    pub foreign_level: Option<Level>,
    /// Whether the text of other crates' events is kept.
    pub foreign_message: bool,
    /// The longest record, in bytes.
    pub max_record: u32,
    /// How long records are kept, in seconds; `None` for ever.
    pub retention: Option<u64>,
    /// The same for single levels, which win over it.
    pub retention_by_level: Vec<(Level, u64)>,
    /// Whose incoming `event_id` is taken over.
    pub trust: Trust,
    /// Flood control for events without their own.
    pub limit: Option<Rate>,
    /// Whether `UserLog` compiles only where a request is known.
    pub deny_orphans: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            open: [false; 5],
            max_level_debug: Some(Level::Trace),
            max_level_release: Some(Level::Trace),
            sensitive: Sensitive::Mask,
            foreign_level: Some(Level::Warn),
            foreign_message: true,
            max_record: 32 << 10,
            retention: None,
            retention_by_level: Vec::new(),
            trust: Trust::All,
            limit: None,
            deny_orphans: false,
        }
    }
}

/// What is done to sensitive values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensitive {
    /// Replaced by a fixed text.
    Mask,
    /// Replaced by a keyed hash; without a key masked.
    Hash,
    /// Left out.
    Drop,
}

impl Sensitive {
    /// The name in `schema.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Sensitive::Mask => "mask",
            Sensitive::Hash => "hash",
            Sensitive::Drop => "drop",
        }
    }

    /// The treatment of this name.
    pub fn from_name(name: &str) -> Option<Sensitive> {
        [Sensitive::Mask, Sensitive::Hash, Sensitive::Drop]
            .into_iter()
            .find(|sensitive| sensitive.name() == name)
    }
}

/// Whose incoming `event_id` is taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Everyone's.
    All,
    /// Nobody's.
    None,
    /// That of clients in these networks, in CIDR notation.
    Networks(Vec<String>),
}
