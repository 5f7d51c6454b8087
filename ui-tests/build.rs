//! The schema that every case is held to: schema.toml beside this file. The cases of `fail/` are compiled outside of
//! Cargo's build scripts, so its compiled form is named to them (Cargo hands `rustc-env` on to the tests that it runs);
//! those of `pass/` are listed for one crate, `tests/pass.rs`.

use std::{env, fmt::Write, fs, path::Path};
use tracel_schema::codes;

fn main() {
    tracel_schema::build();
    let out = env::var("OUT_DIR").expect("Cargo sets OUT_DIR");
    let out = Path::new(&out);
    println!(
        "cargo::rustc-env=TRACEL_COMPILED_SCHEMA={}",
        out.join("tracel.schema").display()
    );
    println!("cargo::rerun-if-changed=pass");
    let root = env::var("CARGO_MANIFEST_DIR").expect("Cargo sets CARGO_MANIFEST_DIR");
    let cases = fs::read_dir(Path::new(&root).join("pass")).expect("a folder of cases");
    let mut modules = Vec::new();
    for case in cases {
        let path = case.expect("a case").path();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        modules.push(format!("#[path = {path:?}]\nmod {name};\n"));
    }
    modules.sort();
    let mut list = String::new();
    for module in modules {
        let _ = write!(list, "{module}");
    }
    fs::write(out.join("pass.rs"), list).expect("OUT_DIR is writable");
    examples(out);
}

/// The examples of the macros' codes, in what surrounds them: those that are wrong as files of their own, their twins in one.
fn examples(out: &Path) {
    let wrong = out.join("wrong");
    // A code that is gone would stay.
    let _ = fs::remove_dir_all(&wrong);
    fs::create_dir_all(&wrong).expect("OUT_DIR is writable");
    let mut mended = String::new();
    for code in codes::all().filter(|code| code.id.starts_with("TL0") && !OF_PROJECTS.contains(&code.id)) {
        let file = wrong.join(code.id).with_extension("rs");
        fs::write(file, format!("{}\nfn main() {{}}\n", example(code.wrong))).expect("OUT_DIR is writable");
        let name = code.id.to_lowercase();
        let _ = write!(mended, "mod {name} {{\n{}}}\n", example(code.mended));
    }
    fs::write(out.join("mended.rs"), mended).expect("OUT_DIR is writable");
}

/// TL0004 is a fault of ours, which has no example. The others' take a manifest, a build script or a schema of their own:
/// `tracel-cli/tests/projects/codes.rs` tries them.
const OF_PROJECTS: [&str; 6] = ["TL0001", "TL0002", "TL0003", "TL0004", "TL0206", "TL0405"];

fn example(text: &str) -> String {
    include_str!("src/example.rs.txt").replace("// EXAMPLE\n", text)
}
