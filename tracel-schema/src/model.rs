//! The checked schema: what every later stage (macros, generators, runtime) may rely on.
//! Nothing here parses or prints.

use crate::fnv::Fnv1a;
use std::{fmt, path::PathBuf};

mod policy;

pub use policy::{Policy, Rate, Sensitive, Trust};

/// A schema that has passed every check. (The default one is empty, and has not: it is a place to start from.)
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// `[schema] name`.
    pub name: String,
    /// `[schema] version`, stamped on every record.
    pub version: u64,
    /// The package that this schema was compiled for.
    pub owner: Owner,
    /// The files that it was read from; [`Place::file`] is an index into it. Empty in the neutral schema.
    pub files: Vec<PathBuf>,
    /// `[service] name`.
    pub service: Option<String>,
    /// `[policy]`.
    pub policy: Policy,
    /// `[fields]`, in the order of the file.
    pub fields: Vec<Field>,
    /// `[category.*]`; `user` and `system` are always there.
    pub categories: Vec<Category>,
    /// `[level.*]`, only those that the schema names.
    pub levels: Vec<LevelRule>,
    /// `[event.*]`, in the order of the file.
    pub events: Vec<Event>,
}

/// The package that a schema was compiled for: a macro refuses a schema of another owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// `CARGO_PKG_NAME`.
    pub package: String,
    /// `CARGO_MANIFEST_DIR`.
    pub manifest_dir: String,
}

/// Where in the schema's files something is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Index into [`Schema::files`].
    pub file: usize,
    /// Line, from 1; 0 for what no file says (built in).
    pub line: u32,
}

/// A level of severity, from the least severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Very fine detail.
    Trace,
    /// For whoever debugs the service.
    Debug,
    /// The normal course of things.
    Info,
    /// Something is off; the service copes.
    Warn,
    /// Something failed.
    Error,
}

impl Level {
    /// All levels, the least severe first.
    pub const ALL: [Level; 5] = [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error];

    /// The name in `schema.toml` and in the macros' names.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Trace => "trace",
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }

    /// The level of this name.
    pub fn from_name(name: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.name() == name)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A field of the dictionary.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its key.
    pub name: String,
    /// Its type, the same in every service.
    pub ty: Type,
    /// How its value may leave the process.
    pub class: Class,
    /// `doc`.
    pub doc: Option<String>,
    /// `unit`.
    pub unit: Option<String>,
    /// Whether it travels to other services in `baggage`.
    pub propagate: bool,
    /// Where it is declared.
    pub place: Place,
    /// Where its class is said: the same, unless another schema tightens it.
    pub class_place: Place,
}

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// One value.
    Scalar(Scalar),
    /// One of a fixed set of words.
    Enum(Vec<String>),
    /// An array of a scalar.
    List(Scalar),
}

/// The type of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the word of the same name in schema.toml")]
pub enum Scalar {
    Bool,
    String,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F64,
    Uuid,
    Ip,
    Timestamp,
    Duration,
    Bytes,
    Json,
    Error,
}

impl Scalar {
    /// All of them, with their names in `schema.toml`; the names are those of the kinds in `tracel::ty`.
    pub const ALL: [(Scalar, &'static str); 18] = [
        (Scalar::Bool, "bool"),
        (Scalar::String, "string"),
        (Scalar::I8, "i8"),
        (Scalar::I16, "i16"),
        (Scalar::I32, "i32"),
        (Scalar::I64, "i64"),
        (Scalar::U8, "u8"),
        (Scalar::U16, "u16"),
        (Scalar::U32, "u32"),
        (Scalar::U64, "u64"),
        (Scalar::F64, "f64"),
        (Scalar::Uuid, "uuid"),
        (Scalar::Ip, "ip"),
        (Scalar::Timestamp, "timestamp"),
        (Scalar::Duration, "duration"),
        (Scalar::Bytes, "bytes"),
        (Scalar::Json, "json"),
        (Scalar::Error, "error"),
    ];

    /// The name in `schema.toml`.
    pub fn name(self) -> &'static str {
        Scalar::ALL[self as usize].1
    }

    /// The scalar of this name.
    pub fn from_name(name: &str) -> Option<Scalar> {
        Scalar::ALL
            .into_iter()
            .find(|(_, n)| *n == name)
            .map(|(scalar, _)| scalar)
    }
}

/// How a value may leave the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Class {
    /// As it is.
    #[default]
    Safe,
    /// Masked, hashed or dropped, as [`Policy::sensitive`] says.
    Sensitive,
    /// Never loggable.
    Secret,
}

impl Class {
    /// The name in `schema.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Class::Safe => "safe",
            Class::Sensitive => "sensitive",
            Class::Secret => "secret",
        }
    }

    /// The class of this name.
    pub fn from_name(name: &str) -> Option<Class> {
        [Class::Safe, Class::Sensitive, Class::Secret]
            .into_iter()
            .find(|class| class.name() == name)
    }
}

/// A category: `user`, `system`, or the schema's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Category {
    /// Its name, also the record's `log_type`.
    pub name: String,
    /// `doc`.
    pub doc: Option<String>,
    /// The fields that each of its logs must carry, in the order of the schema.
    pub required: Vec<Requirement>,
    /// Where it is declared.
    pub place: Place,
}

/// What a level asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelRule {
    /// The level.
    pub level: Level,
    /// `doc`.
    pub doc: Option<String>,
    /// The fields that each log of this level must carry.
    pub required: Vec<Requirement>,
    /// Where it is declared.
    pub place: Place,
}

/// One required field and where that is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The field's name.
    pub field: String,
    /// Where the schema asks for it.
    pub place: Place,
}

/// A declared event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its name, the record's `event_name`; the struct is the same in CamelCase, see [`camel_case`].
    pub name: String,
    /// The category's name.
    pub category: String,
    /// The only level that it may be logged at.
    pub level: Level,
    /// The record's `message`.
    pub message: String,
    /// `doc`.
    pub doc: Option<String>,
    /// The fields that must be there: the category's, then the level's, then its own, none twice.
    pub required: Vec<Requirement>,
    /// The fields that may be left out.
    pub optional: Vec<Requirement>,
    /// Flood control of its own.
    pub limit: Option<Rate>,
    /// How long its records are kept, in seconds.
    pub retention: Option<u64>,
    /// Where it is declared.
    pub place: Place,
}

impl Event {
    /// The names of all its fields: those that must be there, then those that may.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        let all = self.required.iter().chain(&self.optional);
        all.map(|listed| listed.field.as_str())
    }
}

impl Schema {
    /// The declared field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The declared event of this name.
    pub fn event(&self, name: &str) -> Option<&Event> {
        self.events.iter().find(|event| event.name == name)
    }

    /// The category of this name.
    pub fn category(&self, name: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.name == name)
    }

    /// What the schema asks of every log of this level.
    pub fn level(&self, level: Level) -> Option<&LevelRule> {
        self.levels.iter().find(|rule| rule.level == level)
    }

    /// `schema.toml:42`, as diagnostics say it, and of a schema that this one extends `acme-schema/schema.toml:42`; what
    /// no file says is `built in`.
    pub fn at(&self, place: Place) -> String {
        at(&self.files, place)
    }
}

/// A place in these files: the first one by its name alone, those that it extends as they were named.
pub(crate) fn at(files: &[PathBuf], place: Place) -> String {
    if place.line == 0 {
        return "built in".to_owned();
    }
    let file = match files.get(place.file) {
        Some(path) if place.file > 0 => path.to_string_lossy(),
        path => path
            .and_then(|path| path.file_name())
            .map_or("schema.toml".into(), |name| name.to_string_lossy()),
    };
    format!("{file}:{}", place.line)
}

/// `payment_captured` as the name of a type: `PaymentCaptured`.
pub fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        out.push_str(&first.to_uppercase());
        out.push_str(&rest.to_lowercase());
    }
    out
}

/// What tells the enum of a field from every other: FNV-1a over the field's name and each declared word, each
/// ended by a byte that no text holds. Crates that generate the same enum agree on it.
pub fn enum_hash(field: &str, values: &[String]) -> u64 {
    std::iter::once(field)
        .chain(values.iter().map(String::as_str))
        .fold(Fnv1a::new(), |hash, word| {
            hash.write(word.as_bytes()).write(&[0xff])
        })
        .finish()
}

#[cfg(test)]
mod tests {
    use super::{camel_case, enum_hash};

    #[test]
    fn camel_case_joins_words() {
        assert_eq!(camel_case("payment_captured"), "PaymentCaptured");
        assert_eq!(camel_case("EUR"), "Eur");
        assert_eq!(camel_case("in-flight 2"), "InFlight2");
        assert_eq!(camel_case("__"), "");
    }

    #[test]
    fn enum_hash_tells_name_words_and_borders_apart() {
        let of = |field: &str, words: &[&str]| {
            enum_hash(field, &words.iter().map(|w| w.to_string()).collect::<Vec<_>>())
        };
        let currency = of("currency", &["EUR", "USD"]);
        assert_eq!(currency, of("currency", &["EUR", "USD"]));
        for other in [
            of("money", &["EUR", "USD"]),
            of("currency", &["USD", "EUR"]),
            of("currency", &["EU", "RUSD"]),
            of("currencyEUR", &["USD"]),
            of("currency", &["EURUSD"]),
            of("currency", &["EUR", "USD", ""]),
        ] {
            assert_ne!(currency, other);
        }
    }
}
