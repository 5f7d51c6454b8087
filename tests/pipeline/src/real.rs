//! The real Vector on one machine: `deploy/vector` as it is checked in, but for its addresses, its folder, and passwords that
//! a server of a test has none of.

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
};

/// Where it reads and writes.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// Kafka's bootstrap servers.
    pub kafka: &'a str,
    /// The topic of the records; quarantine goes to the same with `-quarantine`.
    pub topic: &'a str,
    /// The consumer group.
    pub group: &'a str,
    /// ClickHouse's URL.
    pub clickhouse: &'a str,
    /// The database.
    pub database: &'a str,
}

/// The files of a configuration, in the order that Vector is given them; the rest of `deploy/vector` lies beside them.
pub const CONFIGS: [&str; 2] = ["vector.yaml", "transforms.yaml"];

const PASSWORD: &str = "    auth:\n      strategy: basic\n      user: \"SECRET[tracel.clickhouse_user]\"\n      \
                        password: \"SECRET[tracel.clickhouse_password]\"\n";

/// The binary, when it is on PATH.
pub fn binary() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join("vector"))
        .find(|file| file.is_file())
}

/// Writes into `folder` what Vector needs to run there.
///
/// # Errors
/// When a file cannot be read or written, or the checked-in configuration has no longer what is to be replaced.
pub fn prepare(deploy: &Path, folder: &Path, place: &Place<'_>) -> Result<(), String> {
    let fault = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    for name in ["tracel.vrl", "quarantine.vrl", "transforms.yaml"] {
        let from = deploy.join(name);
        fs::copy(&from, folder.join(name)).map_err(|error| fault(&from, error))?;
    }
    let from = deploy.join(CONFIGS[0]);
    let text = fs::read_to_string(&from).map_err(|error| fault(&from, error))?;
    let data = folder.join("data");
    let secrets = serde_json::json!({
        "kafka": place.kafka, "clickhouse": place.clickhouse, "http_user": "tracel", "http_password": "tracel",
    });
    let text = config(&text, &data, place)?;
    fs::create_dir_all(&data).map_err(|error| fault(&data, error))?;
    for (name, text) in [(CONFIGS[0], text), ("secrets.json", secrets.to_string())] {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| fault(&path, error))?;
    }
    Ok(())
}

fn config(text: &str, data: &Path, place: &Place<'_>) -> Result<String, String> {
    let listening = |port: u16| format!("address: 127.0.0.1:{port}");
    let mut out = text.to_owned();
    for (was, is) in [
        (
            "data_dir: /var/lib/vector",
            format!("data_dir: {}", data.display()),
        ),
        ("group_id: tracel-vector", format!("group_id: {}", place.group)),
        ("topics: [logs]", format!("topics: [{}]", place.topic)),
        (
            "topic: logs-quarantine",
            format!("topic: {}-quarantine", place.topic),
        ),
        ("database: default", format!("database: {}", place.database)),
        ("address: 0.0.0.0:8686", listening(free()?)),
        ("address: 0.0.0.0:9598", listening(free()?)),
        (PASSWORD, String::new()),
    ] {
        if !out.contains(was) {
            return Err(format!(
                "{} has no {was:?}; mend `real.rs` of the pipeline's tests",
                CONFIGS[0]
            ));
        }
        out = out.replace(was, &is);
    }
    Ok(out)
}

fn free() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("no free port: {error}"))?;
    listener
        .local_addr()
        .map(|address| address.port())
        .map_err(|error| format!("no free port: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{Place, prepare};
    use std::{fs, path::Path};

    #[test]
    fn what_differs_on_one_machine_is_replaced() {
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/vector");
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place {
            kafka: "127.0.0.1:9",
            topic: "t",
            group: "g",
            clickhouse: "http://127.0.0.1:8",
            database: "d",
        };
        prepare(&deploy, folder.path(), &place).expect("prepared");
        let text = fs::read_to_string(folder.path().join("vector.yaml")).expect("written");
        for gone in [
            "0.0.0.0",
            "/var/lib",
            "[logs]",
            "database: default",
            "clickhouse_password",
        ] {
            assert!(!text.contains(gone), "{gone} in {text}");
        }
        let secrets = fs::read_to_string(folder.path().join("secrets.json")).expect("written");
        for name in text.split("SECRET[tracel.").skip(1) {
            let name = name.split(']').next().unwrap_or_default();
            assert!(secrets.contains(&format!("\"{name}\"")), "{name} in {secrets}");
        }
    }
}
