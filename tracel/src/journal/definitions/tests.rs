//! Definitions, in a journal that lives and in what is left of it.

use super::*;
use crate::journal::{Identity, Options, Pushed};
use proptest::prelude::*;

fn options() -> Options {
    Options {
        size: 4 << 10,
        chunk: 1 << 10,
        ..Options::default()
    }
}

fn read(journal: &Journal, number: u32) -> Option<Vec<u8>> {
    journal.definition(number, <[u8]>::to_vec)
}

#[test]
fn each_has_one_number_and_stays() {
    let journal = Journal::in_memory(options()).unwrap();
    let texts: Vec<Vec<u8>> = (0..20_u8).map(|n| vec![n; usize::from(n)]).collect();
    let numbers: Vec<u32> = texts.iter().map(|text| journal.define(text).unwrap()).collect();
    for (text, &number) in texts.iter().zip(&numbers) {
        assert_eq!(journal.define(text), Some(number));
        assert_eq!(read(&journal, number).as_ref(), Some(text));
    }
    assert_eq!(
        [0, 100_000, u32::MAX].map(|number| read(&journal, number)),
        [None, None, None]
    );
    let other = Journal::in_memory(options()).unwrap();
    assert_eq!(numbers.iter().find_map(|&number| read(&other, number)), None);
}

#[test]
fn where_there_is_no_room_those_that_are_there_stay() {
    let journal = Journal::in_memory(options()).unwrap();
    let text = |n: u32| [&n.to_ne_bytes()[..], &[b'x'; 500]].concat();
    let numbers: Vec<u32> = (0..100).map_while(|n| journal.define(&text(n))).collect();
    assert!((4..=8).contains(&numbers.len()), "{numbers:?}");
    for (n, &number) in (0..).zip(&numbers) {
        assert_eq!(read(&journal, number), Some(text(n)));
        assert_eq!(journal.define(&text(n)), Some(number));
    }
    // A shorter one may have room still.
    assert_eq!(journal.define(&[b'y'; 5_000]), None);
}

#[cfg(target_os = "linux")]
#[test]
fn a_dead_processs_are_found_unless_they_are_damaged() {
    use crate::journal::relic::Relic;
    use std::{fs, ops::ControlFlow, sync::Arc};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::in_file(&path, &Identity::somebody(), options()).unwrap();
    let numbers = [b"first", b"other"].map(|text| journal.define(text).unwrap());
    assert_eq!(journal.push(b"a record"), Pushed::Written);
    drop(journal);
    let look = || {
        // Another test's look at `stats()` may hold it for a moment.
        let relic = (0..1_000).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(1));
            Relic::open(&path).unwrap()
        });
        let relic = Arc::new(relic.unwrap());
        let mut found = None;
        let shown = relic.reader(None).poll(|_| {
            found = Some(numbers.map(|number| relic.definition(number).map(<[u8]>::to_vec)));
            ControlFlow::Continue(())
        });
        assert_eq!(shown.unwrap(), 1);
        found.unwrap()
    };
    assert_eq!(look(), [Some(b"first".to_vec()), Some(b"other".to_vec())]);
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(5).position(|text| text == b"other").unwrap();
    bytes[at] = b'O';
    fs::write(&path, &bytes).unwrap();
    assert_eq!(look(), [Some(b"first".to_vec()), None]);
}

#[test]
fn a_forked_childs_memory_of_it_is_not_touched() {
    let journal = Journal::in_memory(options()).unwrap();
    let number = journal.define(b"something").unwrap();
    assert_eq!(journal.define(b"something"), Some(number));
    assert_eq!(journal.push_here(b"a record"), Some(Pushed::Written));
    journal.disinherit();
    assert_eq!(journal.define(b"something"), None);
    assert_eq!(journal.push_here(b"a record"), None);
}

proptest! {
    #[test]
    fn of_any_bytes_only_what_is_sound_is_found(
        mut area in proptest::collection::vec(any::<u8>(), 0..200),
        used in 0_u64..300,
        length in 0_u64..300,
        number in 0_u32..40,
        sound: bool,
    ) {
        let at = number as usize * 8;
        if sound {
            if let Some(first) = area.first_chunk_mut() {
                *first = used.to_ne_bytes();
            }
            let sum = area.get(at + WORD..).and_then(|bytes| bytes.get(..length as usize)).map(word);
            if let (Some(place), Some(sum)) = (area.get_mut(at..).and_then(<[u8]>::first_chunk_mut), sum) {
                *place = sum.to_ne_bytes();
            }
        }
        if let Some(bytes) = find(&area, number) {
            prop_assert_eq!(u64::from_ne_bytes(*area[at..].first_chunk().unwrap()), word(bytes));
        }
    }
}
