//! Durations that were measured several times over, and what is told of them.

use std::{fmt, time::Duration};

/// The durations of one thing.
#[derive(Default)]
pub(crate) struct Sample(Vec<Duration>);

impl Sample {
    pub(crate) fn add(&mut self, one: Duration) {
        let place = self.0.partition_point(|known| *known <= one);
        self.0.insert(place, one);
    }

    /// The one in the middle; of two, their mean. Zero when there is none.
    pub(crate) fn median(&self) -> Duration {
        let middle = self.0.len() / 2;
        match (self.0.len() % 2, &self.0[..]) {
            (_, []) => Duration::ZERO,
            (1, all) => all[middle],
            (_, all) => (all[middle - 1] + all[middle]) / 2,
        }
    }
}

/// The median, and the range in parentheses.
impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |at: Option<&Duration>| at.map_or(0.0, Duration::as_secs_f64);
        let (least, most) = (seconds(self.0.first()), seconds(self.0.last()));
        write!(f, "{:.2} s ({least:.2}–{most:.2})", self.median().as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let mut sample = Sample::default();
        assert_eq!(sample.median(), Duration::ZERO);
        for (seconds, median) in [(4, 4000), (1, 2500), (2, 2000), (8, 3000)] {
            sample.add(Duration::from_secs(seconds));
            assert_eq!(sample.median(), Duration::from_millis(median));
        }
        assert_eq!(sample.to_string(), "3.00 s (1.00–8.00)");
    }
}
