//! The CPU time of the programs that this process has started and waited for, those that they started among them.

use std::{fs, time::Duration};

/// `/proc/PID/stat` counts in ticks of this many a second, whatever the kernel was built with (proc_pid_stat(5): `USER_HZ`,
/// 100 on every platform that Rust's standard library runs on under Linux).
const TICKS: u32 = 100;

/// User and system time of all children so far, to 10 ms.
///
/// # Errors
/// Where there is no such file: not on Linux.
pub(crate) fn of_children() -> Result<Duration, String> {
    let path = "/proc/self/stat";
    let text = fs::read_to_string(path)
        .map_err(|error| format!("{path}: {error}; CPU time is measured on Linux alone"))?;
    parse(&text).ok_or_else(|| format!("{path}: `{text}` has no cutime and cstime"))
}

/// The 16th and the 17th word; the second is the program's name in parentheses and may hold anything.
fn parse(text: &str) -> Option<Duration> {
    let (_, after) = text.rsplit_once(')')?;
    let mut words = after.split_ascii_whitespace().skip(13);
    let user: u32 = words.next()?.parse().ok()?;
    let system: u32 = words.next()?.parse().ok()?;
    Some(Duration::from_secs(1) * user.checked_add(system)? / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_children_are_the_sixteenth_and_seventeenth_word() {
        let text = "42 (a) name) S 1 42 42 0 -1 4194304 100 2000 0 0 11 22 333 44 20 0 1 0 5000 0";
        assert_eq!(parse(text), Some(Duration::from_millis(3770)));
        assert_eq!(parse("42 (name) S 1"), None);
    }

    #[test]
    fn a_child_that_worked_is_counted() {
        let before = of_children().unwrap();
        let script = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        let status = std::process::Command::new("sh").args(["-c", script]).status();
        assert!(status.unwrap().success());
        assert!(of_children().unwrap() > before);
    }
}
