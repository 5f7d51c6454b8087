//! A dead process's journal in which bytes are changed: the input is a list of patches, each a place, a length and bytes.
//! Reading it must end, without a panic and without a read out of bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::{fs, ops::ControlFlow, sync::Arc, sync::LazyLock};
use tracel::{
    Uuid,
    journal::{Frame, Identity, Journal, Options, relic::Relic},
};

/// A folder in memory, and a sound journal's bytes.
static BASE: LazyLock<(tempfile::TempDir, Vec<u8>)> = LazyLock::new(|| {
    let folder = tempfile::tempdir_in("/dev/shm").expect("a folder in memory");
    let path = folder.path().join("sound");
    let identity = Identity {
        instance: Uuid::from_u128(7),
        service: "Payment".into(),
        made: 1,
        pid: 1,
        boot: Uuid::nil(),
    };
    let mut options = Options::default();
    (options.size, options.chunk) = (16 << 10, 1 << 10);
    let journal = Journal::in_file(&path, &identity, options).expect("a journal");
    let _reader = journal.reader_named("null:").expect("a reader");
    for text in ["", "what some records have in common", "and others"] {
        journal.define(text.as_bytes()).expect("room for it");
    }
    for n in 0..40_u8 {
        let _ = journal.push(format!("{{\"n\":{n},\"text\":\"{}\"}}", "x".repeat(n.into())).as_bytes());
    }
    let bytes = fs::read(&path).expect("its bytes");
    (folder, bytes)
});

fuzz_target!(|patches: &[u8]| {
    let (folder, sound) = &*BASE;
    let mut bytes = sound.clone();
    let mut rest = patches;
    while let Some((&[low, high, len], behind)) = rest.split_first_chunk() {
        let at = usize::from(u16::from_le_bytes([low, high])) % bytes.len().max(1);
        let (patch, behind) = behind.split_at(usize::from(len % 64).min(behind.len()));
        match len {
            // The file is cut there.
            255 => bytes.truncate(at),
            _ => bytes
                .iter_mut()
                .skip(at)
                .zip(patch)
                .for_each(|(byte, &new)| *byte = new),
        }
        rest = behind;
    }
    let path = folder.path().join("journal");
    fs::write(&path, &bytes).expect("a file");
    let Ok(Some(relic)) = Relic::open(&path) else {
        return;
    };
    let relic = Arc::new(relic);
    let _ = (relic.lanes(), relic.open_records(None));
    for slot in [None, Some(0)] {
        let mut reader = relic.reader(slot);
        let mut bytes = 0;
        while !reader.is_dry() {
            let shown = reader.poll(|frame| {
                if let Frame::Record { payload, .. } = frame {
                    bytes += payload.len();
                    let number = payload.iter().map(|&byte| u32::from(byte)).sum();
                    bytes += relic.definition(number).map_or(0, <[u8]>::len);
                }
                ControlFlow::Continue(())
            });
            assert!(bytes <= 1 << 20, "more than the file holds");
            let mark = reader.mark();
            if shown.is_err() || reader.ack(&mark).is_err() {
                break;
            }
        }
    }
});
