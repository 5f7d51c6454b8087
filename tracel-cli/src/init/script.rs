//! The build script: a new one, or one call more in the one that stands there.

use super::{edits::Edits, project::Package};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

const NEW: &str = "fn main() {\n    tracel_schema::build();\n}\n";

/// Makes the package's build script compile schema.toml.
pub(super) fn build(package: &Package, edits: &mut Edits) -> Result<(), String> {
    let path = package
        .script
        .clone()
        .unwrap_or_else(|| package.folder.join("build.rs"));
    let shown = edits.shown(&path);
    let Some(text) = edits.read(&path)? else {
        edits.write(&path, NEW.to_owned(), "new: compiles schema.toml");
        return Ok(());
    };
    if package.script.is_none() {
        let manifest = edits.shown(&package.manifest);
        edits.leave(format!(
            "{manifest}: `build = false` keeps {shown} from being run; remove it, and have {shown} call tracel_schema::build()"
        ));
        return Ok(());
    }
    match with_call(&text) {
        Script::Calls => {}
        Script::Changed(text) => edits.write(&path, text, "calls tracel_schema::build() first"),
        Script::Foreign => edits.leave(format!(
            "{shown}: no `fn main() {{ .. }}` was found in it; add this to what it runs:\n    tracel_schema::build();"
        )),
    }
    Ok(())
}

#[derive(Debug, PartialEq)]
enum Script {
    /// It calls it already.
    Calls,
    Changed(String),
    /// It has no `main` that can be read.
    Foreign,
}

/// A build script with the call at the beginning of its `main`. Comments are no tokens, so none is taken for code.
fn with_call(text: &str) -> Script {
    let Ok(tokens) = text.parse::<TokenStream>() else {
        return Script::Foreign;
    };
    if mentions(tokens.clone()) {
        return Script::Calls;
    }
    let Some(open) = body(tokens) else {
        return Script::Foreign;
    };
    let (before, after) = text.split_at(open);
    let line = before.rsplit('\n').next().unwrap_or_default();
    let indent: String = line.chars().take_while(|char| char.is_whitespace()).collect();
    let call = format!("\n{indent}    tracel_schema::build();");
    let rest = after.trim_start_matches([' ', '\t']);
    // What stood in the line of the brace begins a line of its own.
    let between = match rest.chars().next() {
        Some('\n' | '\r') => String::new(),
        Some('}') => format!("\n{indent}"),
        _ => format!("\n{indent}    "),
    };
    Script::Changed(format!("{before}{call}{between}{rest}"))
}

fn mentions(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "tracel_schema",
        TokenTree::Group(group) => mentions(group.stream()),
        _ => false,
    })
}

/// Where the body of `fn main` begins: the byte after its brace.
fn body(tokens: TokenStream) -> Option<usize> {
    let mut tokens = tokens.into_iter();
    let mut is_fn = false;
    while let Some(token) = tokens.next() {
        let is_main = is_fn && matches!(&token, TokenTree::Ident(ident) if ident == "main");
        if is_main {
            let body = tokens.find_map(|token| match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
                _ => None,
            });
            return Some(body?.span_open().byte_range().end);
        }
        is_fn = matches!(&token, TokenTree::Ident(ident) if ident == "fn");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Script, with_call};

    #[test]
    fn the_call_comes_first_and_the_rest_stays() {
        for (before, after) in [
            (
                "// fn main() {}\nfn main() {\n    println!(\"cargo::x\"); // y\n}\n",
                "// fn main() {}\nfn main() {\n    tracel_schema::build();\n    println!(\"cargo::x\"); // y\n}\n",
            ),
            ("fn main() {}\n", "fn main() {\n    tracel_schema::build();\n}\n"),
            (
                "fn main() -> Result<(), Box<dyn Error>> { run() }",
                "fn main() -> Result<(), Box<dyn Error>> {\n    tracel_schema::build();\n    run() }",
            ),
            (
                "/* ü */ fn main()\n{\n    a();\n}\n",
                "/* ü */ fn main()\n{\n    tracel_schema::build();\n    a();\n}\n",
            ),
        ] {
            let changed = with_call(before);
            assert_eq!(changed, Script::Changed(after.to_owned()));
            assert_eq!(with_call(after), Script::Calls);
        }
    }

    #[test]
    fn what_calls_it_and_what_has_no_main_stays() {
        assert_eq!(
            with_call("use tracel_schema::build;\nfn main() { build() }"),
            Script::Calls
        );
        for foreign in ["include!(\"x.rs\");", "fn main( {", "// fn main() {}", ""] {
            assert_eq!(with_call(foreign), Script::Foreign, "{foreign}");
        }
    }
}
