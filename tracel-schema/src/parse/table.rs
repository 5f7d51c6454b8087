//! Tables and values of TOML with their places: what is missing, unknown or of the wrong kind is reported here, once
//! for the whole language, whose words this file does not know.

use crate::{
    codes,
    diagnostic::{Diagnostics, Spot},
    document::{At, Left},
    nearest::{did_you_mean, nearest},
};
use std::{collections::BTreeSet, ops::Range};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A file's text, for places, and what was found wrong with it.
pub(super) struct Context<'a> {
    text: &'a str,
    file: usize,
    /// The byte at which each line begins.
    lines: Vec<usize>,
    pub(super) found: Diagnostics,
    /// Whether the syntax is right, so that what is missing was never there.
    pub(super) whole: bool,
    /// Whether another schema may say what is missing here.
    pub(super) extends: bool,
}

impl<'a> Context<'a> {
    pub(super) fn new(text: &'a str, file: usize) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Context {
            text,
            file,
            lines: std::iter::once(0).chain(starts).collect(),
            found: Diagnostics::default(),
            whole: true,
            extends: false,
        }
    }

    /// The place of a byte; lines and columns (in characters) count from 1.
    pub(super) fn spot(&self, byte: usize) -> Spot {
        let line = self.lines.partition_point(|start| *start <= byte);
        let start = self.lines[line - 1];
        let before = self
            .text
            .get(start..byte)
            .unwrap_or_default()
            .trim_start_matches('\u{feff}');
        Spot {
            file: self.file,
            line: line as u32,
            column: before.chars().count() as u32 + 1,
        }
    }
}

/// A table, whose keys are taken one by one.
pub(super) struct Table<'t> {
    /// How it is called in messages: `[policy]`, `user_id`.
    name: String,
    spot: Spot,
    entries: Vec<(At<&'t str>, Value<'t>)>,
    known: Vec<&'static str>,
    missing: Vec<(&'static str, &'static str)>,
}

impl<'t> Table<'t> {
    pub(super) fn new(cx: &Context<'_>, name: String, span: Range<usize>, table: &'t DeTable<'_>) -> Self {
        let mut entries: Vec<_> = table
            .iter()
            .map(|(key, value)| {
                let spot = cx.spot(key.span().start);
                let value = Value {
                    key: key.get_ref(),
                    spot: cx.spot(value.span().start),
                    value,
                };
                let key = At {
                    value: key.get_ref().as_ref(),
                    spot,
                };
                (key, value)
            })
            .collect();
        // The parser sorts by name; a schema's own order is that of the file.
        entries.sort_by_key(|(key, _)| key.spot);
        Table {
            name,
            spot: cx.spot(span.start),
            entries,
            known: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// The value of a key that this table may have.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Value<'t>> {
        self.known.push(key);
        let at = self.entries.iter().position(|(found, _)| found.value == key)?;
        Some(self.entries.remove(at).1)
    }

    /// The value of a key that this table must have; `example` is what to write.
    pub(super) fn need(&mut self, key: &'static str, example: &'static str) -> Option<Value<'t>> {
        let value = self.take(key);
        if value.is_none() {
            self.missing.push((key, example));
        }
        value
    }

    /// All entries, of a table whose keys are names.
    pub(super) fn names(self) -> Vec<(At<&'t str>, Value<'t>)> {
        self.entries
    }

    /// Reports what is left, and what is missing; `hint` may say where a key belongs that stands in the wrong table.
    pub(super) fn finish(self, cx: &mut Context<'_>, hint: impl Fn(&str) -> Option<&'static str>) {
        for left in self.finish_open(cx, hint) {
            left.report(&mut cx.found);
        }
    }

    /// The same of an entry that another schema may complete: what is missing is returned.
    pub(super) fn finish_entry(
        self,
        cx: &mut Context<'_>,
        hint: impl Fn(&str) -> Option<&'static str>,
    ) -> Vec<Left> {
        let mut left = self.finish_open(cx, hint);
        if !cx.extends {
            left.drain(..).for_each(|left| left.report(&mut cx.found));
        }
        left
    }

    fn finish_open(self, cx: &mut Context<'_>, hint: impl Fn(&str) -> Option<&'static str>) -> Vec<Left> {
        let mut meant = BTreeSet::new();
        for (key, _) in &self.entries {
            meant.extend(nearest(key.value, self.known.iter().copied()));
            let way_out = match hint(key.value) {
                Some(hint) => hint.to_owned(),
                None => did_you_mean(
                    key.value,
                    self.known.iter().copied(),
                    &format!("the keys here are {}", list(&self.known)),
                ),
            };
            let what = format!("{} has no key `{}`", self.name, key.value);
            cx.found.add(key.spot, &codes::UNKNOWN_KEY, what, way_out);
        }
        // A misspelt key is one fault, not two.
        let missing = self
            .missing
            .into_iter()
            .filter(|(key, _)| cx.whole && !meant.contains(key));
        missing
            .map(|(key, example)| Left {
                table: self.name.clone(),
                key,
                example,
                spot: self.spot,
            })
            .collect()
    }
}

impl Left {
    /// Tells that nothing says it.
    pub(crate) fn report(&self, found: &mut Diagnostics) {
        let Left {
            table,
            key,
            example,
            spot,
        } = self;
        found.add(
            *spot,
            &codes::MISSING_KEY,
            format!("{table} has no `{key}`"),
            format!("add {key} = {example}"),
        );
    }
}

/// No hint.
pub(super) fn no_hint(_key: &str) -> Option<&'static str> {
    None
}

/// A value and the key that it stands under.
#[derive(Clone, Copy)]
pub(super) struct Value<'t> {
    key: &'t str,
    pub(super) spot: Spot,
    value: &'t Spanned<DeValue<'t>>,
}

impl<'t> Value<'t> {
    pub(super) fn raw(&self) -> &'t DeValue<'t> {
        self.value.get_ref()
    }

    /// Reports that this value is not what it should be.
    pub(super) fn wrong(&self, cx: &mut Context<'_>, expected: &str, example: &str) {
        self.wrong_in(cx, "", expected, example);
    }

    fn wrong_in(&self, cx: &mut Context<'_>, what: &str, expected: &str, example: &str) {
        let kind = match self.raw() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a float",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        let what = format!("{what}`{}` is {kind}, and must be {expected}", self.key);
        let way_out = match example.starts_with('[') && example.ends_with(']') && expected == "a table" {
            true => format!("write it as a table, {example}"),
            false => format!("write {} = {example}", self.key),
        };
        cx.found.add(self.spot, &codes::WRONG_VALUE, what, way_out);
    }

    pub(super) fn table(&self, cx: &mut Context<'_>, name: String, example: &str) -> Option<Table<'t>> {
        match self.raw() {
            DeValue::Table(table) => Some(Table::new(cx, name, self.value.span(), table)),
            _ => {
                self.wrong(cx, "a table", example);
                None
            }
        }
    }

    pub(super) fn string(&self, cx: &mut Context<'_>, example: &str) -> Option<At<&'t str>> {
        match self.raw() {
            DeValue::String(text) => Some(At {
                value: text.as_ref(),
                spot: self.spot,
            }),
            _ => {
                self.wrong(cx, "a string", example);
                None
            }
        }
    }

    pub(super) fn text(&self, cx: &mut Context<'_>, example: &str) -> Option<String> {
        self.string(cx, example).map(|text| text.value.to_owned())
    }

    pub(super) fn boolean(&self, cx: &mut Context<'_>) -> Option<bool> {
        let value = self.raw().as_bool();
        if value.is_none() {
            self.wrong(cx, "a boolean", "true");
        }
        value
    }

    /// An array of strings, each with its place.
    pub(super) fn strings(&self, cx: &mut Context<'_>, example: &str) -> Option<Vec<At<String>>> {
        let DeValue::Array(items) = self.raw() else {
            self.wrong(cx, "an array of strings", example);
            return None;
        };
        let mut out = Vec::new();
        for item in items.iter() {
            let item = Value {
                key: self.key,
                spot: cx.spot(item.span().start),
                value: item,
            };
            match item.raw() {
                DeValue::String(text) => out.push(At {
                    value: text.as_ref().to_owned(),
                    spot: item.spot,
                }),
                _ => item.wrong_in(cx, "an item of ", "a string", example),
            }
        }
        Some(out)
    }

    /// One of a fixed set of words, and where it stands.
    pub(super) fn word_at<T: Copy>(
        &self,
        cx: &mut Context<'_>,
        words: &[(&'static str, T)],
    ) -> Option<At<T>> {
        let spot = self.spot;
        self.word(cx, words).map(|value| At { value, spot })
    }

    /// One of a fixed set of words.
    pub(super) fn word<T: Copy>(&self, cx: &mut Context<'_>, words: &[(&'static str, T)]) -> Option<T> {
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let text = self.string(cx, &format!("{:?}", names[0]))?;
        let found = words.iter().find(|(name, _)| *name == text.value);
        if found.is_none() {
            unknown_word(cx, text, self.key, &names);
        }
        found.map(|(_, value)| *value)
    }
}

/// Reports a word that is not one of `names`.
pub(super) fn unknown_word(cx: &mut Context<'_>, word: At<&str>, of: &str, names: &[&str]) {
    let what = format!("`{of}` does not know the word {:?}", word.value);
    let way_out = match nearest(word.value, names.iter().copied()) {
        Some(near) => format!("did you mean {near:?}? The words are {}", list(names)),
        None => format!("write one of {}", list(names)),
    };
    cx.found.add(word.spot, &codes::UNKNOWN_WORD, what, way_out);
}

/// `a`, `b`, `c`.
pub(super) fn list(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
