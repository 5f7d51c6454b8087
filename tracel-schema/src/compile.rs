//! From the text of a schema.toml to everything that is made of it. Pure: where the text comes from and where the
//! results go, `build()` and the command know.

use crate::{
    check, compiled,
    diagnostic::{Diagnostic, Diagnostics},
    generate, merge,
    model::{Owner, Schema},
    sources::{Alone, Bases, Graph, Source},
};
use std::path::Path;

/// What a schema.toml is compiled to.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// The checked schema.
    pub schema: Schema,
    /// `tracel.rs`: the Rust code that `tracel::include_schema!()` includes.
    pub code: String,
    /// `tracel.schema`: the [compiled form](crate::compiled), which the macros read.
    pub compiled: String,
}

/// Compiles a schema. `path` is how the file is called in messages and in the generated docs; `owner` is the package
/// that it is compiled for. It extends no other; see [`compile_with`].
///
/// ```
/// use tracel_schema::{compile, model::Owner};
///
/// let text = "[schema]\nname = \"acme\"\nversion = 1\n[category.user]\nrequired = [\"user_id\"]\n";
/// let errors = compile(text, "schema.toml".as_ref(), Owner::default()).unwrap_err();
/// assert_eq!(
///     errors[0].to_string(),
///     "schema.toml:5:13: [TL1201] [category.user] names the field `user_id`, which [fields] does not declare; \
///      declare it in [fields]: user_id = { type = \"string\" }"
/// );
/// ```
///
/// # Errors
/// Everything that is wrong with it at once, sorted by place.
pub fn compile(text: &str, path: &Path, owner: Owner) -> Result<Compiled, Vec<Diagnostic>> {
    let source = Source {
        id: String::new(),
        shown: path.to_path_buf(),
        text: text.to_owned(),
    };
    compile_with(source, owner, &mut Alone)
}

/// Compiles a schema that may extend others, which `bases` finds.
///
/// # Errors
/// Everything that is wrong with all of them at once, sorted by file and place. While one of them cannot be read, what
/// depends on it is not checked.
pub fn compile_with(
    source: Source,
    owner: Owner,
    bases: &mut dyn Bases,
) -> Result<Compiled, Vec<Diagnostic>> {
    let mut found = Diagnostics::default();
    let mut graph = Graph::load(source, bases, &mut found);
    let checked = checked(&mut graph, &mut found);
    match checked {
        Some(mut schema) if found.is_empty() => {
            schema.owner = owner;
            Ok(Compiled::from(schema))
        }
        _ => Err(found.finish(&graph.files().paths())),
    }
}

/// The schema of a graph: worth nothing when anything was found wrong.
pub(crate) fn checked(graph: &mut Graph, found: &mut Diagnostics) -> Option<Schema> {
    let files = graph.files();
    let documents = graph.documents().filter(|_| !graph.is_torn())?;
    let document = merge::merge(documents, &files, found)?;
    let mut schema = check::check(document, &files, found);
    schema.files = files.shown;
    Some(schema)
}

impl From<Schema> for Compiled {
    fn from(schema: Schema) -> Self {
        Compiled {
            code: generate::code(&schema),
            compiled: compiled::write(&schema),
            schema,
        }
    }
}
