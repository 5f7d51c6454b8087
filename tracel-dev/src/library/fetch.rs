//! Fetching the library with `npm pack`: into a temporary folder, checked, unpacked, moved into the cache in one step.

use super::{
    Package,
    progress::{Progress, say},
};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// The library's name, in the package and in the cache.
pub(super) const LIBRARY: &str = "libchdb.so";
const CANCELLED: &str = "it was interrupted";
/// What temporary folders in the cache begin with.
const TEMPORARY: &str = ".fetch-";

/// Whether `path` is the package's library, whole.
pub(super) fn is_whole(path: &Path, package: &Package) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() == package.library_length)
}

/// Fetches `package` into `cache/name`, and gives the library's path. What failed is told with the way it was tried.
pub(super) fn fetch(
    package: &Package,
    cache: &Path,
    name: &str,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<PathBuf, String> {
    let in_cache = |error: io::Error| format!("npm: cannot use the cache {}: {error}", cache.display());
    fs::create_dir_all(cache).map_err(in_cache)?;
    let _lock = lock(&cache.join(format!("{name}.lock"))).map_err(in_cache)?;
    let target = cache.join(name);
    let library = target.join(LIBRARY);
    if is_whole(&library, package) {
        return Ok(library); // another process was faster
    }
    remove_leftovers(cache);
    let folder = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempdir_in(cache)
        .map_err(in_cache)?;
    let tarball = download(package, folder.path(), is_cancelled)?;
    check(package, &tarball)?;
    let ready = folder.path().join(name);
    unpack(package, &tarball, &ready, is_cancelled)
        .map_err(|error| format!("npm pack {}: cannot unpack it: {error}", package.spec))?;
    if target.exists() {
        fs::remove_dir_all(&target).map_err(in_cache)?;
    }
    fs::rename(&ready, &target).map_err(in_cache)?;
    Ok(library)
}

/// Waits for the lock, which the system gives back when its holder ends in any way.
fn lock(path: &Path) -> io::Result<File> {
    let file = File::create(path)?;
    if file.try_lock().is_err() {
        say("another process fetches libchdb.so: waiting for it");
        file.lock()?;
    }
    Ok(file)
}

/// Removes what a killed process left. The lock is held, so nobody else is at work here.
fn remove_leftovers(cache: &Path) {
    for entry in fs::read_dir(cache).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Kills and reaps its process on every way out.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn download(package: &Package, folder: &Path, is_cancelled: &dyn Fn() -> bool) -> Result<PathBuf, String> {
    let failed = |what: &dyn std::fmt::Display| format!("npm pack {}: {what}", package.spec);
    let log = folder.join("npm.log");
    let file = File::create(&log).map_err(|error| failed(&error))?;
    // A cache of its own: its growth is the progress, and nothing is left behind.
    let child = Command::new("npm")
        .args([
            "pack",
            package.spec,
            "--ignore-scripts",
            "--no-update-notifier",
            "--loglevel=error",
            "--cache",
        ])
        .arg(folder.join("npm"))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(file)
        .spawn()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => failed(&"npm is not on PATH"),
            _ => failed(&error),
        })?;
    let mut npm = Reaped(child);
    let progress = Progress::new("libchdb.so: fetching", package.tarball_length);
    let status = loop {
        if let Some(status) = npm.0.try_wait().map_err(|error| failed(&error))? {
            break status;
        }
        if is_cancelled() {
            return Err(failed(&CANCELLED));
        }
        progress.set(size_of_folder(folder));
        thread::sleep(Duration::from_millis(200));
    };
    drop(progress);
    if !status.success() {
        let log = fs::read_to_string(&log).unwrap_or_default();
        let lines: Vec<_> = log
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("npm error"))
            .take(4)
            .collect();
        return Err(failed(&format!("{status}: {}", lines.join(" / "))));
    }
    fs::read_dir(folder)
        .map_err(|error| failed(&error))?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .ok_or_else(|| failed(&"it gave no tarball"))
}

/// Bytes in all files below `folder`; what vanishes meanwhile counts nothing.
fn size_of_folder(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => size_of_folder(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Compares the tarball's SHA-256 with the one in the source.
fn check(package: &Package, tarball: &Path) -> Result<(), String> {
    let failed = |error: io::Error| format!("npm pack {}: cannot read the tarball: {error}", package.spec);
    let mut file = File::open(tarball).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => break,
            length => hash.update(&buffer[..length]),
        }
    }
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found == package.tarball_sha256 {
        return Ok(());
    }
    Err(format!(
        "npm pack {}: the tarball's SHA-256 is {found}, and not {}: it is not what this version was tested with, and was thrown away",
        package.spec, package.tarball_sha256
    ))
}

/// Takes the library out of the tarball into `folder`, on disk for good.
fn unpack(
    package: &Package,
    tarball: &Path,
    folder: &Path,
    is_cancelled: &dyn Fn() -> bool,
) -> io::Result<()> {
    fs::create_dir(folder)?;
    let progress = Progress::new("libchdb.so: unpacking", package.library_length);
    let tarball = BufReader::with_capacity(1 << 18, File::open(tarball)?);
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(tarball));
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry.path()?.file_name().is_none_or(|name| name != LIBRARY) {
            continue;
        }
        let mut out = File::create(folder.join(LIBRARY))?;
        let mut buffer = vec![0; 1 << 20];
        let mut done = 0;
        loop {
            if is_cancelled() {
                return Err(io::Error::other(CANCELLED));
            }
            match entry.read(&mut buffer)? {
                0 => break,
                length => io::Write::write_all(&mut out, &buffer[..length])?,
            }
            done = out.metadata().map_or(done, |meta| meta.len());
            progress.set(done);
        }
        out.sync_all()?;
        if done != package.library_length {
            return Err(io::Error::other(format!(
                "{LIBRARY} has {done} bytes, and not {}",
                package.library_length
            )));
        }
        return Ok(());
    }
    Err(io::Error::other(format!("it holds no {LIBRARY}")))
}
