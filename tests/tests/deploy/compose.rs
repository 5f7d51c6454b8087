//! compose.yaml: what its comments and docs/operating.md promise of it.

use super::files::{at, is_pinned, list, migrations, text, word, yaml};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, env, fs, os::unix::fs::PermissionsExt, process::Command};

fn compose() -> Value {
    yaml("deploy/compose.yaml").remove(0)
}

fn services(compose: &Value) -> &Map<String, Value> {
    compose["services"].as_object().expect("services")
}

/// Services that others wait for to end.
fn once(compose: &Value) -> BTreeSet<&str> {
    let waits = services(compose)
        .values()
        .filter_map(|service| service["depends_on"].as_object());
    waits
        .flatten()
        .filter(|(_, how)| how["condition"] == "service_completed_successfully")
        .map(|(name, _)| name.as_str())
        .collect()
}

/// Every `${NAME:?..}`, and what stands between.
fn variables(text: &str) -> BTreeSet<&str> {
    // `$$` is a dollar for the shell in the container.
    let parts = text.split('$').collect::<Vec<_>>();
    let mut found = BTreeSet::new();
    for (before, part) in parts.iter().zip(&parts[1..]) {
        if before.is_empty() {
            continue;
        }
        if part.is_empty() {
            continue;
        }
        let name = part.strip_prefix('{').and_then(|rest| rest.split_once(":?"));
        let (name, rest) = name.unwrap_or_else(|| panic!("`${part}` has no `:?` that says what to do"));
        assert!(
            rest.split_once('}')
                .is_some_and(|(what, _)| what.contains(".env.example")),
            "{rest}"
        );
        found.insert(name);
    }
    found
}

#[test]
fn each_service_is_watched_limited_and_started_again() {
    let compose = compose();
    let once = once(&compose);
    assert_eq!(once, BTreeSet::from(["clickhouse-migrate", "kafka-topics"]));
    for (name, service) in services(&compose) {
        let limits = &service["deploy"]["resources"]["limits"];
        assert!(
            limits["cpus"].is_string() && limits["memory"].is_string(),
            "{name}: {limits}"
        );
        assert!(is_pinned(word(&service["image"])), "{name}: {}", service["image"]);
        assert_eq!(service["security_opt"][0], "no-new-privileges:true", "{name}");
        assert_eq!(
            service["logging"]["driver"], "local",
            "{name} fills no disk with its own log"
        );
        if once.contains(name.as_str()) {
            assert_eq!(service["restart"], "on-failure:5", "{name}");
            continue;
        }
        assert_eq!(service["restart"], "unless-stopped", "{name}");
        let check = &service["healthcheck"];
        assert_eq!(check["test"][0], "CMD", "{name}");
        assert!(
            check["interval"].is_string() && check["start_period"].is_string(),
            "{name}"
        );
    }
}

#[test]
fn no_port_is_open_to_the_network() {
    let compose = compose();
    let mut count = 0;
    for (name, service) in services(&compose) {
        assert!(service["network_mode"].is_null(), "{name}");
        for port in service["ports"].as_array().into_iter().flatten() {
            assert!(word(port).starts_with("127.0.0.1:"), "{name}: {port}");
            count += 1;
        }
    }
    assert!(count >= 4, "{count}");
}

#[test]
fn passwords_are_the_users_own() {
    let compose = compose();
    let asked = variables(&compose.to_string())
        .iter()
        .map(ToString::to_string)
        .collect::<BTreeSet<_>>();
    let example = text("deploy/.env.example");
    let mut named = BTreeSet::new();
    for line in example
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let (name, value) = line.split_once('=').expect("NAME=");
        assert_eq!(value, "", "a password that everybody knows");
        named.insert(name.to_owned());
    }
    assert_eq!(asked, named, "compose.yaml and .env.example");
    for (service, its) in services(&compose) {
        for (name, value) in its["environment"].as_object().into_iter().flatten() {
            if name.ends_with("PASSWORD") {
                assert!(
                    word(value).starts_with("${"),
                    "{service}: {name} stands in compose.yaml"
                );
            }
        }
    }
    let source = &yaml("deploy/grafana/provisioning/datasources/clickhouse.yaml")[0]["datasources"][0];
    assert_eq!(
        source["secureJsonData"]["password"],
        "$CLICKHOUSE_READER_PASSWORD"
    );
    let ignored = text(".gitignore");
    for line in ["/deploy/.env", "/deploy/*/secrets.json", "/deploy/k8s/sink.env"] {
        assert!(ignored.lines().any(|ignored| ignored == line), "{line}");
    }
}

#[test]
fn vector_gets_every_secret_that_its_configuration_asks_for() {
    let compose = compose();
    let content = word(&compose["configs"]["vector_secrets"]["content"]);
    let given: Value = serde_json::from_str(content).expect("JSON");
    let example: Value = serde_json::from_str(&text("deploy/vector/secrets.example.json")).expect("JSON");
    let keys = |value: &Value| {
        value
            .as_object()
            .expect("keys")
            .keys()
            .cloned()
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(keys(&given), keys(&example));
    let vector = text("deploy/vector/vector.yaml");
    let asked = vector
        .split("SECRET[tracel.")
        .skip(1)
        .map(|rest| rest.split_once(']').expect("]").0);
    assert_eq!(asked.map(str::to_owned).collect::<BTreeSet<_>>(), keys(&given));
    for key in ["clickhouse_password", "http_password"] {
        assert!(word(&given[key]).starts_with("${"), "{key}");
    }
    assert!(
        text("deploy/migrate.sh")
            .contains(&format!("user {} tracel_writer", word(&given["clickhouse_user"])))
    );
    let source = &yaml("deploy/grafana/provisioning/datasources/clickhouse.yaml")[0]["datasources"][0];
    assert!(text("deploy/migrate.sh").contains(&format!(
        "user {} tracel_reader",
        word(&source["jsonData"]["username"])
    )));
}

#[test]
fn every_file_that_is_mounted_is_there() {
    let compose = compose();
    let volumes = compose["volumes"].as_object().expect("volumes");
    let (mut files, mut named) = (0, BTreeSet::new());
    for (name, service) in services(&compose) {
        for volume in service["volumes"].as_array().into_iter().flatten() {
            let volume = word(volume);
            let (from, _) = volume.split_once(':').expect("a place");
            match from.strip_prefix("./") {
                Some(path) => {
                    assert!(volume.ends_with(":ro"), "{name} may write to {path}");
                    assert!(at("deploy").join(path).exists(), "{name}: {path}");
                    files += 1;
                }
                None => {
                    assert!(volumes.contains_key(from), "{name}: {from}");
                    named.insert(from);
                }
            }
        }
    }
    assert!(files >= 8 && named.len() == volumes.len(), "{files} {named:?}");
}

#[test]
fn kafka_has_the_topics_that_vector_reads_and_writes() {
    let vector = &yaml("deploy/vector/vector.yaml")[0];
    let compose = compose();
    let command = word(&compose["services"]["kafka-topics"]["command"][0]);
    let made: BTreeSet<&str> = command
        .lines()
        .filter_map(|line| line.strip_prefix("topic ")?.split(' ').next())
        .collect();
    let mut used: BTreeSet<&str> = list(&vector["sources"]["kafka"]["topics"])
        .iter()
        .map(word)
        .collect();
    let quarantine = &vector["sinks"]["quarantine_topic"];
    used.insert(word(&quarantine["topic"]));
    assert_eq!(made, used);
    let most = word(&quarantine["librdkafka_options"]["message.max.bytes"]);
    assert!(
        command.contains(&format!("max.message.bytes={most}")),
        "the topic takes what Vector may send"
    );
    let secrets: Value =
        serde_json::from_str(word(&compose["configs"]["vector_secrets"]["content"])).expect("JSON");
    let told = word(&compose["services"]["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]);
    assert!(told.contains(&format!("//{}", word(&secrets["kafka"]))), "{told}");
}

/// migrate.sh, with a client that writes down what it is asked.
#[test]
fn the_migration_runs_every_file_in_order_and_then_makes_the_users() {
    let folder = tempfile::tempdir().expect("a folder");
    let client = folder.path().join("clickhouse-client");
    let log = folder.path().join("log");
    let script = format!(
        "#!/bin/sh\n[ $# = 0 ] && cat >> {0} || echo \"$@\" >> {0}\n",
        log.display()
    );
    fs::write(&client, script).expect("a script");
    fs::set_permissions(&client, fs::Permissions::from_mode(0o755)).expect("executable");
    let path = format!("{}:{}", folder.path().display(), env::var("PATH").expect("PATH"));
    let run = |writer: Option<&str>| {
        let mut command = Command::new("bash");
        command.arg(at("deploy/migrate.sh")).arg(at("deploy/clickhouse"));
        command
            .env("PATH", &path)
            .env("READER_PASSWORD", "r3")
            .env_remove("WRITER_PASSWORD");
        writer.map(|password| command.env("WRITER_PASSWORD", password));
        command.output().expect("bash")
    };
    assert!(!run(None).status.success(), "a user without a password");
    fs::remove_file(&log).expect("the log");
    let output = run(Some("w7"));
    assert!(output.status.success(), "{output:?}");
    let mut expected = String::new();
    for file in migrations().iter().map(String::as_str).chain(["roles.sql"]) {
        expected += &format!("--queries-file {}/{file}\n", at("deploy/clickhouse").display());
    }
    for (user, password, role) in [
        ("vector", "w7", "tracel_writer"),
        ("grafana", "r3", "tracel_reader"),
    ] {
        for how in ["CREATE USER IF NOT EXISTS", "ALTER USER"] {
            expected += &format!("{how} {user} IDENTIFIED WITH sha256_password BY '{password}';\n");
        }
        expected += &format!("GRANT {role} TO {user};\n");
    }
    assert_eq!(fs::read_to_string(&log).expect("the log"), expected);
}
