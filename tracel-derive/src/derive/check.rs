//! An event held to the schema: whether it may be what its attributes and fields say.

use super::{Attributes, Category, Field, Logged, is_option};
use crate::{
    fault::{At, Faults},
    log::listing,
    rules::Rules,
};
use proc_macro2::Ident;
use tracel_schema::{
    codes::macros as codes,
    model::{self, Level, Scalar, Type, camel_case},
    name,
    nearest::{did_you_mean, nearest},
};

/// An event that the schema admits.
pub(crate) struct Checked<'f, 's> {
    pub(crate) category: String,
    pub(crate) event: String,
    pub(crate) message: String,
    /// Its own level.
    pub(crate) level: Option<Level>,
    /// The levels that it may be logged at.
    pub(crate) levels: Vec<Level>,
    pub(crate) fields: Vec<Logged<'f, 's>>,
}

pub(crate) fn check<'f, 's>(
    rules: Rules<'s>,
    derived: Category,
    attributes: &Attributes,
    ident: &Ident,
    fields: &'f [Field],
    faults: &mut Faults,
) -> Option<Checked<'f, 's>> {
    let event_name = match &attributes.event {
        Some(event) => event.value(),
        None => name::mended(&ident.to_string()),
    };
    let event_at = attributes.event.as_ref().map_or(At::of(ident), At::of);
    if !name::is_well_formed(&event_name) {
        faults.add(
            event_at,
            &codes::ATTRIBUTE,
            format_args!("{event_name:?} is not a name for an event"),
            "names are lower-case words joined by `_`: `event = \"refund_asked\"`",
        );
    }
    let declared = rules.0.event(&event_name);
    let category = category(rules, derived, attributes, ident, declared, event_at, faults);
    let level = level(rules, attributes, declared, faults);
    let message = message(rules, attributes, ident, declared, faults);

    let fitting = fitting(rules, &category, level, declared, fields);
    let levels = match level {
        Some(level) => vec![level],
        None => fitting,
    };
    let required = match declared {
        Some(event) => rules.required_by_event(event),
        None => rules.required(&category, level),
    };
    for required in &required {
        if !fields.iter().any(|field| field.name == required.field) {
            let ty = rules.0.field(required.field).map(rust_type).unwrap_or_default();
            let example = format!("a field: `{}: {ty}`", required.field);
            rules.missing(required, At::of(ident), &example, faults);
        }
    }
    let mut logged = Vec::new();
    for field in fields {
        let at = At::of(&field.ident);
        let Some(key) = rules.key(&field.name, at, &levels, faults) else {
            continue;
        };
        if let Some(event) = declared {
            check_listed(rules, event, field, faults);
        }
        let rule = required
            .iter()
            .find(|required| required.field == field.name)
            .map(|required| required.place);
        logged.push(Logged {
            field,
            key,
            required: rule,
        });
    }
    Some(Checked {
        category,
        event: event_name,
        message: message?,
        level,
        levels,
        fields: logged,
    })
}

/// The levels that an event without one may be logged at: those whose required fields it has.
fn fitting(
    rules: Rules<'_>,
    category: &str,
    level: Option<Level>,
    declared: Option<&model::Event>,
    fields: &[Field],
) -> Vec<Level> {
    if level.is_some() || declared.is_some() {
        return Vec::new();
    }
    let has = |name: &str| {
        fields
            .iter()
            .any(|field| field.name == name && !is_option(&field.ty))
    };
    let of_category = rules.required(category, None);
    let mut levels = Level::ALL.to_vec();
    levels.retain(|level| {
        let more = rules.required(category, Some(*level));
        more.iter()
            .skip(of_category.len())
            .all(|required| has(required.field))
    });
    levels
}

fn category(
    rules: Rules<'_>,
    derived: Category,
    attributes: &Attributes,
    ident: &Ident,
    declared: Option<&model::Event>,
    event_at: At,
    faults: &mut Faults,
) -> String {
    let (category, at) = match (derived, &attributes.category, declared) {
        (Category::Fixed(category), ..) => (category.to_owned(), event_at),
        (Category::Named, Some(category), _) => (category.value(), At::of(category)),
        (Category::Named, None, Some(event)) => return event.category.clone(),
        (Category::Named, None, None) => {
            faults.add(
                At::of(ident),
                &codes::ATTRIBUTE,
                "the event's category is not said",
                "name it, `#[log(category = \"audit\", ..)]`, or derive `tracel::UserLog` or `tracel::SysLog`",
            );
            return String::new();
        }
    };
    if let Some(event) = declared.filter(|event| event.category != category) {
        let derive = match event.category.as_str() {
            "user" => "derive `tracel::UserLog`".to_owned(),
            "system" => "derive `tracel::SysLog`".to_owned(),
            other => format!("derive `tracel::Log` with `category = \"{other}\"`"),
        };
        faults.add(
            at,
            &codes::WRONG_CATEGORY,
            format_args!(
                "`{}` is an event of category `{}` ({}), not `{category}`",
                event.name,
                event.category,
                rules.at(event.place)
            ),
            format_args!("{derive}, or name another event"),
        );
        return event.category.clone();
    }
    rules.category(&category, at, faults);
    category
}

fn level(
    rules: Rules<'_>,
    attributes: &Attributes,
    declared: Option<&model::Event>,
    faults: &mut Faults,
) -> Option<Level> {
    if let (Some((text, level)), Some(event)) = (&attributes.level, declared)
        && *level != event.level
    {
        faults.add(
            At::of(text),
            &codes::CONTRADICTION,
            format_args!(
                "`{}` is an event of level `{}` ({})",
                event.name,
                event.level,
                rules.at(event.place)
            ),
            "leave the level out here: schema.toml says it",
        );
    }
    declared
        .map(|event| event.level)
        .or(attributes.level.as_ref().map(|(_, level)| *level))
}

fn message(
    rules: Rules<'_>,
    attributes: &Attributes,
    ident: &Ident,
    declared: Option<&model::Event>,
    faults: &mut Faults,
) -> Option<String> {
    match (&attributes.message, declared) {
        (None, Some(event)) => Some(event.message.clone()),
        (Some(text), None) => Some(text.value()),
        (Some(text), Some(event)) => {
            if text.value() != event.message {
                faults.add(
                    At::of(text),
                    &codes::CONTRADICTION,
                    format_args!(
                        "`{}` has the message {:?} ({})",
                        event.name,
                        event.message,
                        rules.at(event.place)
                    ),
                    "leave the message out here: schema.toml says it",
                );
            }
            Some(event.message.clone())
        }
        (None, None) => {
            let at = attributes.event.as_ref().map_or(At::of(ident), At::of);
            let name = attributes
                .event
                .as_ref()
                .map(syn::LitStr::value)
                .unwrap_or_default();
            let events = rules.0.events.iter().map(|event| event.name.as_str());
            let declared = match nearest(&name, events).and_then(|near| rules.0.event(near)) {
                Some(event) if !name.is_empty() => format!(
                    "; if it is `{}` ({}), whose message stands there, write that name",
                    event.name,
                    rules.at(event.place)
                ),
                _ => "; only an event that schema.toml declares goes without".to_owned(),
            };
            let way_out = format!("say what happened: `#[log(message = \"..\", ..)]`{declared}");
            faults.add(
                at,
                &codes::MESSAGE_LITERAL,
                "the event's message is missing",
                way_out,
            );
            None
        }
    }
}

fn check_listed(rules: Rules<'_>, event: &model::Event, field: &Field, faults: &mut Faults) {
    if !event.fields().any(|listed| listed == field.name) {
        let declare = listing(rules, &field.name);
        faults.add(
            At::of(&field.ident),
            &codes::NOT_A_FIELD,
            format_args!(
                "`{}` is not a field of the event `{}` ({})",
                field.name,
                event.name,
                rules.at(event.place)
            ),
            did_you_mean(&field.name, event.fields(), &declare),
        );
    }
}

/// A type that fits the field, for one who adds it.
fn rust_type(field: &model::Field) -> String {
    let scalar = |scalar: Scalar| match scalar {
        Scalar::String => "String",
        Scalar::Uuid => "tracel::Uuid",
        Scalar::Ip => "std::net::IpAddr",
        Scalar::Timestamp => "std::time::SystemTime",
        Scalar::Duration => "std::time::Duration",
        Scalar::Bytes => "Vec<u8>",
        Scalar::Json => "tracel::JsonValue",
        Scalar::Error => "Box<dyn std::error::Error + Send + Sync>",
        number_or_bool => number_or_bool.name(),
    };
    match &field.ty {
        Type::Scalar(of) => scalar(*of).to_owned(),
        Type::List(of) => format!("Vec<{}>", scalar(*of)),
        // Its module is the one that includes the schema.
        Type::Enum(_) => camel_case(&field.name),
    }
}
