//! The cases of `without/` lack something around them, and say so: each is compiled in an environment of its own.

#[path = "ui/cases.rs"]
mod cases;

use cases::{assert_coded, compare_codes, compile, named, rustc_is_exact};
use std::{collections::BTreeSet, env, fs, path::Path, process::Command};
use tracel_schema::model::Owner;

#[test]
fn mistakes_around_a_crate_are_refused() {
    let compiled = env::var_os("TRACEL_COMPILED_SCHEMA").expect("the build script names it");
    let of_own = |name: &str, fields: &str| {
        let text = format!("[schema]\nname = \"acme\"\nversion = 1\n\n[fields]\n{fields}");
        let compiled = tracel_schema::compile(&text, "schema.toml".as_ref(), Owner::default());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, compiled.expect("the schema is right").compiled).expect("a file");
        path
    };
    let unreadable = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unreadable.schema");
    fs::write(&unreadable, "tracel-schema\t1\n").expect("a file");
    let in_environment = |command: &mut Command, case: &str| {
        command.env_remove("TRACEL_COMPILED_SCHEMA").env_remove("OUT_DIR");
        let named = match case {
            "any_schema" => return,
            "a_build_script" => {
                command.env("TRACEL_SCHEMA", "schema.toml");
                return;
            }
            "its_own_compiled_schema" => {
                let out = Path::new(&compiled).parent().expect("it is in a folder");
                command.env("OUT_DIR", out);
                return;
            }
            "a_readable_schema" => unreadable.clone(),
            "an_error_field" => of_own("no_error.schema", "user_id = { type = \"u64\" }\n"),
            "an_error_of_its_type" => of_own("text.schema", "error = { type = \"string\" }\n"),
            "an_error_in_the_open" => of_own(
                "secret.schema",
                "error = { type = \"error\", class = \"secret\" }\n",
            ),
            case => panic!("without/{case}.rs: in what environment?"),
        };
        command.env("TRACEL_COMPILED_SCHEMA", named);
    };
    for case in named("without") {
        let set = |command: &mut Command| in_environment(command, &case);
        if rustc_is_exact() {
            compile(Path::new(&format!("without/{case}.rs")), set);
        } else {
            compare_codes("without", &BTreeSet::from([case.clone()]), set);
        }
    }
    assert_coded("without");
}
