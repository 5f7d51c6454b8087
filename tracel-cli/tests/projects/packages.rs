//! What would be published: every file that the crates are built of is in their packages, with the licences, and a service that
//! has nothing but the packages builds and logs.

use crate::folder::{Folder, root};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// All that is published; the command takes `tracel-dev` by default.
const CRATES: [&str; 5] = [
    "tracel-schema",
    "tracel-derive",
    "tracel",
    "tracel-dev",
    "tracel-cli",
];

/// Packs the crates, and unpacks them below the folder.
fn pack(folder: &Folder) -> PathBuf {
    let manifest = root().join("Cargo.toml").display().to_string();
    let target = folder.path.join("target").display().to_string();
    let mut arguments = vec![
        "package",
        "--no-verify",
        "--allow-dirty",
        "--manifest-path",
        &manifest,
    ];
    arguments.extend(["--target-dir", &target]);
    arguments.extend(CRATES.iter().flat_map(|name| ["-p", name]));
    folder.cargo("", &arguments).good();
    let packages = folder.path.join("packages");
    fs::create_dir(&packages).expect("a folder");
    for name in CRATES {
        let packed = folder
            .path
            .join(format!("target/package/{}.crate", with_version(name)));
        let packed = fs::File::open(packed).expect("a package");
        tar::Archive::new(flate2::read::GzDecoder::new(packed))
            .unpack(&packages)
            .expect("unpacks");
    }
    packages
}

/// The package's name, as its file and its folder have it.
fn with_version(name: &str) -> String {
    format!("{name}-{}", env!("CARGO_PKG_VERSION"))
}

/// What our crates were last built of, as the compiler wrote it down beside each: their sources, and what these include.
fn ingredients() -> BTreeSet<PathBuf> {
    let built = Path::new(env!("CARGO_BIN_EXE_tracel")).with_file_name("deps");
    let lists = fs::read_dir(built)
        .expect("what was built")
        .map(|entry| entry.expect("a file"));
    let mut newest = BTreeMap::new();
    for list in lists.filter(|list| list.path().extension().is_some_and(|kind| kind == "d")) {
        let text = fs::read_to_string(list.path()).unwrap_or_default();
        let rule = text.lines().next().and_then(|line| line.split_once(": "));
        let files: Vec<PathBuf> = rule
            .map_or("", |(_, files)| files)
            .split(' ')
            .map(PathBuf::from)
            .collect();
        if CRATES
            .iter()
            .any(|name| files[0].starts_with(format!("{name}/src")))
        {
            let when = list
                .metadata()
                .and_then(|data| data.modified())
                .expect("its time");
            newest
                .entry(files[0].clone())
                .or_insert_with(BTreeMap::new)
                .insert(when, files);
        }
    }
    let last = newest
        .into_values()
        .filter_map(|lists| lists.into_values().next_back());
    last.flatten().collect()
}

#[test]
fn what_is_published_is_whole() {
    let folder = Folder::new("packages");
    let packages = pack(&folder);
    for name in CRATES {
        let package = packages.join(with_version(name));
        let read = |file: &str| fs::read_to_string(package.join(file)).unwrap_or_default();
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            let own = fs::read_to_string(root().join(licence)).expect("a licence");
            assert_eq!(read(licence), own, "{name}: {licence}");
        }
        assert!(read("README.md").starts_with("# "), "{name}: README.md");
        let manifest: toml::Table = read("Cargo.toml").parse().expect("TOML");
        for key in [
            "description",
            "license",
            "rust-version",
            "readme",
            "keywords",
            "categories",
        ] {
            assert!(manifest["package"].get(key).is_some(), "{name}: {key}");
        }
    }
    let ingredients = ingredients();
    assert!(ingredients.len() > 200, "{ingredients:?}");
    for file in ingredients {
        let mut parts = file.components();
        let name = parts.next().map(|part| part.as_os_str().to_string_lossy());
        let name = name.as_deref().unwrap_or_default();
        let packed = packages.join(with_version(name)).join(parts.as_path());
        assert!(packed.is_file(), "{} is in no package", file.display());
    }

    // The service is the one of the front page of `tracel`.
    let front = fs::read_to_string(root().join("tracel/src/front.md")).expect("the front page");
    let block = |begin: &str| {
        let (_, rest) = front
            .split_once(begin)
            .unwrap_or_else(|| panic!("the front page has no {begin:?}"));
        rest.split_once("```").expect("an end").0
    };
    let patches: String = CRATES[..3]
        .iter()
        .map(|name| format!("{name} = {{ path = \"packages/{}\" }}\n", with_version(name)))
        .collect();
    let dependencies = block("```toml Cargo.toml\n");
    let package = "[package]\nname = \"outside\"\nedition = \"2024\"\n";
    folder.put(
        "Cargo.toml",
        &format!("{package}{dependencies}[patch.crates-io]\n{patches}"),
    );
    folder.put("schema.toml", block("```toml schema.toml\n"));
    folder.put("build.rs", block("```rust,ignore\n// build.rs\n"));
    folder.put("src/main.rs", block("```rust,ignore\n// src/main.rs\n"));
    let printed = folder.cargo("", &["run", "--quiet"]).good();
    let records: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let messages: Vec<_> = records
        .iter()
        .filter_map(|record| record["message"].as_str())
        .collect();
    assert!(
        messages.starts_with(&["payment requested", "payment captured", "no receipt"]),
        "{printed}"
    );
    assert_eq!(records[1]["metadata"]["amount"], 1999);
}
