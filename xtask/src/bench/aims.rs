//! Whether a record keeps within what it may take its caller. Machines differ by half, so the control says what is to be had on this
//! one: who is above an aim together with it, and not dearer than it, is as good as can be had there.

use super::figures::{Figure, Figures, Spread};

/// In nanoseconds: at the median, p99 and p99.9.
pub(crate) const AIMS: [f64; 3] = [100.0, 400.0, 1000.0];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Its median of all rounds is within the aim.
    Within,
    /// It is above, as the control's is, and in no more rounds above the control than chance explains.
    AsTheControl,
    /// It is above, where the control's is not or it is dearer than the control.
    Above,
}

impl Verdict {
    /// What of one figure is to be said.
    pub(crate) fn of(own: &[Figures], control: &[Figures], figure: Figure, aim: f64) -> Self {
        let middle = |all: &[Figures]| Spread::of(all.iter().map(figure)).middle;
        let dearer = own
            .iter()
            .zip(control)
            .filter(|(own, control)| figure(own) > figure(control));
        if middle(own) <= aim {
            Verdict::Within
        } else if middle(control) > aim && !is_no_chance(dearer.count(), own.len()) {
            Verdict::AsTheControl
        } else {
            Verdict::Above
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Verdict::Within => "within",
            Verdict::AsTheControl => "as the control",
            Verdict::Above => "above",
        }
    }
}

/// Whether of two that are alike one would be dearer in so many rounds, or in more, less than once in twenty times: the
/// [sign test](https://en.wikipedia.org/wiki/Sign_test). Of 15 rounds that is 12.
fn is_no_chance(dearer: usize, rounds: usize) -> bool {
    let ways = |of: usize, chosen: usize| {
        (0..chosen).fold(1.0, |ways, at| ways * (of - at) as f64 / (at + 1) as f64)
    };
    let tail: f64 = (dearer..=rounds).map(|many| ways(rounds, many)).sum();
    tail / 2_f64.powi(rounds as i32) < 0.05
}

#[cfg(test)]
mod tests {
    use super::{super::figures::rounds, *};

    fn verdict(own: &[u32], control: &[u32]) -> Verdict {
        let (own, control) = (rounds(own), rounds(control));
        Verdict::of(&own, &control, |one| one.median, 100.0)
    }

    #[test]
    fn an_aim_is_reached_by_itself_or_missed_together() {
        assert_eq!(verdict(&[100, 90, 300], &[80, 80, 80]), Verdict::Within);
        assert_eq!(verdict(&[120; 15], &[130; 15]), Verdict::AsTheControl);
        assert_eq!(verdict(&[120; 15], &[99; 15]), Verdict::Above);
        assert_eq!(verdict(&[121; 15], &[120; 15]), Verdict::Above);
    }

    #[test]
    fn twelve_rounds_of_fifteen_are_no_chance() {
        assert!(!is_no_chance(11, 15));
        assert!(is_no_chance(12, 15));
        assert!(!is_no_chance(1, 1));
    }
}
