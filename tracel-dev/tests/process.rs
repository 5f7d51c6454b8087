//! The server as a process: it survives kill -9 with its data, and two of them do not share a folder.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};
use tracel_dev::{library, testing::skip};

/// A running `tracel-dev`, killed at the end of every test.
struct Running {
    child: Child,
    url: String,
    _stdin: Option<ChildStdin>,
}

impl Running {
    fn start(data: &Path) -> Running {
        let mut child = command(data).spawn().expect("starts");
        let mut url = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut url).expect("its URL");
        let stdin = child.stdin.take();
        Running {
            child,
            url: url.trim_end().to_string(),
            _stdin: stdin,
        }
    }

    fn send(&self, sql: &str) -> String {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        let mut answer = agent.post(format!("{}/", self.url)).send(sql).expect("an answer");
        let text = answer.body_mut().read_to_string().expect("text");
        assert_eq!(answer.status(), 200, "{text}");
        text
    }

    /// SIGKILL: nothing of the process runs after it.
    fn kill(mut self) {
        self.child.kill().expect("is killed");
        self.child.wait().expect("is gone");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracel-dev"));
    command
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn is_missing() -> bool {
    library::find_or_fetch()
        .inspect_err(|missing| skip(&missing.to_string()))
        .is_err()
}

#[test]
fn kill_minus_nine_loses_no_acknowledged_row() {
    if is_missing() {
        return;
    }
    let data = tempfile::tempdir().expect("a folder");
    let mut expected = 0;
    for round in 0..4 {
        let server = Running::start(data.path());
        if round == 0 {
            server.send("CREATE TABLE rows (a UInt64) ENGINE = MergeTree ORDER BY a");
        }
        assert_eq!(
            server.send("SELECT count(), uniqExact(a) FROM rows"),
            format!("{expected}\t{expected}\n")
        );
        for _ in 0..5 {
            let rows: String = (expected..expected + 100)
                .map(|a| format!("{{\"a\":{a}}}\n"))
                .collect();
            server.send(&format!("INSERT INTO rows FORMAT JSONEachRow {rows}"));
            expected += 100;
        }
        server.kill();
    }
    let server = Running::start(data.path());
    assert_eq!(server.send("SELECT count(), max(a) FROM rows"), "2000\t1999\n");
}

#[test]
fn a_folder_has_one_process() {
    if is_missing() {
        return;
    }
    let data = tempfile::tempdir().expect("a folder");
    let first = Running::start(data.path());
    let second = command(data.path()).output().expect("runs");
    assert!(!second.status.success());
    let text = String::from_utf8_lossy(&second.stderr);
    assert!(text.contains("another process uses the folder"), "{text}");
    assert_eq!(first.send("SELECT 1"), "1\n");
}

#[test]
fn it_ends_with_its_stdin_and_keeps_its_data() {
    if is_missing() {
        return;
    }
    let data = tempfile::tempdir().expect("a folder");
    let mut server = Running::start(data.path());
    server.send("CREATE TABLE kept (a UInt64) ENGINE = MergeTree ORDER BY a");
    server.send("INSERT INTO kept VALUES (7)");
    drop(server._stdin.take());
    assert!(server.child.wait().expect("ends").success());
    let server = Running::start(data.path());
    assert_eq!(server.send("SELECT a FROM kept"), "7\n");
}

#[test]
fn what_cannot_start_says_why() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracel-dev"));
    let usage = command.output().expect("runs");
    assert_eq!(usage.status.code(), Some(2));
    let data = tempfile::tempdir().expect("a folder");
    let output = command
        .arg(data.path())
        .env(library::ENV, "/no/such/libchdb.so")
        .output()
        .expect("runs");
    assert!(!output.status.success());
    let mut text = String::new();
    (&output.stderr[..]).read_to_string(&mut text).expect("text");
    assert!(
        text.contains("/no/such/libchdb.so") && text.contains("way out"),
        "{text}"
    );

    let text_file = data.path().join("libchdb.so");
    std::fs::write(&text_file, "not a library").expect("writes");
    let output = command.env(library::ENV, &text_file).output().expect("runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("cannot load"), "{text}");
}
