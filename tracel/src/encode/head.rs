//! A record's beginning, up to the module's name. Its length is that of the level's text, so it is copied whole, and what
//! changes is written over: of five pieces one is left, which gave 60 instructions a record. What follows is in `line`.

use super::complete::HEADER;
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
    text: [u8; LEN],
    /// Where the event_id goes; all before it is as long in every head but the level.
    event_id: usize,
}

/// With a level of five letters.
const LEN: usize = 176;

const START: &[u8] = b"\0\0\0\0{\"timestamp\":";
const TIME: &[u8; time::LEN] = b"\"0000-00-00T00:00:00.000000000Z\"";
const NIL: &[u8; hex::UUID] = b"00000000-0000-0000-0000-000000000000";
const UUID: &[u8] = b"\",\"uuid\":\"";
const MODULE: &[u8] = b"\",\"module_name\":";

static HEADS: [Head; 5] = [
    Head::new(b"ERROR"),
    Head::new(b"WARN"),
    Head::new(b"INFO"),
    Head::new(b"DEBUG"),
    Head::new(b"TRACE"),
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

    const fn new(level: &[u8]) -> Self {
        let text = &mut [0; LEN];
        let mut at = put(text, 0, START);
        at = put(text, at, TIME);
        at = put(text, at, b",\"level\":\"");
        at = put(text, at, level);
        let event_id = put(text, at, b"\",\"event_id\":\"");
        at = put(text, event_id, NIL);
        at = put(text, at, UUID);
        at = put(text, at, NIL);
        at = put(text, at, MODULE);
        assert!(at + 5 == LEN + level.len());
        Head {
            text: *text,
            event_id,
        }
    }

    /// Begins a record with it, without an event_id with the nil one; returns where the service goes, from the JSON's first
    /// byte on.
    #[inline(always)]
    pub(crate) fn write(
        &self,
        out: &mut impl Out,
        at: Moment,
        event_id: Option<&[u8; hex::UUID]>,
        id: &Uuid,
    ) -> Option<usize> {
        let uuid = self.event_id + hex::UUID + UUID.len();
        let end = uuid + hex::UUID + 1;
        out.block(&self.text, end - 1 + MODULE.len())?;
        let head = out.written();
        if let Some(event_id) = event_id {
            *place(head, self.event_id)? = *event_id;
        }
        hex::hyphenated(id, place(head, uuid)?);
        match time::write(at, place(head, START.len())?) {
            true => Some(end - HEADER),
            false => without_time(out, end),
        }
    }
}

/// The same for a moment that cannot be written.
#[cold]
fn without_time(out: &mut impl Out, end: usize) -> Option<usize> {
    let time = START.len()..START.len() + TIME.len();
    let behind = out.written().get(time.end..)?.to_vec();
    out.cut(time.start);
    out.bytes(b"null")?;
    out.bytes(&behind)?;
    Some(end - HEADER - (TIME.len() - b"null".len()))
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
