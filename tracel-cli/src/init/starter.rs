//! What a fresh project begins with: a schema.toml, and a first log in an untouched `main.rs`.

use super::{
    edits::Edits,
    project::{Package, Project},
};
use std::path::PathBuf;

/// What `cargo new` writes.
const UNTOUCHED: &str = "fn main() {\n    println!(\"Hello, world!\");\n}\n";

const FIRST_LOG: &str = r#"mod logs {
    tracel::include_schema!(); // the events and enums of schema.toml
}

fn main() -> Result<(), tracel::Error> {
    let _guard = tracel::init(logs::SCHEMA).start()?; // writes what is pending when it is dropped
    tracel::log_info!(SysLog("started"));
    Ok(())
}
"#;

/// Writes a schema.toml at the root, unless every package has one.
pub(super) fn schema(project: &Project, edits: &mut Edits) -> Result<(), String> {
    let has_one = |package: &Package| {
        let up = package
            .folder
            .ancestors()
            .take_while(|folder| folder.starts_with(&project.root));
        package.schema.is_some()
            || up
                .map(|folder| folder.join("schema.toml"))
                .any(|path| path.is_file())
    };
    if project.packages.iter().all(has_one) {
        return Ok(());
    }
    let service = match project.packages.as_slice() {
        [only] => Some(only.name.as_str()),
        _ => None,
    };
    let folder = project.root.file_name().unwrap_or_default().to_string_lossy();
    let name = name(service.unwrap_or(&folder));
    let path = project.root.join("schema.toml");
    let did = format!("new: what may be logged, {name}@1, to be made yours");
    let has_old = |package: &Package| ["log", "tracing"].iter().any(|old| package.depends_on(old, None));
    let is_taken_over = project.packages.iter().any(has_old);
    edits.write(&path, text(&name, service, is_taken_over), did);
    Ok(())
}

/// A schema's name is made of letters, digits, `-`, `_` and `.`.
fn name(from: &str) -> String {
    let is_fit = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    let name: String = from
        .chars()
        .map(|char| if is_fit(char) { char } else { '-' })
        .collect();
    if name.is_empty() { "logs".to_owned() } else { name }
}

fn text(name: &str, service: Option<&str>, is_taken_over: bool) -> String {
    // Without it a service would lose what it logs today, for all but a schema's own logs count as other crates'.
    let foreign = match is_taken_over {
        true => {
            "foreign  = { level = \"info\" }  # what tracing and log say, yours too; \"warn\" once none of those calls is left\n"
        }
        false => "",
    };
    let service = service.map_or_else(String::new, |service| {
        format!("\n[service]\nname = \"{service}\"\n")
    });
    format!(
        r#"# What may be logged. `tracel check` checks this file, and so does every build.

[schema]
name    = "{name}"
version = 1                     # stamped on every record
{service}
[policy]
metadata = {{ default = "declared", debug = "open", trace = "open" }}   # "open" also admits keys that [fields] lacks
{foreign}
[fields]                        # one name, one type, in every service
user_id = {{ type = "u64",   doc = "The account that acted." }}
error   = {{ type = "error", doc = "The error and what caused it." }}

[category.user]                 # a UserLog says whom it is about
required = ["user_id"]

[level.error]                   # an error log without its error does not compile
required = ["error"]

# An event becomes a struct, PaymentCaptured, for `log!(PaymentCaptured {{ user_id: 42 }})`:
#
# [event.payment_captured]
# category = "user"
# level    = "info"
# message  = "payment captured"
"#
    )
}

/// A first log in the `main.rs` of a fresh package; to any other the lines are told.
pub(super) fn main(package: &Package, edits: &mut Edits) -> Result<(), String> {
    let mains: Vec<&PathBuf> = package.mains.iter().collect();
    for path in mains {
        let Some(text) = edits.read(path)? else { continue };
        if text.replace("\r\n", "\n").trim() == UNTOUCHED.trim() {
            edits.write(
                path,
                FIRST_LOG.to_owned(),
                "starts the log, and writes a first record",
            );
        } else if !text.contains("tracel::init") && !text.contains("tracel::layer") {
            let mut left = format!(
                "{}: it is yours; to start the log, add\n    mod logs {{ tracel::include_schema!(); }}\nand as the first line of main, which \
                 returns a Result<(), tracel::Error>,\n    let _guard = tracel::init(logs::SCHEMA).start()?;",
                edits.shown(path)
            );
            if text.contains("tracing_subscriber") {
                left.push_str(
                    "\nin place of the subscriber that it starts now, or beside that one's layers\n    .with(tracel::layer(logs::SCHEMA))",
                );
            }
            if package.depends_on("axum", None) {
                left.push_str(
                    "\nand to the router, so that each request has its event_id,\n    .layer(tracel::tower::ServerLayer::new())",
                );
            }
            edits.leave(left);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{name, text};
    use tracel_schema::{
        compile,
        model::{Level, Owner},
    };

    #[test]
    fn the_starter_is_a_good_schema() {
        for (service, is_taken_over) in [(None, true), (Some("payment"), false)] {
            let text = text(&name("über service"), service, is_taken_over);
            let compiled = compile(&text, "schema.toml".as_ref(), Owner::default()).expect("a good schema");
            assert_eq!(compiled.schema.name, "-ber-service");
            let least = if is_taken_over { Level::Info } else { Level::Warn };
            assert_eq!(compiled.schema.policy.foreign_level, Some(least));
            let events = text.replace("\n# ", "\n").replace("\n#\n", "\n");
            let events = events.replace("An event becomes", "# An event becomes");
            let compiled = compile(&events, "schema.toml".as_ref(), Owner::default()).expect("a good schema");
            assert_eq!(compiled.schema.events.len(), 1, "the event in its comment is one");
        }
    }
}
