//! A journal whose file is cut under it, in this process.

use crate::journal::{Frame, Identity, Journal, Lane, Options, Pushed, relic::Relic};
use std::{fs::OpenOptions, ops::ControlFlow, path::Path};

fn journal(path: &Path) -> Journal {
    let identity = Identity {
        service: "a service".into(),
        ..Identity::somebody()
    };
    let journal = Journal::in_file(path, &identity, Options::default()).unwrap();
    journal.survive_sigbus().unwrap();
    journal
}

fn cut(path: &Path, len: u64) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(len).unwrap();
}

/// What a reader is shown: records, and how many are damaged.
fn read(reader: &mut crate::journal::Reader) -> (Vec<Vec<u8>>, u64) {
    let (mut records, mut damaged) = (Vec::new(), 0);
    reader.poll(|frame| {
        match frame {
            Frame::Record { payload, .. } => records.push(payload.to_vec()),
            Frame::Damaged { count, .. } => damaged += count,
            other => panic!("{other:?}"),
        }
        ControlFlow::Continue(())
    });
    reader.ack_all();
    (records, damaged)
}

#[test]
fn a_journal_that_is_cut_goes_on_in_another_and_counts_what_it_had() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let first = journal(&path);
    let mut reader = first.reader().unwrap();
    let heir = Journal::in_memory(Options::default()).unwrap();
    let mut goes_on = heir.reader().unwrap();
    first.at_fork(Box::new(move || Some(heir.clone())));
    assert_eq!(first.push(b"read"), Pushed::Written);
    assert_eq!(read(&mut reader), (vec![b"read".to_vec()], 0));
    for _ in 0..100 {
        assert_eq!(first.push(b"not read"), Pushed::Written);
    }
    first.note_lanes();
    cut(&path, 0);
    // It is this one that meets the hole: it is lost with the others.
    assert_eq!(first.push(b"at the cut"), Pushed::Written);
    assert!(first.is_cut() && !first.is_forked());
    for _ in 0..3 {
        assert_eq!(first.push(b"after it"), Pushed::Written);
    }
    let upto = first.committed();
    assert!(!reader.has_acked(&upto));
    assert_eq!(read(&mut reader), (vec![], 101));
    assert!(reader.has_acked(&upto));
    assert_eq!(read(&mut reader), (vec![], 0));
    assert_eq!(first.lanes().iter().map(|lane| lane.next_seq).sum::<u64>(), 102);
    assert_eq!(first.written(), 102);
    assert_eq!(read(&mut goes_on), (vec![b"after it".to_vec(); 3], 0));
}

#[test]
fn a_file_that_was_cut_is_mended_for_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = journal(&path);
    let reader = journal.reader_named("http://h").unwrap();
    assert_eq!(journal.push(b"lost"), Pushed::Written);
    cut(&path, 100);
    let heir = Journal::in_memory(Options::default()).unwrap();
    journal.at_fork(Box::new(move || Some(heir.clone())));
    assert_eq!(journal.push(b"lost"), Pushed::Written);
    journal.mend().unwrap();
    drop((reader, journal));
    let relic = Relic::open(&path).unwrap().expect("nobody has it");
    assert_eq!(relic.identity().service, "a service");
    assert_eq!(relic.readers().collect::<Vec<_>>(), [(0, "http://h")]);
}

#[test]
fn a_reader_that_meets_the_hole_shows_no_torn_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = journal(&path);
    let mut reader = journal.reader().unwrap();
    let long = vec![b'x'; 20_000];
    assert_eq!(journal.push(b"whole"), Pushed::Written);
    assert_eq!(journal.push(&long), Pushed::Written);
    assert_eq!(journal.push(b"gone"), Pushed::Written);
    journal.note_lanes();
    // The tables, and as much of the chunk as a part of the long record is in.
    let len = journal.shared.layout.chunk(1) as u64 + 8192;
    cut(&path, len);
    let (records, damaged) = read(&mut reader);
    assert!(
        records.iter().all(|record| record == b"whole"),
        "{}",
        records.len()
    );
    let (more, rest) = read(&mut reader);
    assert!(more.is_empty());
    assert_eq!(records.len() as u64 + damaged + rest, 3);
    assert!(journal.is_cut());
}

#[test]
fn journals_that_end_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    // More than are guarded at once.
    for n in 0..200 {
        let path = folder.path().join(format!("journal-{n}"));
        let journal = journal(&path);
        assert_eq!(journal.push(b"x"), Pushed::Written);
        assert_eq!(journal.lanes().iter().map(|lane| lane.next_seq).max(), Some(1));
        drop(journal);
        std::fs::remove_file(&path).unwrap();
    }
    let none = Lane { next_seq: 0, lost: 0 };
    let path = folder.path().join("last");
    let journal = journal(&path);
    cut(&path, 0);
    assert_eq!(journal.lanes().first(), Some(&none));
    assert!(journal.is_cut());
}
