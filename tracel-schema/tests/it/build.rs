//! `build()` as Cargo runs it: which schema it takes, what it tells Cargo, what it writes, how it fails. This test's own
//! binary plays the build script.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::SystemTime,
};
use tracel_schema::{
    compiled,
    model::{Owner, Schema},
};

const ROLE: &str = "TRACEL_TEST_BUILD_SCRIPT";
const GOOD: &str = "[schema]\nname = \"good\"\nversion = 7\n[event.started]\ncategory = \"system\"\nlevel = \"info\"\nmessage = \"started\"\n";

/// Not a test of its own: the build script, when one of the tests below runs it.
#[test]
fn plays_the_build_script() {
    if env::var_os(ROLE).is_some() {
        tracel_schema::build();
    }
}

/// A workspace in a folder of its own, with the package `payment` in `services/payment`.
struct Workspace {
    root: tempfile::TempDir,
}

impl Workspace {
    fn new() -> Self {
        let workspace = Workspace {
            root: tempfile::tempdir().expect("a temporary folder"),
        };
        workspace.put("Cargo.toml", "[workspace]\nmembers = [\"services/payment\"]\n");
        workspace.put("services/payment/Cargo.toml", "[package]\nname = \"payment\"\n");
        fs::create_dir(workspace.path("out")).expect("a folder to write to");
        workspace
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn put(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn run(&self, variables: &[(&str, &str)]) -> Build {
        let mut command = Command::new(env::current_exe().expect("this test"));
        command
            .args(["--exact", "build::plays_the_build_script", "--nocapture"])
            .current_dir(self.path("services/payment"))
            .env(ROLE, "1")
            .env("CARGO_MANIFEST_DIR", self.path("services/payment"))
            .env("CARGO_PKG_NAME", "payment")
            .env("OUT_DIR", self.path("out"))
            .env_remove("TRACEL_SCHEMA");
        for (name, value) in variables {
            match *value {
                "" => command.env_remove(name),
                value => command.env(name, value),
            };
        }
        Build {
            output: command.output().expect("this test runs"),
            root: self.root.path().to_owned(),
        }
    }

    fn schema(&self) -> Schema {
        let text = fs::read_to_string(self.path("out/tracel.schema")).expect("build() wrote it");
        compiled::read(&text).expect("what build() wrote is read back")
    }

    fn changed(&self) -> [SystemTime; 2] {
        ["out/tracel.rs", "out/tracel.schema"].map(|file| {
            let metadata = fs::metadata(self.path(file)).expect("build() wrote it");
            metadata.modified().expect("a time of change")
        })
    }
}

struct Build {
    output: Output,
    root: PathBuf,
}

impl Build {
    /// The files that it told Cargo to watch, from the workspace on.
    #[track_caller]
    fn watched(&self) -> Vec<String> {
        assert!(self.output.status.success(), "{}", self.errors());
        let told = String::from_utf8_lossy(&self.output.stdout);
        assert!(
            told.contains("cargo::rerun-if-env-changed=TRACEL_SCHEMA\n"),
            "{told}"
        );
        told.lines()
            .filter_map(|line| line.strip_prefix("cargo::rerun-if-changed="))
            .map(|path| {
                let path = Path::new(path)
                    .strip_prefix(&self.root)
                    .unwrap_or(Path::new(path));
                path.display().to_string()
            })
            .collect()
    }

    fn errors(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// What it said when it failed.
    #[track_caller]
    fn failure(&self) -> String {
        let told = self.errors();
        assert_eq!(self.output.status.code(), Some(1), "{told}");
        assert!(!told.contains("panicked"), "{told}");
        told
    }
}

#[test]
fn takes_the_nearest_schema_up_to_the_workspace() {
    let workspace = Workspace::new();
    workspace.put("schema.toml", GOOD);
    let watched = workspace.run(&[]).watched();
    assert_eq!(
        watched,
        ["services/payment/Cargo.toml", "Cargo.toml", "schema.toml"]
    );
    let schema = workspace.schema();
    assert_eq!((schema.name.as_str(), schema.version), ("good", 7));
    assert_eq!(schema.files, [PathBuf::from("schema.toml")]);
    let owner = Owner {
        package: "payment".into(),
        manifest_dir: workspace.path("services/payment").display().to_string(),
    };
    assert_eq!(schema.owner, owner);
    let code = fs::read_to_string(workspace.path("out/tracel.rs")).expect("build() wrote it");
    assert!(code.contains("pub struct Started"), "{code}");

    workspace.put("services/schema.toml", GOOD.replace("good", "nearer"));
    workspace.run(&[]).watched();
    assert_eq!(workspace.schema().name, "nearer");
    workspace.put("services/payment/schema.toml", GOOD.replace("good", "nearest"));
    workspace.run(&[]).watched();
    assert_eq!(workspace.schema().name, "nearest");
}

#[test]
fn does_not_look_above_the_workspace() {
    let workspace = Workspace::new();
    workspace.put("schema.toml", GOOD);
    workspace.put(
        "services/payment/Cargo.toml",
        "[package]\nname = \"payment\"\n[workspace]\n",
    );
    workspace.run(&[]).watched();
    assert_eq!(workspace.schema().name, "tracel");

    workspace.put("services/payment/Cargo.toml", "[package]\nname = \"payment\"\n");
    fs::remove_file(workspace.path("Cargo.toml")).expect("it was there");
    workspace.run(&[]).watched();
    assert_eq!(
        workspace.schema().name,
        "tracel",
        "without a workspace the package's folder alone counts"
    );
}

#[test]
fn without_a_schema_the_default_holds_and_the_first_one_is_seen() {
    let workspace = Workspace::new();
    let watched = workspace.run(&[]).watched();
    let schema = workspace.schema();
    assert_eq!((schema.name.as_str(), schema.policy.open), ("tracel", [true; 5]));
    assert_eq!(schema.owner.package, "payment");
    // A file that is never there: Cargo runs the script with every build.
    assert!(watched.contains(&"out/schema.toml".into()), "{watched:?}");
    assert!(!workspace.path("out/schema.toml").exists());
    let code = fs::read_to_string(workspace.path("out/tracel.rs")).expect("build() wrote it");
    assert!(code.contains("Schema::new(\"tracel\", 1)"), "{code}");
}

#[test]
fn the_manifest_and_the_environment_name_a_schema() {
    let workspace = Workspace::new();
    workspace.put("schema.toml", GOOD);
    workspace.put("shared/acme.toml", GOOD.replace("good", "named"));
    workspace.put("other/x.toml", GOOD.replace("good", "by-variable"));
    workspace.put(
        "services/payment/Cargo.toml",
        "[package]\nname = \"payment\"\n[package.metadata.tracel]\nschema = \"../../shared/acme.toml\"\n",
    );
    let watched = workspace.run(&[]).watched();
    assert_eq!(workspace.schema().name, "named");
    assert!(
        watched
            .last()
            .is_some_and(|path| path.ends_with("shared/acme.toml")),
        "{watched:?}"
    );

    let absolute = workspace.path("other/x.toml").display().to_string();
    for path in [absolute.as_str(), "../../other/x.toml"] {
        let watched = workspace.run(&[("TRACEL_SCHEMA", path)]).watched();
        assert_eq!(workspace.schema().name, "by-variable");
        assert!(
            watched.last().is_some_and(|path| path.ends_with("other/x.toml")),
            "{watched:?}"
        );
    }
}

#[test]
fn an_unchanged_schema_changes_no_file() {
    let workspace = Workspace::new();
    workspace.put("schema.toml", GOOD);
    workspace.run(&[]).watched();
    let before = workspace.changed();
    workspace.put("schema.toml", GOOD);
    workspace.run(&[]).watched();
    assert_eq!(workspace.changed(), before);

    workspace.put("schema.toml", GOOD.replace("version = 7", "version = 8"));
    workspace.run(&[]).watched();
    let after = workspace.changed();
    assert!(after[0] > before[0] && after[1] > before[1]);
}

#[test]
fn all_errors_are_told_and_the_build_stops() {
    let workspace = Workspace::new();
    workspace.put(
        "services/schema.toml",
        "[schema]\nname = \"acme\"\nversion = 0\n[fields]\nx = { type = \"u46\" }\n",
    );
    let told = workspace.run(&[]).failure();
    for line in [
        "the schema has 2 errors:\n",
        "\n  services/schema.toml:3:11: [TL1008] 0 cannot be the version of a schema; count versions from 1\n",
        "\n  services/schema.toml:5:14: [TL1105] there is no type \"u46\"; did you mean \"u64\"?\n",
        "`tracel explain TL1008`",
    ] {
        assert!(told.contains(line), "{told}");
    }
    assert!(!workspace.path("out/tracel.rs").exists() && !workspace.path("out/tracel.schema").exists());
}

#[test]
fn files_that_cannot_be_read_are_told() {
    let workspace = Workspace::new();
    let told = workspace.run(&[("TRACEL_SCHEMA", "nowhere.toml")]).failure();
    assert!(
        told.contains("services/payment/nowhere.toml:1:1: [TL1007] ") && told.contains("cannot be read"),
        "{told}"
    );

    workspace.put("schema.toml", b"[schema]\nname = \"\xff\"\n");
    let told = workspace.run(&[]).failure();
    assert!(
        told.contains("schema.toml:2:9: [TL1007] this byte is not UTF-8"),
        "{told}"
    );

    workspace.put(
        "services/payment/Cargo.toml",
        "[package]\nname = \"payment\"\n\n[package.metadata.tracel]\nschema = 5\n",
    );
    let told = workspace.run(&[]).failure();
    assert!(
        told.contains("services/payment/Cargo.toml:4:1: [TL1007] "),
        "{told}"
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let workspace = Workspace::new();
    let told = workspace
        .run(&[("OUT_DIR", &workspace.path("nowhere").display().to_string())])
        .failure();
    assert!(
        told.contains("cannot write") && told.contains("tracel.rs"),
        "{told}"
    );
}

#[test]
fn outside_of_a_build_script_it_says_so() {
    for variable in ["OUT_DIR", "CARGO_MANIFEST_DIR", "CARGO_PKG_NAME"] {
        let told = Workspace::new().run(&[(variable, "")]).failure();
        assert!(
            told.contains(variable) && told.contains("build script (build.rs)"),
            "{told}"
        );
    }
}
