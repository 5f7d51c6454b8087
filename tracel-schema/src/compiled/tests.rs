//! The compiled form: what is written is read back, and what was not written is refused, never a panic.

use super::{Error, VERSION, checksum, read, write};
use crate::model::{
    Category, Class, Event, Field, Level, LevelRule, Owner, Place, Policy, Rate, Requirement, Scalar, Schema,
    Sensitive, Trust, Type,
};

/// xorshift64*: enough to vary schemas, the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % below
    }

    fn coin(&mut self) -> bool {
        self.next(2) == 0
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.next(items.len())]
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.coin().then(|| make(self))
    }

    fn many<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.next(5)).map(|_| make(self)).collect()
    }

    fn text(&mut self) -> String {
        let chars = [
            'a', '_', ' ', '\t', '\n', '\r', '\\', 't', 'n', '-', '=', '"', '\0', '\u{2028}', 'é', '🦀',
        ];
        (0..self.next(9)).map(|_| self.pick(&chars)).collect()
    }

    fn place(&mut self) -> Place {
        Place {
            file: self.next(3),
            line: self.next(100_000) as u32,
        }
    }

    fn level(&mut self) -> Level {
        self.pick(&Level::ALL)
    }

    fn requirements(&mut self) -> Vec<Requirement> {
        self.many(|r| Requirement {
            field: r.text(),
            place: r.place(),
        })
    }

    fn rate(&mut self) -> Rate {
        Rate {
            count: self.next(1000) as u64,
            seconds: u64::MAX - self.next(3) as u64,
        }
    }

    fn schema(&mut self) -> Schema {
        Schema {
            name: self.text(),
            version: u64::MAX - self.next(3) as u64,
            owner: Owner {
                package: self.text(),
                manifest_dir: self.text(),
            },
            files: self.many(|r| r.text().into()),
            service: self.maybe(Self::text),
            policy: self.policy(),
            fields: self.many(|r| Field {
                name: r.text(),
                ty: match r.next(3) {
                    0 => Type::Scalar(r.pick(&Scalar::ALL).0),
                    1 => Type::List(r.pick(&Scalar::ALL).0),
                    _ => Type::Enum(r.many(Self::text)),
                },
                class: r.pick(&[Class::Safe, Class::Sensitive, Class::Secret]),
                doc: r.maybe(Self::text),
                unit: r.maybe(Self::text),
                propagate: r.coin(),
                place: r.place(),
                class_place: r.place(),
            }),
            categories: self.many(|r| Category {
                name: r.text(),
                doc: r.maybe(Self::text),
                required: r.requirements(),
                place: r.place(),
            }),
            levels: self.many(|r| LevelRule {
                level: r.level(),
                doc: r.maybe(Self::text),
                required: r.requirements(),
                place: r.place(),
            }),
            events: self.many(|r| Event {
                name: r.text(),
                category: r.text(),
                level: r.level(),
                message: r.text(),
                doc: r.maybe(Self::text),
                required: r.requirements(),
                optional: r.requirements(),
                limit: r.maybe(Self::rate),
                retention: r.maybe(|r| r.next(9) as u64),
                place: r.place(),
            }),
        }
    }

    fn policy(&mut self) -> Policy {
        Policy {
            open: std::array::from_fn(|_| self.coin()),
            max_level_debug: self.maybe(Self::level),
            max_level_release: self.maybe(Self::level),
            sensitive: self.pick(&[Sensitive::Mask, Sensitive::Hash, Sensitive::Drop]),
            foreign_level: self.maybe(Self::level),
            foreign_message: self.coin(),
            max_record: self.next(1 << 20) as u32,
            retention: self.maybe(|r| r.next(1 << 20) as u64),
            retention_by_level: self.many(|r| (r.level(), r.next(1 << 20) as u64)),
            trust: match self.next(3) {
                0 => Trust::All,
                1 => Trust::None,
                _ => Trust::Networks(self.many(Self::text)),
            },
            limit: self.maybe(Self::rate),
            deny_orphans: self.coin(),
        }
    }
}

#[test]
fn any_schema_comes_back() {
    let mut random = Random(0x7ace1);
    for _ in 0..2000 {
        let schema = random.schema();
        let text = write(&schema);
        assert_eq!(read(&text).as_ref(), Ok(&schema), "{text}");
        assert_eq!(write(&schema), text);
    }
}

#[test]
fn every_cut_is_refused() {
    let text = write(&Random(5).schema());
    for (at, _) in text.char_indices() {
        let cut = read(&text[..at]);
        assert!(
            matches!(cut, Err(Error::Torn | Error::Foreign)),
            "cut at {at}: {cut:?}"
        );
    }
}

#[test]
fn every_changed_byte_is_refused_without_a_panic() {
    let text = write(&Random(11).schema());
    let mut random = Random(3);
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1 << random.next(7);
        if let Ok(changed) = String::from_utf8(bytes) {
            assert!(read(&changed).is_err(), "byte {at}");
        }
    }
}

#[test]
fn rows_that_make_no_sense_are_refused_without_a_panic() {
    let rows = [
        ("", "unknown row \"\""),
        ("surprise\t1", "unknown row \"surprise\""),
        ("schema\tacme", "a cell is missing"),
        ("schema\tacme\tthree", "unknown word \"three\""),
        ("service\tPay\tment", "\"ment\" is one cell too many"),
        ("service\tPay\\x", "unknown escape in \"Pay\\\\x\""),
        ("service\tPay\\", "unknown escape in \"Pay\\\\\""),
        ("retention\t5", "\"5\" is neither - nor =value"),
        (
            "trust\tnetworks\t18446744073709551615\t10.0.0.0/8",
            "a cell is missing",
        ),
        ("category\tuser\t0\t1\t-\t-1", "unknown word \"-1\""),
        (
            "field\tx\t0\t1\tsafe\t0\t1\tfalse\t-\t-\tmap\tu8",
            "unknown kind of type \"map\"",
        ),
        ("limit\t=5", "unknown word \"5\""),
    ];
    for (row, expected) in rows {
        let body = format!("tracel-schema\t{VERSION}\n{row}\n");
        let error = read(&format!("{body}end\t{}\n", checksum(&body)));
        let expected = Error::Row {
            line: 2,
            what: expected.to_owned(),
        };
        assert_eq!(error, Err(expected), "{row:?}");
    }
}

#[test]
fn foreign_files_and_other_versions_say_so() {
    for foreign in [
        "",
        "\n",
        "[schema]\nname = \"acme\"\n",
        "tracel-schema",
        "ELF\0\t1\n",
    ] {
        assert_eq!(read(foreign), Err(Error::Foreign), "{foreign:?}");
    }
    let head = format!("tracel-schema\t{VERSION}\n");
    let newer = write(&Schema::default()).replacen(&head, "tracel-schema\t99\n", 1);
    assert_eq!(read(&newer), Err(Error::Version("99".into())));
    let told = Error::Version("99".into()).to_string();
    assert!(
        told.contains("\"99\"")
            && told.contains(&format!("reads {VERSION}"))
            && told.contains("of one version"),
        "{told}"
    );
    assert!(Error::Torn.to_string().contains("build again"));
}
