//! `build()`, the whole of a build script: the only place of this crate that touches the disk or the environment.
//! What is read and what is made of it, `compile` knows; where the schema is, `build/find.rs`.

use crate::{
    codes,
    compile::{Compiled, compile},
    compiled,
    diagnostic::Diagnostic,
    model::Owner,
};
use std::{
    env,
    ffi::OsString,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::exit,
};

mod find;

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
    let cargo = &mut io::stdout();
    if let Err(message) = run(cargo) {
        let _ = writeln!(io::stderr(), "{message}");
        let _ = cargo.flush();
        exit(1);
    }
}

fn run(cargo: &mut dyn Write) -> Result<(), String> {
    let variable = |name: &str| {
        env::var_os(name).ok_or_else(|| {
            format!("tracel_schema::build() found no {name}: call it from a build script (build.rs), which Cargo runs")
        })
    };
    let manifest_dir = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out_dir = PathBuf::from(variable("OUT_DIR")?);
    let owner = Owner {
        package: text(variable("CARGO_PKG_NAME")?),
        manifest_dir: text(manifest_dir.clone().into_os_string()),
    };
    let mut tell = |line: String| {
        writeln!(cargo, "cargo::{line}").map_err(|error| format!("cannot tell Cargo what to watch: {error}"))
    };
    tell("rerun-if-env-changed=TRACEL_SCHEMA".into())?;
    let found = find::schema(&manifest_dir, &out_dir, env::var_os("TRACEL_SCHEMA"));
    for path in &found.watched {
        tell(format!("rerun-if-changed={}", path.display()))?;
    }
    let compiled = match found.schema {
        Err(diagnostics) => return Err(report(&diagnostics)),
        Ok(None) => default(owner)?,
        Ok(Some(file)) => {
            let text = read(&file.path, &file.shown).map_err(|diagnostic| report(&[diagnostic]))?;
            compile(&text, &file.shown, owner).map_err(|diagnostics| report(&diagnostics))?
        }
    };
    write(&out_dir.join("tracel.rs"), &compiled.code)?;
    write(&out_dir.join("tracel.schema"), &compiled.compiled)
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

fn read(path: &Path, shown: &Path) -> Result<String, Diagnostic> {
    let bytes = fs::read(path)
        .map_err(|error| unreadable(shown, 1, 1, format!("{} cannot be read: {error}", path.display())))?;
    String::from_utf8(bytes).map_err(|error| {
        let (valid, _) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let valid = String::from_utf8_lossy(valid);
        let line = valid.matches('\n').count() + 1;
        let column = valid.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        unreadable(shown, line, column, "this byte is not UTF-8".to_owned())
    })
}

fn unreadable(shown: &Path, line: usize, column: usize, what: String) -> Diagnostic {
    Diagnostic {
        code: &codes::UNREADABLE,
        file: shown.to_path_buf(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
        what,
        way_out: "give a schema.toml that can be read, in UTF-8".to_owned(),
    }
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
