//! A schema over those that it extends: what it adds stands beside theirs, what it tightens holds, and what it would
//! redefine or loosen is an error that names both places. What names refer to, `check` finds out.

mod event;
mod policy;

use crate::{
    codes,
    diagnostic::{Diagnostics, Spot},
    document::{At, CategoryEntry, Document, FieldEntry, LevelEntry},
    model::{Class, Type},
    sources::Files,
};

/// One document of several, each after all that it extends; the last one's name and version hold.
pub(crate) fn merge(documents: Vec<Document>, files: &Files, found: &mut Diagnostics) -> Option<Document> {
    let mut documents = documents.into_iter();
    let mut merger = Merger {
        out: documents.next()?,
        files,
        found,
    };
    for field in std::mem::take(&mut merger.out.fields) {
        merger.field(field);
    }
    for event in std::mem::take(&mut merger.out.events) {
        merger.event(event);
    }
    for document in documents {
        merger.document(document);
    }
    Some(merger.out)
}

struct Merger<'a> {
    out: Document,
    files: &'a Files,
    found: &'a mut Diagnostics,
}

impl Merger<'_> {
    fn document(&mut self, own: Document) {
        self.out.name = own.name;
        self.out.version = own.version;
        self.out.service = own.service.or(self.out.service.take());
        self.policy(own.policy);
        own.fields.into_iter().for_each(|field| self.field(field));
        own.categories
            .into_iter()
            .for_each(|category| self.category(category));
        own.levels.into_iter().for_each(|level| self.level(level));
        own.events.into_iter().for_each(|event| self.event(event));
    }

    fn field(&mut self, own: FieldEntry) {
        let mut known = self.out.fields.iter();
        let Some(index) = known.position(|field| field.name.value == own.name.value) else {
            own.left.iter().for_each(|left| left.report(self.found));
            return self.out.fields.push(own);
        };
        let mut base = self.out.fields[index].clone();
        let name = own.name.value;
        if let (Some(is), Some(was)) = (&own.ty, &base.ty)
            && is != was
        {
            let is = At {
                value: shown(is),
                spot: own.name.spot,
            };
            self.redefined(&format!("the type of `{name}`"), is, base.name.spot, &shown(was));
        }
        match (own.unit, &base.unit) {
            (Some(unit), None) => base.unit = Some(unit),
            (Some(is), Some(was)) if is.value != was.value => {
                let is = At {
                    value: format!("{:?}", is.value),
                    spot: is.spot,
                };
                self.redefined(
                    &format!("the unit of `{name}`"),
                    is,
                    was.spot,
                    &format!("{:?}", was.value),
                );
            }
            _ => {}
        }
        base.doc = own.doc.or(base.doc);
        base.class = self.tighter(
            own.class,
            base.class,
            &format!("the class of `{name}`"),
            |class| (*class as u8, format!("{:?}", class.name())),
        );
        base.propagate = self.tighter(
            own.propagate,
            base.propagate,
            &format!("`propagate` of `{name}`"),
            |propagate| (u8::from(!propagate), propagate.to_string()),
        );
        // What became a secret above the schema that lets it travel stays at home.
        if let (Some(class), Some(propagate)) = (&base.class, &base.propagate)
            && class.value == Class::Secret
            && self.files.is_over(class.spot.file, propagate.spot.file)
        {
            base.propagate = None;
        }
        self.out.fields[index] = base;
    }

    fn category(&mut self, own: CategoryEntry) {
        let mut known = self.out.categories.iter_mut();
        match known.find(|category| category.name.value == own.name.value) {
            None => self.out.categories.push(own),
            Some(base) => {
                base.doc = own.doc.or(base.doc.take());
                add(&mut base.required, own.required);
            }
        }
    }

    fn level(&mut self, own: LevelEntry) {
        let mut known = self.out.levels.iter_mut();
        match known.find(|level| level.level.value == own.level.value) {
            None => self.out.levels.push(own),
            Some(base) => {
                base.doc = own.doc.or(base.doc.take());
                add(&mut base.required, own.required);
            }
        }
    }

    /// The tighter of two values. One that is said over what its file extends, and is looser, is an error; of two
    /// schemas that do not know each other the tighter one holds. `rank` is higher the tighter a value is.
    fn tighter<T, R: PartialOrd>(
        &mut self,
        own: Option<At<T>>,
        base: Option<At<T>>,
        name: &str,
        rank: impl Fn(&T) -> (R, String),
    ) -> Option<At<T>> {
        let (own, base) = match (own, base) {
            (Some(own), Some(base)) => (own, base),
            (own, base) => return own.or(base),
        };
        let ((is, is_shown), (was, was_shown)) = (rank(&own.value), rank(&base.value));
        if is >= was {
            return Some(match is > was {
                true => own,
                false => base,
            });
        }
        self.loosened(name, own.spot, &is_shown, base.spot, &was_shown);
        Some(base)
    }

    /// Tells of what is something else in another schema.
    fn redefined(&mut self, name: &str, own: At<String>, base: Spot, was: &str) {
        let what = format!(
            "{name} is {} here, and {was} in {}",
            own.value,
            self.files.at(base)
        );
        let way_out = match self.files.extends(own.spot.file, base.file) {
            true => "remove it here, or choose another name: one name means one thing in every service",
            false => {
                "let the two schemas agree, or extend one of them only: one name means one thing in every service"
            }
        };
        self.found.add(own.spot, &codes::REDEFINED, what, way_out);
    }

    /// Tells of a value that is looser than the one below it; a word that says several is told of once.
    fn loosened(&mut self, name: &str, own: Spot, is: &str, base: Spot, was: &str) {
        if self.files.extends(own.file, base.file) && !self.found.has(own, &codes::LOOSENED) {
            let what = format!(
                "{name} is {is} here, which is looser than {was} in {}",
                self.files.at(base)
            );
            let way_out = "remove it here: a schema may tighten what it extends, and never loosen it";
            self.found.add(own, &codes::LOOSENED, what, way_out);
        }
    }
}

/// Adds the names that are not there yet.
fn add(base: &mut Vec<At<String>>, own: Vec<At<String>>) {
    let known = base.len();
    for name in own {
        // What one file lists twice is told later.
        if !base[..known].iter().any(|other| other.value == name.value) {
            base.push(name);
        }
    }
}

/// A type, as a message shows it.
fn shown(ty: &Type) -> String {
    match ty {
        Type::Scalar(scalar) => format!("{:?}", scalar.name()),
        Type::List(scalar) => format!("a list of {:?}", scalar.name()),
        Type::Enum(values) => format!("an enum of {values:?}"),
    }
}
