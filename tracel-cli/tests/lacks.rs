//! What this build of the command lacks is told with the feature that brings it, and not as an unknown word.
#![cfg(not(feature = "kafka"))]

use std::process::Command;

#[test]
fn what_is_behind_a_feature_says_so() {
    for arguments in [
        &[
            "backfill",
            "--brokers",
            "127.0.0.1:9092",
            "--topic",
            "logs",
            "--help",
        ][..],
        &["recover", ".", "--sink", "kafka://127.0.0.1:9092/logs"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_tracel"))
            .args(arguments)
            .output()
            .expect("runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said.contains("--features kafka"), "{arguments:?}: {said}");
    }
}
