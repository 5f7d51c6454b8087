//! The examples of the codes that take a whole project: manifests, build scripts, schemas, environments. The others'
//! `ui-tests/tests/codes.rs` tries.

use crate::folder::{Folder, Ran, root};
use tracel_schema::codes::{self, Code};

fn find(id: &str) -> &'static Code {
    codes::find(id).expect("a code")
}

const LOG: &str = "pub fn log() {\n    tracel::log_info!(SysLog(\"started\"));\n}\n";
const SCHEMA: &str = "[schema]\nname = \"acme\"\nversion = 1\n";

/// A package that depends on this checkout, where its manifest asks for a version.
fn package(name: &str, dependencies: &str) -> Folder {
    let folder = Folder::new(name);
    let checkout = root().display();
    let patch = format!(
        "[patch.crates-io]\ntracel = {{ path = \"{checkout}/tracel\" }}\ntracel-schema = {{ path = \"{checkout}/tracel-schema\" }}\n"
    );
    folder.put(
        "Cargo.toml",
        &format!(
            "[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n{dependencies}\n{patch}"
        ),
    );
    folder.put("src/lib.rs", LOG);
    folder
}

const BUILT: &str = "[dependencies]\ntracel = \"0.1\"\n[build-dependencies]\ntracel-schema = \"0.1\"\n";
const SCRIPT: &str = "fn main() {\n    tracel_schema::build();\n}\n";

#[track_caller]
fn assert_refused(ran: &Ran, code: &str) {
    assert_ne!(ran.code, Some(0), "{code}");
    assert!(
        ran.errors.contains(&format!("[{code}]")),
        "{code}: {}",
        ran.errors
    );
}

#[test]
fn a_schema_without_a_build_script() {
    let code = find("TL0001");
    let folder = package("tl0001", code.wrong);
    folder.put("schema.toml", SCHEMA);
    assert_refused(&folder.cargo("", &["check"]), code.id);
    folder.put("Cargo.toml", &folder.get("Cargo.toml").replace(code.wrong, BUILT));
    folder.put("build.rs", code.mended);
    folder.cargo("", &["check"]).good();
}

#[test]
fn a_compiled_schema_of_another_version() {
    let code = find("TL0002");
    let folder = package("tl0002", BUILT);
    folder.put("schema.toml", SCHEMA);
    // What tracel-schema writes, as one of another version would.
    let other = "let out = std::path::Path::new(&std::env::var(\"OUT_DIR\").unwrap()).join(\"tracel.schema\");\n    \
                 let text = std::fs::read_to_string(&out).unwrap();\n    let (_, rest) = text.split_once('\\n').unwrap();\n    \
                 std::fs::write(&out, format!(\"tracel-schema 99\\n{rest}\")).unwrap();\n}\n";
    folder.put(
        "build.rs",
        &format!("{}    {other}", SCRIPT.trim_end_matches("}\n")),
    );
    assert_refused(&folder.cargo("", &["check"]), code.id);
    folder.put("build.rs", SCRIPT);
    folder.cargo("", &["check"]).good();
}

#[test]
fn a_compiled_schema_of_another_package() {
    let code = find("TL0003");
    let other = package("tl0003-other", BUILT);
    other.put("schema.toml", SCHEMA);
    other.put("build.rs", SCRIPT);
    other.put("src/lib.rs", "pub const OUT: &str = env!(\"OUT_DIR\");\n");
    other.put(
        "src/main.rs",
        "fn main() { println!(\"{}\", tl0003_other::OUT); }\n",
    );
    let out = other.cargo("", &["run", "--quiet"]).good();
    let folder = package("tl0003", "[dependencies]\ntracel = \"0.1\"\n");
    assert_eq!(
        (code.wrong.split(' ').nth(2), code.mended),
        (Some("cargo"), "$ cargo check\n")
    );
    let with = ["--config", "env.OUT_DIR.force=true", "--config"];
    let value = format!("env.OUT_DIR.value={:?}", out.trim());
    let arguments: Vec<&str> = with.into_iter().chain([&*value, "check"]).collect();
    assert_refused(&folder.cargo("", &arguments), code.id);
    folder.cargo("", &["check"]).good();
}

#[test]
fn an_err_without_its_field() {
    let code = find("TL0405");
    let folder = package("tl0405", BUILT);
    folder.put("build.rs", SCRIPT);
    let source = "#[tracel::instrument(err)]\npub fn capture() -> Result<(), std::io::Error> { Ok(()) }\n";
    folder.put("src/lib.rs", source);
    folder.put("schema.toml", &format!("{SCHEMA}{}", code.wrong));
    assert_refused(&folder.cargo("", &["check"]), code.id);
    folder.put("schema.toml", &format!("{SCHEMA}{}", code.mended));
    folder.cargo("", &["check"]).good();
}

#[test]
fn a_log_outside_of_a_request_where_the_policy_denies_it() {
    let code = find("TL0206");
    let folder = package("tl0206", BUILT);
    folder.put("build.rs", SCRIPT);
    let user = "[policy]\norphans = \"deny\"\n[fields]\nuser_id = { type = \"u64\" }\n[category.user]\nrequired = [\"user_id\"]\n";
    folder.put("schema.toml", &format!("{SCHEMA}{user}"));
    let source = |example: &str| format!("#![allow(dead_code)]\nuse tracel::log_info;\n{example}");
    folder.put("src/lib.rs", &source(code.wrong));
    assert_refused(&folder.cargo("", &["check"]), code.id);
    folder.put("src/lib.rs", &source(code.mended));
    folder.cargo("", &["check"]).good();
}
