//! What a record costs its caller where the journal and the sink's file are on a disk that a `sync` reaches once a second.

use super::{
    figures::{Figure, Figures, Spread},
    peer::measure,
    peers::{Folders, Programs, Section},
};
use std::{fmt::Write, path::Path, process::Command};

/// How it is called, and its program.
type Subject = (&'static str, fn(&Programs) -> &Path);

const SUBJECTS: [Subject; 2] = [
    ("TraceL, its journal on the same disk", Programs::tracel),
    ("the control, its ring in memory", |programs| &programs.control),
];

/// Of each subject, of each round.
#[derive(Default)]
pub(crate) struct Disk([Vec<Figures>; 2]);

impl Section for Disk {
    fn round(&mut self, programs: &Programs, folders: &Folders) -> Result<(), String> {
        let folder = folders.disk.path();
        for (figures, (_, program)) in self.0.iter_mut().zip(SUBJECTS) {
            figures.push(synced(folder, || {
                measure(program(programs), Some(folder), 1, "long")
            })?);
        }
        Ok(())
    }

    fn write(&self, page: &mut String) -> Result<(), String> {
        page.push_str(
            "\n### On a disk, with a `sync` a second\n\nTo a file on the repository's disk, one record each 10 µs for two seconds, from one thread.\n\n| | median | p99 | p99.9 |\n| --- | ---: | ---: | ---: |\n",
        );
        for (figures, (name, _)) in self.0.iter().zip(SUBJECTS) {
            let spread = |figure: Figure| Spread::of(figures.iter().map(figure));
            // Writing into a string cannot fail.
            let _ = writeln!(
                page,
                "| {name} | {} | {} | {} |",
                spread(|one| one.median),
                spread(|one| one.p99),
                spread(|one| one.p999)
            );
        }
        Ok(())
    }
}

/// Runs it while the folder's file system is written through once a second.
fn synced<T>(folder: &Path, run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let failed = |error| format!("sync -f {}: {error}", folder.display());
    let mut syncs = Command::new("sh")
        .args(["-c", r#"while sync -f "$0"; do sleep 1; done"#])
        .arg(folder)
        .spawn()
        .map_err(failed)?;
    let result = run();
    let ended = syncs.try_wait().map_err(failed)?;
    syncs.kill().and_then(|()| syncs.wait()).map_err(failed)?;
    match ended {
        Some(status) => Err(format!("sync -f {}: {status}", folder.display())),
        None => result,
    }
}
