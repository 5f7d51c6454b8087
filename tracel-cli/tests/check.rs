//! `tracel check` as people call it.

use std::{fs, path::Path, process::Command};

#[test]
fn everything_that_is_wrong_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |text: &str| {
        let path = folder.path().join("schema.toml");
        std::fs::write(&path, text).expect("writes");
        let output = Command::new(env!("CARGO_BIN_EXE_tracel"))
            .arg("check")
            .current_dir(&folder)
            .output()
            .expect("runs");
        let (out, errors) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        (output.status.code(), out.into_owned(), errors.into_owned())
    };
    let good = "[schema]\nname = \"shop\"\nversion = 2\n[fields]\nuser_id = { type = \"u64\" }\n";
    let (code, out, _) = check(good);
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "schema.toml: shop@2, no error (fields: 1, events: 0)\n")
    );
    let (code, _, errors) = check(&format!(
        "{good}other = {{ type = \"u65\" }}\n[category.user]\nrequired = [\"usr_id\"]\n"
    ));
    assert_eq!(code, Some(1), "{errors}");
    for part in ["schema.toml:6:", "schema.toml:8:", "2 errors", "[TL"] {
        assert!(errors.contains(part), "{part}: {errors}");
    }
    std::fs::remove_file(folder.path().join("schema.toml")).expect("removes");
    let output = Command::new(env!("CARGO_BIN_EXE_tracel"))
        .args(["check", "nowhere.toml"])
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(2));
}

const ACME: &str = "[schema]\nname = \"acme\"\nversion = 1\nextends = [\"./money.toml\"]\n[fields]\nuser_id = { type = \"u64\" }\n";
const MONEY: &str = "[schema]\nname = \"money\"\nversion = 1\n[fields]\namount = { type = \"u64\" }\n";
const SHOP: &str = "[schema]\nname = \"shop\"\nversion = 1\nextends = [\"acme-schema\"]\n[category.user]\nrequired = [\"user_id\", \"amount\"]\n";

fn put(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("writes");
}

/// A crate of a schema.
fn acme(folder: &Path, path: &str) {
    put(
        folder,
        &format!("{path}/Cargo.toml"),
        "[package]\nname = \"acme-schema\"\nversion = \"1.2.0\"\n",
    );
    put(folder, &format!("{path}/schema.toml"), ACME);
    put(folder, &format!("{path}/money.toml"), MONEY);
}

/// What `tracel check shop/schema.toml` says; Cargo's folder is `cargo`.
fn check(folder: &Path) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tracel"))
        .args(["check", "shop/schema.toml"])
        .current_dir(folder)
        .env("CARGO_HOME", folder.join("cargo"))
        .output()
        .expect("runs");
    let told = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&told).into_owned())
}

#[test]
fn what_a_schema_extends_is_checked_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    put(
        folder,
        "shop/schema.toml",
        &SHOP.replace("acme-schema", "../shared/acme.toml"),
    );
    put(folder, "shared/acme.toml", ACME);
    let (code, told) = check(folder);
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("shared/acme.toml:4:12: [TL1006] ")
            && told.contains("shared/money.toml cannot be read"),
        "{told}"
    );
    put(folder, "shared/money.toml", MONEY);
    assert_eq!(
        check(folder),
        (Some(0), "shop/schema.toml: shop@1, no error (fields: 2, events: 0), over shared/acme.toml, shared/money.toml\n".into())
    );
    put(folder, "shared/money.toml", &MONEY.replace("u64", "u46"));
    let (code, told) = check(folder);
    assert_eq!(code, Some(1));
    assert!(told.contains("shared/money.toml:5:19: [TL1105] "), "{told}");
    put(
        folder,
        "shop/schema.toml",
        &SHOP.replace("acme-schema", "../shared/"),
    );
    assert!(
        check(folder)
            .1
            .contains("name the file in it: \"../shared/schema.toml\"")
    );
}

#[test]
fn a_crate_is_found_where_cargo_keeps_it() {
    let lock = |source: &str| format!("[[package]]\nname = \"acme-schema\"\nversion = \"1.2.0\"\n{source}\n");
    let manifest =
        |dependency: &str| format!("[package]\nname = \"shop\"\n[workspace]\n[dependencies]\n{dependency}\n");
    let plain = manifest("acme-schema = \"1\"");
    for (name, manifest, lock, place) in [
        (
            "by path",
            manifest("acme-schema = { path = \"../acme\" }"),
            String::new(),
            "acme",
        ),
        (
            "under another name",
            manifest("a = { package = \"acme-schema\", path = \"../acme\" }"),
            String::new(),
            "acme",
        ),
        (
            "patched",
            format!("{plain}[patch.crates-io]\nacme-schema = {{ path = \"../acme\" }}\n"),
            String::new(),
            "acme",
        ),
        (
            "of a registry",
            plain.clone(),
            lock("source = \"registry+https://github.com/rust-lang/crates.io-index\""),
            "cargo/registry/src/registry-1949cf8c6b5b557f/acme-schema-1.2.0",
        ),
        (
            "of a git repository",
            plain.clone(),
            lock(
                "source = \"git+https://example.com/schemas?branch=main#9f0b3ad1d2c4e5f6a7b8c9d0e1f2a3b4c5d6e7f8\"",
            ),
            "cargo/git/checkouts/schemas-1234/9f0b3ad/crates/acme",
        ),
        (
            "vendored",
            plain.clone(),
            lock("source = \"registry+x\""),
            "shop/vendor/acme-schema",
        ),
        ("a member", plain.clone(), lock(""), "shop/crates/acme"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        put(folder, "shop/schema.toml", SHOP);
        put(folder, "shop/Cargo.toml", &manifest);
        put(folder, "shop/Cargo.lock", &lock);
        let (code, told) = check(folder);
        assert_eq!(code, Some(1), "{name}: {told}");
        assert!(
            told.contains("shop/schema.toml:4:12: [TL1006] `acme-schema` is not on this machine"),
            "{name}: {told}"
        );
        acme(folder, place);
        assert_eq!(
            check(folder),
            (
                Some(0),
                "shop/schema.toml: shop@1, no error (fields: 2, events: 0), over acme-schema/schema.toml, acme-schema/money.toml\n".into()
            ),
            "{name}"
        );
    }
}

#[test]
fn a_crate_that_is_no_direct_dependency_is_refused_as_in_the_build() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    put(folder, "shop/schema.toml", SHOP);
    put(
        folder,
        "shop/Cargo.toml",
        "[package]\nname = \"shop\"\n[workspace]\n[dev-dependencies]\nacme-schema = { path = \"../acme\" }\n",
    );
    acme(folder, "acme");
    let (code, told) = check(folder);
    assert_eq!(code, Some(1));
    assert!(
        told.contains("[TL1006] `acme-schema` is no direct dependency of `shop`"),
        "{told}"
    );
}
