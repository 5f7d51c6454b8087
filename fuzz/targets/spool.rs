//! A spool's folder whose segments are the input, cut in two at a place that its first bytes say, beside a cursor or none.
//! Reading it must end, without a panic, and everything that is shown can be acknowledged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::{fs, ops::ControlFlow, sync::LazyLock};
use tracel::{
    shipper::Report,
    spool::{Options, Spool},
};

static FOLDER: LazyLock<tempfile::TempDir> =
    LazyLock::new(|| tempfile::tempdir_in("/dev/shm").expect("a folder in memory"));

fuzz_target!(|input: &[u8]| {
    let Some((&[low, high, keeps], bytes)) = input.split_first_chunk() else {
        return;
    };
    let folder = FOLDER.path();
    for entry in fs::read_dir(folder).expect("our folder").flatten() {
        if keeps & 1 == 0 || entry.file_name() != "cursor" {
            fs::remove_file(entry.path()).expect("our file");
        }
    }
    let cut = usize::from(u16::from_le_bytes([low, high])).min(bytes.len());
    let (first, second) = bytes.split_at(cut);
    fs::write(folder.join("0000000000000001.spool"), first).expect("a segment");
    fs::write(folder.join("0000000000000002.spool"), second).expect("a segment");
    let mut options = Options::default();
    options.report = Report::to(|_| {});
    let Ok(mut spool) = Spool::open(folder, options) else {
        return;
    };
    let mut shown = 0;
    while spool.has_unread() {
        let read = spool.read(|entry| {
            shown += entry.line.len();
            ControlFlow::Continue(())
        });
        assert!(shown <= bytes.len(), "more than there is");
        if read == 0 {
            break;
        }
    }
    spool.ack(spool.mark());
    let _ = (spool.left(), spool.delivered());
});
