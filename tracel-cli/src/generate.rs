//! From schemas to the files of `deploy/`: what they are, and which of those on the disk are stale.

use crate::schema;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tracel_schema::{
    Compiled, Diagnostic,
    generate::{clickhouse::clickhouse, vector},
    model::Schema,
};

/// The schemas of one deployment.
#[derive(Clone, Debug)]
pub struct Schemas {
    /// All of them, merged.
    pub together: Schema,
    /// Each as it is, in the order of the command.
    pub each: Vec<Schema>,
}

/// A file to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path below the folder `deploy`.
    pub path: PathBuf,
    /// All of it.
    pub text: String,
}

/// Reads schemas.
///
/// # Errors
/// All that is wrong with them, or with them together, one entry a fault.
pub fn read(paths: &[PathBuf]) -> Result<Schemas, Vec<String>> {
    let told = |result: Result<Result<Compiled, Vec<Diagnostic>>, String>| match result {
        Ok(Ok(compiled)) => Ok(compiled.schema),
        Ok(Err(found)) => Err(found.iter().map(ToString::to_string).collect()),
        Err(error) => Err(vec![error]),
    };
    let mut schemas = Vec::new();
    let mut faults = Vec::new();
    for path in paths {
        match told(schema::compile(path)) {
            Ok(schema) => schemas.push(schema),
            Err(found) => faults.extend(found),
        }
    }
    for (index, schema) in schemas.iter().enumerate() {
        let twin = schemas[..index]
            .iter()
            .any(|other| (&other.name, other.version) == (&schema.name, schema.version));
        if twin {
            faults.push(format!(
                "{}: another of these schemas is {}@{} too; give one of them another name or version",
                paths[index].display(),
                schema.name,
                schema.version
            ));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Schemas {
        together: told(schema::compile_together(paths))?,
        each: schemas,
    })
}

/// The files, sorted by path. The same schemas give the same bytes.
pub fn files(schemas: &Schemas) -> Vec<File> {
    let of = vector::Schemas {
        together: &schemas.together,
        each: &schemas.each,
    };
    let clickhouse = clickhouse(&named(schemas))
        .into_iter()
        .map(|(name, text)| (Path::new("clickhouse").join(name), text));
    let vector = vector::files(of)
        .into_iter()
        .map(|(name, text)| (Path::new("vector").join(name), text));
    clickhouse
        .chain(vector)
        .map(|(path, text)| File { path, text })
        .collect()
}

/// All schemas merged, under all of their names: `shop@1, tracel` of version 1.
fn named(schemas: &Schemas) -> Schema {
    let mut together = schemas.together.clone();
    if let Some((last, others)) = schemas.each.split_last() {
        let others = others
            .iter()
            .map(|schema| format!("{}@{}, ", schema.name, schema.version));
        together.name = others.collect::<String>() + &last.name;
        together.version = last.version;
    }
    together
}

/// Where the file on the disk differs, as the head of a unified diff; `None` when it does not.
///
/// # Errors
/// When it is there and cannot be read.
pub fn difference(folder: &Path, file: &File) -> Result<Option<String>, String> {
    let path = folder.join(&file.path);
    let old = match fs::read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Some(format!("{}: it is not there", path.display())));
        }
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    Ok((old != file.text).then(|| head(&path, &old, &file.text)))
}

/// Writes the file, and its folder when there is none.
///
/// # Errors
/// When it cannot be written.
pub fn write(folder: &Path, file: &File) -> Result<(), String> {
    let path = folder.join(&file.path);
    let parent = path.parent().unwrap_or(folder);
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(&path, &file.text))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// The lines around the first difference that are told.
const SHOWN: usize = 6;
const AROUND: usize = 3;

fn head(path: &Path, old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let from = same.saturating_sub(AROUND);
    let tail = old[same..]
        .iter()
        .rev()
        .zip(new[same..].iter().rev())
        .take_while(|(old, new)| old == new)
        .count();
    let part = |lines: &[&str]| (lines.len() - tail).min(same + SHOWN);
    let (old_to, new_to) = (part(&old), part(&new));
    let mut out = format!(
        "--- {path}\n+++ {path}, generated\n@@ -{},{} +{},{} @@\n",
        from + 1,
        old_to - from,
        from + 1,
        new_to - from,
        path = path.display(),
    );
    let lines = old[from..same]
        .iter()
        .map(|line| (' ', line))
        .chain(old[same..old_to].iter().map(|line| ('-', line)))
        .chain(new[same..new_to].iter().map(|line| ('+', line)));
    for (sign, line) in lines {
        out.push(sign);
        out.push_str(line);
        out.push('\n');
    }
    out.pop();
    out
}

#[cfg(test)]
mod tests {
    use super::head;

    #[test]
    fn the_head_of_a_difference_is_around_its_first_line() {
        let diff = head("a".as_ref(), "1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\nx\ny\n6\n");
        assert_eq!(
            diff,
            "--- a\n+++ a, generated\n@@ -2,4 +2,5 @@\n 2\n 3\n 4\n-5\n+x\n+y"
        );
        let more = head("a".as_ref(), "1\n", "1\n1\n1\n");
        assert_eq!(more, "--- a\n+++ a, generated\n@@ -1,1 +1,3 @@\n 1\n+1\n+1");
        assert_eq!(
            head("a".as_ref(), "1\n", "1"),
            "--- a\n+++ a, generated\n@@ -1,1 +1,1 @@\n 1"
        );
    }
}
