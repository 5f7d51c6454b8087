//! Schemas that others extend, as the tests have them: `tests/fixtures/bases`.

use std::{fs, path::Path};
use tracel_schema::{Bases, Compiled, Diagnostic, Source, Unresolved, compile_with, is_path, model::Owner};

/// The crate `NAME-schema` is the file `NAME.toml`, and so is each path to it.
pub(crate) struct Fixtures;

impl Bases for Fixtures {
    fn find(&mut self, name: &str, from: &Source) -> Result<Source, Unresolved> {
        if name == "./schema.toml" {
            return Ok(from.clone());
        }
        let stem = match is_path(name) {
            true => Path::new(name).file_stem().unwrap_or_default().to_string_lossy(),
            false => name.strip_suffix("-schema").unwrap_or("nowhere").into(),
        };
        let path = format!("{}/tests/fixtures/bases/{stem}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(path).map_err(|_| Unresolved {
            what: format!("`{name}` is nowhere"),
            way_out: "put it there".into(),
        })?;
        let shown = match is_path(name) {
            true => format!("bases/{stem}.toml"),
            false => format!("{name}/schema.toml"),
        };
        Ok(Source {
            id: stem.into_owned(),
            shown: shown.into(),
            text,
        })
    }
}

/// A schema.toml over these.
pub(crate) fn compile(text: &str) -> Result<Compiled, Vec<Diagnostic>> {
    let source = Source {
        id: "schema.toml".into(),
        shown: "schema.toml".into(),
        text: text.into(),
    };
    compile_with(source, Owner::default(), &mut Fixtures)
}
