//! `build()`, the whole of a build script: the only place of this crate that touches the disk or the environment, with
//! `publish()`. What is made of what is read, `compile` knows; where the schema is, `build/find.rs`; those that it
//! extends, `build/bases.rs`.

use crate::{
    codes,
    compile::{Compiled, compile_with},
    compiled,
    diagnostic::Diagnostic,
    model::Owner,
    sources::Source,
};
use bases::OnDisk;
use find::SchemaFile;
use std::{
    env,
    ffi::OsString,
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::exit,
};

mod bases;
mod dependency;
mod find;
mod publish;

pub use publish::publish;

/// Compiles the package's schema.toml, for `tracel`'s macros and for `tracel::include_schema!()`. It is the whole of a
/// build script.
///
/// # From nothing to the first typed event
///
/// 1. Say what may be logged, in `schema.toml` beside the workspace's Cargo.toml:
///
///    ```toml
///    [schema]
///    name = "acme"
///    version = 1
///
///    [fields]
///    user_id = { type = "u64", doc = "Account that acted." }
///    amount = { type = "u64", unit = "minor units" }
///    currency = { type = "enum", values = ["EUR", "USD"] }
///
///    [category.user]
///    required = ["user_id"]
///
///    [event.payment_captured]
///    category = "user"
///    level = "info"
///    message = "payment captured"
///    required = ["amount", "currency"]
///    ```
///
/// 2. Depend on both crates, in the service's Cargo.toml:
///
///    ```toml
///    [dependencies]
///    tracel = "0.1"
///
///    [build-dependencies]
///    tracel-schema = "0.1"
///    ```
///
/// 3. Call `build` in `build.rs`, beside that Cargo.toml:
///
///    ```no_run
///    fn main() {
///        tracel_schema::build()
///    }
///    ```
///
/// 4. Include what it made, and log:
///
///    ```ignore
///    mod logs {
///        tracel::include_schema!();
///    }
///    use logs::{Currency, PaymentCaptured};
///
///    tracel::log!(PaymentCaptured { user_id: 42, amount: 1999, currency: Currency::Eur });
///    ```
///
/// # Which schema
///
/// The first of these:
///
/// - the file that the environment variable `TRACEL_SCHEMA` names (a relative path begins at the package's folder);
/// - the file that the package's Cargo.toml names, `[package.metadata.tracel] schema = "../schema.toml"`;
/// - the nearest `schema.toml`, from the package's folder up to the workspace's (the nearest folder whose Cargo.toml has
///   a `[workspace]`; without one only the package's own folder counts);
/// - TraceL's own default schema, `tracel::DEFAULT_SCHEMA`: the fields `user_id` and `error`, and any other key.
///
/// It may extend others, `[schema] extends = ["acme-schema", "../shared/money.toml"]`: files, and the schemas of crates,
/// see [`publish`].
///
/// # What it does
///
/// It writes `tracel.rs` (structs, enums, `SCHEMA`) and `tracel.schema` (what the macros read) to `OUT_DIR`, and leaves
/// files alone that would not change. It tells Cargo what it read, so that an edit of the schema builds the packages that
/// use it, and nothing else does. Cargo can watch only files that exist: a schema.toml that is newly put nearer to the
/// package than the one in use is seen with the next change of Cargo.toml or build.rs. While there is none at all, the
/// script runs with every build, so that the first one is seen.
///
/// # Errors
///
/// Everything that is wrong with the schema is printed at once, as `schema.toml:LINE:COLUMN: [CODE] what is wrong; the
/// way out`, and the build stops with status 1; `tracel explain CODE` says more. So it is with a file that cannot be read
/// or written, and outside of a build script.
#[allow(clippy::needless_doctest_main, reason = "it is the whole of a build.rs")]
pub fn build() {
    finish(run(&mut io::stdout()));
}

/// Ends a build script: an error is told, and stops the build.
fn finish(result: Result<(), String>) {
    if let Err(message) = result {
        let _ = writeln!(io::stderr(), "{message}");
        let _ = io::stdout().flush();
        exit(1);
    }
}

fn run(cargo: &mut dyn Write) -> Result<(), String> {
    let package = Package::new()?;
    tell(cargo, "rerun-if-env-changed=TRACEL_SCHEMA")?;
    let found = find::schema(&package.folder, &package.out_dir, env::var_os("TRACEL_SCHEMA"));
    watch(cargo, &found.watched)?;
    let compiled = match found.schema {
        Err(diagnostics) => return Err(report(&diagnostics)),
        Ok(None) => default(package.owner())?,
        Ok(Some(file)) => {
            let mut bases = OnDisk::new(package.name.clone(), &package.folder, env::vars_os());
            let source = root(&mut bases, &file)?;
            let compiled = compile_with(source, package.owner(), &mut bases);
            watch(cargo, &bases.watched)?;
            compiled.map_err(|diagnostics| report(&diagnostics))?
        }
    };
    write(&package.out_dir.join("tracel.rs"), &compiled.code)?;
    write(&package.out_dir.join("tracel.schema"), &compiled.compiled)
}

/// The package that is being built, as Cargo tells its build script.
struct Package {
    name: String,
    folder: PathBuf,
    out_dir: PathBuf,
}

impl Package {
    fn new() -> Result<Package, String> {
        Ok(Package {
            name: text(variable("CARGO_PKG_NAME")?),
            folder: variable("CARGO_MANIFEST_DIR")?.into(),
            out_dir: variable("OUT_DIR")?.into(),
        })
    }

    fn owner(&self) -> Owner {
        Owner {
            package: self.name.clone(),
            manifest_dir: text(self.folder.clone().into_os_string()),
        }
    }
}

fn variable(name: &str) -> Result<OsString, String> {
    env::var_os(name).ok_or_else(|| {
        format!("tracel_schema found no {name}: call it from a build script (build.rs), which Cargo runs")
    })
}

fn tell(cargo: &mut dyn Write, line: &str) -> Result<(), String> {
    writeln!(cargo, "cargo::{line}").map_err(|error| format!("cannot tell Cargo: {error}"))
}

fn watch(cargo: &mut dyn Write, files: &[PathBuf]) -> Result<(), String> {
    files
        .iter()
        .try_for_each(|path| tell(cargo, &format!("rerun-if-changed={}", path.display())))
}

/// The package's own schema.
fn root(bases: &mut OnDisk, file: &SchemaFile) -> Result<Source, String> {
    let source = bases.file(&file.path, file.shown.clone());
    source.map_err(|Unreadable { line, column, what }| {
        report(&[Diagnostic {
            code: &codes::UNREADABLE,
            file: file.shown.clone(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
            what,
            way_out: "give a schema.toml that can be read, in UTF-8".to_owned(),
        }])
    })
}

/// What holds without any schema.toml.
fn default(owner: Owner) -> Result<Compiled, String> {
    let mut schema =
        compiled::read(crate::DEFAULT_COMPILED).map_err(|error| format!("TraceL's own schema: {error}"))?;
    schema.owner = owner;
    Ok(Compiled::from(schema))
}

/// All that is wrong, one a line.
fn report(diagnostics: &[Diagnostic]) -> String {
    let mut out = match diagnostics {
        [_] => "the schema has an error:\n".to_owned(),
        many => format!("the schema has {} errors:\n", many.len()),
    };
    for diagnostic in diagnostics {
        out.push_str(&format!("\n  {diagnostic}\n"));
    }
    if let [first, ..] = diagnostics {
        out.push_str(&format!(
            "\n`tracel explain {}` tells more of such an error.",
            first.code.id
        ));
    }
    out
}

/// Why a file cannot be read, and where; without a place it is the whole of it.
struct Unreadable {
    line: usize,
    column: usize,
    what: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (1, 1) => f.write_str(&self.what),
            (line, column) => write!(f, "{} (line {line}, column {column})", self.what),
        }
    }
}

/// A file's text.
fn read_text(path: &Path) -> Result<String, Unreadable> {
    let bytes = fs::read(path).map_err(|error| Unreadable {
        line: 1,
        column: 1,
        what: format!("{} cannot be read: {error}", path.display()),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let (valid, _) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let valid = String::from_utf8_lossy(valid);
        Unreadable {
            line: valid.matches('\n').count() + 1,
            column: valid.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
            what: "this byte is not UTF-8".to_owned(),
        }
    })
}

/// Writes a file unless it says the same already: Cargo and rustc go by the time of its last change.
fn write(path: &Path, text: &str) -> Result<(), String> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn text(value: OsString) -> String {
    value.to_string_lossy().into_owned()
}
