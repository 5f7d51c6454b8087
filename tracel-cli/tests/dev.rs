//! `tracel dev` as people call it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};
use tracel_cli::clickhouse::ClickHouse;
use tracel_dev::{library, testing};

/// Killed at the end of the test, whatever it comes to.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn dev(data: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracel"));
    command
        .args(["dev", "--port", "0", "--data"])
        .arg(data)
        .stdout(Stdio::piped());
    command
}

#[test]
fn it_serves_the_tables_until_ctrl_c_and_keeps_them() {
    if let Err(missing) = library::find_or_fetch() {
        return testing::skip(&missing.to_string());
    }
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("not/yet/there");
    for round in 0..2 {
        let mut running = Running(dev(&data).spawn().expect("starts"));
        let stdout = running.0.stdout.take().expect("a pipe");
        let lines: Vec<String> = BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .take(5)
            .collect();
        assert_eq!(
            lines.last().map(String::as_str),
            Some("Ctrl-C ends it."),
            "{lines:?}"
        );
        assert_eq!(lines[0].contains("with new tables"), round == 0, "{lines:?}");
        let address = lines[1].split("TRACEL_SINK=").nth(1).expect("an address");
        let store = ClickHouse::new(address).expect("an address");
        assert_eq!(
            store.query("SELECT count() FROM logs", &[]).expect("an answer"),
            format!("{round}\n")
        );
        let row = "INSERT INTO logs (message) VALUES ('kept')";
        store.query(row, &[]).expect("inserts");
        let id = running.0.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &id])
                .status()
                .expect("kill")
                .success()
        );
        assert!(running.0.wait().expect("ends").success());
    }
}
