//! The pages say what the parser takes: their TOML compiles, and no key, type or word of the language is missing from the
//! reference.

use crate::bases;
use std::{fs, path::Path};
use tracel_schema::{
    Diagnostic, compile,
    model::{Class, Owner, Scalar, Sensitive},
    name,
};

fn page(path: &str) -> String {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn errors(text: &str) -> Vec<Diagnostic> {
    compile(text, "schema.toml".as_ref(), Owner::default())
        .err()
        .unwrap_or_default()
}

#[test]
fn its_blocks_compile() {
    for path in [
        "README.md",
        "docs/schema.md",
        "docs/context.md",
        "tracel/src/front.md",
    ] {
        let page = page(path);
        let blocks: Vec<&str> = page.split("```toml").skip(1).collect();
        assert!(!blocks.is_empty(), "{path} shows no schema");
        for block in blocks {
            let (info, text) = block.split_once('\n').expect("a line of its own");
            let (text, _) = text.split_once("```").expect("an end");
            // A Cargo.toml, or a part of one.
            if info.contains("Cargo.toml") {
                continue;
            }
            let head = match text.contains("[schema]") {
                true => "",
                false => "[schema]\nname = \"a\"\nversion = 1\n",
            };
            let errors = bases::compile(&format!("{head}{text}")).err();
            assert_eq!(errors, None, "{path}:\n{text}");
        }
    }
}

/// The keys of a table, as the error for an unknown one lists them.
fn keys(table: &str) -> Vec<String> {
    let text = format!("[schema]\nname = \"a\"\nversion = 1\n{table}");
    let errors = errors(&text);
    let unknown = errors
        .iter()
        .find(|error| error.code.id == "TL1002")
        .unwrap_or_else(|| panic!("{table}: {errors:#?}"));
    let keys: Vec<String> = unknown
        .way_out
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    assert!(!keys.is_empty(), "{}", unknown.way_out);
    keys
}

#[test]
fn it_names_every_key_and_word() {
    let page = page("docs/schema.md");
    for key in keys("[policy]\nzzzzzz = 1") {
        assert!(page.contains(&format!("\n| `{key}` |")), "[policy] {key}");
    }
    for table in [
        "zzzzzz = 1",
        "[fields]\nx = { type = \"bool\", zzzzzz = 1 }",
        "[category.user]\nzzzzzz = 1",
        "[event.x]\nmessage = \"x\"\ncategory = \"user\"\nlevel = \"info\"\nzzzzzz = 1",
        "[service]\nzzzzzz = 1",
    ] {
        for key in keys(table) {
            let set = [format!("\n{key} "), format!("{key} = "), format!("`{key}")];
            assert!(set.iter().any(|set| page.contains(set)), "{table}: {key}");
        }
    }
    let scalars = Scalar::ALL.iter().map(|(_, name)| *name);
    let classes = [Class::Safe, Class::Sensitive, Class::Secret].map(Class::name);
    let sensitive = [Sensitive::Mask, Sensitive::Hash, Sensitive::Drop].map(Sensitive::name);
    let types = scalars.chain(classes).chain(name::ENVELOPE);
    for word in types {
        assert!(page.contains(&format!("`{word}`")), "{word}");
    }
    for word in sensitive {
        assert!(page.contains(&format!("`\"{word}\"`")), "{word}");
    }
}

#[test]
fn the_records_keys_stand_in_their_order() {
    let page = page("docs/schema.md");
    let (_, table) = page.split_once("## What a record looks like").expect("its part");
    let places: Vec<usize> = name::ENVELOPE
        .iter()
        .map(|key| table.find(&format!("`{key}`")).expect("named"))
        .collect();
    assert!(places.is_sorted(), "{:?}", name::ENVELOPE);
}

#[test]
fn the_front_page_names_every_feature() {
    let manifest = page("tracel/Cargo.toml");
    let (_, features) = manifest.split_once("[features]").expect("its features");
    let (features, _) = features.split_once("\n[").expect("what comes after");
    let front = page("tracel/src/front.md");
    for line in features.lines().filter(|line| !line.starts_with('#')) {
        let Some((feature, _)) = line.split_once(" = ") else {
            continue;
        };
        let shown = match feature.split_once("max_level_") {
            Some((before, _)) => format!("{before}max_level_*"),
            None => feature.to_owned(),
        };
        let is_there = shown == "default" || front.contains(&format!("`{shown}`"));
        assert!(is_there, "{feature}");
    }
}
