//! The schema that every case is held to: schema.toml beside this file. The cases of `fail/` are compiled outside of
//! Cargo's build scripts, so its compiled form is named to them (Cargo hands `rustc-env` on to the tests that it runs);
//! those of `pass/` are listed for one crate, `tests/pass.rs`.

use std::{env, fmt::Write, fs, path::Path};

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
}
