//! How many records arrive in a second where one thread makes as many as it can: to nowhere by all, to a file by TraceL, beside
//! what `dd` writes there in the same round.

use super::{
    figures::{Figures, Spread},
    peer::{ask, measure},
    peers::{Folders, PEERS, Programs, Section},
};
use std::{fmt::Write, path::Path, process::Command, time::Instant};

pub(crate) struct Flood {
    /// Of each peer, of each round.
    nowhere: Vec<Vec<Figures>>,
    control: Vec<Figures>,
    floor: Vec<Figures>,
    /// By zstd, which is the sink's own choice, and by LZ4, which takes less of a core.
    kafka: Vec<Figures>,
    lz4: Vec<Figures>,
    /// With the bytes a second of `dd`.
    tmpfs: Vec<(Figures, f64)>,
    disk: Vec<(Figures, f64)>,
}

impl Flood {
    pub(crate) fn new() -> Self {
        Flood {
            nowhere: PEERS.iter().map(|_| Vec::new()).collect(),
            control: Vec::new(),
            floor: Vec::new(),
            kafka: Vec::new(),
            lz4: Vec::new(),
            tmpfs: Vec::new(),
            disk: Vec::new(),
        }
    }
}

impl Section for Flood {
    fn round(&mut self, programs: &Programs, folders: &Folders) -> Result<(), String> {
        for (program, figures) in programs.peers.iter().zip(&mut self.nowhere) {
            figures.push(measure(program, None, 1, "flood")?);
        }
        self.control.push(measure(&programs.control, None, 1, "flood")?);
        self.floor.push(measure(&programs.floor, None, 1, "flood")?);
        for (folder, figures) in [
            (folders.tmpfs.path(), &mut self.tmpfs),
            (folders.disk.path(), &mut self.disk),
        ] {
            let ours = measure(programs.tracel(), Some(folder), 1, "flood")?;
            figures.push((ours, dd(folder, ours.bytes as u64)?));
        }
        // After the files, for a broker that has got much is at work for some seconds more.
        if let Some((program, address)) = &programs.kafka {
            // A broker that has just started makes its topic first, and has not compiled its own code.
            let unmeasured = if self.kafka.is_empty() { 4 } else { 0 };
            for _ in 0..unmeasured {
                ask(program, &[address, "1", "flood"])?;
            }
            self.kafka.push(ask(program, &[address, "1", "flood"])?);
            let lz4 = format!("{address}?compression=lz4");
            self.lz4.push(ask(program, &[&lz4, "1", "flood"])?);
        }
        Ok(())
    }

    fn write(&self, page: &mut String) -> Result<(), String> {
        page.push_str(
            "\n### As many as go\n\nOne thread makes records for half a second, and waits where its library makes it; the time ends when the last has arrived. Thousands of records a second; to nowhere, where nothing else is said.\n\n| | thousands a second | lost |\n| --- | ---: | ---: |\n",
        );
        let others = [
            ("the control", &self.control),
            ("the floor", &self.floor),
            ("TraceL, to a Kafka broker on loopback", &self.kafka),
            ("the same, `compression=lz4`", &self.lz4),
        ];
        let peers = PEERS.iter().map(|peer| peer.name).zip(&self.nowhere);
        for (name, own) in peers.chain(others).filter(|(_, own)| !own.is_empty()) {
            let lost: f64 = own.iter().map(Figures::lost).sum();
            // Writing into a string cannot fail, here and below.
            let _ = writeln!(
                page,
                "| {name} | {} | {lost:.0} |",
                Spread::of(own.iter().map(|one| one.rate)).per(1e3)
            );
        }
        page.push_str(
            "\nThe caller waits for the file (`block`): nothing goes over the spool as long as that is written to.\n\n| TraceL, to a file | thousands a second | MB a second | `dd`, MB a second | part of it | lost |\n| --- | ---: | ---: | ---: | ---: | ---: |\n",
        );
        for (name, own) in [
            ("on tmpfs", &self.tmpfs),
            ("on the repository's disk", &self.disk),
        ] {
            // Of the file's bytes, the part that came since the clock runs is that of the records.
            let bytes = |one: &Figures| one.rate * one.bytes / one.arrived;
            let lost: f64 = own.iter().map(|(one, _)| one.lost()).sum();
            let _ = writeln!(
                page,
                "| {name} | {} | {} | {} | {:.2} | {lost:.0} |",
                Spread::of(own.iter().map(|(one, _)| one.rate)).per(1e3),
                Spread::of(own.iter().map(|(one, _)| bytes(one))).per(1e6),
                Spread::of(own.iter().map(|(_, dd)| *dd)).per(1e6),
                Spread::of(own.iter().map(|(one, dd)| bytes(one) / dd)),
            );
        }
        Ok(())
    }
}

/// The bytes a second that `dd` writes where it writes so many.
fn dd(folder: &Path, bytes: u64) -> Result<f64, String> {
    const BLOCK: u64 = 64 << 10;
    let file = folder.join("dd");
    let blocks = bytes.div_ceil(BLOCK).max(1);
    let start = Instant::now();
    let output = Command::new("dd")
        .args(["if=/dev/zero", "bs=64K", &format!("count={blocks}")])
        .arg(format!("of={}", file.display()))
        .output()
        .map_err(|error| format!("dd cannot be started: {error}; it is part of coreutils"))?;
    let seconds = start.elapsed().as_secs_f64();
    if !output.status.success() {
        return Err(format!("dd: {}", String::from_utf8_lossy(&output.stderr)));
    }
    std::fs::remove_file(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok((blocks * BLOCK) as f64 / seconds)
}
