//! `docs/reliability.md` names the test that holds each promise: all of them are there. So is what any page links to.
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

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

#[test]
fn every_link_of_the_pages_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let of_root =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root.join(name));
    let docs = fs::read_dir(root.join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut links = 0;
    for page in of_root
        .into_iter()
        .chain(docs)
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
    {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") || link.contains([' ', '\n']) {
                continue;
            }
            let (path, wanted) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.with_file_name(path),
            };
            assert!(target.exists(), "{}: {link}", page.display());
            if !wanted.is_empty() {
                let target = fs::read_to_string(target).unwrap();
                let mut headings = target.lines().filter(|line| line.starts_with('#'));
                assert!(
                    headings.any(|line| anchor(line) == wanted),
                    "{}: {link}",
                    page.display()
                );
            }
            links += 1;
        }
    }
    assert!(links > 20, "{links}");
}
