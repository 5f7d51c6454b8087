//! `tracel check` as people call it.

use std::process::Command;

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
