//! Which schema a crate is held to, in folders of the tests' own.

use super::{Loaded, Missing, find};
use std::{collections::HashMap, ffi::OsString, fs, path::Path, time::SystemTime};
use tracel_schema::{compiled, model::Schema};

/// A folder that goes with the test.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tracel-derive-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn schema(package: &str, folder: &Path, version: u64) -> String {
    let mut schema = Schema {
        name: "acme".into(),
        version,
        ..Schema::default()
    };
    schema.owner.package = package.into();
    schema.owner.manifest_dir = folder.to_string_lossy().into_owned();
    compiled::write(&schema)
}

fn load(vars: &[(&str, &Path)]) -> Result<Loaded, Missing> {
    let vars: HashMap<&str, OsString> = vars.iter().map(|(name, path)| (*name, (*path).into())).collect();
    find(&|name| vars.get(name).cloned())
}

fn code(loaded: Result<Loaded, Missing>) -> &'static str {
    loaded.err().map_or("none", |missing| missing.code.id)
}

const PACKAGE: (&str, &str) = ("CARGO_PKG_NAME", "pay");

#[test]
fn a_package_has_the_schema_of_its_own_build_script() {
    let folder = Folder::new("own");
    let (root, out) = (folder.0.join("pay"), folder.0.join("out"));
    folder.write("out/tracel.schema", &schema("pay", &root, 3));
    let vars = [
        (PACKAGE.0, Path::new(PACKAGE.1)),
        ("CARGO_MANIFEST_DIR", &*root),
        ("OUT_DIR", &*out),
    ];
    let loaded = load(&vars).ok().unwrap();
    assert_eq!(
        (loaded.schema.version, loaded.file),
        (3, Some(out.join("tracel.schema")))
    );
}

#[test]
fn the_schema_of_another_package_or_folder_is_refused_unless_it_was_named() {
    let folder = Folder::new("foreign");
    let (root, out) = (folder.0.join("pay"), folder.0.join("out"));
    let package = (PACKAGE.0, Path::new(PACKAGE.1));
    for other in [
        schema("ledger", &root, 3),
        schema("pay", &folder.0.join("elsewhere"), 3),
    ] {
        folder.write("out/tracel.schema", &other);
        let vars = [package, ("CARGO_MANIFEST_DIR", &*root), ("OUT_DIR", &*out)];
        assert_eq!(code(load(&vars)), "TL0003");
        let named = out.join("tracel.schema");
        assert!(load(&[package, ("TRACEL_COMPILED_SCHEMA", &*named)]).is_ok());
    }
}

#[test]
fn a_schema_without_a_build_script_is_told_up_to_the_workspace_and_no_further() {
    let folder = Folder::new("workspace");
    folder.write("schema.toml", "");
    folder.write("space/Cargo.toml", "[workspace]\nmembers = [\"pay\"]\n");
    folder.write("space/pay/Cargo.toml", "[package]\nname = \"pay\"\n");
    let root = folder.0.join("space/pay");
    let vars = [
        (PACKAGE.0, Path::new(PACKAGE.1)),
        ("CARGO_MANIFEST_DIR", &*root),
        ("OUT_DIR", Path::new("/nowhere")),
    ];
    let neutral = load(&vars).ok().unwrap();
    assert_eq!((neutral.schema.name.as_str(), neutral.file), ("tracel", None));
    folder.write("space/schema.toml", "");
    let missing = load(&vars).err().unwrap();
    assert_eq!(missing.code.id, "TL0001");
    assert!(
        missing.way_out.contains("fn main() { tracel_schema::build() }"),
        "{}",
        missing.way_out
    );
    // A package outside any workspace looks no further than its own folder.
    fs::remove_file(folder.0.join("space/Cargo.toml")).unwrap();
    assert_eq!(code(load(&vars)), "none");
    folder.write("space/pay/schema.toml", "");
    assert_eq!(code(load(&vars)), "TL0001");
}

#[test]
fn a_torn_or_absent_file_is_told_and_a_changed_one_read_anew() {
    let folder = Folder::new("changed");
    let path = folder.0.join("tracel.schema");
    let vars = [("TRACEL_COMPILED_SCHEMA", &*path)];
    assert_eq!(code(load(&vars)), "TL0002");
    let whole = schema("pay", &folder.0, 3);
    folder.write("tracel.schema", &whole[..whole.len() / 2]);
    assert_eq!(code(load(&vars)), "TL0002");
    folder.write("tracel.schema", &whole);
    assert_eq!(load(&vars).ok().unwrap().schema.version, 3);
    folder.write("tracel.schema", &schema("pay", &folder.0, 4));
    // The length is the same: the time must tell, whatever the file system's resolution is.
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(load(&vars).ok().unwrap().schema.version, 4);
}
