//! `build()` under the real Cargo: what is built again, and when.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const SCHEMA: &str = "[schema]\nname = \"first\"\nversion = 1\n";

/// A package outside of this workspace; its only code is the compiled schema.
struct Package {
    folder: PathBuf,
}

impl Package {
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rebuilds");
        fs::create_dir_all(folder.join("src")).expect("a folder for the package");
        let _ = fs::remove_file(folder.join("schema.toml"));
        let this = env!("CARGO_MANIFEST_DIR");
        let manifest = format!(
            "[package]\nname = \"rebuilds\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n\
             [build-dependencies]\ntracel-schema.path = {this:?}\n"
        );
        let package = Package { folder };
        package.put("Cargo.toml", &manifest);
        package.put("build.rs", "fn main() {\n    tracel_schema::build()\n}\n");
        package.put("src/main.rs", "fn main() {\n    print!(\"{}\", include_str!(concat!(env!(\"OUT_DIR\"), \"/tracel.schema\")));\n}\n");
        // The versions of this workspace, which are here already.
        let lock = Path::new(this).join("../Cargo.lock");
        fs::copy(lock, package.folder.join("Cargo.lock")).expect("the workspace's Cargo.lock");
        package
    }

    fn put(&self, path: &str, text: &str) {
        fs::write(self.folder.join(path), text).expect("a file of the package");
    }

    fn cargo(&self, arguments: &[&str]) -> (bool, String, String) {
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env_remove("TRACEL_SCHEMA")
            .env_remove("RUSTFLAGS")
            .output()
            .expect("cargo runs");
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        (
            output.status.success(),
            text(&output.stdout),
            text(&output.stderr),
        )
    }

    /// Builds and runs it: whether it was compiled, and the name of its schema.
    #[track_caller]
    fn run(&self) -> (bool, String) {
        let (success, compiled, errors) = self.cargo(&["run", "--verbose"]);
        assert!(success, "{errors}");
        let schema = tracel_schema::compiled::read(&compiled).expect("the program prints its schema");
        let fresh = errors.contains("Fresh rebuilds v0.1.0");
        assert!(fresh || errors.contains("Compiling rebuilds v0.1.0"), "{errors}");
        (!fresh, schema.name)
    }
}

#[test]
fn an_edit_of_the_schema_is_built_and_nothing_else_is() {
    let package = Package::new();
    let (_, name) = package.run();
    assert_eq!(name, "tracel", "without a schema.toml");
    // Moved there, so that it is older than the last build.
    package.put("elsewhere.toml", SCHEMA);
    assert_eq!(package.run().1, "tracel");
    fs::rename(
        package.folder.join("elsewhere.toml"),
        package.folder.join("schema.toml"),
    )
    .expect("a move");
    assert_eq!(package.run(), (true, "first".into()), "the first schema is seen");
    assert_eq!(package.run(), (false, "first".into()), "nothing changed");
    package.put("notes.txt", "of no interest to the schema");
    assert_eq!(package.run(), (false, "first".into()), "another file changed");
    package.put("schema.toml", &SCHEMA.replace("first", "second"));
    assert_eq!(package.run(), (true, "second".into()), "the schema was edited");

    package.put(
        "schema.toml",
        "[schema]\nname = \"acme\"\nversion = 1\n[colour]\n",
    );
    let (success, _, errors) = package.cargo(&["build"]);
    let told = "schema.toml:4:2: [TL1002] schema.toml has no key `colour`; ";
    assert!(!success && errors.contains(told), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
}
