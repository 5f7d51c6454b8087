//! The processor's own counter of time. It is in this room for its `unsafe` alone; what it is worth, and how a time comes of
//! it, is said in `layer/clock`.

/// Ticks since some moment, evenly and alike on all processors where [`is_trusted`] says so.
#[inline(always)]
pub(crate) fn ticks() -> u64 {
    // SAFETY: every x86-64 processor has the instruction, and the kernel's own clock, which every program reads, uses it
    // where it is trusted; elsewhere nobody calls this.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Whether the kernel keeps its clock by it: it has found it to go on in sleep, at one pace, alike on all processors. It
/// takes another where it does not, or where a virtual machine's host may move it to other hardware.
pub(crate) fn is_trusted() -> bool {
    std::fs::read("/sys/devices/system/clocksource/clocksource0/current_clocksource")
        .is_ok_and(|name| name.trim_ascii() == b"tsc")
}
