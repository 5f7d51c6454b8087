//! `docs/reliability.md` names the test that holds each promise: all of them are there.
#![allow(missing_docs)]

use std::{fs, path::Path};

#[test]
fn every_test_that_the_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/reliability.md")).unwrap();
    let (mut file, mut tests) = (String::new(), 0);
    // What stands between backticks is every second part.
    for word in page.split('`').skip(1).step_by(2) {
        let is_name = word.len() > 20
            && word
                .bytes()
                .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
        if word.ends_with(".rs") {
            file = fs::read_to_string(root.join(word)).unwrap_or_else(|error| panic!("{word}: {error}"));
        } else if is_name {
            assert!(file.contains(&format!("fn {word}()")), "there is no test {word}");
            tests += 1;
        }
    }
    assert!(tests > 40, "{tests}");
}
