//! One schema of many repositories, as an organisation has it: crates of schemas, services in workspaces of their own, a
//! library with a schema of its own. And the edit loop: what is compiled anew, and what is not.

#[allow(dead_code, reason = "another test uses what this one does not")]
mod organisation {
    pub(crate) mod place;
}

use organisation::place::Place;
use serde_json::Value;
use std::fmt::Write;

const ACME: &str = r#"[schema]
name = "acme"
version = 4
extends = ["./money.toml"]

[policy]
sensitive = "drop"

[fields]
user_id = { type = "u64" }
card = { type = "string", class = "sensitive" }
error = { type = "error" }

[category.user]
required = ["user_id"]
"#;

const MONEY: &str = r#"[schema]
name = "money"
version = 1

[fields]
amount = { type = "u64", unit = "cents" }
currency = { type = "enum", values = ["EUR", "USD"] }
"#;

const RISK: &str = r#"[schema]
name = "risk"
version = 2
extends = ["acme-schema"]

[fields]
score = { type = "u8" }

[level.warn]
required = ["score"]
"#;

/// A manifest; `tables` follow those of the package.
fn manifest(name: &str, package: &str, tables: &str) -> String {
    let mut out =
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{package}\n");
    let _ = write!(out, "{tables}\n[build-dependencies]\ntracel-schema = \"0.1\"\n");
    out
}

/// TraceL is not published yet: what the crates ask of the registry is this checkout.
fn patch() -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut out = "[workspace]\n[patch.crates-io]\n".to_owned();
    for name in ["tracel", "tracel-schema"] {
        let _ = writeln!(out, "{name} = {{ path = \"{root}/{name}\" }}");
    }
    out
}

/// `tracel check` says what the build says, and nothing else.
#[track_caller]
fn checked_alike(place: &Place, folder: &str, told: &str) {
    let checked =
        tracel_cli::schema::compile(&place.path(folder).join("schema.toml")).expect("it can be read");
    let root = place.path(folder).display().to_string();
    let checked: Vec<String> = checked
        .err()
        .into_iter()
        .flatten()
        .map(|error| error.to_string())
        .collect();
    let built = told.lines().filter(|line| line.contains(": [TL1"));
    let built: Vec<&str> = built.map(str::trim).collect();
    let checked: Vec<&str> = checked
        .iter()
        .filter_map(|error| error.strip_prefix(&root)?.strip_prefix('/'))
        .collect();
    assert_eq!(checked, built);
    assert!(!built.is_empty());
}

/// The records that a program printed, by their messages.
#[track_caller]
fn record<'r>(records: &'r [Value], message: &str) -> &'r Value {
    let mut found = records.iter().filter(|record| record["message"] == message);
    found
        .next()
        .unwrap_or_else(|| panic!("no record {message:?} in {records:#?}"))
}

fn records(printed: &str) -> Vec<Value> {
    let lines = printed.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().expect("each line is a record")
}

#[test]
fn services_of_many_repositories_share_a_schema() {
    let place = Place::new("organisation");
    // The organisation's repository: two schemas, one over the other.
    place.write("schemas/acme-schema/money.toml", MONEY);
    place.write("schemas/acme-schema/schema.toml", ACME);
    place.write("schemas/risk-schema/schema.toml", RISK);
    let publish = "tracel_schema::publish()";
    place.package(
        "schemas/acme-schema",
        &manifest("acme-schema", "links = \"tracel_schema_acme\"", ""),
        publish,
        ("lib.rs", ""),
    );
    place.package(
        "schemas/risk-schema",
        &manifest(
            "risk-schema",
            "links = \"tracel_schema_risk\"",
            "[dependencies]\nacme-schema = { path = \"../acme-schema\" }",
        ),
        publish,
        ("lib.rs", ""),
    );
    place.write(
        "schemas/Cargo.toml",
        "[workspace]\nmembers = [\"acme-schema\", \"risk-schema\"]\nresolver = \"3\"\n",
    );
    place.git("schemas", &["init", "--quiet", "--initial-branch=main"]);
    place.git("schemas", &["add", "."]);
    place.git("schemas", &["commit", "--quiet", "--message=one"]);
    let git = format!("git = \"file://{}\"", place.path("schemas").display());

    // A library with a schema of its own.
    let build = "tracel_schema::build()";
    place.package(
        "fraud",
        &manifest("fraud", "", &format!("[dependencies]\ntracel = \"0.1\"\nrisk-schema = {{ {git} }}")),
        build,
        ("lib.rs", "pub fn look(score: u8) {\n    tracel::log_warn!(SysLog(\"looked at\", score, verdict = \"odd\"));\n}\n"),
    );
    place.write(
        "fraud/schema.toml",
        "[schema]\nname = \"fraud\"\nversion = 9\nextends = [\"risk-schema\"]\n[fields]\nverdict = { type = \"string\" }\n",
    );

    // Two services.
    let dependencies = format!("[dependencies]\ntracel = \"0.1\"\nacme-schema = {{ {git} }}\n");
    place.package(
        "payment",
        &manifest("payment", "", &format!("{dependencies}fraud = {{ path = \"../fraud\" }}\n{}", patch())),
        build,
        (
            "main.rs",
            "mod logs {\n    tracel::include_schema!();\n}\nuse logs::{Currency, PaymentCaptured};\n\n\
             fn main() -> Result<(), tracel::Error> {\n    let _guard = tracel::init(logs::SCHEMA).sink(\"stdout:\").start()?;\n    \
             tracel::log!(PaymentCaptured { user_id: 7, amount: 1999, currency: Currency::Eur });\n    \
             tracel::log_info!(UserLog(7, \"card kept\", card = \"4111\"));\n    fraud::look(99);\n    Ok(())\n}\n",
        ),
    );
    place.write(
        "payment/schema.toml",
        "[schema]\nname = \"payment\"\nversion = 3\nextends = [\"acme-schema\"]\n[service]\nname = \"Payment\"\n\
         [event.payment_captured]\ncategory = \"user\"\nlevel = \"info\"\nmessage = \"payment captured\"\n\
         required = [\"amount\", \"currency\"]\n",
    );
    place.package(
        "ledger",
        &manifest("ledger", "", &format!("{dependencies}{}", patch())),
        build,
        (
            "main.rs",
            "mod logs {\n    tracel::include_schema!();\n}\n\nfn main() -> Result<(), tracel::Error> {\n    \
             let _guard = tracel::init(logs::SCHEMA).sink(\"stdout:\").start()?;\n    \
             tracel::log_info!(UserLog(7, \"booked\", amount = 1999));\n    Ok(())\n}\n",
        ),
    );
    place.write(
        "ledger/schema.toml",
        "[schema]\nname = \"ledger\"\nversion = 1\nextends = [\"acme-schema\"]\n[service]\nname = \"Ledger\"\n\
         [fields]\ncard = { class = \"secret\" }\n",
    );
    place.lock("payment");
    place.lock("ledger");

    // Each record says the schema of its callsite.
    let payment = records(&place.succeeds("payment", &["run", "--quiet"]));
    let captured = record(&payment, "payment captured");
    assert_eq!(captured["schema"], "payment@3");
    assert_eq!(captured["service_name"], "Payment");
    assert_eq!(
        captured["metadata"],
        serde_json::json!({"user_id": 7, "amount": 1999, "currency": "EUR"})
    );
    let kept = record(&payment, "card kept");
    assert_eq!(
        kept["metadata"],
        serde_json::json!({"user_id": 7}),
        "the organisation drops what is sensitive"
    );
    let looked = record(&payment, "looked at");
    assert_eq!(looked["schema"], "fraud@9");
    assert_eq!(looked["service_name"], "Payment");
    assert_eq!(
        looked["metadata"],
        serde_json::json!({"score": 99, "verdict": "odd"})
    );
    let ledger = records(&place.succeeds("ledger", &["run", "--quiet"]));
    assert_eq!(record(&ledger, "booked")["schema"], "ledger@1");

    // What the service may not do is told with both places.
    place.edit(
        "ledger/src/main.rs",
        "amount = 1999",
        "amount = 1999, card = \"4111\"",
    );
    let told = place.fails("ledger", &["check"]);
    assert!(told.contains("`card` is secret (schema.toml:8)"), "{told}");
    place.edit("ledger/src/main.rs", ", card = \"4111\"", "");
    place.edit("ledger/schema.toml", "class = \"secret\"", "class = \"safe\"");
    let told = place.fails("ledger", &["check"]);
    assert!(
        told.contains("schema.toml:8:18: [TL1403] ") && told.contains("acme-schema/schema.toml:11"),
        "{told}"
    );
    checked_alike(&place, "ledger", &told);
    place.edit(
        "ledger/schema.toml",
        "card = { class = \"safe\" }",
        "amount = { type = \"f64\" }",
    );
    let told = place.fails("ledger", &["check"]);
    assert!(
        told.contains("schema.toml:8:1: [TL1402] ") && told.contains("acme-schema/money.toml:6"),
        "{told}"
    );
    checked_alike(&place, "ledger", &told);

    // A schema of a crate that is no direct dependency, or is one in the wrong place.
    place.edit("ledger/schema.toml", "amount = { type = \"f64\" }", "");
    place.edit("ledger/schema.toml", "[\"acme-schema\"]", "[\"risk-schema\"]");
    let told = place.fails("ledger", &["check"]);
    for part in [
        "schema.toml:4:12: [TL1006] `risk-schema` is no direct dependency of `ledger`",
        "[dependencies]",
    ] {
        assert!(told.contains(part), "{told}");
    }
    place.edit(
        "ledger/Cargo.toml",
        "tracel-schema = \"0.1\"\n",
        &format!("tracel-schema = \"0.1\"\nrisk-schema = {{ {git} }}\n"),
    );
    let told = place.fails("ledger", &["check"]);
    assert!(
        told.contains("`risk-schema` stands under [build-dependencies] of `ledger`"),
        "{told}"
    );

    // A new field reaches a service with `cargo update`, and nothing else.
    place.edit("payment/src/main.rs", "card = \"4111\"", "region = \"north\"");
    let told = place.fails("payment", &["check"]);
    assert!(told.contains("`region` is not a field of schema.toml"), "{told}");
    place.edit(
        "schemas/acme-schema/schema.toml",
        "[category.user]",
        "region = { type = \"string\" }\n\n[category.user]",
    );
    place.git("schemas", &["commit", "--quiet", "--all", "--message=two"]);
    let told = place.fails("payment", &["check"]);
    assert!(
        told.contains("`region` is not a field of schema.toml"),
        "not before the update: {told}"
    );
    place.succeeds("payment", &["update", "--quiet", "acme-schema"]);
    let payment = records(&place.succeeds("payment", &["run", "--quiet"]));
    assert_eq!(
        record(&payment, "card kept")["metadata"],
        serde_json::json!({"user_id": 7, "region": "north"})
    );
}

#[test]
fn an_edit_compiles_those_who_use_the_schema_and_nothing_else() {
    const ALL: [&str; 5] = ["acme-schema", "ledger", "library", "payment", "plain"];
    let place = Place::new("edits");
    place.write("acme-schema/money.toml", MONEY);
    place.write("acme-schema/schema.toml", ACME);
    place.package(
        "acme-schema",
        &manifest("acme-schema", "links = \"tracel_schema_acme\"", ""),
        "tracel_schema::publish()",
        ("lib.rs", ""),
    );
    let log = "pub fn log() {\n    tracel::log_info!(UserLog(7, \"seen\"));\n}\n";
    let build = "tracel_schema::build()";
    let tracel = "[dependencies]\ntracel = \"0.1\"\n";
    // Over the organisation's schema; over a file; with the default schema; without TraceL.
    place.package(
        "payment",
        &manifest(
            "payment",
            "",
            &format!("{tracel}acme-schema = {{ path = \"../acme-schema\" }}"),
        ),
        build,
        ("lib.rs", log),
    );
    place.write(
        "payment/schema.toml",
        "[schema]\nname = \"payment\"\nversion = 1\nextends = [\"acme-schema\"]\n",
    );
    place.package("ledger", &manifest("ledger", "", tracel), build, ("lib.rs", log));
    place.write("shared/users.toml", "[schema]\nname = \"users\"\nversion = 1\n[fields]\nuser_id = { type = \"u64\" }\n[category.user]\nrequired = [\"user_id\"]\n");
    place.write(
        "ledger/schema.toml",
        "[schema]\nname = \"ledger\"\nversion = 1\nextends = [\"../shared/users.toml\"]\n",
    );
    place.package("library", &manifest("library", "", tracel), "", ("lib.rs", log));
    place.package(
        "plain",
        &manifest("plain", "", ""),
        "",
        ("lib.rs", "pub fn plain() {}\n"),
    );
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"acme-schema\", \"ledger\", \"library\", \"payment\", \"plain\"]\n";
    place.write("Cargo.toml", &patch().replace("[workspace]\n", members));
    place.lock(".");

    place.rebuilt(".", &ALL);
    assert_eq!(place.rebuilt(".", &ALL), [""; 0], "nothing changed");
    place.write("payment/notes.txt", "of no interest to the schema");
    place.write("notes.toml", "");
    assert_eq!(place.rebuilt(".", &ALL), [""; 0], "other files changed");

    place.edit("payment/schema.toml", "version = 1", "version = 2");
    assert_eq!(place.rebuilt(".", &ALL), ["payment"], "a service's own schema");
    place.edit("acme-schema/schema.toml", "version = 4", "version = 5");
    assert_eq!(
        place.rebuilt(".", &ALL),
        ["acme-schema", "payment"],
        "the organisation's schema"
    );
    place.edit("acme-schema/money.toml", "\"USD\"", "\"USD\", \"GBP\"");
    assert_eq!(
        place.rebuilt(".", &ALL),
        ["acme-schema", "payment"],
        "a file of the organisation's"
    );
    place.edit("shared/users.toml", "u64", "u32");
    assert_eq!(place.rebuilt(".", &ALL), ["ledger"], "a shared file");
    assert_eq!(place.rebuilt(".", &ALL), [""; 0], "nothing changed since");

    // The macros see what was edited.
    place.edit(
        "acme-schema/schema.toml",
        "required = [\"user_id\"]",
        "required = [\"user_id\", \"amount\"]",
    );
    let told = place.fails(".", &["check", "--workspace"]);
    assert!(
        told.contains("`amount` is missing: [category.user] requires it (acme-schema/schema.toml:15)"),
        "{told}"
    );
    place.edit("payment/src/lib.rs", "\"seen\"", "\"seen\", amount = 5");
    assert_eq!(place.rebuilt(".", &ALL), ["payment"]);
}
