//! What a schema is compiled to: golden files beside their schema in `tests/fixtures`.

use crate::golden;
use std::{fs, path::PathBuf};
use tracel_schema::{Compiled, compile, compiled, model::Owner};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures")).join(name)
}

fn compiled_fixture(name: &str) -> Compiled {
    let owner = Owner {
        package: "payment".into(),
        manifest_dir: "/src/payment".into(),
    };
    let text = fs::read_to_string(fixture(&format!("{name}.toml"))).expect("the fixture is checked in");
    match compile(&text, "acme/schema.toml".as_ref(), owner) {
        Ok(compiled) => compiled,
        Err(errors) => panic!(
            "{}",
            errors
                .iter()
                .map(|error| format!("{error}\n"))
                .collect::<String>()
        ),
    }
}

/// The schema of the design's page, but for `extends`.
#[test]
fn code_of_the_design() {
    golden::assert(&fixture("design.rs"), &compiled_fixture("design").code);
}

#[test]
fn compiled_form_of_the_design() {
    golden::assert(&fixture("design.schema"), &compiled_fixture("design").compiled);
}

/// Every type, every policy, and texts that try to break out.
#[test]
fn code_of_everything() {
    golden::assert(&fixture("everything.rs"), &compiled_fixture("everything").code);
}

#[test]
fn compiled_form_of_everything() {
    golden::assert(
        &fixture("everything.schema"),
        &compiled_fixture("everything").compiled,
    );
}

#[test]
fn the_compiled_form_is_read_back() {
    for name in ["design", "everything"] {
        let Compiled { schema, compiled, .. } = compiled_fixture(name);
        assert_eq!(compiled::read(&compiled), Ok(schema), "{name}");
    }
}
