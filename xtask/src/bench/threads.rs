//! TraceL from one thread to eight, in bursts and one record each 10 µs, beside the control, which is the same layer over a
//! ring in memory, and the floor: the same bytes, ready made, over one.

use super::{
    aims::{AIMS, Verdict},
    figures::{Figure, Figures, Spread},
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

/// Those of one sink follow each other.
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

/// What is told of each.
const FIGURES: [Figure; 3] = [|one| one.median, |one| one.p99, |one| one.p999];

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
            "\n### From several threads\n\nMedian / p99 / p99.9. The control is the same layer, which copies what it leaves in the journal, 215 bytes, into a ring of the thread's own in memory; the floor copies the line's 625 bytes, ready made. Neither leaves anything when the process is killed, where TraceL's journal is in a file. Where threads are as many as cores, what is behind them, and each other, is what they wait for. A thread that has slept pays for its waking, whatever it does first. Parts are those of each round, in which both follow each other: their median. The aims are 100 / 400 / 1,000 ns. \"As the control\": above the aim, as the control is, and in no more rounds above the control than chance explains (of 15, eleven).\n",
        );
        let mut verdicts = Vec::new();
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
            for (figures, subjects) in figures.chunks(3).zip(SUBJECTS.chunks(3)) {
                for (figures, (name, ..)) in figures.iter().zip(subjects) {
                    let _ = write!(page, "| {name} |");
                    for own in figures {
                        let spread = |figure: Figure| Spread::of(own.iter().map(figure));
                        let [median, p99, p999] = FIGURES.map(spread);
                        let _ = write!(page, " {median} / {:.0} / {:.0} |", p99.middle, p999.middle);
                    }
                    page.push('\n');
                }
                let _ = write!(page, "| {}, in parts of the control |", subjects[0].0);
                for (own, control) in figures[0].iter().zip(&figures[1]) {
                    let [median, p99, p999] =
                        FIGURES.map(|figure| Spread::beside(own, control, figure).middle);
                    let _ = write!(page, " {median:.2} / {p99:.2} / {p999:.2} |");
                }
                let _ = write!(page, "\n| {}, beside the aims |", subjects[0].0);
                for (own, control) in figures[0].iter().zip(&figures[1]) {
                    let of = |at: usize| Verdict::of(own, control, FIGURES[at], AIMS[at]);
                    let each = [of(0), of(1), of(2)];
                    verdicts.extend(each);
                    let _ = write!(page, " {} |", each.map(Verdict::word).join(" / "));
                }
                page.push('\n');
            }
        }
        let count = |wanted| verdicts.iter().filter(|&&verdict| verdict == wanted).count();
        let _ = writeln!(
            page,
            "\nOf these {} figures of TraceL's {} are within their aims, {} are as the control's, and {} are above.",
            verdicts.len(),
            count(Verdict::Within),
            count(Verdict::AsTheControl),
            count(Verdict::Above),
        );
        Ok(())
    }
}
