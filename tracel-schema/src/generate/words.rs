//! The Rust enum of an enum field.

use super::{
    ALLOW,
    docs::{docs, plain},
    line,
};
use crate::model::{Field, Schema, Type, camel_case, enum_hash};

pub(super) fn enumeration(out: &mut String, schema: &Schema, field: &Field) {
    let Type::Enum(values) = &field.ty else {
        return;
    };
    let name = camel_case(&field.name);
    let hash = enum_hash(&field.name, values);
    let variants: Vec<(String, &String)> = values.iter().map(|value| (camel_case(value), value)).collect();
    out.push('\n');
    if let Some(doc) = &field.doc {
        docs(out, "", doc);
        out.push_str("///\n");
    }
    let at = schema.at(field.place);
    line(
        out,
        format_args!("/// The words of the field `{}`, {at}.", field.name),
    );
    line(out, format_args!("{ALLOW}"));
    out.push_str("#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\n");
    line(out, format_args!("pub enum {name} {{"));
    for (variant, value) in &variants {
        line(
            out,
            format_args!("    /// {}", plain(&format!("`{}`", value.replace('`', "'")))),
        );
        line(out, format_args!("    {variant},"));
    }
    out.push_str("}\n\n");
    line(out, format_args!("{ALLOW}"));
    line(out, format_args!("impl {name} {{"));
    out.push_str("    /// The word as the schema declares it.\n    #[must_use]\n");
    out.push_str("    pub const fn as_str(self) -> &'static str {\n        match self {\n");
    for (variant, value) in &variants {
        line(out, format_args!("            {name}::{variant} => {value:?},"));
    }
    out.push_str("        }\n    }\n}\n\n");
    line(out, format_args!("impl ::tracel::Value for {name} {{"));
    out.push_str(
        "    fn value(&self) -> ::tracel::Val<'_> {\n        ::tracel::Val::Str(self.as_str())\n    }\n}\n\n",
    );
    line(
        out,
        format_args!(
            "impl ::tracel::Field<::tracel::ty::Enum<{}>> for {name} {{}}",
            hex(hash)
        ),
    );
}

/// `0x0123_4567_89ab_cdef`
fn hex(hash: u64) -> String {
    let part = |shift: u32| (hash >> shift) & 0xffff;
    format!(
        "0x{:04x}_{:04x}_{:04x}_{:04x}",
        part(48),
        part(32),
        part(16),
        part(0)
    )
}
