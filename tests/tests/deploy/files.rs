//! Files of the repository, and YAML as JSON.

use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A path from the root of the repository.
pub(crate) fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The documents of a YAML file, with `<<` put in its place.
pub(crate) fn yaml(path: &str) -> Vec<Value> {
    let text = text(path);
    serde_yaml_ng::Deserializer::from_str(&text)
        .map(|document| {
            let mut document: serde_yaml_ng::Value =
                serde::Deserialize::deserialize(document).unwrap_or_else(|error| panic!("{path}: {error}"));
            document
                .apply_merge()
                .unwrap_or_else(|error| panic!("{path}: {error}"));
            serde_json::to_value(document).unwrap_or_else(|error| panic!("{path}: {error}"))
        })
        .collect()
}

/// The migrations' files in their order, and the one for the schema; without the roles, which the embedded engine does not know.
pub(crate) fn migrations() -> Vec<String> {
    let folder = fs::read_dir(at("deploy/clickhouse")).expect("deploy/clickhouse");
    let names = folder.map(|entry| entry.expect("a file").file_name().into_string().expect("a name"));
    let mut names: Vec<String> = names.filter(|name| name != "roles.sql").collect();
    names.sort();
    assert_eq!(names.last().map(String::as_str), Some("schema.sql"), "{names:?}");
    names
}

/// The elements of a list that must be one.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

/// A text that must be one.
pub(crate) fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// Whether an image has a tag that says which version.
pub(crate) fn is_pinned(image: &str) -> bool {
    image
        .rsplit_once(':')
        .is_some_and(|(_, tag)| tag.contains('.') && tag.starts_with(|c: char| c.is_ascii_digit()))
}
