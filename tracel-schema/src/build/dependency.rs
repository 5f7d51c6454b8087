//! Where a package's Cargo.toml lists another one.

use std::{fs, path::Path};
use toml::de::{DeTable, DeValue};

/// Where it stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Listed {
    /// Under `[dependencies]`.
    Dependency {
        /// Whether it must be enabled.
        optional: bool,
    },
    /// Under another table of dependencies.
    Otherwise(&'static str),
    Nowhere,
}

/// Where the package `name` stands in this Cargo.toml.
pub(super) fn find(manifest: &Path, name: &str) -> Listed {
    let text = fs::read_to_string(manifest).unwrap_or_default();
    let (root, _) = DeTable::parse_recoverable(&text);
    let mut tables = vec![root.get_ref()];
    if let Some(DeValue::Table(targets)) = root.get_ref().get("target").map(|targets| targets.get_ref()) {
        tables.extend(targets.values().filter_map(|target| match target.get_ref() {
            DeValue::Table(target) => Some(target),
            _ => None,
        }));
    }
    for (key, listed) in [
        ("dependencies", None),
        (
            "build-dependencies",
            Some(Listed::Otherwise("build-dependencies")),
        ),
        ("dev-dependencies", Some(Listed::Otherwise("dev-dependencies"))),
    ] {
        let mut found = tables.iter().filter_map(|table| in_table(table, key, name));
        if let Some(optional) = found.next() {
            return listed.unwrap_or(Listed::Dependency { optional });
        }
    }
    Listed::Nowhere
}

/// Whether it is optional there, if it is there: by its name, or under another one.
fn in_table(table: &DeTable<'_>, key: &str, name: &str) -> Option<bool> {
    let DeValue::Table(dependencies) = table.get(key)?.get_ref() else {
        return None;
    };
    dependencies.iter().find_map(|(called, dependency)| {
        let said = |key: &str| dependency.get_ref().get(key).map(|value| value.get_ref());
        let package = said("package").and_then(DeValue::as_str);
        let is_it = package.unwrap_or(called.get_ref()) == name;
        is_it.then(|| said("optional").and_then(DeValue::as_bool) == Some(true))
    })
}

#[cfg(test)]
mod tests {
    use super::{Listed, find};

    #[test]
    fn a_dependency_is_found_under_each_name_and_table() {
        let folder = tempfile::tempdir().expect("a folder");
        let manifest = folder.path().join("Cargo.toml");
        let text = "[dependencies]\nplain = \"1\"\nrenamed = { package = \"other\", version = \"1\" }\n\
                    optional = { path = \"x\", optional = true }\n[build-dependencies.built]\npath = \"x\"\n\
                    [dev-dependencies]\ntested.workspace = true\n[target.'cfg(unix)'.dependencies]\nunix = \"1\"\n";
        std::fs::write(&manifest, text).expect("writes");
        let dependency = |optional| Listed::Dependency { optional };
        for (name, listed) in [
            ("plain", dependency(false)),
            ("other", dependency(false)),
            ("renamed", Listed::Nowhere),
            ("optional", dependency(true)),
            ("built", Listed::Otherwise("build-dependencies")),
            ("tested", Listed::Otherwise("dev-dependencies")),
            ("unix", dependency(false)),
            ("none", Listed::Nowhere),
        ] {
            assert_eq!(find(&manifest, name), listed, "{name}");
        }
        assert_eq!(find(folder.path(), "plain"), Listed::Nowhere);
    }
}
