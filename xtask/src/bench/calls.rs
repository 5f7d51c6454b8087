//! What the logs of a large crate cost its build: 2,000 calls, 200 derived events and 100 instrumented functions, beside the
//! same crate written with `tracing`, with as many fields. How CPU time is measured, `cpu` knows.

use super::{cpu, sample::Sample, subject::Subject};
use crate::command::{root, say};
use std::{
    fmt::Write,
    fs,
    process::Command,
    time::{Duration, SystemTime},
};

const MOST_CPU: f64 = 0.25;
const MOST_SIZE: f64 = 0.9;

const FUNCTIONS: usize = 100;
/// In each function: these calls of a message, and these of an event.
const MESSAGES: usize = 18;
const EVENTS: usize = 2;

const SCHEMA: &str = r#"[schema]
name = "large"
version = 1

[fields]
user_id = { type = "u64" }
amount  = { type = "u64" }
attempt = { type = "u32" }
ratio   = { type = "f64" }
ok      = { type = "bool" }
tenant  = { type = "string" }
reason  = { type = "string" }
error   = { type = "error" }

[category.user]
required = ["user_id"]

[level.error]
required = ["error"]
"#;

/// A call's level, category and fields, in turn: between two and four, as services have them.
const CALLS: [(&str, &str, &[&str]); 6] = [
    ("info", "SysLog", &["attempt", "tenant"]),
    ("info", "UserLog", &["user_id", "amount"]),
    ("debug", "SysLog", &["ratio", "ok", "tenant"]),
    ("warn", "UserLog", &["user_id", "reason", "attempt"]),
    ("error", "SysLog", &["error", "tenant", "attempt"]),
    ("info", "UserLog", &["user_id", "amount", "tenant", "ok"]),
];

/// What a function is given: a value for each field.
const ARGUMENTS: &str = "user_id: u64, amount: u64, attempt: u32, ratio: f64, ok: bool, tenant: &str, reason: &str, error: &std::fmt::Error";
const VALUES: &str = "7, 1999, 2, 0.5, true, tenant, reason, &std::fmt::Error";
const EVENT: &str = "    attempt: u32,\n    amount: u64,\n    tenant: &'a str,\n";

/// Whether both limits hold.
pub(crate) fn run(rounds: u32) -> Result<bool, String> {
    let ours = ours("", "")?;
    let theirs = Subject::new("large-tracing", super::compile::PEER)?;
    theirs.write("src/main.rs", &source(&Style::TRACING))?;
    let mut good = true;
    for (what, arguments) in [
        ("cargo check", "check --quiet --offline"),
        ("a release build", "build --release --quiet --offline"),
    ] {
        // All that they depend on is built before.
        ours.cargo(arguments).output()?;
        theirs.cargo(arguments).output()?;
        let (mut a, mut b) = (Sample::default(), Sample::default());
        for round in 1..=rounds {
            let (of_ours, of_theirs) = (again(&ours, arguments)?, again(&theirs, arguments)?);
            say(&format!(
                "{what}, round {round} of {rounds}: tracel {:.2} s, tracing {:.2} s",
                of_ours.as_secs_f64(),
                of_theirs.as_secs_f64()
            ));
            a.add(of_ours);
            b.add(of_theirs);
        }
        let ratio = a.median().as_secs_f64() / b.median().as_secs_f64();
        say(&format!(
            "CPU time of {what} of the crate alone, median of {rounds} (range):\n  tracel   {a}\n  tracing  {b}\n  ratio {ratio:.2} (at most {MOST_CPU})"
        ));
        good &= ratio <= MOST_CPU;
    }
    let (a, b) = (
        stripped(&ours, "large-tracel")?,
        stripped(&theirs, "large-tracing")?,
    );
    let ratio = a as f64 / b as f64;
    say(&format!(
        "size of the release binary, stripped:\n  tracel   {a} bytes\n  tracing  {b} bytes\n  ratio {ratio:.2} (at most {MOST_SIZE})"
    ));
    Ok(good && ratio <= MOST_SIZE)
}

/// The crate with TraceL, with these features of it, and more at its manifest's end.
pub(super) fn ours(features: &str, more: &str) -> Result<Subject, String> {
    let tracel = format!(
        "tracel = {{ path = {:?}, features = [{features}] }}\n[build-dependencies]\ntracel-schema = {{ path = {:?} }}\n{more}",
        root().join("tracel"),
        root().join("tracel-schema")
    );
    let ours = Subject::new("large-tracel", &tracel)?;
    ours.write("build.rs", "fn main() {\n    tracel_schema::build();\n}\n")?;
    ours.write("schema.toml", SCHEMA)?;
    ours.write("src/main.rs", &source(&Style::TRACEL))?;
    Ok(ours)
}

/// The CPU time of compiling the crate once more, and nothing that it depends on.
fn again(subject: &Subject, arguments: &str) -> Result<Duration, String> {
    let path = subject.path("src/main.rs");
    let file = fs::File::options()
        .append(true)
        .open(&path)
        .and_then(|file| file.set_modified(SystemTime::now()));
    file.map_err(|error| format!("{}: {error}", path.display()))?;
    let before = cpu::of_children()?;
    subject.cargo(arguments).output()?;
    Ok(cpu::of_children()?.saturating_sub(before))
}

/// The bytes of a program without its symbols.
pub(super) fn stripped(subject: &Subject, name: &str) -> Result<u64, String> {
    let (from, to) = (
        subject.target().join("release").join(name),
        subject.path("stripped"),
    );
    let status = Command::new("strip").arg("-o").arg(&to).arg(&from).status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(format!("strip {}: {status}", from.display())),
        Err(error) => {
            return Err(format!(
                "strip cannot be started: {error}; it is part of binutils"
            ));
        }
    }
    let data = fs::metadata(&to).map_err(|error| format!("{}: {error}", to.display()))?;
    Ok(data.len())
}

/// How one of the two is written.
struct Style {
    head: &'static str,
    start: &'static str,
    instrument: &'static str,
    derive: fn(usize) -> String,
    message: fn(usize) -> String,
    event: fn(usize) -> String,
}

impl Style {
    const TRACEL: Style = Style {
        head: "mod logs { tracel::include_schema!(); }\n",
        start: "let _guard = tracel::init(logs::SCHEMA).start().expect(\"starts\");",
        instrument: "#[tracel::instrument(skip_all, fields(user_id, tenant))]",
        derive: |at| {
            format!(
                "#[derive(tracel::SysLog)]\n#[log(event = \"event_{at}\", message = \"the event {at}\")]\n"
            )
        },
        message: |at| {
            let (level, category, fields) = CALLS[at % CALLS.len()];
            // The category's field stands by place, as in the README.
            let (by_place, rest) = match category {
                "UserLog" => ("user_id, ", &fields[1..]),
                _ => ("", fields),
            };
            format!(
                "tracel::log_{level}!({category}({by_place}\"the message {at}\", {}));",
                rest.join(", ")
            )
        },
        event: |at| format!("tracel::log_info!(Event{at} {{ attempt, amount, tenant }});"),
    };
    const TRACING: Style = Style {
        head: "",
        start: "tracing_subscriber::fmt().json().init();",
        instrument: "#[tracing::instrument(skip_all, fields(user_id, tenant))]",
        derive: |_| "#[allow(dead_code)]\n".to_owned(),
        message: |at| {
            let (level, _, fields) = CALLS[at % CALLS.len()];
            let fields: Vec<&str> = fields
                .iter()
                .map(|field| if *field == "error" { "%error" } else { field })
                .collect();
            format!("tracing::{level}!({}, \"the message {at}\");", fields.join(", "))
        },
        event: |at| {
            format!(
                "let event = Event{at} {{ attempt, amount, tenant }};\n    tracing::info!(attempt = event.attempt, amount = event.amount, \
                 tenant = event.tenant, \"the event {at}\");"
            )
        },
    };
}

/// The crate's only file.
fn source(style: &Style) -> String {
    let mut source = format!("#![allow(unused_variables)]\n{}", style.head);
    let mut main = String::new();
    for function in 0..FUNCTIONS {
        let mut body = String::new();
        for event in function * EVENTS..(function + 1) * EVENTS {
            // Writing into a string cannot fail.
            let _ = write!(
                source,
                "{}struct Event{event}<'a> {{\n{EVENT}}}\n",
                (style.derive)(event)
            );
            let _ = writeln!(body, "    {}", (style.event)(event));
        }
        for message in function * MESSAGES..(function + 1) * MESSAGES {
            let _ = writeln!(body, "    {}", (style.message)(message));
        }
        let _ = write!(
            source,
            "{}\nfn function_{function}({ARGUMENTS}) {{\n{body}}}\n",
            style.instrument
        );
        let _ = writeln!(main, "    function_{function}({VALUES});");
    }
    let start = style.start;
    format!(
        "{source}fn main() {{\n    {start}\n    let (tenant, reason) = (std::env::args().next().unwrap_or_default(), String::new());\n    \
         let (tenant, reason) = (&*tenant, &*reason);\n{main}}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::{Style, source};

    #[test]
    fn both_are_of_the_size_that_is_told() {
        let (ours, theirs) = (source(&Style::TRACEL), source(&Style::TRACING));
        let count = |text: &str, part: &str| text.matches(part).count();
        assert_eq!(count(&ours, "tracel::log_"), 2_000);
        assert_eq!(count(&ours, "#[derive(tracel::SysLog)]"), 200);
        assert_eq!(count(&ours, "#[tracel::instrument"), 100);
        let theirs_calls =
            ["info", "debug", "warn", "error"].map(|level| count(&theirs, &format!("tracing::{level}!(")));
        assert_eq!(theirs_calls.iter().sum::<usize>(), 2_000);
        assert_eq!(count(&theirs, "#[tracing::instrument"), 100);
        assert_eq!(count(&theirs, "struct Event"), 200);
    }
}
