//! A process that is killed while it writes: what it was told was taken is there.

use super::{append, folder, line, options};
use crate::spool::Spool;
use std::{
    io::{BufRead, BufReader, Write},
    ops::ControlFlow,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

const FOLDER: &str = "TRACEL_KILLED_SPOOL";
const KILLS: u64 = 100;

#[test]
fn what_was_committed_survives_a_kill_at_any_moment() {
    let seed = std::env::var("TRACEL_SEED").map_or(7, |seed| seed.parse().unwrap());
    println!("TRACEL_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut torn, mut segments) = (0, 0);
    for kill in 0..KILLS {
        let folder = folder();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "spool::tests::kill::writes_until_it_is_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
        // It has begun.
        let first = told.next().expect("it says what it has committed").unwrap();
        std::thread::sleep(Duration::from_micros(random.u64(0..8_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let last = told.map_while(Result::ok).last().unwrap_or(first);
        let (committed, acked) = last.split_once(' ').unwrap();
        let (committed, acked): (u64, u64) = (committed.parse().unwrap(), acked.parse().unwrap());

        segments = segments.max(super::segments(folder.path()).len());
        let (options, reports) = options(20_000);
        let mut spool = Spool::open(folder.path(), options).unwrap();
        let mut read = Vec::new();
        spool.read(|entry| {
            assert_eq!(entry.line, line(entry.seq));
            read.push(entry.seq);
            ControlFlow::Continue(())
        });
        let end = read.last().map_or(acked, |last| last + 1);
        // It may have been killed before it could tell of the last.
        assert_eq!(
            read,
            (end - read.len() as u64..end).collect::<Vec<_>>(),
            "kill {kill}"
        );
        assert!(
            end >= committed && end - read.len() as u64 >= acked,
            "kill {kill}: {committed} {acked} {end}"
        );
        let damaged = spool.counts.damaged.load(std::sync::atomic::Ordering::Relaxed);
        assert_eq!((damaged, reports.lock().unwrap().len()), (0, 0), "kill {kill}");
        torn += u64::from(end > committed);
    }
    assert!(segments > 2, "segments roll over meanwhile");
    println!("{torn} of {KILLS} were killed between a commit and its report");
}

#[test]
#[ignore = "the test above kills it"]
fn writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let mut spool = Spool::open(Path::new(&folder), options(20_000).0).unwrap();
    let (mut n, mut acked) = (0, 0);
    loop {
        for _ in 0..n % 17 + 1 {
            append(&mut spool, n).unwrap();
            n += 1;
        }
        spool.commit().unwrap();
        if n % 5 == 0 {
            // It keeps some way behind.
            let upto = n.saturating_sub(1_000).max(acked);
            spool.read(|entry| match entry.seq + 1 >= upto {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            });
        }
        let line = format!("{n} {acked}\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        let mark = spool.mark();
        spool.ack(mark);
        acked = spool.delivered().min(n);
    }
}
