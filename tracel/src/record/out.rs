//! What a record is written to: memory that grows, or a place of which the length is given. One code writes to both, so
//! that their bytes are the same. In a place that is too short it gives up, and the caller goes the other way.

/// `None` is a place's alone: there is no room in it, or what is asked cannot be done there.
pub(crate) trait Out {
    /// How many bytes stand in it.
    fn len(&self) -> usize;

    /// Appends the first `len` bytes of these. All are copied, in a few instructions, where a number of bytes that is known
    /// at run time alone takes a call of `memcpy`.
    fn block<const N: usize>(&mut self, text: &[u8; N], len: usize) -> Option<()>;

    /// Appends bytes.
    fn bytes(&mut self, text: &[u8]) -> Option<()>;

    /// Appends what a function appends that knows vectors alone. For what is rare: to a place it is copied.
    fn rest(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Option<()>;

    /// What stands in it.
    fn written(&mut self) -> &mut [u8];

    /// Takes off all behind the first `len` bytes.
    fn cut(&mut self, len: usize);
}

impl Out for Vec<u8> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn block<const N: usize>(&mut self, text: &[u8; N], len: usize) -> Option<()> {
        let end = self.len() + len;
        self.extend_from_slice(text);
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

    #[inline(always)]
    fn written(&mut self) -> &mut [u8] {
        self
    }

    #[inline(always)]
    fn cut(&mut self, len: usize) {
        self.truncate(len);
    }
}

/// A place. Where it ends is kept in registers: a vector's length is read and written at each step, which took a third of
/// the time of a record.
pub(crate) struct Place<'a> {
    room: &'a mut [u8],
    len: usize,
    /// For [`rest`](Out::rest).
    aside: &'a mut Vec<u8>,
}

impl<'a> Place<'a> {
    #[inline(always)]
    pub(crate) fn new(room: &'a mut [u8], aside: &'a mut Vec<u8>) -> Self {
        Place { room, len: 0, aside }
    }
}

/// Copies `text` to `len`, and says where it ends. The pieces of a record have some tens of bytes, of which the first and the
/// last ones are copied, that overlap: that is done before `memcpy` is called.
#[inline(always)]
fn put(room: &mut [u8], len: usize, text: &[u8]) -> Option<usize> {
    let to = room.get_mut(len..)?.get_mut(..text.len())?;
    if !(ends::<32>(to, text) || ends::<16>(to, text) || ends::<64>(to, text)) {
        to.copy_from_slice(text);
    }
    Some(len + text.len())
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

impl Out for Place<'_> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    fn block<const N: usize>(&mut self, text: &[u8; N], len: usize) -> Option<()> {
        *self.room.get_mut(self.len..)?.first_chunk_mut()? = *text;
        self.len += len;
        Some(())
    }

    #[inline(always)]
    fn bytes(&mut self, text: &[u8]) -> Option<()> {
        self.len = put(self.room, self.len, text)?;
        Some(())
    }

    #[inline(always)]
    fn rest(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Option<()> {
        self.aside.clear();
        write(self.aside);
        self.len = put(self.room, self.len, self.aside)?;
        Some(())
    }

    #[inline(always)]
    fn written(&mut self) -> &mut [u8] {
        self.room.get_mut(..self.len).unwrap_or_default()
    }

    #[inline(always)]
    fn cut(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}
