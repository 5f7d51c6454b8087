//! Reading the compiled form back, row by row. What is written there, the parent file says.

use super::{Error, HEAD, VERSION, checksum};
use crate::model::{
    Category, Class, Event, Field, Level, LevelRule, Owner, Place, Rate, Requirement, Scalar, Schema,
    Sensitive, Trust, Type,
};
use std::{path::PathBuf, str::FromStr};

pub(super) fn schema(text: &str) -> Result<Schema, Error> {
    let mut schema = Schema::default();
    rows(text, HEAD, VERSION, |row| row.read_into(&mut schema))?;
    Ok(schema)
}

/// Reads all rows but the first and the last, of a text of this form.
pub(crate) fn rows(
    text: &str,
    form: &str,
    reads: u32,
    mut read: impl FnMut(&mut Row<'_>) -> Result<(), String>,
) -> Result<(), Error> {
    let head = text.split('\n').next().unwrap_or_default();
    let version = match head.split_once('\t') {
        Some((found, version)) if found == form => version,
        _ => return Err(Error::Foreign),
    };
    if version != reads.to_string() {
        // A head without its line end may be the start of any version.
        return Err(match text.contains('\n') {
            true => Error::Version(version.to_owned()),
            false => Error::Torn,
        });
    }
    let (body, end) = text
        .strip_suffix('\n')
        .and_then(|text| text.rfind('\n'))
        .map(|at| text.split_at(at + 1))
        .ok_or(Error::Torn)?;
    if end.strip_prefix("end\t").map(str::trim_end) != Some(checksum(body).as_str()) {
        return Err(Error::Torn);
    }
    for (index, line) in body.lines().enumerate().skip(1) {
        let mut row = Row {
            cells: line.split('\t'),
        };
        let line = index + 1;
        read(&mut row)
            .and_then(|()| row.finish())
            .map_err(|what| Error::Row { line, what })?;
    }
    Ok(())
}

/// The cells of a row that are still to be read.
pub(crate) struct Row<'a> {
    cells: std::str::Split<'a, char>,
}

impl Row<'_> {
    fn read_into(&mut self, schema: &mut Schema) -> Result<(), String> {
        let policy = &mut schema.policy;
        match self.text()?.as_str() {
            "schema" => {
                schema.name = self.text()?;
                schema.version = self.parse()?;
            }
            "owner" => {
                schema.owner = Owner {
                    package: self.text()?,
                    manifest_dir: self.text()?,
                }
            }
            "file" => schema.files.push(PathBuf::from(self.text()?)),
            "service" => schema.service = Some(self.text()?),
            "open" => {
                for open in &mut policy.open {
                    *open = self.parse()?;
                }
            }
            "max_level" => {
                policy.max_level_debug = self.option(level)?;
                policy.max_level_release = self.option(level)?;
            }
            "sensitive" => policy.sensitive = self.word(Sensitive::from_name)?,
            "foreign" => {
                policy.foreign_level = self.option(level)?;
                policy.foreign_message = self.parse()?;
            }
            "max_record" => policy.max_record = self.parse()?,
            "retention" => policy.retention = self.option(number)?,
            "retention_of" => policy.retention_by_level.push((self.word(level)?, self.parse()?)),
            "trust" => {
                policy.trust = match self.text()?.as_str() {
                    "all" => Trust::All,
                    "none" => Trust::None,
                    "networks" => Trust::Networks(self.list(Self::text)?),
                    other => return Err(format!("unknown word {other:?}")),
                }
            }
            "limit" => policy.limit = self.option(rate)?,
            "deny_orphans" => policy.deny_orphans = self.parse()?,
            "field" => {
                let field = self.field()?;
                schema.fields.push(field);
            }
            "category" => {
                let (name, place, doc) = (self.text()?, self.place()?, self.option(owned)?);
                let required = self.list(Self::requirement)?;
                schema.categories.push(Category {
                    name,
                    doc,
                    required,
                    place,
                });
            }
            "level" => {
                let (level, place, doc) = (self.word(level)?, self.place()?, self.option(owned)?);
                let required = self.list(Self::requirement)?;
                schema.levels.push(LevelRule {
                    level,
                    doc,
                    required,
                    place,
                });
            }
            "event" => {
                let event = self.event()?;
                schema.events.push(event);
            }
            other => return Err(format!("unknown row {other:?}")),
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), String> {
        match self.cells.next() {
            None => Ok(()),
            Some(cell) => Err(format!("{cell:?} is one cell too many")),
        }
    }

    fn field(&mut self) -> Result<Field, String> {
        Ok(Field {
            name: self.text()?,
            place: self.place()?,
            class: self.word(Class::from_name)?,
            class_place: self.place()?,
            propagate: self.parse()?,
            doc: self.option(owned)?,
            unit: self.option(owned)?,
            ty: match self.text()?.as_str() {
                "scalar" => Type::Scalar(self.word(Scalar::from_name)?),
                "list" => Type::List(self.word(Scalar::from_name)?),
                "enum" => Type::Enum(self.list(Self::text)?),
                other => return Err(format!("unknown kind of type {other:?}")),
            },
        })
    }

    fn event(&mut self) -> Result<Event, String> {
        Ok(Event {
            name: self.text()?,
            place: self.place()?,
            category: self.text()?,
            level: self.word(level)?,
            message: self.text()?,
            doc: self.option(owned)?,
            limit: self.option(rate)?,
            retention: self.option(number)?,
            required: self.list(Self::requirement)?,
            optional: self.list(Self::requirement)?,
        })
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        Ok(Requirement {
            field: self.text()?,
            place: self.place()?,
        })
    }

    fn place(&mut self) -> Result<Place, String> {
        Ok(Place {
            file: self.parse()?,
            line: self.parse()?,
        })
    }

    pub(crate) fn text(&mut self) -> Result<String, String> {
        let cell = self.cells.next().ok_or("a cell is missing")?;
        let mut out = String::with_capacity(cell.len());
        let mut chars = cell.chars();
        while let Some(c) = chars.next() {
            out.push(match c {
                '\\' => match chars.next() {
                    Some('\\') => '\\',
                    Some('t') => '\t',
                    Some('n') => '\n',
                    Some('r') => '\r',
                    _ => return Err(format!("unknown escape in {cell:?}")),
                },
                c => c,
            });
        }
        Ok(out)
    }

    pub(crate) fn parse<T: FromStr>(&mut self) -> Result<T, String> {
        self.word(number)
    }

    fn word<T>(&mut self, from: fn(&str) -> Option<T>) -> Result<T, String> {
        let cell = self.text()?;
        from(&cell).ok_or_else(|| format!("unknown word {cell:?}"))
    }

    fn option<T>(&mut self, from: fn(&str) -> Option<T>) -> Result<Option<T>, String> {
        let cell = self.text()?;
        match cell.strip_prefix('=') {
            None if cell == "-" => Ok(None),
            None => Err(format!("{cell:?} is neither - nor =value")),
            Some(value) => from(value)
                .map(Some)
                .ok_or_else(|| format!("unknown word {value:?}")),
        }
    }

    fn list<T>(&mut self, item: fn(&mut Self) -> Result<T, String>) -> Result<Vec<T>, String> {
        let len: usize = self.parse()?;
        (0..len).map(|_| item(self)).collect()
    }
}

fn level(name: &str) -> Option<Level> {
    Level::from_name(name)
}

fn owned(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn number<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn rate(text: &str) -> Option<Rate> {
    let (count, seconds) = text.split_once('/')?;
    Some(Rate {
        count: number(count)?,
        seconds: number(seconds)?,
    })
}
