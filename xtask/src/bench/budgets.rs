//! What a call may cost its caller, in numbers that noise cannot move. A change that needs more is no change of this file
//! alone: docs/performance.md says where the rest goes.

/// The most that one call of a case of `bench/tracel` may take.
pub(crate) struct Budget {
    /// The program's name for it.
    pub(crate) case: &'static str,
    pub(crate) what: &'static str,
    /// By callgrind; those beyond the case `over`.
    pub(crate) instructions: u64,
    /// A case whose instructions are no part of it.
    pub(crate) over: Option<&'static str>,
    /// In a thousand calls, for some allocate once in many.
    pub(crate) allocations: u64,
}

const fn budget(case: &'static str, what: &'static str, instructions: u64, allocations: u64) -> Budget {
    Budget {
        case,
        what,
        instructions,
        over: None,
        allocations,
    }
}

impl Budget {
    const fn over(self, case: &'static str) -> Self {
        Budget {
            over: Some(case),
            ..self
        }
    }
}

/// For the build that services have.
pub(crate) const BUDGETS: &[Budget] = &[
    budget("event", "a complete record, `Event { .. }`, to null:", 766, 0),
    budget("syslog", "a complete record, `SysLog(..)`, to null:", 734, 0),
    budget("event-file", "the same, the journal in a file", 766, 0),
    budget("event-task", "the same, in a task of tokio's", 781, 0),
    budget("filtered", "a call whose level is off", 5, 0).over("nothing"),
    budget("span", "a span of four fields, entered and left", 1_873, 0),
    budget(
        "spawn",
        "`tracel::spawn`, over `tokio::spawn` with `in_current_span`",
        54,
        1_000,
    )
    .over("instrumented"),
];

/// For the build whose info logs are stripped.
pub(crate) const STRIPPED: &[Budget] = &[
    budget("syslog", "a call that is stripped from the build", 0, 0).over("nothing"),
    budget("event", "an event that is stripped from the build", 0, 0).over("nothing"),
];

/// What a record may cost its sink's thread, by callgrind, in the program's cases: it bounds how many records a second one such thread
/// carries. What the system takes to write them is no part of it.
pub(crate) const SHIPPED: &[(&str, &str, u64)] = &[
    ("event", "a record on its shipper's thread, to null:", 1_700),
    ("event-file", "the same, to a file", 1_700),
];

/// How many lines of the processor's cache the code of a record may take.
pub(crate) const CODE: &[(&str, &str, u64)] = &[
    ("event", "the code of a record, `Event { .. }`", 73),
    ("syslog", "the code of a record, `SysLog(..)`", 73),
];
