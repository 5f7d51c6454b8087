//! What time it is, for a record: the kernel's clock, asked by each thread once a millisecond, and between that the processor's
//! counter, where the kernel itself goes by it. 8 ns in place of 26, of a record's 110.
//!
//! So a record's time is what the kernel's clock says to within some 100 ns; when that is set, records show it a millisecond
//! later at most. The counter's pace is compared with the clock's ten times a second: while the two differ, which is while
//! the clock is being set right, or should the counter not be what the kernel took it for, each record asks the kernel.

use crate::record::time::Moment;

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
mod counted {
    pub(crate) fn prepare() {}

    #[inline(always)]
    pub(crate) fn now() -> super::Moment {
        super::Moment::now()
    }
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod counted;

pub(super) use counted::{now, prepare};
