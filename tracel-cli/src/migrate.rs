//! The numbered migrations of `deploy/clickhouse`, applied over HTTP. They come with the command, so that a binary always
//! holds the tables that its version needs.

use crate::clickhouse::{ClickHouse, Error};
use std::fmt;
use tracel_schema::{generate::clickhouse::clickhouse, model::Schema};

/// One migration: statements that end with a semicolon at the end of a line.
struct Migration {
    number: u32,
    name: &'static str,
    sql: &'static str,
}

macro_rules! migration {
    ($number:literal, $name:literal) => {
        Migration {
            number: $number,
            name: $name,
            sql: include_str!(concat!("../files/clickhouse/", $name, ".sql")),
        }
    };
}

/// All of them, in order. A released one is never edited: a further one is added.
const MIGRATIONS: [Migration; 3] = [
    migration!(1, "0001_logs"),
    migration!(2, "0002_quarantine"),
    migration!(3, "0003_otel_logs"),
];

/// Who may write and read, for [`roles`].
const ROLES: &str = include_str!("../files/clickhouse/roles.sql");

/// What [`migrate`] did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The names of the migrations that were applied now.
    pub applied: Vec<&'static str>,
    /// How many had been applied before.
    pub before: usize,
}

/// Why a migration failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// The server has migrations that this version does not know.
    Ahead(String),
    /// An applied migration is not the one of this version.
    Changed(&'static str),
    /// A statement of the named migration failed, or of the bookkeeping.
    Statement(&'static str, Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Ahead(names) => write!(
                f,
                "the database has migrations that this version does not know ({names}), and none is undone: use a newer tracel"
            ),
            Failure::Changed(name) => write!(
                f,
                "migration {name} was applied with another text than this version's: migrate a database that \
                 this tracel made, or use the tracel that made this one"
            ),
            Failure::Statement(name, error) => write!(f, "{name}: {error}"),
        }
    }
}

impl std::error::Error for Failure {}

/// Applies the migrations that `server`'s database lacks, and records each in its table `tracel_migrations`. Makes the
/// database when it is missing. Safe to repeat, also after a failure: each statement can be run again.
///
/// # Errors
/// See [`Failure`].
pub fn migrate(server: &ClickHouse) -> Result<Report, Failure> {
    let book = |error| Failure::Statement("tracel_migrations", error);
    server.ensure_database().map_err(book)?;
    server
        .query(
            "CREATE TABLE IF NOT EXISTS tracel_migrations \
             (number UInt32, name String, hash UInt64, applied DateTime64(3, 'UTC') DEFAULT now64(3)) \
             ENGINE = MergeTree ORDER BY number",
            &[],
        )
        .map_err(book)?;
    let rows = server
        .query("SELECT number, any(name), groupUniqArray(hash) FROM tracel_migrations GROUP BY number ORDER BY number", &[])
        .map_err(book)?;
    let rows: Vec<(u32, &str, &str)> = rows.lines().filter_map(row).collect();
    let unknown: Vec<&str> = rows
        .iter()
        .filter(|(number, ..)| !MIGRATIONS.iter().any(|migration| migration.number == *number))
        .map(|(_, name, _)| *name)
        .collect();
    if !unknown.is_empty() {
        return Err(Failure::Ahead(unknown.join(", ")));
    }
    let mut report = Report::default();
    for migration in &MIGRATIONS {
        let hash = fnv1a(migration.sql.as_bytes());
        if let Some((_, _, hashes)) = rows.iter().find(|(number, ..)| *number == migration.number) {
            if *hashes != format!("[{hash}]") {
                return Err(Failure::Changed(migration.name));
            }
            report.before += 1;
            continue;
        }
        run(server, migration.name, migration.sql)?;
        let record = format!(
            "INSERT INTO tracel_migrations (number, name, hash) VALUES ({}, '{}', {hash})",
            migration.number, migration.name
        );
        server.query(&record, &[("async_insert", "0")]).map_err(book)?;
        report.applied.push(migration.name);
    }
    Ok(report)
}

/// Fits the tables that [`migrate`] made to a schema: the types of its fields, and how long records are kept. What is
/// stored stays; a field that becomes typed is rewritten in all parts, which takes its time in a large table.
///
/// # Errors
/// When a statement fails, as [`Failure::Statement`].
pub fn fit(server: &ClickHouse, schema: &Schema) -> Result<(), Failure> {
    let before = metadata(server)?;
    for (name, sql) in clickhouse(schema) {
        run(server, name, &sql)?;
    }
    if metadata(server)? != before {
        indexes(server)?;
    }
    Ok(())
}

/// The type of `metadata` as it stands.
fn metadata(server: &ClickHouse) -> Result<String, Failure> {
    let sql = "SELECT type FROM system.columns WHERE database = currentDatabase() AND table = 'logs' AND name = 'metadata'";
    ask(server, "schema.sql", sql, &[])
}

/// Makes the indexes over `event_id` anew. ClickHouse 26.7 keeps their files in parts in which it rewrites `metadata`, and
/// does not ask them any more until the part is merged: a lookup would read those whole. To materialise them is not enough.
fn indexes(server: &ClickHouse) -> Result<(), Failure> {
    for sql in [
        "ALTER TABLE logs CLEAR INDEX begun_max, CLEAR INDEX begun_min, CLEAR INDEX bloom",
        "ALTER TABLE logs MATERIALIZE INDEX begun_max, MATERIALIZE INDEX begun_min, MATERIALIZE INDEX bloom",
    ] {
        ask(server, "schema.sql", sql, &[("mutations_sync", "1")])?;
    }
    Ok(())
}

/// Makes the roles `tracel_writer` and `tracel_reader`.
///
/// # Errors
/// When a statement fails, as [`Failure::Statement`]; a server needs `access_management` for the user, and the embedded
/// engine knows no roles.
pub fn roles(server: &ClickHouse) -> Result<(), Failure> {
    run(server, "roles", ROLES)
}

fn run(server: &ClickHouse, name: &'static str, sql: &str) -> Result<(), Failure> {
    for statement in statements(sql) {
        ask(server, name, &statement, &[])?;
    }
    Ok(())
}

/// Has the server do one statement of the file `name`.
fn ask(
    server: &ClickHouse,
    name: &'static str,
    sql: &str,
    settings: &[(&str, &str)],
) -> Result<String, Failure> {
    let answer = server.query(sql, settings);
    answer.map_err(|error| Failure::Statement(name, error))
}

/// FNV-1a of 64 bits, <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn row(line: &str) -> Option<(u32, &str, &str)> {
    let mut columns = line.split('\t');
    Some((columns.next()?.parse().ok()?, columns.next()?, columns.next()?))
}

/// The statements of a migration: each ends with a semicolon at the end of a line.
fn statements(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut statement = String::new();
    for line in sql.lines() {
        let (line, is_end) = match line.trim_end().strip_suffix(';') {
            Some(line) if !line.trim_start().starts_with("--") => (line, true),
            _ => (line, false),
        };
        statement.push_str(line);
        statement.push('\n');
        if is_end {
            found.push(std::mem::take(&mut statement));
        }
    }
    found
}

impl ClickHouse {
    /// Makes the database when it is missing.
    fn ensure_database(&self) -> Result<(), Error> {
        if self.database() == "default" {
            return Ok(());
        }
        let default = self.with_database("default");
        default.query(
            "CREATE DATABASE IF NOT EXISTS {name:Identifier}",
            &[("param_name", self.database())],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{MIGRATIONS, ROLES, statements};

    #[test]
    fn migrations_are_numbered_from_one_and_end_their_statements() {
        for (migration, number) in MIGRATIONS.iter().zip(1..) {
            assert_eq!(migration.number, number);
            assert!(migration.name.starts_with(&format!("{number:04}_")));
            assert!(migration.sql.trim_end().ends_with(';'), "{}", migration.name);
            assert!(!statements(migration.sql).is_empty());
        }
        assert_eq!(statements(ROLES).len(), 10);
        assert_eq!(
            statements("-- a;\nA\n;\nB ';' C;\n-- rest\n"),
            ["-- a;\nA\n\n", "B ';' C\n"]
        );
    }
}
