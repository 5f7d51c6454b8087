//! The schemas below the crate's own, which it extends: how a type error names them. The text of the errors is in
//! `tracel::field`.

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote;
use std::path::Path;
use syn::Lifetime;
use tracel_schema::{
    model::{Field, Place, Schema},
    name,
};

/// A place as a type error shows it: a type with a lifetime that is called like the schema, and the line.
pub(crate) struct Named {
    pub(crate) schema: TokenStream,
    pub(crate) line: Literal,
}

/// A field, and what requires it, of which at least one stands in a schema below.
pub(crate) struct Below {
    pub(crate) field: Named,
    pub(crate) rule: Option<Named>,
}

/// The places of a field and of what requires it, unless the crate's own schema says both.
pub(crate) fn below(schema: &Schema, field: &Field, rule: Option<Place>) -> Option<Below> {
    let places = [Some(field.place), rule];
    if !places.into_iter().flatten().any(|place| place.file > 0) {
        return None;
    }
    Some(Below {
        field: named(schema, field.place),
        rule: rule.map(|rule| named(schema, rule)),
    })
}

fn named(schema: &Schema, place: Place) -> Named {
    let file = schema.files.get(place.file);
    let name = lifetime_name(file.map_or(Path::new(""), |file| file));
    let lifetime = Lifetime::new(&format!("'{name}"), Span::call_site());
    Named {
        schema: quote!(for<#lifetime> fn(&#lifetime ())),
        line: Literal::u32_unsuffixed(place.line),
    }
}

/// `acme_schema` for acme-schema/schema.toml, `shared_money` for ../shared/money.toml.
fn lifetime_name(file: &Path) -> String {
    let file = file.with_extension("");
    let file = file.to_string_lossy();
    let inside = file.strip_suffix("schema").unwrap_or(&file);
    let named = match inside.chars().any(char::is_alphanumeric) {
        true => inside,
        // The workspace's own.
        false => "schema_toml",
    };
    let mut out = String::new();
    for word in named
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        out.push_str(if out.is_empty() { "" } else { "_" });
        out.push_str(word);
    }
    if out.is_empty() || out.starts_with(|c: char| c.is_ascii_digit()) || name::is_keyword(&out) {
        out.insert_str(0, "schema_");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::lifetime_name;
    use std::path::Path;

    #[test]
    fn a_file_names_a_lifetime() {
        for (file, name) in [
            ("acme-schema/schema.toml", "acme_schema"),
            ("../shared/money.toml", "shared_money"),
            ("../schema.toml", "schema_toml"),
            ("schema.toml", "schema_toml"),
            ("", "schema_toml"),
            ("/org/a b/schema.toml", "org_a_b"),
            ("type/schema.toml", "schema_type"),
            ("7/schema.toml", "schema_7"),
            ("ü/schema.toml", "schema_"),
        ] {
            assert_eq!(lifetime_name(Path::new(file)), name, "{file}");
        }
    }
}
