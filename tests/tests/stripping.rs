//! What a build leaves out: neither the strings nor the arguments of a stripped log are in the binary, whichever way it was
//! stripped, and the strictest way wins. A stripped log is checked all the same. A span is no log: it carries its request to
//! the logs inside, whatever their levels, and stays.
#![allow(missing_docs)]

#[path = "organisation/place.rs"]
#[allow(dead_code)]
mod place;

use place::Place;
use std::{fmt::Write, fs, process::Command};

/// From the one that always stays to the first that goes.
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

const MANIFEST: &str = r#"[package]
name = "stripping"
version = "0.1.0"
edition = "2024"

[features]
ours = ["tracel/max_level_info", "tracel/release_max_level_warn"]
theirs = ["tracing/max_level_info"]
theirs_error = ["tracing/max_level_error"]

[dependencies]
tracel = "0.1"
tracing = { version = "0.1", default-features = false }

[build-dependencies]
tracel-schema = "0.1"

[profile.dev]
debug = false
"#;

/// A log of a message, one of an event, one of an open key and a span, each with an argument that says that it was evaluated.
fn source() -> String {
    let mut source = "mod logs { tracel::include_schema!(); }\n\n#[inline(never)]\nfn said(what: &'static str) -> u32 {\n    \
                      println!(\"evaluated: {what}\");\n    std::hint::black_box(7)\n}\n\n"
        .to_owned();
    let mut main = String::new();
    for level in LEVELS {
        let pascal = format!("{}{}", level[..1].to_uppercase(), &level[1..]);
        let _ = write!(
            source,
            "#[inline(never)]\n#[tracel::instrument(level = \"{level}\", name = \"the span of {level}\", fields(attempt = said(\"field of {level}\")))]\n\
             fn span_{level}() {{ std::hint::black_box(()); }}\n\n\
             #[derive(tracel::SysLog)]\n#[log(event = \"own_{level}\", message = \"the own event of {level}\")]\n\
             struct Own{pascal} {{ attempt: u32, error: std::fmt::Error }}\n\n"
        );
        let _ = write!(
            main,
            "    let error = std::fmt::Error;\n    \
             tracel::log_{level}!(SysLog(\"the message of {level}\", attempt = said(\"argument of {level}\"), error));\n    \
             tracel::log!(logs::Declared{pascal} {{ attempt: said(\"declared of {level}\"), error: &error }});\n    \
             tracel::log_{level}!(Own{pascal} {{ attempt: said(\"own of {level}\"), error }});\n    span_{level}();\n"
        );
    }
    format!(
        "{source}fn main() -> Result<(), tracel::Error> {{\n    let _guard = tracel::init(logs::SCHEMA).levels(\"trace\").sink(\"stdout:\").start()?;\n{main}    Ok(())\n}}\n"
    )
}

fn schema(policy: &str) -> String {
    let mut schema = format!(
        "[schema]\nname = \"stripping\"\nversion = 1\n[policy]\n{policy}\n[fields]\nattempt = {{ type = \"u32\" }}\nerror = {{ type = \"error\" }}\n"
    );
    for level in LEVELS {
        let _ = write!(
            schema,
            "[event.declared_{level}]\ncategory = \"system\"\nlevel = \"{level}\"\nmessage = \"the declared event of {level}\"\n\
             required = [\"attempt\", \"error\"]\n"
        );
    }
    schema
}

/// How a build is asked for, and the level that is left.
struct Way {
    release: bool,
    features: &'static str,
    policy: &'static str,
    left: &'static str,
}

const fn way(release: bool, features: &'static str, policy: &'static str, left: &'static str) -> Way {
    Way {
        release,
        features,
        policy,
        left,
    }
}

const BOTH: &str = "max_level = { debug = \"trace\", release = \"info\" }";

/// Ordered so that little is built twice.
const WAYS: [Way; 10] = [
    way(false, "", "", "trace"),
    way(false, "", "max_level = \"info\"", "info"),
    way(false, "", BOTH, "trace"),
    way(false, "theirs", "", "info"),
    way(false, "ours", "", "info"),
    way(false, "ours", "max_level = \"debug\"", "info"),
    way(false, "ours", "max_level = \"warn\"", "warn"),
    way(false, "ours,theirs_error", "max_level = \"warn\"", "error"),
    way(true, "", BOTH, "info"),
    way(true, "ours", "", "warn"),
];

#[test]
fn what_is_stripped_leaves_nothing_in_the_binary() {
    let place = Place::new("stripping");
    let patch = format!(
        "[workspace]\n[patch.crates-io]\ntracel = {{ path = \"{0}/tracel\" }}\ntracel-schema = {{ path = \"{0}/tracel-schema\" }}\n",
        concat!(env!("CARGO_MANIFEST_DIR"), "/..")
    );
    place.package(
        ".",
        &format!("{MANIFEST}\n{patch}"),
        "tracel_schema::build()",
        ("main.rs", &source()),
    );
    place.lock(".");
    let mut faults = String::new();
    for Way {
        release,
        features,
        policy,
        left,
    } in &WAYS
    {
        place.write("schema.toml", &schema(policy));
        let folder = if *release { "release" } else { "debug" };
        let mut arguments = vec!["build", "--quiet", "--features", features];
        arguments.extend(release.then_some("--release"));
        place.succeeds(".", &arguments);
        let program = place.built(&format!("{folder}/stripping"));
        let binary = fs::read(&program).expect("the program");
        let printed = Command::new(&program).output().expect("the program runs");
        let printed = String::from_utf8_lossy(&printed.stdout).into_owned();
        let stays = 1 + LEVELS.iter().position(|level| level == left).expect("a level");
        for (at, level) in LEVELS.iter().enumerate() {
            for (text, of_span) in [
                ("the message of", false),
                ("the declared event of", false),
                ("the own event of", false),
                ("argument of", false),
                ("declared of", false),
                ("own of", false),
                ("the span of", true),
                ("field of", true),
            ] {
                let text = format!("{text} {level}");
                let is_there = binary.windows(text.len()).any(|window| window == text.as_bytes());
                // Of a span nothing is printed but that its fields were evaluated.
                let is_printed = printed.contains(&text) || text.starts_with("the span of");
                let should = of_span || at < stays;
                if is_there != should || is_printed != should {
                    let _ = writeln!(
                        faults,
                        "release: {release}, features: {features:?}, policy: {policy:?}: `{text}` is in the binary: {is_there}, \
                         and printed: {is_printed}"
                    );
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");

    // What is stripped is checked: with the last policy alone nothing but errors would be left.
    place.write("schema.toml", &schema("max_level = \"error\""));
    for (right, wrong, code) in [
        ("said(\"argument of trace\")", "\"two\"", "TL0105"),
        ("attempt: said(\"declared of debug\"), ", "", "TL0102"),
        ("SysLog(\"the message of info\"", "SysLog(\"{level}\"", "TL0202"),
    ] {
        place.edit("src/main.rs", right, wrong);
        let told = place.fails(".", &["check", "--features", "ours"]);
        assert!(told.contains(&format!("[{code}]")), "{code}: {told}");
        place.write("src/main.rs", &source());
    }
}
