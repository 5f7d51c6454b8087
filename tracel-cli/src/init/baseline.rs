//! What `tracel init --baseline` writes: the counts, and the levels of the lints that find what is counted. Counting is
//! `crate::baseline`'s.

use super::{edits::Edits, manifest, project::Project};
use crate::baseline::{Baseline, FILE, LINTS};
use std::{collections::BTreeMap, path::PathBuf};
use toml_edit::{Decor, Item, Value};

const COMMENT: &str = " # counted in tracel-baseline.toml";

/// A lint table, and the packages that it holds for.
pub(crate) struct LintTable {
    manifest: PathBuf,
    path: &'static [&'static str],
    /// Their names.
    pub(crate) packages: Vec<String>,
    levels: BTreeMap<&'static str, String>,
}

impl LintTable {
    /// The level of a lint of clippy's, where it is set.
    pub(crate) fn level(&self, lint: &str) -> Option<&str> {
        self.levels.get(lint).map(String::as_str)
    }
}

/// The lint tables of a project.
pub(crate) fn lint_tables(project: &Project) -> Result<Vec<LintTable>, String> {
    let edits = Edits::new(&project.root);
    let mut tables: Vec<LintTable> = Vec::new();
    for package in &project.packages {
        let (manifest, path) = manifest::lint_table(project, package, &edits)?;
        if let Some(table) = tables.iter_mut().find(|table| table.manifest == manifest) {
            table.packages.push(package.name.clone());
            continue;
        }
        let document = manifest::document(&manifest, &edits)?;
        let lints = path
            .iter()
            .try_fold(document.as_item(), |item, key| item.get(key));
        let level = |lint| Some((lint, level(lints?.get(lint)?)?.to_owned()));
        tables.push(LintTable {
            levels: LINTS.into_iter().filter_map(level).collect(),
            packages: vec![package.name.clone()],
            manifest,
            path,
        });
    }
    Ok(tables)
}

/// `"warn"`, or `{ level = "warn", .. }`.
fn level(item: &Item) -> Option<&str> {
    item.as_str().or_else(|| item.get("level")?.as_str())
}

/// Writes the counts `now`. A lint whose calls are counted is allowed, and warns again when none is left.
pub(crate) fn record(project: &Project, before: &Baseline, now: &Baseline) -> Result<Edits, String> {
    let mut edits = Edits::new(&project.root);
    let path = project.root.join(FILE);
    let (old, text) = (edits.read(&path)?, now.text());
    if old.as_ref() != Some(&text) {
        let (count, was) = (now.count(), before.count());
        let did = match old {
            None => format!("new: the banned calls that stand ({count}), of which none may be added"),
            Some(_) => format!("the banned calls that stand, {count} in place of {was}"),
        };
        edits.write(&path, text, did);
    }
    for table in lint_tables(project)? {
        for lint in LINTS {
            let in_any = |of: &Baseline| table.packages.iter().any(|package| of.has_lint(package, lint));
            let level = table.level(lint);
            match (in_any(before), in_any(now), level) {
                (_, true, Some(level @ ("deny" | "forbid"))) => {
                    let (shown, path) = (edits.shown(&table.manifest), table.path.join("."));
                    edits.leave(format!(
                        "{shown}: [{path}] has {lint} = \"{level}\", so that clippy fails for what is counted; write {lint} = \"allow\" \
                         until no call is left"
                    ));
                }
                (_, true, None | Some("warn")) => set(&table, lint, "allow", &mut edits)?,
                (true, false, Some("allow")) => set(&table, lint, "warn", &mut edits)?,
                _ => {}
            }
        }
    }
    Ok(edits)
}

fn set(table: &LintTable, lint: &str, level: &str, edits: &mut Edits) -> Result<(), String> {
    let mut document = manifest::document(&table.manifest, edits)?;
    let lints = manifest::entry(&mut document, table.path, &table.manifest, edits)?;
    let mut value = Value::from(level);
    match lints.get_mut(lint) {
        Some(Item::Value(Value::InlineTable(known))) => {
            known.insert("level", value);
        }
        Some(Item::Table(known)) => {
            known.insert("level", Item::Value(value));
        }
        known => {
            // A comment of the user's stays; ours stands as long as the level.
            let known = known.and_then(|item| Some(item.as_value()?.decor().clone()));
            let mut decor = known.unwrap_or_else(|| Decor::new(" ", ""));
            let behind = decor.suffix().and_then(|text| text.as_str()).unwrap_or_default();
            match behind {
                COMMENT if level != "allow" => decor.set_suffix(""),
                "" if level == "allow" => decor.set_suffix(COMMENT),
                _ => {}
            }
            *value.decor_mut() = decor;
            lints.insert(lint, Item::Value(value));
        }
    }
    let did = match level {
        "allow" => format!("{lint} = \"allow\", as long as its calls are counted"),
        _ => format!("{lint} = \"warn\", for none of its calls is left"),
    };
    edits.write(&table.manifest, document.to_string(), did);
    Ok(())
}
