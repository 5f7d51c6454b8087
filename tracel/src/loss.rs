//! What is known of records that are lost: which, and why. How it is told is said in `encode` and in the shipper.

/// Records of one lane that are lost, for a sink or for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Their lane.
    pub lane: u32,
    /// The first one's number.
    pub seq: u64,
    /// How many numbers.
    pub count: u64,
    /// Why.
    pub reason: Reason,
}

/// Why records are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The journal, or what stands in for it on disk, was full, or the record was longer than it takes.
    Dropped,
    /// The sink was too slow, while others were not.
    Missed,
    /// The sink refused it for what it holds.
    Refused,
    /// What was found in its place is no record.
    Damaged,
}

impl Reason {
    /// The word for it in an announcement (`tracel_reason`).
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Reason::Dropped => "dropped",
            Reason::Missed => "missed",
            Reason::Refused => "refused",
            Reason::Damaged => "damaged",
        }
    }
}
