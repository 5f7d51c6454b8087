//! Where a replay's records come from: a ClickHouse server, files of NDJSON, or the journals of dead processes.

use super::record::Record;
use crate::clickhouse::{ClickHouse, Error, UNKNOWN_DATABASE, UNKNOWN_TABLE};
use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};
#[cfg(target_os = "linux")]
use tracel::recover;
use uuid::Uuid;

/// A store of records.
pub enum Source {
    /// A table of a server.
    ClickHouse(ClickHouse),
    /// On this machine.
    Files(Files),
}

/// What lies on this machine.
#[derive(Default)]
pub struct Files {
    /// Files of NDJSON, in the order in which they are read.
    pub(crate) ndjson: Vec<PathBuf>,
    /// Folders in which the journals of dead processes may be.
    journals: Vec<PathBuf>,
}

impl Source {
    /// The store that `from` names: an address with `://`, a file, or a folder, whose files of NDJSON are taken with those of
    /// the folders in it, and, when it is what `TRACEL_DIR` names or in it, the journals of dead processes.
    ///
    /// # Errors
    /// When it is no address, or there is no such file, or neither a file of NDJSON nor a journal in the folder.
    pub fn new(from: &str) -> Result<Source, String> {
        let path = match from.strip_prefix("file://") {
            Some(path) => Path::new(path),
            None if ClickHouse::is_address(from) => {
                return ClickHouse::new(from)
                    .map(Source::ClickHouse)
                    .map_err(|error| format!("--from {from}: {error}"));
            }
            None => Path::new(from),
        };
        let fault = |error: io::Error| format!("--from {from}: {error}");
        if path.metadata().map_err(fault)?.is_dir() {
            let mut files = Files::default();
            collect(path, &mut files.ndjson).map_err(fault)?;
            files.ndjson.sort();
            files.journals.push(path.to_path_buf());
            if files.ndjson.is_empty() && !has_journals(path)? {
                return Err(format!(
                    "--from {from}: the folder holds no file of NDJSON (*.ndjson, *.jsonl, also rotated and .gz), and no \
                     journal of a process that has ended"
                ));
            }
            return Ok(Source::Files(files));
        }
        Ok(Source::Files(Files {
            ndjson: vec![path.to_path_buf()],
            ..Files::default()
        }))
    }

    /// One store of several, which are files.
    ///
    /// # Errors
    /// As [`new`](Source::new), and when a server is one of several.
    pub fn of_all(from: &[String]) -> Result<Source, String> {
        let mut all = Files::default();
        for one in from {
            match Source::new(one)? {
                Source::Files(files) => {
                    all.ndjson.extend(files.ndjson);
                    all.journals.extend(files.journals);
                }
                server if from.len() == 1 => return Ok(server),
                Source::ClickHouse(_) => {
                    return Err(format!(
                        "--from {one}: a server is read alone; several can be files and folders"
                    ));
                }
            }
        }
        Ok(Source::Files(all))
    }

    /// The folders in which dead processes have left journals.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn journals(&self) -> Result<Vec<&Path>, String> {
        let Source::Files(files) = self else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for folder in &files.journals {
            if has_journals(folder)? {
                found.push(folder.as_path());
            }
        }
        Ok(found)
    }

    /// All records of a request. `damaged` is told each line of a file that is no record, as `file:line: why`; such a
    /// line is skipped.
    ///
    /// # Errors
    /// When the server or a file cannot be read.
    pub fn records(&self, event_id: Uuid, damaged: &mut dyn FnMut(&str)) -> Result<Vec<Record>, String> {
        let mut found = Vec::new();
        match self {
            Source::ClickHouse(server) => {
                let rows = select(server, event_id).map_err(|error| explain(server, &error))?;
                read(rows, server.server(), damaged, &mut |record| found.push(record))?;
            }
            Source::Files(files) => {
                let mut keep = |record: Record| {
                    if record.event_id == event_id {
                        found.push(record);
                    }
                };
                for path in &files.ndjson {
                    read_file(path, damaged, &mut keep)?;
                }
                for folder in &files.journals {
                    read_journals(folder, damaged, &mut keep)?;
                }
            }
        }
        Ok(found)
    }
}

impl Source {
    /// The requests whose event_id ends with these digits. Of a server that reads the whole column.
    ///
    /// # Errors
    /// As [`records`](Source::records).
    pub fn ending(&self, end: &str) -> Result<BTreeSet<Uuid>, String> {
        let mut found = BTreeSet::new();
        match self {
            Source::ClickHouse(server) => {
                let rows = server
                    .read(ENDING, &[("param_end", end), ("param_table", server.table())])
                    .map_err(|error| explain(server, &error))?;
                for id in BufReader::new(rows).lines() {
                    let id = id.map_err(|error| format!("{}: {error}", server.server()))?;
                    found.extend(Uuid::parse_str(&id));
                }
            }
            Source::Files(files) => {
                let mut keep = |record: Record| {
                    if record.event_id.simple().to_string().ends_with(end) {
                        found.insert(record.event_id);
                    }
                };
                for path in &files.ndjson {
                    read_file(path, &mut |_| {}, &mut keep)?;
                }
                for folder in &files.journals {
                    read_journals(folder, &mut |_| {}, &mut keep)?;
                }
            }
        }
        Ok(found)
    }
}

const ENDING: &str = "SELECT DISTINCT event_id FROM {table:Identifier} \
    WHERE endsWith(replaceAll(toString(event_id), '-', ''), {end:String}) FORMAT TSV";

/// Files of NDJSON below `folder`, also the rotated ones: `app.ndjson`, `app.2026-11-22.ndjson`, `app.ndjson.1`,
/// `app.ndjson.1.gz`. Links are not followed into folders, which could be circles.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in folder.read_dir()? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        let is_log = name
            .split('.')
            .skip(1)
            .any(|part| matches!(part, "ndjson" | "jsonl"));
        if kind.is_dir() {
            collect(&path, files)?;
        } else if is_log && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn select(server: &ClickHouse, event_id: Uuid) -> Result<impl Read + use<>, Error> {
    let id = event_id.to_string();
    let fields = [
        ("param_id", id.as_str()),
        ("param_table", server.table()),
        ("date_time_output_format", "iso"),
        ("output_format_json_quote_64bit_integers", "0"),
        // The projection over event_id, on a small table too.
        ("min_table_rows_to_use_projection_index", "0"),
        // The indexes before parts are opened, as the role tracel_reader has it (docs/storage.md).
        ("use_skip_indexes_on_data_read", "0"),
    ];
    server.read(
        "SELECT * FROM {table:Identifier} WHERE event_id = {id:UUID} LIMIT 1 BY uuid FORMAT JSONEachRow",
        &fields,
    )
}

/// What a failed statement over the table of the records means to people.
pub(crate) fn explain(server: &ClickHouse, error: &Error) -> String {
    match error {
        Error::Exception(UNKNOWN_TABLE | UNKNOWN_DATABASE, _) => format!(
            "ClickHouse at {} has no table {}.{}: name another one (clickhouse://HOST/DATABASE/TABLE), or make it with \
             `tracel migrate --to`",
            server.server(),
            server.database(),
            server.table()
        ),
        error => error.to_string(),
    }
}

#[cfg(target_os = "linux")]
fn has_journals(folder: &Path) -> Result<bool, String> {
    let (left, wrong) = recover::find(folder).map_err(|error| error.to_string())?;
    Ok(!left.is_empty() || !wrong.is_empty())
}

#[cfg(not(target_os = "linux"))]
fn has_journals(_: &Path) -> Result<bool, String> {
    Ok(false)
}

/// Calls `found` with all records that dead processes have left, and `damaged` with what is none.
#[cfg(target_os = "linux")]
fn read_journals(
    folder: &Path,
    damaged: &mut dyn FnMut(&str),
    found: &mut dyn FnMut(Record),
) -> Result<(), String> {
    let (left, wrong) = recover::find(folder).map_err(|error| error.to_string())?;
    wrong.iter().for_each(|error| damaged(&error.to_string()));
    for left in left {
        let name = left.path().display().to_string();
        left.lines(|line| match Record::read(line) {
            Ok(record) => found(record),
            Err(why) => damaged(&format!("{name}: {why}")),
        })
        .map_err(|error| error.to_string())?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn read_journals(_: &Path, _: &mut dyn FnMut(&str), _: &mut dyn FnMut(Record)) -> Result<(), String> {
    Ok(())
}

/// Calls `found` with all records of a file, and `damaged` with each line that is none, as `file:line: why`.
pub(crate) fn read_file(
    path: &Path,
    damaged: &mut dyn FnMut(&str),
    found: &mut dyn FnMut(Record),
) -> Result<(), String> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| format!("{name}: {error}"))?;
    if path.extension().is_some_and(|extension| extension == "gz") {
        read(flate2::read::MultiGzDecoder::new(file), &name, damaged, found)
    } else {
        read(file, &name, damaged, found)
    }
}

fn read(
    from: impl Read,
    name: &str,
    damaged: &mut dyn FnMut(&str),
    found: &mut dyn FnMut(Record),
) -> Result<(), String> {
    let mut from = BufReader::with_capacity(1 << 18, from);
    let mut line = Vec::new();
    for number in 1u64.. {
        line.clear();
        if from
            .read_until(b'\n', &mut line)
            .map_err(|error| format!("{name}: {error}"))?
            == 0
        {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match Record::read(&line) {
            Ok(record) => found(record),
            Err(why) => damaged(&format!("{name}:{number}: {why}")),
        }
    }
    Ok(())
}
