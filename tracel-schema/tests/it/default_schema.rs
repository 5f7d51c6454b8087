//! The schema that holds where there is none is the repository's own schema.toml, in its two checked-in forms: for the
//! macros (`tracel_schema::DEFAULT_COMPILED`) and for the runtime (`tracel::DEFAULT_SCHEMA`).

use crate::golden;
use std::path::Path;
use tracel_schema::{
    DEFAULT_COMPILED, compile, compiled, generate,
    model::{Level, Owner, Place, Requirement, Schema},
};

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The repository's schema, without what only a file has.
fn own() -> Schema {
    let path = repository().join("schema.toml");
    let text = std::fs::read_to_string(&path).expect("the repository has a schema.toml");
    let mut schema = match compile(&text, "schema.toml".as_ref(), Owner::default()) {
        Ok(compiled) => compiled.schema,
        Err(errors) => panic!("{errors:#?}"),
    };
    let forget = |place: &mut Place| *place = Place::default();
    let forget_all = |list: &mut Vec<Requirement>| list.iter_mut().for_each(|item| forget(&mut item.place));
    schema.files.clear();
    schema
        .fields
        .iter_mut()
        .for_each(|field| forget(&mut field.place));
    for category in &mut schema.categories {
        forget(&mut category.place);
        forget_all(&mut category.required);
    }
    assert!(
        schema.levels.is_empty() && schema.events.is_empty(),
        "the default schema asks for no more than a user"
    );
    schema
}

#[test]
fn the_macros_form_is_that_of_schema_toml() {
    let checked_in = repository().join("tracel-schema/src/default.schema");
    golden::assert(&checked_in, &compiled::write(&own()));
}

#[test]
fn the_runtimes_form_is_that_of_schema_toml() {
    let checked_in = repository().join("tracel/src/default_schema.rs");
    golden::assert(&checked_in, &generate::default_schema(&own()));
}

#[test]
fn the_default_schema_is_neutral_and_open() {
    let schema = compiled::read(DEFAULT_COMPILED).expect("it is checked in");
    assert_eq!((schema.name.as_str(), schema.version), ("tracel", 1));
    assert_eq!(schema.policy.open, [true; 5]);
    assert_eq!(schema.service, None);
    assert_eq!(schema.owner, Owner::default());
    let required = |name: &str| -> Vec<String> {
        let category = schema.category(name).expect("it is always there");
        category.required.iter().map(|item| item.field.clone()).collect()
    };
    assert_eq!(required("user"), ["user_id"]);
    assert_eq!(required("system"), [""; 0]);
    assert_eq!(schema.level(Level::Error), None);
    assert_eq!(schema.at(schema.fields[0].place), "built in");
}
