//! From the text of a schema.toml to everything that is made of it. Pure: where the text comes from and where the
//! results go, `build()` and the command know.

use crate::{
    check, compiled,
    diagnostic::Diagnostic,
    generate,
    model::{Owner, Schema},
    parse,
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
/// that it is compiled for.
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
    let (document, mut found) = parse::parse(text, 0);
    let name = path
        .file_name()
        .map_or("schema.toml".into(), |name| name.to_string_lossy());
    let checked = document.map(|document| check::check(document, &name, &mut found));
    match checked {
        Some(mut schema) if found.is_empty() => {
            schema.owner = owner;
            schema.files = vec![path.to_path_buf()];
            Ok(Compiled::from(schema))
        }
        _ => Err(found.finish(&[path])),
    }
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
