//! What a measured program says, and medians of it.

/// Of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Nanoseconds of the caller.
    pub(crate) median: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    /// For each record.
    pub(crate) allocations: f64,
    pub(crate) made: f64,
    pub(crate) arrived: f64,
    /// All that was written.
    pub(crate) bytes: f64,
}

impl Figures {
    /// From `name=number` words.
    pub(crate) fn read(said: &str) -> Option<Self> {
        let number = |name: &str| {
            said.split_whitespace()
                .find_map(|word| word.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
        };
        Some(Figures {
            median: number("median")?,
            p99: number("p99")?,
            p999: number("p999")?,
            allocations: number("allocations")?,
            made: number("made")?,
            arrived: number("arrived")?,
            bytes: number("bytes")?,
        })
    }

    /// Records that did not arrive.
    pub(crate) fn lost(&self) -> f64 {
        (self.made - self.arrived).max(0.0)
    }
}

/// The median of some figure, with the least and the most.
pub(crate) fn median(figures: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut all: Vec<f64> = figures.collect();
    all.sort_by(f64::total_cmp);
    let at = |at: usize| all.get(at).copied().unwrap_or(f64::NAN);
    (at(all.len() / 2), at(0), at(all.len().saturating_sub(1)))
}
