//! Who logs: the keys of the thread and of the task, put together once for all their records in a row.

use crate::record::{json, out::Out};
use std::{cell::Cell, hint::cold_path};

/// A key with its value, in room that is copied whole. It has nothing to be dropped, so a thread that is ending still has it.
#[derive(Clone, Copy)]
struct Kept<const N: usize> {
    text: [u8; N],
    /// 0 where nothing is kept.
    len: usize,
}

impl<const N: usize> Kept<N> {
    const NOTHING: Self = Kept { text: [0; N], len: 0 };

    /// What has room.
    fn of(text: &[u8]) -> Self {
        let mut kept = Self::NOTHING;
        if let Some(room) = kept.text.get_mut(..text.len()) {
            room.copy_from_slice(text);
            kept.len = text.len();
        }
        kept
    }

    #[inline(always)]
    fn write(&self, out: &mut impl Out) -> Option<()> {
        out.block(&self.text, self.len)
    }
}

/// Appends the key of the thread's name, or of its number when it has none.
#[inline(always)]
pub(super) fn thread(out: &mut impl Out) -> Option<()> {
    thread_local! {
        static THREAD: Cell<Kept<64>> = const { Cell::new(Kept::NOTHING) };
    }
    let kept = THREAD.get();
    if kept.len > 0 {
        return kept.write(out);
    }
    cold_path();
    let name = name();
    THREAD.set(Kept::of(&name));
    out.bytes(&name)
}

#[cold]
#[inline(never)]
fn name() -> Vec<u8> {
    let thread = std::thread::current();
    let mut text = b",\"thread\":".to_vec();
    match thread.name() {
        Some(name) => json::string(&mut text, name),
        None => json::formatted(&mut text, format_args!("{:?}", thread.id())),
    }
    text
}

/// Appends the number of the tokio task, when there is one. To make its text anew took 320 instructions a record.
#[cfg(feature = "tokio")]
#[inline(always)]
pub(super) fn task(out: &mut impl Out) -> Option<()> {
    use tokio::task::Id;
    thread_local! {
        static LAST: Cell<(Option<Id>, Kept<32>)> = const { Cell::new((None, Kept::NOTHING)) };
    }
    #[cold]
    #[inline(never)]
    fn next(task: Id) {
        use std::io::Write as _;
        let mut text = Kept::<32>::NOTHING;
        let mut room = &mut text.text[..];
        // A number of 64 bits has room.
        let _ = write!(room, ",\"task\":{task}");
        text.len = 32 - room.len();
        LAST.set((Some(task), text));
    }
    let Some(task) = tokio::task::try_id() else {
        return Some(());
    };
    if LAST.get().0 != Some(task) {
        next(task);
    }
    LAST.get().1.write(out)
}

#[cfg(not(feature = "tokio"))]
#[inline(always)]
pub(super) fn task(_: &mut impl Out) -> Option<()> {
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threads_name_is_that_in_each_of_its_records_however_long() {
        let keys = || {
            let (mut first, mut second) = (Vec::new(), Vec::new());
            assert!(thread(&mut first).is_some() && thread(&mut second).is_some());
            [first, second].map(|key| String::from_utf8(key).unwrap())
        };
        // As long as what is kept of it with its key, one more, far more; and one whose bytes are escaped.
        for name in [
            "w".repeat(52),
            "w".repeat(53),
            "w".repeat(300),
            "a \"b\"".repeat(9),
        ] {
            let key = format!(",\"thread\":{}", serde_json::to_string(&name).unwrap());
            let keys = std::thread::scope(|scope| {
                let thread = std::thread::Builder::new().name(name).spawn_scoped(scope, keys);
                thread.unwrap().join().unwrap()
            });
            assert_eq!(keys, [key.clone(), key]);
        }
    }

    #[cfg(feature = "tokio")]
    #[test]
    fn the_task_is_the_records_own_where_several_take_turns_on_a_thread() {
        let key = || {
            let mut key = Vec::new();
            assert!(task(&mut key).is_some());
            String::from_utf8(key).unwrap()
        };
        assert_eq!(key(), "");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        #[expect(clippy::disallowed_methods, reason = "no request is to be carried")]
        let tasks = [(); 3].map(|()| {
            runtime.spawn(async move {
                for _ in 0..4 {
                    assert_eq!(key(), format!(",\"task\":{}", tokio::task::id()));
                    assert_eq!(key(), key());
                    tokio::task::yield_now().await;
                }
            })
        });
        tasks.into_iter().for_each(|task| runtime.block_on(task).unwrap());
        assert_eq!(key(), "", "the thread is in none any more");
    }
}
