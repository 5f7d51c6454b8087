//! clippy.toml: the shipped bans beside those that stand there. Entries, options and comments of the user stay.

use super::edits::Edits;
use std::path::Path;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value};

/// The shipped lint file: the repository's own, by a link that packages follow.
pub(crate) const SHIPPED: &str = include_str!("../../files/clippy.toml");

/// Brings the shipped bans into the lint file at `path`.
pub(super) fn merge(path: &Path, edits: &mut Edits) -> Result<(), String> {
    let Some(text) = edits.read(path)? else {
        edits.write(path, SHIPPED.to_owned(), "new: bans what logs past the schema");
        return Ok(());
    };
    let shown = edits.shown(path);
    let parse = |text: &str| {
        text.parse::<DocumentMut>()
            .map_err(|error| format!("{shown}: {error}"))
    };
    let (mut own, shipped) = (parse(&text)?, parse(SHIPPED)?);
    let mut added = Vec::new();
    for (key, item) in shipped.iter() {
        match (item.as_array(), own.get_mut(key)) {
            (_, None) => {
                let mut item = item.clone();
                // The comment above the shipped key is not the user's.
                if let Some(value) = item.as_value_mut() {
                    value.decor_mut().clear();
                }
                own.insert(key, item);
                added.push(key.to_owned());
            }
            (Some(shipped), Some(item)) => {
                let missing: Vec<&Value> = {
                    let known = paths(item);
                    shipped
                        .iter()
                        .filter(|entry| entry_path(entry).is_some_and(|path| !known.contains(&path)))
                        .collect()
                };
                let count = missing.len();
                match item {
                    Item::Value(Value::Array(array)) => {
                        missing.into_iter().for_each(|entry| push(array, entry))
                    }
                    Item::ArrayOfTables(tables) => {
                        missing.into_iter().for_each(|entry| push_table(tables, entry))
                    }
                    _ => {
                        edits.leave(format!(
                            "{shown}: `{key}` is no list; make it one, and add\n{item}",
                            item = shipped
                        ));
                        continue;
                    }
                }
                if count > 0 {
                    let entries = if count == 1 { "entry" } else { "entries" };
                    added.push(format!("{count} {entries} of {key}"));
                }
            }
            (None, Some(theirs)) => {
                let (ours, theirs) = (item.to_string(), theirs.to_string());
                if ours.trim() != theirs.trim() {
                    edits.leave(format!(
                        "{shown}: {key} = {} is yours; TraceL's is {key} = {}",
                        theirs.trim(),
                        ours.trim()
                    ));
                }
            }
        }
    }
    if !added.is_empty() {
        edits.write(path, own.to_string(), format!("added {}", added.join(", ")));
    }
    Ok(())
}

/// The paths that a list names.
fn paths(item: &Item) -> Vec<String> {
    match item {
        Item::Value(Value::Array(array)) => array.iter().filter_map(entry_path).collect(),
        Item::ArrayOfTables(tables) => tables
            .iter()
            .filter_map(|table| Some(table.get("path")?.as_str()?.to_owned()))
            .collect(),
        _ => Vec::new(),
    }
}

/// The path of an entry: a text alone, or a table's `path`.
pub(crate) fn entry_path(entry: &Value) -> Option<String> {
    let path = match entry {
        Value::InlineTable(table) => table.get("path")?.as_str()?,
        other => other.as_str()?,
    };
    Some(path.to_owned())
}

/// Adds an entry on a line of its own. A comment behind the entry before it stays there.
fn push(array: &mut Array, entry: &Value) {
    let mut before = array
        .trailing()
        .as_str()
        .unwrap_or_default()
        .trim_end()
        .to_owned();
    let last = array.len().checked_sub(1).and_then(|last| array.get_mut(last));
    if let Some(last) = last {
        let decor = last.decor_mut();
        let behind = decor.suffix().and_then(|suffix| suffix.as_str());
        before = format!("{}{before}", behind.unwrap_or_default().trim_end());
        decor.set_suffix("");
    }
    let mut entry = entry.clone();
    *entry.decor_mut() = toml_edit::Decor::new(format!("{before}\n    "), "");
    array.push_formatted(entry);
    array.set_trailing_comma(true);
    array.set_trailing("\n");
}

fn push_table(tables: &mut ArrayOfTables, entry: &Value) {
    if let Value::InlineTable(inline) = entry {
        let mut table: Table = inline.clone().into_table();
        table.decor_mut().set_prefix("\n");
        tables.push(table);
    }
}

#[cfg(test)]
mod tests {
    use super::{Edits, SHIPPED, merge};
    use std::fs;

    fn merged(text: &str) -> (String, Vec<String>, Vec<String>) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("clippy.toml");
        fs::write(&path, text).expect("writes");
        let mut edits = Edits::new(folder.path());
        merge(&path, &mut edits).expect("merges");
        edits.apply().expect("writes");
        let after = fs::read_to_string(&path).expect("reads");
        let mut again = Edits::new(folder.path());
        merge(&path, &mut again).expect("merges");
        assert_eq!(
            again.changes().count(),
            0,
            "a second time changes nothing:\n{after}"
        );
        (after, edits.changes().collect(), edits.left().to_vec())
    }

    /// How many methods the shipped file bans.
    fn shipped_methods() -> usize {
        let shipped: toml_edit::DocumentMut = SHIPPED.parse().expect("TOML");
        shipped["disallowed-methods"].as_array().expect("a list").len()
    }

    #[test]
    fn entries_and_comments_of_the_user_stay() {
        let theirs = "# Ours.\nmsrv = \"1.90\"\n\ndisallowed-methods = [\n    \"std::env::set_var\", # not in threads\n    \
                      { path = \"tokio::spawn\", reason = \"we say so\" }  # really\n    # the end\n]\n";
        let (after, changes, left) = merged(theirs);
        for line in [
            "# Ours.\nmsrv = \"1.90\"\n",
            "    \"std::env::set_var\", # not in threads\n",
            "    { path = \"tokio::spawn\", reason = \"we say so\" },  # really\n    # the end\n    { path = \"tokio::task::spawn_blocking\"",
            "disallowed-macros = [\n    { path = \"tracing::event\"",
            "allow-print-in-tests = true\n",
        ] {
            assert!(after.contains(line), "{line}\nis not in\n{after}");
        }
        assert_eq!(after.matches("tokio::spawn\"").count(), 1, "{after}");
        let added = format!("{} entries of disallowed-methods", shipped_methods() - 1);
        assert!(changes[0].contains(&added), "{changes:?}");
        assert_eq!(left.len(), 0);
    }

    #[test]
    fn a_list_of_one_line_and_one_of_tables() {
        let (after, ..) =
            merged("disallowed-methods = [\"a::b\"]\n[[disallowed-macros]]\npath = \"log::info\"\n");
        let doc: toml_edit::DocumentMut = after.parse().expect("TOML");
        assert_eq!(
            doc["disallowed-methods"].as_array().map(toml_edit::Array::len),
            Some(1 + shipped_methods()),
            "{after}"
        );
        let macros = doc["disallowed-macros"].as_array_of_tables().expect("tables");
        assert!(macros.len() > 15, "{after}");
        assert_eq!(
            macros.get(0).and_then(|first| first["path"].as_str()),
            Some("log::info")
        );
    }

    #[test]
    fn what_cannot_be_merged_is_told() {
        let (after, _, left) = merged("disallowed-methods = \"all\"\nallow-dbg-in-tests = false\n");
        assert!(
            after.starts_with("disallowed-methods = \"all\"\nallow-dbg-in-tests = false\n"),
            "{after}"
        );
        assert_eq!(left.len(), 2, "{left:?}");
        assert!(left.iter().any(|left| left.contains("tracel::spawn")), "{left:?}");
    }
}
