//! How much code a call goes through, in lines of the processor's cache: what a thread has to fetch that logs for the first time
//! in a while. Where a record's time is 100 ns in a row, its first one's is 600, and that is the p99.9 of bursts.

use super::cost::callgrind;
use std::{collections::HashMap, fs, path::Path};

/// Bytes of a line.
const LINE: u64 = 64;

/// The lines that each of so many calls of a case goes through, in the functions that callgrind counts within.
pub(super) fn lines(program: &Path, case: &str, calls: u64, within: &str) -> Result<u64, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("a folder for callgrind: {error}"))?;
    let path = folder.path().join("callgrind.out");
    let options = ["--dump-instr=yes", "--compress-pos=no"];
    callgrind(program, &[case], calls, within, &path, &options)?;
    let dump = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(of_dump(&dump, calls))
}

/// The same of what callgrind wrote (<https://valgrind.org/docs/manual/cl-format.html>): `ob=` names the file that the following
/// addresses are of, each with its line in the source and how many times it was executed; after `calls=` stands what another
/// function took.
fn of_dump(dump: &str, calls: u64) -> u64 {
    let (mut object, mut is_anothers) = ("", false);
    let mut lines: HashMap<(&str, u64), u64> = HashMap::new();
    for line in dump.lines() {
        if let Some(name) = line.strip_prefix("ob=") {
            // Later it is its number alone.
            object = name.split(' ').next().unwrap_or(name);
        } else if line.starts_with("calls=") {
            is_anothers = true;
        } else if let Some((address, count)) = cost(line)
            && !std::mem::take(&mut is_anothers)
        {
            let most = lines.entry((object, address / LINE)).or_default();
            *most = count.max(*most);
        }
    }
    lines.values().filter(|&&count| count >= calls).count() as u64
}

/// `0x1f20 77 2000`: an address and how many times it was executed.
fn cost(line: &str) -> Option<(u64, u64)> {
    let mut parts = line.strip_prefix("0x")?.split(' ');
    let address = u64::from_str_radix(parts.next()?, 16).ok()?;
    Some((address, parts.nth(1)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::of_dump;

    #[test]
    fn what_each_call_goes_through_counts_once_a_line() {
        let dump = "events: Ir\n\nob=(1) /bin/service\nfn=(1) counted\n0x1000 7 2000\n0x103f 7 2000\n0x1040 8 1999\n\
            cob=(2)\ncalls=2000 0x9000 1\n0x1080 9 500000\nob=(2) /lib/libc.so\n0x1000 1 4000\nob=(1)\n0x1001 7 2000\n0x10c0 7 2000\n";
        assert_eq!(of_dump(dump, 2000), 3);
        assert_eq!(of_dump(dump, 1999), 4);
    }
}
