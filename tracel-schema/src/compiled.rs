//! The compiled schema, `$OUT_DIR/tracel.schema`: a versioned text form of the model, written by the build
//! script and read by the macros. Only its form lives here: no disk, no checks of the schema itself.
//!
//! One row a line, its cells parted by tabs; `\t`, `\n`, `\r` and `\\` in a cell are escaped. The first row names the
//! format and its version, the last one holds a checksum of all that stands before it, so that a file that was
//! cut short or belongs to something else is never half believed.

use crate::{
    fnv::Fnv1a,
    model::{Event, Field, Place, Rate, Requirement, Schema, Trust, Type},
};
use std::fmt;

mod read;

#[cfg(feature = "build")]
pub(crate) use read::rows;

/// The first cell of the first row.
const HEAD: &str = "tracel-schema";
/// The version of this format: to be raised with every change of it.
const VERSION: u32 = 2;

/// Why a compiled schema could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// It is not a compiled schema at all.
    Foreign,
    /// It was written by a `tracel-schema` of another format; holds the version that it names.
    Version(String),
    /// It is incomplete or was changed after it was written.
    Torn,
    /// A row cannot be read, though the checksum holds.
    Row {
        /// Its line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Foreign => f.write_str("this is not a compiled schema of TraceL")?,
            Error::Version(found) => write!(
                f,
                "this compiled schema has the format {found:?}, and this version of TraceL reads {VERSION}: \
                 let `tracel` and the build dependency `tracel-schema` be of one version"
            )?,
            Error::Torn => f.write_str("this compiled schema is incomplete or was edited")?,
            Error::Row { line, what } => write!(f, "line {line} of this compiled schema: {what}")?,
        }
        f.write_str("; build again, so that `tracel_schema::build()` in build.rs writes it anew")
    }
}

impl std::error::Error for Error {}

/// Reads what [`write()`] wrote.
///
/// ```
/// # let schema = tracel_schema::model::Schema::default();
/// let text = tracel_schema::compiled::write(&schema);
/// assert_eq!(tracel_schema::compiled::read(&text), Ok(schema));
/// ```
///
/// # Errors
/// When the text is not a compiled schema, has another version, was cut short or changed.
pub fn read(text: &str) -> Result<Schema, Error> {
    read::schema(text)
}

/// The compiled form of a schema: the same text for the same schema, on every machine.
pub fn write(schema: &Schema) -> String {
    let mut out = Writer::new(HEAD, VERSION);
    out.cell("schema").cell(&schema.name).cell(schema.version).end();
    out.cell("owner")
        .cell(&schema.owner.package)
        .cell(&schema.owner.manifest_dir)
        .end();
    for file in &schema.files {
        out.cell("file").cell(file.to_string_lossy()).end();
    }
    if let Some(service) = &schema.service {
        out.cell("service").cell(service).end();
    }
    policy(&mut out, schema);
    for field in &schema.fields {
        out.field(field);
    }
    for category in &schema.categories {
        out.cell("category").cell(&category.name).place(category.place);
        out.option(category.doc.as_ref())
            .requirements(&category.required)
            .end();
    }
    for rule in &schema.levels {
        out.cell("level").cell(rule.level).place(rule.place);
        out.option(rule.doc.as_ref()).requirements(&rule.required).end();
    }
    for event in &schema.events {
        out.event(event);
    }
    out.seal()
}

fn policy(out: &mut Writer, schema: &Schema) {
    let policy = &schema.policy;
    out.cell("open");
    for open in policy.open {
        out.cell(open);
    }
    out.end();
    out.cell("max_level")
        .option(policy.max_level_debug)
        .option(policy.max_level_release)
        .end();
    out.cell("sensitive").cell(policy.sensitive.name()).end();
    out.cell("foreign")
        .option(policy.foreign_level)
        .cell(policy.foreign_message)
        .end();
    out.cell("max_record").cell(policy.max_record).end();
    out.cell("retention").option(policy.retention).end();
    for (level, seconds) in &policy.retention_by_level {
        out.cell("retention_of").cell(level).cell(seconds).end();
    }
    match &policy.trust {
        Trust::All => out.cell("trust").cell("all"),
        Trust::None => out.cell("trust").cell("none"),
        Trust::Networks(networks) => out.cell("trust").cell("networks").list(networks),
    }
    .end();
    out.cell("limit").option(policy.limit.map(rate)).end();
    out.cell("deny_orphans").cell(policy.deny_orphans).end();
}

fn rate(rate: Rate) -> String {
    format!("{}/{}", rate.count, rate.seconds)
}

fn checksum(text: &str) -> String {
    format!("{:016x}", Fnv1a::new().write(text.as_bytes()).finish())
}

/// Writes rows.
#[derive(Default)]
pub(crate) struct Writer {
    text: String,
    /// Whether the row has a cell already.
    inside: bool,
}

impl Writer {
    /// The first row names the form.
    pub(crate) fn new(head: &str, version: u32) -> Writer {
        let mut out = Writer::default();
        out.cell(head).cell(version).end();
        out
    }

    /// The whole, with its checksum.
    pub(crate) fn seal(mut self) -> String {
        let checksum = checksum(&self.text);
        self.cell("end").cell(checksum).end();
        self.text
    }

    pub(crate) fn cell(&mut self, cell: impl fmt::Display) -> &mut Self {
        if std::mem::replace(&mut self.inside, true) {
            self.text.push('\t');
        }
        for c in cell.to_string().chars() {
            match c {
                '\\' => self.text.push_str("\\\\"),
                '\t' => self.text.push_str("\\t"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                c => self.text.push(c),
            }
        }
        self
    }

    pub(crate) fn end(&mut self) {
        self.text.push('\n');
        self.inside = false;
    }

    /// `-`, or `=` and the value.
    fn option(&mut self, value: Option<impl fmt::Display>) -> &mut Self {
        match value {
            None => self.cell('-'),
            Some(value) => self.cell(format_args!("={value}")),
        }
    }

    /// Their number, then each.
    fn list(&mut self, items: &[String]) -> &mut Self {
        self.cell(items.len());
        for item in items {
            self.cell(item);
        }
        self
    }

    fn place(&mut self, place: Place) -> &mut Self {
        self.cell(place.file).cell(place.line)
    }

    fn requirements(&mut self, requirements: &[Requirement]) -> &mut Self {
        self.cell(requirements.len());
        for requirement in requirements {
            self.cell(&requirement.field).place(requirement.place);
        }
        self
    }

    fn field(&mut self, field: &Field) {
        self.cell("field")
            .cell(&field.name)
            .place(field.place)
            .cell(field.class.name())
            .place(field.class_place)
            .cell(field.propagate)
            .option(field.doc.as_ref())
            .option(field.unit.as_ref());
        match &field.ty {
            Type::Scalar(scalar) => self.cell("scalar").cell(scalar.name()),
            Type::List(scalar) => self.cell("list").cell(scalar.name()),
            Type::Enum(values) => self.cell("enum").list(values),
        }
        .end();
    }

    fn event(&mut self, event: &Event) {
        self.cell("event")
            .cell(&event.name)
            .place(event.place)
            .cell(&event.category)
            .cell(event.level)
            .cell(&event.message)
            .option(event.doc.as_ref())
            .option(event.limit.map(rate))
            .option(event.retention)
            .requirements(&event.required)
            .requirements(&event.optional)
            .end();
    }
}

#[cfg(test)]
mod tests;
