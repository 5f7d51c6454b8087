//! Files that are held equal to what the code makes: a mismatch fails, and writes the new text only when `TRACEL_BLESS=1`
//! is set, as `cargo xtask bless` does.

use std::{fs, path::Path};

/// Holds the file at `path` equal to `text`.
#[track_caller]
pub(crate) fn assert(path: &Path, text: &str) {
    if let Some(difference) = differs(path, text) {
        panic!("{difference}");
    }
}

/// How the file at `path` differs from `text`, if it does.
pub(crate) fn differs(path: &Path, text: &str) -> Option<String> {
    let old = fs::read_to_string(path).unwrap_or_default();
    if old == text {
        return None;
    }
    let place = old
        .lines()
        .zip(text.lines())
        .take_while(|(old, new)| old == new)
        .count();
    let (was, is) = (old.lines().nth(place), text.lines().nth(place));
    let (done, next) = match std::env::var_os("TRACEL_BLESS").is_some_and(|value| value == "1") {
        false => ("differs", "if that is meant: cargo xtask bless".to_owned()),
        true => match fs::write(path, text) {
            Ok(()) => (
                "was written anew; it differed",
                "look at the change, and run again".to_owned(),
            ),
            Err(error) => ("differs", format!("and cannot be written: {error}")),
        },
    };
    let path = path.display();
    Some(format!(
        "{path} {done} in line {}:\n  was {was:?}\n  is  {is:?}\n{next}",
        place + 1
    ))
}
