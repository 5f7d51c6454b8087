//! Files that are held equal to what the code makes: a mismatch fails, and writes the new text only when `TRACEL_BLESS=1`
//! is set, as `cargo xtask bless` does.

use std::{fs, path::Path};

/// Holds the file at `path` equal to `text`.
#[track_caller]
pub(crate) fn assert(path: &Path, text: &str) {
    let old = fs::read_to_string(path).unwrap_or_default();
    if old == text {
        return;
    }
    let place = old
        .lines()
        .zip(text.lines())
        .take_while(|(old, new)| old == new)
        .count();
    let (was, is) = (old.lines().nth(place), text.lines().nth(place));
    let bless = std::env::var_os("TRACEL_BLESS").is_some_and(|value| value == "1");
    if bless {
        fs::write(path, text).unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
    }
    panic!(
        "{} {} differ in line {}:\n  was {was:?}\n  is  {is:?}\n{}",
        path.display(),
        if bless { "was written anew; it did" } else { "does" },
        place + 1,
        if bless {
            "look at the change, and run again"
        } else {
            "if that is meant: cargo xtask bless"
        },
    );
}
