//! What a program is asked to do: `bench-NAME SINK [THREADS [PACE]]`.

use std::{env, time::Duration};

/// How records follow each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// So many bursts of 256, with 2 ms between them, in which what runs behind the caller can catch up.
    Bursts(usize),
    /// The same by a thread that sleeps meanwhile.
    Woken(usize),
    /// So many records, one each 10 µs.
    Steady(usize),
    /// As many as go, for so long.
    Flood(Duration),
}

impl Pace {
    fn named(name: &str) -> Self {
        match name {
            "bursts" => Pace::Bursts(100),
            "woken" => Pace::Woken(100),
            "steady" => Pace::Steady(20_000),
            "long" => Pace::Steady(200_000),
            "flood" => Pace::Flood(Duration::from_millis(500)),
            _ => panic!("{name} is no pace: bursts, woken, steady, long or flood"),
        }
    }
}

/// The program's arguments.
pub struct Asked {
    /// `null`, or the path of a file.
    pub sink: String,
    pub threads: usize,
    pub pace: Pace,
}

impl Asked {
    /// # Panics
    /// Where there is no sink among them, or something that is not understood.
    pub fn read() -> Self {
        let mut arguments = env::args().skip(1);
        let sink = arguments
            .next()
            .expect("usage: bench-NAME null|PATH [THREADS [bursts|woken|steady|long|flood]]");
        let threads = arguments
            .next()
            .map_or(1, |text| text.parse().expect("a number of threads"));
        let pace = Pace::named(&arguments.next().unwrap_or_else(|| "bursts".into()));
        Asked { sink, threads, pace }
    }

    /// A few bursts to nowhere, of so many threads.
    pub fn bursts(threads: usize) -> Self {
        Asked {
            sink: "null".into(),
            threads,
            pace: Pace::Bursts(16),
        }
    }
}
