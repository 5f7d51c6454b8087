//! What a measured program says, and medians of it over all rounds.

use std::fmt;

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
    /// Records that arrived in a second.
    pub(crate) rate: f64,
}

/// The number that a program gives this name, in words like `name=number`.
pub(crate) fn number(said: &str, name: &str) -> Option<f64> {
    said.split_whitespace()
        .find_map(|word| word.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
}

impl Figures {
    /// From all that a program has said.
    pub(crate) fn read(said: &str) -> Option<Self> {
        let number = |name| number(said, name);
        Some(Figures {
            median: number("median")?,
            p99: number("p99")?,
            p999: number("p999")?,
            allocations: number("allocations")?,
            made: number("made")?,
            arrived: number("arrived")?,
            bytes: number("bytes")?,
            rate: number("rate")?,
        })
    }

    /// Records that did not arrive.
    pub(crate) fn lost(&self) -> f64 {
        (self.made - self.arrived).max(0.0)
    }
}

/// One of a run's figures.
pub(crate) type Figure = fn(&Figures) -> f64;

/// The median of some figure, with the least and the most. Shown with its range.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) middle: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    /// NaN where there is nothing.
    pub(crate) fn of(figures: impl Iterator<Item = f64>) -> Self {
        let mut all: Vec<f64> = figures.collect();
        all.sort_by(f64::total_cmp);
        let at = |at: usize| all.get(at).copied().unwrap_or(f64::NAN);
        Spread {
            middle: at(all.len() / 2),
            least: at(0),
            most: at(all.len().saturating_sub(1)),
        }
    }

    /// How many times as much as another's it is, round by round: what the machine did meanwhile, it did to both.
    pub(crate) fn beside(own: &[Figures], other: &[Figures], figure: Figure) -> Self {
        let pairs = own.iter().zip(other);
        Spread::of(pairs.map(|(own, other)| figure(own) / figure(other)))
    }

    /// In units of so much.
    pub(crate) fn per(self, unit: f64) -> Self {
        Spread {
            middle: self.middle / unit,
            least: self.least / unit,
            most: self.most / unit,
        }
    }
}

/// With as many decimals as are asked for, by default none.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(0);
        write!(
            f,
            "{:.digits$} ({:.digits$}–{:.digits$})",
            self.middle, self.least, self.most
        )
    }
}

/// Runs of these medians.
#[cfg(test)]
pub(super) fn rounds(medians: &[u32]) -> Vec<Figures> {
    let said = |median| format!("median={median} p99=1 p999=1 allocations=0 made=1 arrived=1 bytes=1 rate=1");
    medians
        .iter()
        .map(|median| Figures::read(&said(median)).unwrap())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_says_is_read_by_name() {
        let said = "median=1 p99=2 p999=3 allocations=0.5\nmade=10 arrived=7 bytes=8 rate=9\n";
        let figures = Figures::read(said).unwrap();
        assert_eq!((figures.median, figures.p999), (1.0, 3.0));
        assert_eq!(figures.lost(), 3.0);
        assert!(Figures::read("median=1").is_none());
    }

    #[test]
    fn what_is_beside_another_is_compared_round_by_round() {
        // The medians of both are the same; in two rounds of three it takes half.
        let (own, control) = (rounds(&[50, 100, 400]), rounds(&[100, 200, 50]));
        assert_eq!(Spread::beside(&own, &control, |one| one.median).middle, 0.5);
    }

    #[test]
    fn a_spread_is_the_middle_and_the_ends() {
        let spread = Spread::of([4.0, 1.0, 3.0].into_iter());
        assert_eq!(spread.to_string(), "3 (1–4)");
        assert_eq!(format!("{:.1}", spread.per(10.0)), "0.3 (0.1–0.4)");
    }
}
