//! What a record costs its caller, by each library: to nowhere, to a file, and from four threads at once.

use super::{
    figures::{Figure, Figures, Spread},
    peer::measure,
    peers::{Folders, PEERS, Programs, Section},
    plot,
};
use crate::command::root;
use std::fmt::Write;

/// How they are set up.
struct Setting {
    title: &'static str,
    to_file: bool,
    threads: usize,
    /// Of each peer, of each round.
    figures: Vec<Vec<Figures>>,
}

pub(crate) struct Callers([Setting; 3]);

impl Callers {
    pub(crate) fn new() -> Self {
        let setting = |title, to_file, threads| Setting {
            title,
            to_file,
            threads,
            figures: PEERS.iter().map(|_| Vec::new()).collect(),
        };
        Callers([
            setting("To nowhere", false, 1),
            setting("To a file on tmpfs", true, 1),
            setting("To nowhere, from four threads", false, 4),
        ])
    }
}

impl Section for Callers {
    fn round(&mut self, programs: &Programs, folders: &Folders) -> Result<(), String> {
        for setting in &mut self.0 {
            let within = setting.to_file.then(|| folders.tmpfs.path());
            for (program, figures) in programs.peers.iter().zip(&mut setting.figures) {
                figures.push(measure(program, within, setting.threads, "bursts")?);
            }
        }
        Ok(())
    }

    fn write(&self, page: &mut String) -> Result<(), String> {
        let Callers(settings) = self;
        for setting in settings {
            table(page, setting);
        }
        page.push_str("\n### What each record lacks\n\n| | lacks | bytes a record |\n| --- | --- | ---: |\n");
        for (peer, figures) in PEERS.iter().zip(&settings[1].figures) {
            let bytes = Spread::of(figures.iter().map(|one| one.bytes / one.arrived)).middle;
            // Writing into a string cannot fail, here and below.
            let _ = writeln!(page, "| {} | {} | {bytes:.0} |", peer.name, peer.lacks);
        }
        let bars: Vec<plot::Bar> = PEERS
            .iter()
            .enumerate()
            .flat_map(|(at, peer)| {
                settings.iter().map(move |setting| plot::Bar {
                    name: format!("{}, {}", peer.name, setting.title.to_lowercase()),
                    spread: Spread::of(setting.figures[at].iter().map(|one| one.median)),
                    is_ours: at == 0,
                })
            })
            .collect();
        plot::bars(
            &bars,
            "nanoseconds of the caller for one record, median of all rounds; the line goes from the least to the most",
            &root().join("docs/performance-caller.svg"),
        )
    }
}

fn table(page: &mut String, setting: &Setting) {
    let _ = write!(
        page,
        "\n### {}\n\n| | median | p99 | p99.9 | beside TraceL | allocations | lost |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        setting.title
    );
    for (peer, own) in PEERS.iter().zip(&setting.figures) {
        let spread = |figure: Figure| Spread::of(own.iter().map(figure));
        let (made, lost) = own.iter().fold((0.0, 0.0), |(made, lost), one| {
            (made + one.made, lost + one.lost())
        });
        let lost = match lost {
            0.0 => "0".to_owned(),
            lost => format!("{lost:.0}, {:.1} %", lost / made * 100.0),
        };
        let _ = writeln!(
            page,
            "| {} | {} | {:.0} | {:.0} | {:.1} | {:.0} | {lost} |",
            peer.name,
            spread(|one| one.median),
            spread(|one| one.p99).middle,
            spread(|one| one.p999).middle,
            Spread::beside(own, &setting.figures[0], |one| one.median),
            spread(|one| one.allocations).middle,
        );
    }
}
