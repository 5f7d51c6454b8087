//! A schema.toml with all that it extends, compiled outside of any build: files by their paths, and the schemas of crates
//! wherever Cargo keeps them (`schema/crates.rs`). What is said of a wrong one is what the build says.

mod crates;

use std::{
    env, fs,
    path::{Path, PathBuf},
};
use tracel_schema::{
    Bases, Compiled, Diagnostic, Source, Unresolved, compile_with, is_path, model::Owner, normal,
};

/// Compiles the schema in the file `path`.
///
/// # Errors
/// The outer one says that the file cannot be read, the inner one all that is wrong with what it says, or with what it
/// extends, or that this cannot be found from here.
pub fn compile(path: &Path) -> Result<Result<Compiled, Vec<Diagnostic>>, String> {
    let mut files = Files::default();
    let source = files
        .read(path, path.to_path_buf())
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(compile_with(source, Owner::default(), &mut files))
}

/// Compiles several schemas as one, as if one schema without a word of its own extended them all.
///
/// # Errors
/// As those of [`compile`]; the files' folder is the current one.
pub fn compile_together(paths: &[PathBuf]) -> Result<Result<Compiled, Vec<Diagnostic>>, String> {
    let folder = env::current_dir().map_err(|error| format!("the current folder: {error}"))?;
    let names: Vec<String> = paths
        .iter()
        .map(|path| format!("{:?}", Path::new(".").join(path).to_string_lossy()))
        .collect();
    let source = Source {
        id: folder.join("together").to_string_lossy().into_owned(),
        shown: PathBuf::from("together"),
        text: format!(
            "[schema]\nname = \"together\"\nversion = 1\nextends = [{}]\n",
            names.join(", ")
        ),
    };
    let mut files = Files {
        start: Some(folder.join("together")),
        ..Files::default()
    };
    Ok(compile_with(source, Owner::default(), &mut files))
}

/// What was read so far.
#[derive(Default)]
struct Files {
    /// The folders of the crates whose schemas were read, with their names.
    crates: Vec<(PathBuf, String)>,
    /// Where the first file is: its Cargo.lock says which crates are meant.
    start: Option<PathBuf>,
}

impl Files {
    fn read(&mut self, path: &Path, shown: PathBuf) -> Result<Source, String> {
        let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
        let real = path.canonicalize().map_err(|error| error.to_string())?;
        self.start.get_or_insert_with(|| real.clone());
        // A file of a crate is called after it.
        let mut crates = self.crates.iter();
        let inside =
            crates.find_map(|(folder, name)| Some(Path::new(name).join(real.strip_prefix(folder).ok()?)));
        Ok(Source {
            id: real.to_string_lossy().into_owned(),
            shown: inside.unwrap_or(shown),
            text,
        })
    }

    fn by_path(&mut self, name: &str, from: &Source) -> Result<Source, Unresolved> {
        let beside = |path: &Path| normal(&path.parent().unwrap_or(Path::new("")).join(name));
        let path = beside(Path::new(&from.id));
        self.read(&path, beside(&from.shown)).map_err(|error| Unresolved {
            what: format!("{} cannot be read: {error}", path.display()),
            way_out: match path.is_dir() {
                true => format!(
                    "name the file in it: \"{}/schema.toml\"",
                    name.trim_end_matches('/')
                ),
                false => "mend the path, which begins at the folder of this file".to_owned(),
            },
        })
    }

    fn by_crate(&mut self, name: &str, from: &Source) -> Result<Source, Unresolved> {
        let here = Path::new(&from.id).to_path_buf();
        let start = self.start.clone().unwrap_or_else(|| here.clone());
        let folder = crates::find(name, &here, &start)?;
        let schema = folder.join(crates::schema(&folder));
        if !self.crates.iter().any(|(known, _)| *known == folder) {
            self.crates.push((folder, name.to_owned()));
        }
        self.read(&schema, schema.clone()).map_err(|error| Unresolved {
            what: format!(
                "the schema of `{name}`, {}, cannot be read: {error}",
                schema.display()
            ),
            way_out: "let that crate publish one: `tracel_schema::publish()` in its build.rs".to_owned(),
        })
    }
}

impl Bases for Files {
    fn find(&mut self, name: &str, from: &Source) -> Result<Source, Unresolved> {
        match is_path(name) {
            true => self.by_path(name, from),
            false => self.by_crate(name, from),
        }
    }
}
