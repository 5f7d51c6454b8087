//! How the cost of a record grows with what is in it and around it: in time, for the page, beside tracing's JSON; and in
//! instructions, which a gate holds to linear growth.

use super::{
    cost::collected,
    figures::{Spread, number},
    peer::{build, said},
    peers::{Folders, Programs, Section},
    plot,
};
use crate::command::{root, say};
use std::{fmt::Write, path::Path};

/// One thing that grows.
struct Case {
    /// The program's name for it.
    name: &'static str,
    title: &'static str,
    sizes: &'static [usize],
    /// The sizes that the gate compares: at the second, at most so many times the instructions of the first as the second is
    /// of the first. Callgrind counts each byte that glibc copies in more than some KiB, and of a smaller copy the vectors.
    gate: Option<[usize; 2]>,
}

const CASES: [Case; 6] = [
    Case {
        name: "fields",
        title: "fields of a record",
        sizes: &[1, 2, 4, 8, 16, 32, 64],
        gate: Some([8, 64]),
    },
    Case {
        name: "message",
        title: "bytes of its message",
        sizes: &[16, 64, 256, 1024, 4096, 16_384],
        gate: Some([256, 4096]),
    },
    Case {
        name: "value",
        title: "bytes of a field's text",
        sizes: &[16, 64, 256, 1024, 4096, 16_384],
        gate: Some([256, 4096]),
    },
    Case {
        name: "spans",
        title: "spans around it, with a field each",
        sizes: &[1, 2, 4, 8, 16],
        gate: Some([2, 16]),
    },
    Case {
        name: "nest",
        title: "such spans, opened in each other and closed",
        sizes: &[1, 2, 4, 8, 16],
        gate: Some([2, 16]),
    },
    Case {
        name: "threads",
        title: "threads that make records",
        sizes: &[1, 2, 4, 8, 16, 32, 64],
        gate: None,
    },
];

/// Rounds after which no more are needed for a line in a picture.
const ENOUGH: usize = 3;
const LIBRARIES: [&str; 2] = ["TraceL", "tracing-subscriber JSON"];

/// Of each library, of each case, of each size, of each round: nanoseconds.
pub(crate) struct Growth([Vec<Vec<Vec<f64>>>; 2]);

impl Growth {
    pub(crate) fn new() -> Self {
        let empty = || {
            CASES
                .iter()
                .map(|case| vec![Vec::new(); case.sizes.len()])
                .collect()
        };
        Growth([empty(), empty()])
    }
}

impl Section for Growth {
    fn round(&mut self, programs: &Programs, _: &Folders) -> Result<(), String> {
        if self.0[0][0][0].len() == ENOUGH {
            return Ok(());
        }
        for (at, case) in CASES.iter().enumerate() {
            for (place, size) in case.sizes.iter().enumerate() {
                for (figures, program) in self
                    .0
                    .iter_mut()
                    .zip([&programs.growth, &programs.growth_of_tracing])
                {
                    let said = said(program, &[case.name, &size.to_string()])?;
                    let median = number(&said, "median").ok_or_else(|| {
                        format!("{} {} said no median: {said}", program.display(), case.name)
                    })?;
                    figures[at][place].push(median);
                }
            }
        }
        Ok(())
    }

    fn write(&self, page: &mut String) -> Result<(), String> {
        let median = |library: usize, case: usize, size: usize| {
            Spread::of(self.0[library][case][size].iter().copied()).middle
        };
        page.push_str(
            "\n### As a record grows\n\nTo nowhere, of up to three rounds. Both scales are logarithmic; what grows linearly has the slope of the dotted line.\n\n![How the cost grows](performance-growth.svg)\n\n| | from | to | TraceL | times | tracing-subscriber JSON | times |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        );
        for (at, case) in CASES.iter().enumerate() {
            let last = case.sizes.len() - 1;
            let _ = write!(
                page,
                "| {} | {} | {} |",
                case.title, case.sizes[0], case.sizes[last]
            );
            for library in 0..LIBRARIES.len() {
                let (from, to) = (median(library, at, 0), median(library, at, last));
                // Writing into a string cannot fail.
                let _ = write!(page, " {from:.0}–{to:.0} | {:.1} |", to / from);
            }
            page.push('\n');
        }
        let panels: Vec<plot::Panel> = CASES
            .iter()
            .enumerate()
            .map(|(at, case)| plot::Panel {
                title: case.title.to_owned(),
                lines: LIBRARIES
                    .iter()
                    .enumerate()
                    .map(|(library, name)| {
                        let points = case.sizes.iter().enumerate();
                        let points = points.map(|(place, &size)| (size as f64, median(library, at, place)));
                        (*name, points.collect())
                    })
                    .collect(),
            })
            .collect();
        plot::panels(&panels, "ns", &root().join("docs/performance-growth.svg"))
    }
}

/// What a size may take more than linearly: a span copies the bytes of all fields around it.
const SLACK: f64 = 1.1;

/// Whether instructions grow linearly or better, wherever there is a gate.
pub(crate) fn gate() -> Result<bool, String> {
    let program = build("bench-growth", &[])?;
    let mut held = true;
    for case in &CASES {
        let Some([small, large]) = case.gate else { continue };
        let (less, more) = (
            instructions(&program, case, small)?,
            instructions(&program, case, large)?,
        );
        let (times, most) = (more as f64 / less as f64, SLACK * large as f64 / small as f64);
        let holds = times <= most;
        held &= holds;
        say(&format!(
            "{} {}: {less} instructions for {small}, {more} for {large}: {times:.1} times, of {most:.1}",
            if holds { "ok    " } else { "BROKEN" },
            case.title,
        ));
    }
    Ok(held)
}

/// Of one call; the program has made some before that are not counted.
fn instructions(program: &Path, case: &Case, size: usize) -> Result<u64, String> {
    const CALLS: u64 = 400;
    Ok(collected(program, &[case.name, &size.to_string()], CALLS)? / CALLS)
}
