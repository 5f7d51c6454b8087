//! The static behind a log macro's call, and one text of all that is constant about it; and that of an event. How the text is read,
//! `tracel/src/callsite/text.rs` says.

use crate::{gate, rules::Key};
use proc_macro2::TokenStream;
use quote::quote;
use std::fmt::Write;
use tracel_schema::model::{Class, Level, Rate, Schema, Sensitive};

/// The file and line of a macro's call.
pub(crate) struct Site {
    pub(crate) file: String,
    pub(crate) line: u32,
}

impl Site {
    /// Behind the module: where it stands.
    pub(crate) fn place(&self) -> String {
        // Some file system admits a line's end in a name; here it would end the part.
        format!("\n{}\n{}", self.file.replace('\n', " "), self.line)
    }

    /// A message's call, or a span, whose name is its message.
    pub(crate) fn text(
        &self,
        schema: &Schema,
        limit: Option<Rate>,
        category: &str,
        keys: &[(&str, Key<'_>)],
        message: &str,
    ) -> String {
        let shape = shape(schema, limit, category, "", keys, message);
        format!("{}\n{shape}", self.place())
    }
}

/// What is constant about a message's call or an event.
pub(crate) fn shape(
    schema: &Schema,
    limit: Option<Rate>,
    category: &str,
    event: &str,
    keys: &[(&str, Key<'_>)],
    message: &str,
) -> String {
    let mut text = format!("{}@{}\n", schema.name, schema.version);
    // Writing into a string cannot fail.
    if let Some(limit) = limit {
        let _ = write!(text, "{}/{}", limit.count, limit.seconds);
    }
    // Half of all logs are the service's own, and each byte is one of the program's.
    let category = if category == "system" { "" } else { category };
    let _ = write!(text, "\n{category}\n{event}\n");
    for (at, (name, key)) in keys.iter().enumerate() {
        let mark = match key {
            Key::Declared(field) if field.class == Class::Safe => "",
            // A secret one never comes here.
            Key::Declared(_) => match schema.policy.sensitive {
                Sensitive::Mask => "*",
                Sensitive::Hash => "#",
                Sensitive::Drop => "!",
            },
            Key::Open => "~",
        };
        let space = if at == 0 { "" } else { " " };
        let _ = write!(text, "{space}{mark}{name}");
    }
    text + "\n" + message
}

/// `static __TRACEL_SITE: … = …();`
pub(crate) fn site_static(function: &TokenStream) -> TokenStream {
    quote!(static __TRACEL_SITE: ::tracel::__private::Callsite = #function();)
}

/// The whole text: a macro alone knows the module.
pub(crate) fn site_text(level: Option<Level>, text: &str) -> TokenStream {
    let level = gate::number(level).to_string();
    quote!(::core::concat!(#level, ::core::module_path!(), #text))
}
