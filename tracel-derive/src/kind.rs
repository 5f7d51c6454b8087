//! The schema's types as tokens: kinds for the type checks, keys for the shape of a record.

use crate::rules::Key;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};
use tracel_schema::model::{Class, Field, Scalar, Schema, Sensitive, Type, enum_hash};

/// `::tracel::ty::u32`, as a type.
pub(crate) fn kind_type(field: &Field) -> TokenStream {
    match &field.ty {
        Type::Scalar(scalar) => {
            let name = format_ident!("{}", scalar.name());
            quote!(::tracel::ty::#name)
        }
        Type::Enum(values) => {
            let hash = Literal::u64_unsuffixed(enum_hash(&field.name, values));
            quote!(::tracel::ty::Enum<#hash>)
        }
        Type::List(scalar) => {
            let name = format_ident!("{}", scalar.name());
            quote!(::tracel::ty::list<::tracel::ty::#name>)
        }
    }
}

/// The group of kinds whose checks a field has: a module of `tracel::__private::fit`.
pub(crate) fn group(ty: &Type) -> Ident {
    use Scalar::{Bool, Bytes, Duration, Error, F64, Ip, Json, String, Timestamp, Uuid};
    let name = match ty {
        Type::Enum(_) => "word",
        Type::List(_) => "list",
        Type::Scalar(scalar) => match scalar {
            Bool => "truth",
            String => "text",
            F64 => "float",
            Uuid => "uuid",
            Ip => "ip",
            Timestamp => "timestamp",
            Duration => "duration",
            Bytes => "bytes",
            Json => "json",
            Error => "error",
            _ => "integer",
        },
    };
    Ident::new(name, Span::mixed_site())
}

/// A key, as the shape lists it.
pub(crate) fn key(name: &str, key: Key<'_>) -> TokenStream {
    match key {
        Key::Declared(field) if field.class == Class::Safe => quote!(::tracel::__private::Key::safe(#name)),
        // A secret one never comes here.
        Key::Declared(_) => quote!(::tracel::__private::Key::sensitive(#name)),
        Key::Open => quote!(::tracel::__private::Key::open(#name)),
    }
}

/// The schema of a callsite.
pub(crate) fn schema_ref(schema: &Schema) -> TokenStream {
    let label = format!("{}@{}", schema.name, schema.version);
    let sensitive = match schema.policy.sensitive {
        Sensitive::Mask => quote!(Mask),
        Sensitive::Hash => quote!(Hash),
        Sensitive::Drop => quote!(Drop),
    };
    quote!(&::tracel::__private::SchemaRef {
        label: #label,
        sensitive: ::tracel::__private::Sensitive::#sensitive
    })
}
