//! TraceL from one thread to eight, in bursts and one record each 10 µs, beside the control: the same bytes, ready made, over a
//! ring in memory.

use super::{
    figures::{Figures, Spread},
    peer::measure,
    peers::{Folders, Programs, Section},
};
use std::fmt::Write;

const THREADS: [usize; 4] = [1, 2, 4, 8];
const PACES: [(&str, &str); 2] = [
    ("bursts", "In bursts of 256"),
    ("steady", "One record each 10 µs"),
];

/// What is measured, by how it is called: the program, and whether it writes to a file.
const SUBJECTS: [(&str, bool, bool); 4] = [
    ("TraceL, to nowhere", true, false),
    ("the control, to nowhere", false, false),
    ("TraceL, to a file on tmpfs", true, true),
    ("the control, to a file on tmpfs", false, true),
];

/// Of each pace, of each subject, of each number of threads, of each round.
pub(crate) struct Threads([[[Vec<Figures>; 4]; 4]; 2]);

impl Threads {
    pub(crate) fn new() -> Self {
        Threads(Default::default())
    }
}

impl Section for Threads {
    fn round(&mut self, programs: &Programs, folders: &Folders) -> Result<(), String> {
        for (figures, (pace, _)) in self.0.iter_mut().zip(PACES) {
            for (at, threads) in THREADS.into_iter().enumerate() {
                for (figures, (_, is_ours, to_file)) in figures.iter_mut().zip(SUBJECTS) {
                    let program = match is_ours {
                        true => programs.tracel(),
                        false => &programs.control,
                    };
                    let within = to_file.then(|| folders.tmpfs.path());
                    figures[at].push(measure(program, within, threads, pace)?);
                }
            }
        }
        Ok(())
    }

    fn write(&self, page: &mut String) -> Result<(), String> {
        page.push_str(
            "\n### From several threads\n\nMedian / p99 / p99.9. The control copies the bytes of TraceL's record, ready made, into a ring of the thread's own in memory. Where threads are as many as cores, what is behind them, and each other, is what they wait for.\n",
        );
        for (figures, (_, title)) in self.0.iter().zip(PACES) {
            let _ = write!(page, "\n| {title} |");
            for threads in THREADS {
                let _ = write!(page, " {threads} thread{} |", if threads == 1 { "" } else { "s" });
            }
            page.push_str("\n| --- | ---: | ---: | ---: | ---: |\n");
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
