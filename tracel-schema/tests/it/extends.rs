//! What a schema adds to those that it extends, and what it tightens. What it may not do is in `tests/fixtures/errors`.

use crate::{bases, golden};
use std::path::{Path, PathBuf};
use tracel_schema::{
    Compiled, compile,
    model::{Class, Level, Owner, Rate, Schema, Sensitive, Trust},
};

#[track_caller]
fn compiled(text: &str) -> Compiled {
    let whole = format!("[schema]\nname = \"shop\"\nversion = 7\n{text}");
    match bases::compile(&whole) {
        Ok(compiled) => compiled,
        Err(errors) => panic!("{errors:#?}"),
    }
}

#[track_caller]
fn schema(text: &str) -> Schema {
    compiled(&format!("extends = [\"acme-schema\"]\n{text}")).schema
}

fn names(fields: &[tracel_schema::model::Requirement]) -> Vec<&str> {
    fields
        .iter()
        .map(|requirement| requirement.field.as_str())
        .collect()
}

#[test]
fn everything_below_holds_under_the_own_name() {
    let own = schema("");
    assert_eq!((own.name.as_str(), own.version), ("shop", 7));
    assert_eq!(own.service.as_deref(), Some("Acme"));
    let text = include_str!("../fixtures/bases/acme.toml");
    let alone = compile(text, "x".as_ref(), Owner::default())
        .expect("acme stands alone")
        .schema;
    assert_eq!(own.policy, alone.policy);
    assert_eq!(own.fields.len(), alone.fields.len());
    assert_eq!(own.events.len(), 1);
    assert_eq!(names(&own.events[0].required), names(&alone.events[0].required));
    assert_eq!(
        own.files,
        ["schema.toml", "acme-schema/schema.toml"].map(PathBuf::from)
    );
    assert_eq!(own.at(own.fields[0].place), "acme-schema/schema.toml:20");
    assert_eq!(
        schema("[service]\nname = \"Shop\"\n").service.as_deref(),
        Some("Shop")
    );
}

#[test]
fn fields_and_events_are_added() {
    let own = schema(
        "[fields]\ncoupon = { type = \"string\" }\n[event.coupon_used]\ncategory = \"user\"\nlevel = \"info\"\n\
         message = \"coupon used\"\nrequired = [\"coupon\", \"amount\"]\n",
    );
    let event = own.event("coupon_used").expect("it is there");
    assert_eq!(names(&event.required), ["user_id", "coupon", "amount"]);
    assert_eq!(own.at(event.place), "schema.toml:7");
    assert_eq!(own.at(event.required[0].place), "acme-schema/schema.toml:30");
    assert_eq!(own.at(event.required[2].place), "schema.toml:11");
}

#[test]
fn a_class_is_raised_where_it_is_said() {
    let own = schema(
        "[fields]\ncard = { class = \"secret\" }\namount = { doc = \"What is paid.\" }\ntenant = { class = \"secret\" }\n",
    );
    let card = own.field("card").expect("it is there");
    assert_eq!(card.class, Class::Secret);
    assert_eq!(own.at(card.place), "acme-schema/schema.toml:23");
    assert_eq!(own.at(card.class_place), "schema.toml:6");
    let event = own.event("payment_captured").expect("it is there");
    assert_eq!(names(&event.optional), [""; 0], "a secret is offered by no event");
    let tenant = own.field("tenant").expect("it is there");
    assert!(!tenant.propagate, "a secret does not travel");
    let amount = own.field("amount").expect("it is there");
    assert_eq!(
        (amount.doc.as_deref(), amount.unit.as_deref()),
        (Some("What is paid."), Some("minor units"))
    );
}

#[test]
fn more_is_required() {
    let own = schema(
        "[category.user]\nrequired = [\"user_id\", \"tenant\"]\n[level.info]\nrequired = [\"region\"]\n\
         [event.payment_captured]\nrequired = [\"card\"]\noptional = [\"error\"]\nlimit = \"10/s\"\nretention = \"7d\"\n",
    );
    let event = own.event("payment_captured").expect("it is there");
    assert_eq!(
        names(&event.required),
        ["user_id", "tenant", "region", "amount", "currency", "card"]
    );
    assert_eq!(names(&event.optional), ["error"]);
    assert_eq!(
        event.limit,
        Some(Rate {
            count: 10,
            seconds: 1
        })
    );
    assert_eq!(event.retention, Some(7 * 86_400));
    let user = own.category("user").expect("it is there");
    assert_eq!(names(&user.required), ["user_id", "tenant"]);
    assert_eq!(own.at(user.required[0].place), "acme-schema/schema.toml:30");
    assert_eq!(own.at(user.required[1].place), "schema.toml:6");
}

#[test]
fn policies_are_tightened() {
    let policy = schema(
        "[policy]\nmetadata = { default = \"declared\", trace = \"open\" }\nmax_level = { debug = \"info\", release = \"off\" }\n\
         sensitive = \"drop\"\nforeign = { level = \"off\" }\nmax_record = \"8KiB\"\n\
         retention = { default = \"4w\", error = \"7d\", info = \"1d\" }\ntrust = [\"10.1.0.0/16\", \"10.0.0.0/9\"]\n\
         limit = \"1000/m\"\norphans = \"deny\"\n",
    )
    .policy;
    assert_eq!(policy.open, [true, false, false, false, false]);
    assert_eq!(
        (policy.max_level_debug, policy.max_level_release),
        (Some(Level::Info), None)
    );
    assert_eq!(policy.sensitive, Sensitive::Drop);
    assert_eq!((policy.foreign_level, policy.foreign_message), (None, false));
    assert_eq!(policy.max_record, 8 << 10);
    assert_eq!(policy.retention, Some(28 * 86_400));
    assert_eq!(
        policy.retention_by_level,
        [(Level::Info, 86_400), (Level::Error, 7 * 86_400)]
    );
    assert_eq!(
        policy.trust,
        Trust::Networks(vec!["10.1.0.0/16".into(), "10.0.0.0/9".into()])
    );
    assert_eq!(
        policy.limit,
        Some(Rate {
            count: 1000,
            seconds: 60
        })
    );
}

/// A chain, and the same schema on two ways.
#[test]
fn chains_and_diamonds_hold_once() {
    for extends in [
        "[\"risk-schema\"]",
        "[\"acme-schema\", \"risk-schema\"]",
        "[\"risk-schema\", \"../bases/acme.toml\"]",
    ] {
        let own = compiled(&format!("extends = {extends}\n")).schema;
        assert_eq!(own.files.len(), 3, "{:?}", own.files);
        assert_eq!(own.policy.max_level_release, Some(Level::Warn));
        assert_eq!(
            own.field("tenant").map(|field| field.class),
            Some(Class::Sensitive)
        );
        assert_eq!(
            own.fields.iter().filter(|field| field.name == "amount").count(),
            1
        );
        let score = own.field("score").expect("it is there");
        assert_eq!(own.at(score.place), "risk-schema/schema.toml:10");
    }
}

/// The generated docs name each field's file and line.
#[test]
fn code_of_a_schema_that_extends() {
    let text = include_str!("../fixtures/extends.toml");
    let compiled = match bases::compile(text) {
        Ok(compiled) => compiled,
        Err(errors) => panic!("{errors:#?}"),
    };
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"));
    golden::assert(&folder.join("extends.rs"), &compiled.code);
    golden::assert(&folder.join("extends.schema"), &compiled.compiled);
    assert_eq!(
        tracel_schema::compiled::read(&compiled.compiled),
        Ok(compiled.schema)
    );
}
