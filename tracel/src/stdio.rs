//! The standard outputs, past the standard library's locks: a forked child may find those held by a thread that it does not
//! have, and would wait for it for ever. Nothing is buffered here.

use std::io::{self, Write};
#[cfg(target_os = "linux")]
use std::os::fd::AsFd;

/// Where [`io::Stdout`] or [`io::Stderr`] goes at the moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unlocked<S>(pub S);

/// Standard output.
pub type Stdout = Unlocked<io::Stdout>;

#[cfg(target_os = "linux")]
impl<S: AsFd> Write for Unlocked<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(&self.0, bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(not(target_os = "linux"))]
impl<S: Write> Write for Unlocked<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::{
        report::Report,
        sink::{Batch, Sink, pretty::Pretty, stdout},
    };
    use std::{sync::mpsc, thread, time::Duration};

    /// As a forked child's others are for ever.
    #[test]
    fn nobody_waits_for_who_holds_them() {
        let _held = (io::stdout().lock(), io::stderr().lock());
        let (done, all) = mpsc::channel();
        let telling = thread::spawn(move || {
            Report::default().say("told while stderr is held");
            // No line, so that what runs the tests is not disturbed.
            let nothing = Batch::new(1, b"");
            assert!(stdout::Stdout::new().send(&nothing).is_ok());
            assert!(
                Pretty::new(&crate::sink::pretty::Options::default())
                    .send(&nothing)
                    .is_ok()
            );
            assert_eq!(Unlocked(io::stdout()).write(b"").unwrap(), 0);
            assert_eq!(Unlocked(io::stderr()).write(b"").unwrap(), 0);
            done.send(()).unwrap();
        });
        all.recv_timeout(Duration::from_secs(20))
            .expect("it waits for the lock");
        telling.join().unwrap();
    }
}
