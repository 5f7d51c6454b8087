//! What a reader does where the journal's memory was lost: it shows no torn record, and counts what is gone.

use super::{Frame, Reader, Sight};
#[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
use crate::journal::{layout::FRAME, sync::Ordering::Relaxed};
use std::ops::ControlFlow;

impl Reader {
    /// The journal's memory is gone: shows what is known to have been in it as damaged.
    pub(super) fn give_up(
        &self,
        sight: &mut Sight,
        f: &mut impl FnMut(Frame<'_>) -> ControlFlow<()>,
    ) -> usize {
        let mut shown = 0;
        for (lane, seen) in sight.lanes.iter_mut().enumerate() {
            let (lane, known) = (lane as u32, self.shared.known(lane as u32));
            let (seq, count) = (seen.next, known.next_seq.saturating_sub(seen.next));
            if count == 0 {
                continue;
            }
            sight.records += count.saturating_sub(known.lost.saturating_sub(seen.lost));
            (seen.next, seen.lost) = (known.next_seq, known.lost);
            seen.moved = true;
            shown += 1;
            if f(Frame::Damaged { lane, seq, count }).is_break() {
                break;
            }
        }
        shown
    }

    /// Whether a frame is still there: its end is touched, since a file is cut from its end on, and the memory is lost as a
    /// whole.
    pub(super) fn is_whole(&self, at: usize, len: usize) -> bool {
        #[cfg(all(target_os = "linux", not(loom), feature = "signals"))]
        // SAFETY: a word of a committed frame, which nobody writes to.
        unsafe {
            let last = self.shared.region.word((at + FRAME + len - 1) & !7);
            std::hint::black_box(last.load(Relaxed));
        }
        _ = (at, len);
        !self.shared.is_cut()
    }
}
