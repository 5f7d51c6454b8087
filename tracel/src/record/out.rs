//! What a record is written to: memory that grows, or a place of which the length is given. One code writes to both, so
//! that their bytes are the same. In a place that is too short it gives up, and the caller goes the other way.

use std::{hint::cold_path, mem};

/// `None` is a place's alone: there is no room in it, or what is asked cannot be done there.
pub(crate) trait Out {
    /// How many bytes stand in it.
    fn len(&self) -> usize;

    /// Appends the first `len` bytes of these. All are copied, in a few instructions, where a number of bytes that is known
    /// at run time alone takes a call of `memcpy`.
    #[inline(always)]
    fn block<const N: usize>(&mut self, text: &[u8; N], len: usize) -> Option<()> {
        self.changed(text, len, |_| {})
    }

    /// The same, with what `change` makes of them where they stand.
    fn changed<const N: usize>(
        &mut self,
        text: &[u8; N],
        len: usize,
        change: impl FnOnce(&mut [u8; N]),
    ) -> Option<()>;

    /// Appends bytes.
    fn bytes(&mut self, text: &[u8]) -> Option<()>;

    /// Appends what a function appends that knows vectors alone. For what is rare: to a place it is copied.
    fn rest(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Option<()>;
}

impl Out for Vec<u8> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn changed<const N: usize>(
        &mut self,
        text: &[u8; N],
        len: usize,
        change: impl FnOnce(&mut [u8; N]),
    ) -> Option<()> {
        let end = self.len() + len;
        self.extend_from_slice(text);
        self.last_chunk_mut().map(change);
        self.truncate(end);
        Some(())
    }

    #[inline(always)]
    fn bytes(&mut self, text: &[u8]) -> Option<()> {
        self.extend_from_slice(text);
        Some(())
    }

    #[inline(always)]
    fn rest(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Option<()> {
        write(self);
        Some(())
    }
}

/// A place. What is left of it is kept in registers: a vector's length is read and written at each step, which took a third of
/// the time of a record, and an index has to be looked at twice, which took 100 instructions.
pub(crate) struct Place<'a> {
    /// Nothing, once it was too short.
    room: &'a mut [u8],
    size: usize,
    /// For [`rest`](Out::rest).
    aside: &'a mut Vec<u8>,
}

impl<'a> Place<'a> {
    #[inline(always)]
    pub(crate) fn new(room: &'a mut [u8], aside: &'a mut Vec<u8>) -> Self {
        let size = room.len();
        Place { room, size, aside }
    }
}

impl Out for Place<'_> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.size - self.room.len()
    }

    #[inline(always)]
    fn changed<const N: usize>(
        &mut self,
        text: &[u8; N],
        len: usize,
        change: impl FnOnce(&mut [u8; N]),
    ) -> Option<()> {
        let room = mem::take(&mut self.room);
        let Some(to) = room.first_chunk_mut() else {
            cold_path();
            return None;
        };
        *to = *text;
        change(to);
        self.room = room.get_mut(len..)?;
        Some(())
    }

    #[inline(always)]
    fn bytes(&mut self, text: &[u8]) -> Option<()> {
        let Some((to, room)) = mem::take(&mut self.room).split_at_mut_checked(text.len()) else {
            cold_path();
            return None;
        };
        // The pieces of a record have some tens of bytes, of which the first and the last ones are copied, that overlap: that
        // is done before `memcpy` is called.
        if !(ends::<32>(to, text) || ends::<16>(to, text)) {
            others(to, text);
        }
        self.room = room;
        Some(())
    }

    #[inline(always)]
    fn rest(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Option<()> {
        self.aside.clear();
        write(self.aside);
        let (to, room) = mem::take(&mut self.room).split_at_mut_checked(self.aside.len())?;
        to.copy_from_slice(self.aside);
        self.room = room;
        Some(())
    }
}

/// Copies the first and the last `N` bytes, if that is all.
#[inline(always)]
fn ends<const N: usize>(to: &mut [u8], text: &[u8]) -> bool {
    let (Some(first), Some(last)) = (text.first_chunk::<N>(), text.last_chunk::<N>()) else {
        return false;
    };
    if text.len() > 2 * N {
        return false;
    }
    if let Some(to) = to.first_chunk_mut() {
        *to = *first;
    }
    if let Some(to) = to.last_chunk_mut() {
        *to = *last;
    }
    true
}

/// Copies texts of other lengths. On its own, for it would be written out at each piece, and a thread that has not logged for
/// a while has to find all code anew.
#[cold]
#[inline(never)]
fn others(to: &mut [u8], text: &[u8]) {
    if !ends::<64>(to, text) {
        to.copy_from_slice(text);
    }
}
