//! Where `libchdb.so` is: named by the user, in the cache, or fetched into it. Loading it is `engine`'s.

mod fetch;
mod progress;

use std::{
    env,
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

/// The environment variable that names a `libchdb.so` of the user's own.
pub const ENV: &str = "TRACEL_LIBCHDB";

/// One build of the library, as its publisher packs it.
pub(crate) struct Package {
    /// `name@version`, as npm takes it.
    pub(crate) spec: &'static str,
    /// The tarball's length in bytes.
    pub(crate) tarball_length: u64,
    /// The tarball's SHA-256.
    pub(crate) tarball_sha256: &'static str,
    /// The library's length in bytes.
    pub(crate) library_length: u64,
}

/// The folder in the cache: it changes with the package.
const CACHE_NAME: &str = "libchdb-26.7.3-stable.1";

/// The package for this machine. There is none for other machines: the registry has no package of this
/// version for Linux on aarch64.
const PACKAGE: Option<Package> = if cfg!(all(
    target_os = "linux",
    target_arch = "x86_64",
    target_env = "gnu"
)) {
    Some(Package {
        spec: "@chdb/lib-linux-x64-gnu@26.7.3-stable.1",
        tarball_length: 177_817_999,
        tarball_sha256: "c0d32b129e988f2b9a9a31c9141aecf5e1e2453f9a079efc4d36ab8e3f92b2ad",
        library_length: 566_330_096,
    })
} else {
    None
};

/// Why there is no library: what was tried, and the way out.
#[derive(Debug)]
pub struct Missing {
    tried: Vec<String>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the embedded ClickHouse (libchdb.so) cannot be had")?;
        for tried in &self.tried {
            write!(f, "\n  tried: {tried}")?;
        }
        write!(
            f,
            "\n  way out: set {ENV} to a libchdb.so of version 26.7, run once where npm reaches its registry, \
             or use a ClickHouse server, or NDJSON files, instead"
        )
    }
}

impl std::error::Error for Missing {}

/// The library's path, without fetching anything: what [`ENV`] names, else what the cache holds.
///
/// # Errors
/// When there is none; the error says where it was looked for.
pub fn find() -> Result<PathBuf, Missing> {
    match lookup(env::var_os(ENV), cache_folder().as_deref()) {
        Lookup::Found(path) => Ok(path),
        Lookup::Refused(tried) | Lookup::Absent(tried) => Err(Missing { tried }),
    }
}

/// The library's path; when it is neither named nor cached, it is fetched with `npm pack` (178 MB), checked against
/// the SHA-256 in this source, and put into the cache. Tells its progress on stderr. Several processes may call
/// it at once: one fetches, the others wait.
///
/// # Errors
/// When it cannot be had; the error says what was tried and the way out.
pub fn find_or_fetch() -> Result<PathBuf, Missing> {
    find_or_fetch_unless(&|| false)
}

/// Like [`find_or_fetch`], but gives up, and cleans up, soon after `is_cancelled` says so.
///
/// # Errors
/// As there, and when it was cancelled.
pub fn find_or_fetch_unless(is_cancelled: &dyn Fn() -> bool) -> Result<PathBuf, Missing> {
    let cache = cache_folder();
    let mut tried = match lookup(env::var_os(ENV), cache.as_deref()) {
        Lookup::Found(path) => return Ok(path),
        // What the user named is not silently replaced.
        Lookup::Refused(tried) => return Err(Missing { tried }),
        Lookup::Absent(tried) => tried,
    };
    let fetched = match (&PACKAGE, &cache) {
        (None, _) => Err(
            "npm: no package of libchdb.so for this machine (there is one for Linux on x86-64 with glibc)"
                .into(),
        ),
        (_, None) => Err("npm: no folder for it, since neither XDG_CACHE_HOME nor HOME is set".into()),
        (Some(package), Some(cache)) => fetch::fetch(package, cache, CACHE_NAME, is_cancelled),
    };
    fetched.map_err(|error| {
        tried.push(error);
        Missing { tried }
    })
}

enum Lookup {
    Found(PathBuf),
    Refused(Vec<String>),
    Absent(Vec<String>),
}

fn lookup(named: Option<OsString>, cache: Option<&Path>) -> Lookup {
    if let Some(path) = named.filter(|path| !path.is_empty()).map(PathBuf::from) {
        if path.is_file() {
            return Lookup::Found(path);
        }
        return Lookup::Refused(vec![format!("{ENV}={}: no such file", path.display())]);
    }
    let mut tried = vec![format!("{ENV}: not set")];
    if let (Some(cache), Some(package)) = (cache, &PACKAGE) {
        let path = cache.join(CACHE_NAME).join(fetch::LIBRARY);
        if fetch::is_whole(&path, package) {
            return Lookup::Found(path);
        }
        tried.push(format!("the cache: no {}", path.display()));
    }
    Lookup::Absent(tried)
}

/// `$XDG_CACHE_HOME/tracel`, else `~/.cache/tracel`; a relative XDG_CACHE_HOME is ignored, as its
/// specification asks.
fn cache_folder() -> Option<PathBuf> {
    let absolute = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("tracel"))
}

#[cfg(test)]
mod tests {
    use super::{ENV, Lookup, Missing, lookup};

    #[test]
    fn what_the_user_names_is_never_replaced() {
        let Lookup::Refused(tried) = lookup(Some("/no/such/libchdb.so".into()), None) else {
            panic!("a named library that is missing must be refused");
        };
        let text = Missing { tried }.to_string();
        assert!(text.contains("/no/such/libchdb.so: no such file"), "{text}");
        assert!(text.contains("way out") && text.contains(ENV), "{text}");
    }

    #[test]
    fn a_torn_library_in_the_cache_is_not_taken() {
        let cache = tempfile::tempdir().expect("a folder");
        let folder = cache.path().join(super::CACHE_NAME);
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::write(folder.join("libchdb.so"), "torn").expect("a file");
        assert!(matches!(lookup(None, Some(cache.path())), Lookup::Absent(_)));
    }
}
