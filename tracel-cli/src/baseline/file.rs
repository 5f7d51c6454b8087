//! tracel-baseline.toml: reading it, and writing it in one way alone, so that a difference of two is one of counts.

use super::Call;
use std::{collections::BTreeMap, fs, io, path::Path};
use toml::{Table, Value};

const HEAD: &str = "\
# The banned calls that stand in this project, by package, lint and file. `tracel check --baseline` fails when a count grows;
# when one has sunk, `tracel init --baseline` records it.

# What `cargo clippy` is given to see all code: [\"--all-features\"].
";

/// How often each banned path is called in the files of each package.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Arguments for Cargo when calls are counted, as `--all-features`.
    pub cargo: Vec<String>,
    /// By package, lint, path and file.
    calls: BTreeMap<String, BTreeMap<String, Paths>>,
}

/// By path and file.
type Paths = BTreeMap<String, BTreeMap<String, usize>>;

static NONE: BTreeMap<String, usize> = BTreeMap::new();

impl Baseline {
    pub(super) fn of(calls: &[Call], cargo: Vec<String>) -> Baseline {
        let mut baseline = Baseline {
            cargo,
            ..Baseline::default()
        };
        for call in calls {
            let lints = baseline.calls.entry(call.package.clone()).or_default();
            let paths = lints.entry(call.lint.to_owned()).or_default();
            let files = paths.entry(call.path.clone()).or_default();
            *files.entry(call.file.clone()).or_default() += 1;
        }
        baseline
    }

    /// What the file says; `None` where there is none.
    pub(super) fn read(path: &Path) -> Result<Option<Baseline>, String> {
        match fs::read_to_string(path) {
            Ok(text) => parse(&text)
                .map(Some)
                .map_err(|error| format!("{}: {error}", path.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let line = Value::from(self.cargo.clone());
        let calls = Table::from_iter([(
            "calls".to_owned(),
            Value::try_from(&self.calls).unwrap_or(Value::from("")),
        )]);
        format!("{HEAD}cargo = {line}\n\n{calls}")
    }

    /// How many calls it holds.
    pub fn count(&self) -> usize {
        let files = self
            .calls
            .values()
            .flat_map(BTreeMap::values)
            .flat_map(BTreeMap::values);
        files.flat_map(BTreeMap::values).sum()
    }

    /// Whether it has calls that a lint finds in a package.
    pub(crate) fn has_lint(&self, package: &str, lint: &str) -> bool {
        self.calls
            .get(package)
            .is_some_and(|lints| lints.contains_key(lint))
    }

    /// Package, lint and path of all that it counts.
    pub(super) fn keys(&self) -> impl Iterator<Item = [&str; 3]> {
        self.calls.iter().flat_map(|(package, lints)| {
            lints
                .iter()
                .flat_map(move |(lint, paths)| paths.keys().map(move |path| [&**package, lint, path]))
        })
    }

    /// The counts by file.
    pub(super) fn files(&self, [package, lint, path]: [&str; 3]) -> &BTreeMap<String, usize> {
        let files = self
            .calls
            .get(package)
            .and_then(|lints| lints.get(lint)?.get(path));
        files.unwrap_or(&NONE)
    }
}

fn parse(text: &str) -> Result<Baseline, String> {
    let mut table: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    let mut take = |key: &str| table.remove(key);
    let (cargo, calls) = (take("cargo"), take("calls"));
    if let Some(key) = table.keys().next() {
        return Err(format!(
            "`{key}` is not known here: the file has `cargo` and `calls`"
        ));
    }
    let said = |key: &str, error: toml::de::Error| format!("`{key}`: {}", error.message());
    Ok(Baseline {
        cargo: cargo.map_or(Ok(Vec::new()), |it| {
            it.try_into().map_err(|error| said("cargo", error))
        })?,
        calls: calls.map_or(Ok(BTreeMap::new()), |it| {
            it.try_into().map_err(|error| said("calls", error))
        })?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Baseline, Call, parse};

    fn call(package: &str, file: &str, path: &str) -> Call {
        Call {
            package: package.into(),
            file: file.into(),
            line: 1,
            column: 1,
            lint: "disallowed_macros",
            path: path.into(),
            reason: String::new(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let calls = [
            call("pay", "pay/src/main.rs", "log::info"),
            call("pay", "pay/src/main.rs", "log::info"),
            call("pay", "pay/src/a b.rs", "log::info"),
            call("books", "books/src/lib.rs", "tracing::warn"),
        ];
        for baseline in [
            Baseline::of(&calls, vec!["--all-features".into()]),
            Baseline::default(),
        ] {
            assert_eq!(parse(&baseline.text()), Ok(baseline));
        }
        let text = Baseline::of(&calls, Vec::new()).text();
        let part =
            "[calls.pay.disallowed_macros.\"log::info\"]\n\"pay/src/a b.rs\" = 1\n\"pay/src/main.rs\" = 2\n";
        assert!(text.contains(part), "{text}");
    }

    #[test]
    fn what_it_cannot_say_is_told() {
        for (text, part) in [
            ("call = 1", "`call` is not known here"),
            ("cargo = 1", "`cargo`: "),
            ("[calls.pay]\ndisallowed_macros = 7", "`calls`: "),
            ("cargo = [", "TOML parse error"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(part), "{error}");
        }
    }
}
