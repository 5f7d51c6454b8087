//! The static behind a log macro's call: its level, and one text of all that is constant about it. How the text is read,
//! `tracel/src/callsite/text.rs` says.

use crate::{gate, rules::Key};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use std::fmt::Write;
use tracel_schema::model::{Class, Level, Schema, Sensitive};

/// The file and line of a macro's call.
pub(crate) struct Site {
    pub(crate) file: String,
    pub(crate) line: u32,
}

impl Site {
    /// Where it stands alone: the rest is known of an event's type.
    pub(crate) fn place(&self) -> String {
        // Some file system admits a line's end in a name; here it would end the part.
        format!("{}\n{}", self.file.replace('\n', " "), self.line)
    }

    /// A message's call.
    pub(crate) fn text(
        &self,
        schema: &Schema,
        category: &str,
        keys: &[(&str, Key<'_>)],
        message: &str,
    ) -> String {
        let mut text = format!("{}\n{}@{}\n", self.place(), schema.name, schema.version);
        text += match schema.policy.sensitive {
            Sensitive::Mask => "m\n",
            Sensitive::Hash => "h\n",
            Sensitive::Drop => "d\n",
        };
        // Writing into a string cannot fail.
        if let Some(limit) = schema.policy.limit {
            let _ = write!(text, "{}/{}", limit.count, limit.seconds);
        }
        let _ = write!(text, "\n{category}\n\n");
        for (at, (name, key)) in keys.iter().enumerate() {
            let mark = match key {
                Key::Declared(field) if field.class == Class::Safe => "",
                // A secret one never comes here.
                Key::Declared(_) => "*",
                Key::Open => "~",
            };
            let space = if at == 0 { "" } else { " " };
            let _ = write!(text, "{space}{mark}{name}");
        }
        text + "\n" + message
    }
}

/// `static __TRACEL_SITE: … = …(level, module, text);`
pub(crate) fn site_static(function: &TokenStream, level: Option<Level>, text: &str) -> TokenStream {
    let level = Literal::u8_unsuffixed(gate::number(level));
    quote! {
        static __TRACEL_SITE: ::tracel::__private::Callsite = #function(#level, ::core::module_path!(), #text);
    }
}
