//! The periodic sync against a loss of power: a thread that has what a process keeps on disk written through, every so
//! often. Without it the system does so when it likes, which a dead process does not mind, but a machine without power does.

use crate::{
    Error,
    durable::JOURNAL,
    journal::{Journal, fork},
    report::{Report, Teller},
    threads,
};
use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// How often at most it tells of what cannot be written through.
const REPORT: Duration = Duration::from_secs(60);

/// The thread; it ends when this is dropped.
pub(super) struct Syncing {
    desk: Arc<Desk>,
    generation: u32,
}

/// What the handle and the thread share.
#[derive(Default)]
struct Desk {
    leave: Mutex<bool>,
    change: Condvar,
    /// How often all was written through.
    done: AtomicU64,
}

impl Syncing {
    /// Has the journal, and everything under `folder`, written through every so often.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(
        journal: Journal,
        folder: PathBuf,
        every: Duration,
        report: Report,
    ) -> Result<Self, Error> {
        let desk = Arc::<Desk>::default();
        let here = Arc::clone(&desk);
        let mut failures = Teller::new(report, REPORT);
        let work = Box::new(move || {
            while here.waits(every) {
                match journal.sync().and_then(|()| sync(&folder)) {
                    Ok(()) => _ = here.done.fetch_add(1, Relaxed),
                    Err(error) => _ = failures.tell(|| {
                        let folder = folder.display();
                        format!("{folder} cannot be written through, and a loss of power may lose what is there: {error}")
                    }),
                }
            }
        });
        threads::start("tracel sync", work)
            .map_err(|error| Error::new("no thread for the periodic sync").because(error))?;
        Ok(Syncing {
            desk,
            generation: fork::generation(),
        })
    }
}

impl Drop for Syncing {
    fn drop(&mut self) {
        // A forked child has a copy of the handle, and no such thread.
        if self.generation == fork::generation() {
            *self.desk.leave.lock().unwrap_or_else(PoisonError::into_inner) = true;
            self.desk.change.notify_all();
        }
    }
}

impl Desk {
    /// Waits until it is time; false when the thread is to leave.
    fn waits(&self, every: Duration) -> bool {
        let leave = self.leave.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.change.wait_timeout_while(leave, every, |leave| !*leave);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Writes through what lies in a folder, the folders in it, and their names. What is gone meanwhile needs it no more.
fn sync(folder: &Path) -> io::Result<()> {
    let there = |result: io::Result<()>| match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    };
    there(fs::read_dir(folder).and_then(|mut entries| {
        entries.try_for_each(|entry| {
            let path = entry?.path();
            match path.is_dir() {
                true => sync(&path),
                // The journal is done by its own handle: its lock would be gone with any other that is closed.
                false if path.file_name().is_some_and(|name| name == JOURNAL) => Ok(()),
                // By any handle of a file: what others have written to it goes along.
                false => there(File::open(&path).and_then(|file| file.sync_data())),
            }
        })
    }))?;
    there(File::open(folder).and_then(|folder| folder.sync_all()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Identity, Options};
    use std::time::Instant;

    fn journal(folder: &Path) -> Journal {
        Journal::in_file(&folder.join(JOURNAL), &Identity::somebody(), Options::default()).unwrap()
    }

    #[test]
    fn it_is_done_again_and_again_and_the_journal_stays_locked() {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(folder.path());
        fs::create_dir(folder.path().join("spool-0")).unwrap();
        fs::write(folder.path().join("spool-0/0000000000000001.spool"), "x").unwrap();
        let every = Duration::from_millis(5);
        let path = folder.path().to_owned();
        let syncing =
            Syncing::start(journal.clone(), path, every, Report::to(|text| panic!("{text}"))).unwrap();
        let until = Instant::now() + Duration::from_secs(20);
        while syncing.desk.done.load(Relaxed) < 3 {
            assert!(Instant::now() < until, "it is not done");
            std::thread::sleep(every);
        }
        drop(syncing);
        let locks = fs::read_to_string("/proc/locks").unwrap();
        let inode = std::os::unix::fs::MetadataExt::ino(&fs::metadata(folder.path().join(JOURNAL)).unwrap());
        assert!(locks.contains(&format!(":{inode} ")), "{inode}: {locks}");
    }

    #[test]
    fn what_cannot_be_written_through_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(folder.path());
        // A file where a folder is looked for.
        let wrong = folder.path().join(JOURNAL);
        let (told, hears) = std::sync::mpsc::channel();
        let report = Report::to(move |text| _ = told.send(text.to_owned()));
        let syncing = Syncing::start(journal, wrong, Duration::from_millis(5), report).unwrap();
        let text = hears.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(text.contains("loss of power"), "{text}");
        assert_eq!(syncing.desk.done.load(Relaxed), 0);
    }
}
