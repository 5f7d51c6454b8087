//! The journal's file: made whole before anyone can see it under its name, locked for as long as its process lives.
//! What stands in it, `layout` and `identity` say; how a dead process's is read, `relic`.

use super::{
    identity::{self, Identity},
    layout::Layout,
    memory::Memory,
};
use crate::Error;
use rustix::{
    fs::{FallocateFlags, FlockOperation, fallocate, fcntl_lock},
    io::Errno,
};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Files of this process that are locked, by device and number. POSIX locks do not keep a process from itself, and are
/// gone as soon as it closes any other handle of the file: so what stands here is not even opened.
static HELD: Mutex<Vec<(u64, u64)>> = Mutex::new(Vec::new());

/// A file that no other process has, until this is dropped or the process ends. A forked child does not have it.
#[derive(Debug)]
pub(crate) struct Locked {
    pub(crate) file: File,
    /// Dropped after the file: closing one takes the lock from whoever in this process has just got it by another handle.
    held: Held,
}

/// The entry of a file in [`HELD`].
#[derive(Debug)]
struct Held {
    id: (u64, u64),
    generation: u32,
}

impl Locked {
    /// Locks the file at `path`; `None` when a living process has it, this one or another.
    ///
    /// # Errors
    /// When it cannot be opened, or its file system has no locks.
    pub(crate) fn open(path: &Path) -> io::Result<Option<Locked>> {
        let mut held = held();
        if held.contains(&id(&fs::metadata(path)?)) {
            return Ok(None);
        }
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let locked = Locked::take(file, &mut held)?;
        // What is dropped below asks for it.
        drop(held);
        // Whoever had it before may have removed it meanwhile, and another may stand there now.
        Ok(locked.filter(|locked| fs::metadata(path).is_ok_and(|there| id(&there) == locked.held.id)))
    }

    fn take(file: File, held: &mut Vec<(u64, u64)>) -> io::Result<Option<Locked>> {
        let id = id(&file.metadata()?);
        match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::AGAIN | Errno::ACCESS) => return Ok(None),
            Err(other) => return Err(other.into()),
        }
        held.push(id);
        let generation = super::fork::generation();
        Ok(Some(Locked {
            file,
            held: Held { id, generation },
        }))
    }

    /// Whether someone has removed it.
    pub(crate) fn is_removed(&self) -> bool {
        self.file.metadata().is_ok_and(|file| file.nlink() == 0)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.generation == super::fork::generation() {
            let mut held = held();
            // A new file may have the number of one that is gone already.
            if let Some(at) = held.iter().position(|held| *held == self.id) {
                held.swap_remove(at);
            }
        }
    }
}

pub(super) fn held() -> MutexGuard<'static, Vec<(u64, u64)>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn id(file: &fs::Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

/// The file of a living journal.
#[derive(Debug)]
pub(crate) struct JournalFile {
    pub(crate) locked: Locked,
    pub(crate) path: PathBuf,
    /// Who its process and its readers are, as it stands at both ends of the file.
    page: Mutex<Vec<u8>>,
}

impl JournalFile {
    /// Makes the file and maps it. All of its blocks are allocated, so that a disk that is full is an error here and not
    /// a signal later.
    ///
    /// # Errors
    /// When there is such a file, no room for it, or the system does not let us.
    pub(crate) fn create(path: &Path, identity: &Identity, layout: &Layout) -> Result<(Self, Memory), Error> {
        let unfinished = path.with_extension("new");
        let made = JournalFile::build(path, &unfinished, identity, layout);
        made.map_err(|error| {
            // What is left of it is of no use.
            let _ = fs::remove_file(&unfinished);
            let full = error.kind() == ErrorKind::StorageFull || error.kind() == ErrorKind::QuotaExceeded;
            let help = match full {
                true => "make room on that disk, or name a folder on another one by TRACEL_DIR",
                false => "see to it that the service may write there, or name another folder by TRACEL_DIR",
            };
            Error::new("the journal's file cannot be made")
                .at(path.display().to_string())
                .because(error)
                .help(help)
        })
    }

    fn build(
        path: &Path,
        unfinished: &Path,
        identity: &Identity,
        layout: &Layout,
    ) -> io::Result<(Self, Memory)> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o600);
        let file = options.open(unfinished)?;
        let locked = Locked::take(file, &mut held())?.ok_or(ErrorKind::ResourceBusy)?;
        let len = layout.len() + identity::PAGE;
        allocate(&locked.file, len as u64)?;
        let page = identity.page(layout);
        locked.file.write_all_at(&page, 0)?;
        locked.file.write_all_at(&page, layout.len() as u64)?;
        // SAFETY: the file is new and ours, `len` bytes long and allocated; who shortens a file of mode 0600 under a
        // folder of mode 0700 is the same user, on purpose.
        let memory = unsafe { Memory::mapped(&locked.file, len) }?;
        if fs::exists(path)? {
            return Err(ErrorKind::AlreadyExists.into());
        }
        fs::rename(unfinished, path)?;
        let path = path.to_owned();
        let page = Mutex::new(page);
        Ok((JournalFile { locked, path, page }, memory))
    }

    /// Says who a reader is, so that the next process knows which sink goes on there.
    pub(crate) fn name_reader(&self, layout: &Layout, reader: usize, name: &str) -> io::Result<()> {
        let (at, bytes) = identity::name(reader, name);
        self.page()[at..at + bytes.len()].copy_from_slice(&bytes);
        let second = layout.len() + at;
        self.locked.file.write_all_at(&bytes, at as u64)?;
        self.locked.file.write_all_at(&bytes, second as u64)
    }

    /// Makes a file that somebody has cut an empty journal: the next process finds who was to go on there, and what the
    /// sinks are behind with beside it.
    pub(crate) fn mend(&self, layout: &Layout) -> io::Result<()> {
        let file = &self.locked.file;
        file.set_len(0)?;
        file.set_len((layout.len() + identity::PAGE) as u64)?;
        let page = self.page();
        file.write_all_at(&page, 0)?;
        file.write_all_at(&page, layout.len() as u64)
    }

    fn page(&self) -> MutexGuard<'_, Vec<u8>> {
        self.page.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the file that long, with blocks for all of it.
fn allocate(file: &File, len: u64) -> io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), 0, len) {
        Ok(()) => Ok(()),
        // Not every file system can: there, blocks come by writing.
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => write_zeros(file, len),
        Err(other) => Err(other.into()),
    }
}

fn write_zeros(mut file: &File, len: u64) -> io::Result<()> {
    let zeros = vec![0; 1 << 20];
    let mut left = len;
    while left > 0 {
        let part = left.min(zeros.len() as u64) as usize;
        file.write_all(&zeros[..part])?;
        left -= part as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_by_writing_are_blocks() {
        let file = tempfile::tempfile().unwrap();
        write_zeros(&file, (3 << 20) + 5).unwrap();
        let there = file.metadata().unwrap();
        assert_eq!(there.len(), (3 << 20) + 5);
        assert!(there.blocks() * 512 >= 3 << 20, "{}", there.blocks());
    }

    #[test]
    fn a_file_is_had_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "x").unwrap();
        let first = Locked::open(&path).unwrap().expect("nobody has it");
        assert!(Locked::open(&path).unwrap().is_none());
        drop(first);
        let again = Locked::open(&path).unwrap().expect("free again");
        assert!(!again.is_removed());
        fs::remove_file(&path).unwrap();
        assert!(again.is_removed());
    }

    /// What it held is counted as lost: the next process must not find some of it.
    #[test]
    fn a_file_that_was_cut_is_mended_to_an_empty_journal_of_the_same_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let layout = Layout::new(1024, 4);
        let (made, _memory) = JournalFile::create(&path, &Identity::somebody(), &layout).unwrap();
        made.name_reader(&layout, 0, "kafka://there").unwrap();
        let whole = fs::read(&path).unwrap();
        let pages = [0, layout.len()].map(|at| at..at + identity::PAGE);
        for cut in [0, 100, identity::PAGE as u64, layout.len() as u64 / 2] {
            let file = OpenOptions::new().write(true).open(&path).unwrap();
            file.write_all_at(b"a record", layout.chunk(0) as u64).unwrap();
            file.set_len(cut).unwrap();
            made.mend(&layout).unwrap();
            let mended = fs::read(&path).unwrap();
            assert_eq!(mended.len(), whole.len());
            for page in &pages {
                assert!(mended[page.clone()] == whole[page.clone()], "{cut}: {page:?}");
            }
            assert!(
                mended[identity::PAGE..layout.len()].iter().all(|&byte| byte == 0),
                "{cut}"
            );
        }
    }

    /// As when two processes recover one folder: the one removes what the other has just opened.
    #[test]
    fn a_file_that_is_replaced_while_it_is_opened_is_not_had_and_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let (path, next) = (folder.path().join("file"), folder.path().join("next"));
        fs::write(&path, "x").unwrap();
        let (done, all) = std::sync::mpsc::channel();
        let opening = {
            let path = path.clone();
            std::thread::spawn(move || {
                let mut replaced = 0;
                while replaced < 20 {
                    replaced += u32::from(Locked::open(&path).unwrap().is_none());
                }
                done.send(()).unwrap();
            })
        };
        let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while all.try_recv().is_err() {
            assert!(std::time::Instant::now() < end, "it waits for itself");
            fs::write(&next, "x").unwrap();
            fs::rename(&next, &path).unwrap();
        }
        opening.join().unwrap();
    }
}
