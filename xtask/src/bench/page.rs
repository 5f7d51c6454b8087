//! The part of docs/performance.md that is made of figures; the rest of the page is written by hand.

use super::{
    figures::{Figures, median},
    peers::{PEERS, SINKS},
};
use crate::command::root;
use std::{fmt::Write, fs};

const BEGIN: &str = "<!-- figures: written by `cargo xtask bench` -->\n";
const END: &str = "<!-- figures end -->\n";

/// Puts the figures in the page: of each sink, of each peer, of each round.
pub(crate) fn write(all: &[Vec<Vec<Figures>>], rounds: u32) -> Result<(), String> {
    let path = root().join("docs/performance.md");
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let page = fs::read_to_string(&path).map_err(failed)?;
    let (before, rest) = page
        .split_once(BEGIN)
        .ok_or("the page has no place for figures")?;
    let (_, after) = rest.split_once(END).ok_or("the page's figures have no end")?;
    let page = format!("{before}{BEGIN}\n{}\n{END}{after}", text(all, rounds));
    fs::write(&path, page).map_err(failed)
}

fn text(all: &[Vec<Vec<Figures>>], rounds: u32) -> String {
    let mut text = format!(
        "Medians of {rounds} rounds, with the least and the most of them. Nanoseconds of the caller.\n"
    );
    for (sink, figures) in SINKS.iter().zip(all) {
        let _ = write!(
            text,
            "\n### To {sink}\n\n| | median | p99 | p99.9 | beside TraceL | allocations | lost |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        );
        for (peer, own) in PEERS.iter().zip(figures) {
            let (least, low, high) = median(own.iter().map(|one| one.median));
            let (p99, ..) = median(own.iter().map(|one| one.p99));
            let (p999, ..) = median(own.iter().map(|one| one.p999));
            // Round by round: what the machine did meanwhile, it did to both.
            let beside = own
                .iter()
                .zip(&figures[0])
                .map(|(one, ours)| one.median / ours.median);
            let (beside, least_beside, most_beside) = median(beside);
            let (allocations, ..) = median(own.iter().map(|one| one.allocations));
            let lost: f64 = own.iter().map(Figures::lost).sum();
            let _ = writeln!(
                text,
                "| {} | {least:.0} ({low:.0}–{high:.0}) | {p99:.0} | {p999:.0} | {beside:.1} ({least_beside:.1}–{most_beside:.1}) | {allocations:.0} | {lost:.0} |",
                peer.name
            );
        }
    }
    text.push_str("\n### What each record lacks\n\n| | lacks | bytes a record |\n| --- | --- | ---: |\n");
    for (peer, figures) in PEERS.iter().zip(&all[1]) {
        let (bytes, ..) = median(figures.iter().map(|one| one.bytes / one.made));
        let _ = writeln!(text, "| {} | {} | {bytes:.0} |", peer.name, peer.lacks);
    }
    text
}
