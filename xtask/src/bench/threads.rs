//! TraceL from one thread to eight, in bursts and one record each 10 µs, beside the control, which is the same layer over a
//! ring in memory, and the floor: the same bytes, ready made, over one.

use super::{
    figures::{Figures, Spread},
    peer::measure,
    peers::{Folders, Programs, Section},
};
use std::{fmt::Write, path::Path};

/// How records follow each other, what that is called, and from how many threads it is measured.
const PACES: [(&str, &str, &[usize]); 3] = [
    ("bursts", "In bursts of 256", &[1, 2, 4, 8]),
    ("steady", "One record each 10 µs", &[1, 2, 4, 8]),
    // Where threads are as many as cores, they sleep in any case.
    ("woken", "In bursts of 256, after a sleep of 2 ms", &[1]),
];

/// What is measured: how it is called, its program, and whether it writes to a file.
type Subject = (&'static str, fn(&Programs) -> &Path, bool);

const SUBJECTS: [Subject; 6] = [
    ("TraceL, to nowhere", Programs::tracel, false),
    ("the control, to nowhere", |programs| &programs.control, false),
    ("the floor, to nowhere", |programs| &programs.floor, false),
    ("TraceL, to a file on tmpfs", Programs::tracel, true),
    (
        "the control, to a file on tmpfs",
        |programs| &programs.control,
        true,
    ),
    ("the floor, to a file on tmpfs", |programs| &programs.floor, true),
];

/// Of each pace, of each subject, of each number of threads, of each round.
pub(crate) struct Threads([[Vec<Vec<Figures>>; 6]; 3]);

impl Threads {
    pub(crate) fn new() -> Self {
        Threads(PACES.map(|(_, _, threads)| SUBJECTS.map(|_| vec![Vec::new(); threads.len()])))
    }
}

impl Section for Threads {
    fn round(&mut self, programs: &Programs, folders: &Folders) -> Result<(), String> {
        for (figures, (pace, _, threads)) in self.0.iter_mut().zip(PACES) {
            for (at, &threads) in threads.iter().enumerate() {
                for (figures, (_, program, to_file)) in figures.iter_mut().zip(SUBJECTS) {
                    let within = to_file.then(|| folders.tmpfs.path());
                    figures[at].push(measure(program(programs), within, threads, pace)?);
                }
            }
        }
        Ok(())
    }

    fn write(&self, page: &mut String) -> Result<(), String> {
        page.push_str(
            "\n### From several threads\n\nMedian / p99 / p99.9. The control is the same layer, which copies its record into a ring of the thread's own in memory; the floor copies the same bytes, ready made. Neither leaves anything when the process is killed, where TraceL's journal is in a file. Where threads are as many as cores, what is behind them, and each other, is what they wait for. A thread that has slept pays for its waking, whatever it does first.\n",
        );
        for (figures, (_, title, threads)) in self.0.iter().zip(PACES) {
            let _ = write!(page, "\n| {title} |");
            for threads in threads {
                let _ = write!(
                    page,
                    " {threads} thread{} |",
                    if *threads == 1 { "" } else { "s" }
                );
            }
            let _ = writeln!(page, "\n| --- |{}", " ---: |".repeat(threads.len()));
            for (figures, (name, ..)) in figures.iter().zip(SUBJECTS) {
                let _ = write!(page, "| {name} |");
                for own in figures {
                    let spread = |figure: fn(&Figures) -> f64| Spread::of(own.iter().map(figure));
                    let _ = write!(
                        page,
                        " {} / {:.0} / {:.0} |",
                        spread(|one| one.median),
                        spread(|one| one.p99).middle,
                        spread(|one| one.p999).middle
                    );
                }
                page.push('\n');
            }
        }
        Ok(())
    }
}
