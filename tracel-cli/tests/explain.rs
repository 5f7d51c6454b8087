//! `tracel explain` as people call it.

use std::process::{Command, Output};

fn explain(code: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracel"));
    command.arg("explain").args(code).output().expect("runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn every_code_has_its_page_and_its_line_in_the_list() {
    let list = text(&explain(&[]).stdout);
    for code in tracel_schema::codes::all() {
        assert!(
            list.contains(&format!("{}  {}\n", code.id, code.title)),
            "{}",
            code.id
        );
    }
    assert!(list.lines().count() > 50, "{list}");
    for written in ["TL0102", "tl0102", "[TL0102]"] {
        let output = explain(&[written]);
        let page = text(&output.stdout);
        assert!(output.status.success());
        for part in ["TL0102: ", "\nWrong:\n\n    ", "\nMended:\n\n    "] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
}

#[test]
fn an_unknown_code_says_so() {
    let output = explain(&["TL9999"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("there is no code `TL9999`"),
        "{}",
        text(&output.stderr)
    );
    let near = text(&explain(&["TL01022"]).stderr);
    assert!(
        near.contains("there is no code `TL01022`; did you mean `TL0102`?"),
        "{near}"
    );
}
