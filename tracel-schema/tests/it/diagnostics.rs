//! Everything that can be wrong with a schema.toml: each file of `tests/fixtures/errors` beside the errors that it must
//! give, all at once and sorted by place.

use crate::{bases, golden};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use tracel_schema::codes;

fn errors(text: &str) -> Vec<tracel_schema::Diagnostic> {
    bases::compile(text).err().unwrap_or_default()
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/errors"));
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the fixtures are checked in")
        .map(|entry| entry.expect("a fixture").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_error_is_told_with_its_place_its_code_and_the_way_out() {
    let mut differing = Vec::new();
    for file in fixtures() {
        let found = errors(&fs::read_to_string(&file).expect("a fixture is text"));
        assert!(
            !found.is_empty(),
            "{} is wrong, and nothing was found",
            file.display()
        );
        for error in &found {
            let (what, way_out) = (&error.what, &error.way_out);
            assert!(
                !what.contains("; ") && !way_out.contains("; "),
                "one `;` parts the two: {error}"
            );
        }
        let told: String = found.iter().map(|error| format!("{error}\n")).collect();
        differing.extend(golden::differs(&file.with_extension("txt"), &told));
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn errors_are_sorted_by_place() {
    for file in fixtures() {
        let found = errors(&fs::read_to_string(&file).expect("a fixture is text"));
        for of_one in found.chunk_by(|a, b| a.file == b.file) {
            let sorted = of_one.is_sorted_by_key(|error| (error.line, error.column));
            assert!(sorted, "{}", file.display());
        }
    }
}

#[test]
fn every_code_of_the_schema_has_a_case() {
    let found: BTreeSet<&str> = fixtures()
        .iter()
        .flat_map(|file| errors(&fs::read_to_string(file).expect("a fixture is text")))
        .map(|error| error.code.id)
        .collect();
    // TL1007 is of files, not of texts: see `build`.
    let all: BTreeSet<&str> = codes::all()
        .map(|code| code.id)
        .filter(|id| id.starts_with("TL1") && *id != "TL1007")
        .collect();
    assert_eq!(found, all);
}

#[test]
fn the_examples_of_every_code_are_wrong_in_that_way_and_mended() {
    for code in codes::all().filter(|code| code.id.starts_with("TL1") && code.id != "TL1007") {
        let whole = |example: &str| match example.contains("[schema]") {
            true => example.to_owned(),
            false => format!("[schema]\nname = \"acme\"\nversion = 1\n{example}"),
        };
        let found = errors(&whole(code.wrong));
        let ids: Vec<&str> = found.iter().map(|error| error.code.id).collect();
        assert_eq!(ids, [code.id], "{found:#?}");
        assert_eq!(errors(&whole(code.mended)), [], "{}", code.id);
        for text in [code.title, code.rule] {
            assert!(!text.is_empty() && !text.contains("  "), "{}: {text:?}", code.id);
        }
    }
}

#[test]
fn columns_count_characters() {
    let text = "[schema]\nname = \"acme\"\nversion = 1\n[fields]\nx = { doc = \"ü🦀\", type = \"u46\" }\n";
    let found = errors(text);
    assert_eq!((found[0].line, found[0].column), (5, 26));
}

#[test]
fn line_ends_and_a_byte_order_mark_do_not_move_places() {
    let text = "\u{feff}[schema]\r\nname = \"acme\"\r\nversion = 1\r\n[fields]\r\nx = { type = \"u46\" }\r\n";
    let found = errors(text);
    assert_eq!((found[0].line, found[0].column), (5, 14), "{found:?}");
    let found = errors("\u{feff}[schema]\n[x]\n[service]\n");
    assert_eq!((found[0].line, found[0].column), (1, 1), "{found:?}");
}

/// Cut and changed at random, a schema gives errors or a schema, and never a panic.
#[test]
fn no_text_makes_the_compiler_panic() {
    let mut seed = 0x5eed_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as usize % below
    };
    let everything = include_str!("../fixtures/everything.toml");
    let bits = [
        "[", "]", "{", "}", "\"", "=", "\n", "'", "\\", ",", ".", "0", "ß", "[[", "\"\"\"", "#", "\0", "type",
    ];
    for _ in 0..1500 {
        let mut chars: Vec<char> = everything.chars().collect();
        for _ in 0..=random(3) {
            let at = random(chars.len());
            let end = at + random(5).min(chars.len() - at);
            let bit = bits[random(bits.len())];
            chars.splice(at..end, bit.chars());
        }
        let text: String = chars.into_iter().collect();
        let found = errors(&text);
        assert!(
            found.iter().all(|error| error.line > 0 && error.column > 0),
            "{found:#?}"
        );
    }
}
