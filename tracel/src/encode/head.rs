//! A record's beginning, up to the module. Its length is that of the level's text, so it is copied in two blocks, and
//! what changes is written over: of five pieces two are left, which gave 60 instructions a record. What follows is in `line`.

use crate::record::{
    hex,
    out::Out,
    time::{self, Moment},
};
use tracing_core::Level;
use uuid::Uuid;

/// Of one level.
#[derive(Debug)]
pub(crate) struct Head {
    /// Up to the event_id's end, which is where the level's length puts it; behind it is room.
    text: [u8; LEN],
    /// Where the event_id goes.
    event_id: usize,
    number: u8,
}

/// With a level of five letters.
const LEN: usize = 110;

const START: &[u8; 13] = b"{\"timestamp\":";
const TIME: &[u8; time::LEN] = b"\"0000-00-00T00:00:00.000000000Z\"";
const NIL: &[u8; hex::UUID] = b"00000000-0000-0000-0000-000000000000";
/// What follows, of every level.
const REST: &[u8; 47] = b"\",\"uuid\":\"00000000-0000-0000-0000-000000000000\"";
/// Where the UUID goes in it.
const UUID: usize = 10;

static HEADS: [Head; 5] = [
    Head::new(1, b"ERROR"),
    Head::new(2, b"WARN"),
    Head::new(3, b"INFO"),
    Head::new(4, b"DEBUG"),
    Head::new(5, b"TRACE"),
];

impl Head {
    /// Of this level.
    pub(crate) fn of(level: &Level) -> &'static Self {
        let [error, warn, info, debug, trace] = &HEADS;
        match *level {
            Level::ERROR => error,
            Level::WARN => warn,
            Level::INFO => info,
            Level::DEBUG => debug,
            Level::TRACE => trace,
        }
    }

    /// Its level's number: 1 for error to 5 for trace.
    pub(super) fn number(&self) -> u8 {
        self.number
    }

    /// That of a level's number.
    pub(super) fn numbered(number: u8) -> Option<&'static Self> {
        HEADS.get(usize::from(number).checked_sub(1)?)
    }

    const fn new(number: u8, level: &[u8]) -> Self {
        let text = &mut [0; LEN];
        let mut at = put(text, 0, START);
        at = put(text, at, TIME);
        at = put(text, at, b",\"level\":\"");
        at = put(text, at, level);
        let event_id = put(text, at, b"\",\"event_id\":\"");
        at = put(text, event_id, NIL);
        assert!(at + 5 == LEN + level.len());
        Head {
            text: *text,
            event_id,
            number,
        }
    }

    /// Begins a record with it. The service goes behind it.
    #[inline(always)]
    pub(crate) fn write(&self, out: &mut impl Out, at: Moment, event_id: &Uuid, id: &Uuid) -> Option<()> {
        match at.has_text() {
            true => out.changed(&self.text, self.event_id + hex::UUID, |head| {
                if let Some(to) = place(head, self.event_id) {
                    hex::hyphenated(event_id, to);
                }
                if let Some(to) = place(head, START.len()) {
                    time::write(at, to);
                }
            })?,
            false => out.rest(|out| self.without_time(out, event_id))?,
        }
        out.changed(REST, REST.len(), |rest| {
            if let Some(to) = place(rest, UUID) {
                hex::hyphenated(id, to);
            }
        })
    }

    /// The first part of a moment that has no text.
    #[cold]
    #[inline(never)]
    fn without_time(&self, out: &mut Vec<u8>, event_id: &Uuid) {
        out.extend_from_slice(START);
        out.extend_from_slice(b"null");
        out.extend_from_slice(&self.text[START.len() + TIME.len()..self.event_id]);
        let mut text = *NIL;
        hex::hyphenated(event_id, &mut text);
        out.extend_from_slice(&text);
    }
}

/// The place of `N` bytes.
#[inline(always)]
fn place<const N: usize>(head: &mut [u8], at: usize) -> Option<&mut [u8; N]> {
    head.get_mut(at..)?.first_chunk_mut()
}

/// Writes a part and says where it ends.
const fn put(text: &mut [u8; LEN], at: usize, part: &[u8]) -> usize {
    let mut next = 0;
    while next < part.len() {
        text[at + next] = part[next];
        next += 1;
    }
    at + next
}
