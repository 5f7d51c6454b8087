//! A spool's folder: making it, and taking up what a process left in it. What becomes of each segment's frames is `read`'s.

use super::{
    Counts, Options, Segment, Spool,
    cursor::{Cursor, Place},
    format::{self, HEADER, Head, Next},
    read::{LARGEST, Window},
};
use crate::{report::Teller, sorted::sorted};
use std::{
    collections::VecDeque,
    fs::{self, DirBuilder, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// A segment's file.
pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:016x}.spool"))
}

/// Makes a folder for its owner alone; one that is there stays as it is.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

pub(super) fn open(folder: &Path, mut options: Options) -> io::Result<Spool> {
    options.segment = options.segment.min(LARGEST / 2);
    make(folder)?;
    let (mut cursor, place) = Cursor::open(folder)?;
    let numbers = numbers(folder)?;
    let place_or_begin = place.unwrap_or_default();
    let next_number = numbers
        .last()
        .map_or(0, |last| last + 1)
        .max(place_or_begin.segment + 1);
    let mut segments = VecDeque::new();
    let mut left_alone = 0_u64;
    for number in numbers {
        let path = path(folder, number);
        if number < place_or_begin.segment {
            // Its last entry was acknowledged when the process died.
            fs::remove_file(&path)?;
            continue;
        }
        let mut file = File::open(&path)?;
        let mut head = Vec::new();
        (&mut file).take(HEADER as u64).read_to_end(&mut head)?;
        let len = file.metadata()?.len().min(LARGEST);
        let first = match format::head(&head) {
            Head::Ours { first } => Some(first),
            Head::Damaged => None,
            Head::Foreign(why) => {
                if left_alone == 0 {
                    options.report.say(&format!(
                        "{}: {why}: left alone; deliver it with what wrote it, or delete it",
                        path.display()
                    ));
                }
                left_alone += 1;
                continue;
            }
        };
        segments.push_back(Segment {
            number,
            first,
            len,
            file: None,
        });
    }
    if left_alone > 1 {
        let others = left_alone - 1;
        options.report.say(&format!(
            "{}: {others} more of that kind are left alone",
            folder.display()
        ));
    }
    let last = last_ordinal(folder, &segments)?.map_or(0, |last| last.saturating_add(1));
    let acked = match (place, segments.front()) {
        (Some(place), _) => place,
        (None, Some(front)) => Place {
            segment: front.number,
            offset: 0,
            ordinal: first_ordinal(folder, &segments)?.unwrap_or(last),
        },
        (None, None) => Place::default(),
    };
    if place.is_none() {
        if !segments.is_empty() {
            options.report.say(&format!(
                "{}: it is not known any more what was delivered: all that is there is delivered again",
                folder.display()
            ));
        }
        cursor.set(acked)?;
    }
    let bytes = segments.iter().map(|segment| segment.len).sum();
    options.budget.count(bytes);
    let teller = || Teller::new(options.report.clone(), options.report_every);
    let (writes, damages) = (teller(), teller());
    let mut spool = Spool {
        folder: folder.to_path_buf(),
        options,
        segments,
        writing: false,
        cursor,
        pending: Vec::new(),
        appended: 0,
        records: 0,
        next_number,
        next_ordinal: last.max(acked.ordinal),
        reading: acked,
        acked,
        window: Window::default(),
        counts: Counts::registered(),
        writes,
        damages,
    };
    // The cursor's own segment may be done: its process died before it was deleted.
    while let Some(front) = spool.segments.front() {
        if front.number > acked.segment || acked.offset < front.len {
            break;
        }
        if let Some(segment) = spool.segments.pop_front() {
            spool.discard(&segment);
        }
    }
    spool.count_bytes();
    Ok(spool)
}

/// The numbers of the segments in a folder, in order. Other files are none of ours.
fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".spool"));
        let number = number.filter(|digits| digits.len() == 16);
        // No spool gets so far that half of the numbers would not do.
        numbers.extend(
            number
                .and_then(|digits| u64::from_str_radix(digits, 16).ok())
                .filter(|n| n >> 63 == 0),
        );
    }
    Ok(sorted(numbers))
}

fn last_ordinal(folder: &Path, segments: &VecDeque<Segment>) -> io::Result<Option<u64>> {
    for segment in segments.iter().rev() {
        let last = ordinals(folder, segment)?.last().copied();
        // An empty one follows the entry before its first.
        if let Some(last) = last.or(segment.first.and_then(|first| first.checked_sub(1))) {
            return Ok(Some(last));
        }
    }
    Ok(None)
}

fn first_ordinal(folder: &Path, segments: &VecDeque<Segment>) -> io::Result<Option<u64>> {
    for segment in segments {
        if let Some(first) = segment.first {
            return Ok(Some(first));
        }
        if let Some(&first) = ordinals(folder, segment)?.first() {
            return Ok(Some(first));
        }
    }
    Ok(None)
}

/// The ordinals of all sound frames of a segment.
fn ordinals(folder: &Path, segment: &Segment) -> io::Result<Vec<u64>> {
    let mut bytes = Vec::new();
    File::open(path(folder, segment.number))?
        .take(LARGEST)
        .read_to_end(&mut bytes)?;
    let begin = segment.first.map_or(0, |_| HEADER);
    let mut rest = bytes.get(begin..).unwrap_or_default();
    let mut ordinals = Vec::new();
    while !rest.is_empty() {
        rest = match format::next(rest) {
            Next::Frame { ordinal, len, .. } => {
                ordinals.push(ordinal);
                &rest[len..]
            }
            Next::Damaged { skip } => &rest[skip..],
            Next::End { .. } => break,
        };
    }
    Ok(ordinals)
}
