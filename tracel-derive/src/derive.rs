//! The derives of events: attributes are read in `attributes`, the schema's word is asked in `check`, and the code
//! is written here.

mod attributes;
mod check;
pub(crate) mod newtype;

use crate::{
    below::{Named, below},
    fault::{At, Faults},
    kind,
    log::{level_const, level_type, shape},
    rules::{Key, Rules},
    schema::{Loaded, Missing},
    value::expansion_at,
};
use attributes::Attributes;
use check::Checked;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Data, DeriveInput, Fields, ext::IdentExt};
use tracel_schema::{
    codes::macros as codes,
    model::{Level, Place},
};

/// What the derive's name says of the category.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    /// `UserLog`, `SysLog`.
    Fixed(&'static str),
    /// `Log`: the attribute names it.
    Named,
}

/// A field of the struct.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) ident: Ident,
    pub(crate) ty: syn::Type,
}

/// A field that may be logged.
pub(crate) struct Logged<'f, 's> {
    pub(crate) field: &'f Field,
    pub(crate) key: Key<'s>,
    pub(crate) required: Option<Place>,
}

pub(crate) fn expand(
    loaded: &Result<Loaded, Missing>,
    category: Category,
    input: TokenStream,
) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return unreadable(&error),
    };
    let mut faults = Faults::default();
    let attributes = Attributes::read(&input, category, &mut faults);
    let fields = fields(&input, &mut faults);
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(missing) => return stub(&input, &missing.faults(Span::call_site()), &fields),
    };
    let rules = Rules(&loaded.schema);
    let checked = check::check(rules, category, &attributes, &input.ident, &fields, &mut faults);
    match checked.filter(|_| faults.is_empty()) {
        Some(checked) => event(rules, &input, &checked),
        None => stub(&input, &faults, &fields),
    }
}

/// The errors, and a stub of the item if it can be read.
pub(crate) fn stub_of(faults: &Faults, input: TokenStream) -> TokenStream {
    match syn::parse2(input) {
        Ok(input) => stub(&input, faults, &[]),
        Err(_) => faults.to_token_stream(),
    }
}

/// The compiler read the item, and we cannot: it is newer than our parser.
fn unreadable(error: &syn::Error) -> TokenStream {
    let mut faults = Faults::default();
    let way_out =
        "write it in a form that TraceL's parser knows, and please report it: this is a fault of TraceL";
    faults.add_syntax(error, &codes::OWN_FAULT, way_out);
    faults.to_token_stream()
}

fn fields(input: &DeriveInput, faults: &mut Faults) -> Vec<Field> {
    let wrong = "an event is a struct with named fields: they are its keys";
    let way_out = format_args!("write `struct {} {{ key: Type, .. }}`", input.ident);
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(_) | Fields::Unit => {}
            Fields::Unnamed(unnamed) => faults.add(At::of(unnamed), &codes::NOT_A_STRUCT, wrong, way_out),
        },
        Data::Enum(data) => faults.add(At::of(data.enum_token), &codes::NOT_A_STRUCT, wrong, way_out),
        Data::Union(data) => faults.add(At::of(data.union_token), &codes::NOT_A_STRUCT, wrong, way_out),
    }
    let Data::Struct(data) = &input.data else {
        return Vec::new();
    };
    let named = data.fields.iter().filter_map(|field| {
        let ident = field.ident.clone()?;
        Some(Field {
            name: ident.unraw().to_string(),
            ident,
            ty: field.ty.clone(),
        })
    });
    named.collect()
}

/// The implementation.
fn event(rules: Rules<'_>, input: &DeriveInput, checked: &Checked<'_, '_>) -> TokenStream {
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let Checked {
        category,
        event,
        message,
        ..
    } = checked;
    let keys: Vec<_> = checked
        .fields
        .iter()
        .map(|logged| (logged.field.name.as_str(), logged.key))
        .collect();
    let values = checked.fields.iter().map(|logged| value(rules, logged));
    let limit = rules.0.event(event).and_then(|event| event.limit);
    let text = shape(
        rules.0,
        limit.or(rules.0.policy.limit),
        category,
        event,
        &keys,
        message,
    );
    let own = checked.level.map(|level| {
        let level = level_const(level);
        quote! {
            impl #generics ::tracel::__private::LoggedOwn for #name #arguments #bounds {
                const LEVEL: ::tracel::__private::Level = #level;
            }
        }
    });
    let levels = checked.levels.iter().map(|level| level_type(*level));
    // Of the category user only where a request is known, should the log's own schema ask for that.
    let places: &[&str] = if category == "user" {
        &["Within"]
    } else {
        &["Within", "Outside"]
    };
    let places = places.iter().map(|place| format_ident!("{place}"));
    quote! {
        impl #generics ::tracel::__private::Event for #name #arguments #bounds {
            const TEXT: &'static ::core::primitive::str = #text;
            fn values(&self, to: &mut ::tracel::__private::Sending<'_>) {
                to.send(#text, &[#(#values),*])
            }
        }
        #(impl #generics ::tracel::__private::LoggedAt<#levels> for #name #arguments #bounds {})*
        #(impl #generics ::tracel::__private::orphan::LoggedIn<::tracel::__private::orphan::#places>
            for #name #arguments #bounds {})*
        #own
    }
}

/// The check of a field's type and its value: an error marks the type.
fn value(rules: Rules<'_>, logged: &Logged<'_, '_>) -> TokenStream {
    let Field { ident, ty, .. } = logged.field;
    let span = expansion_at(At::of(ty).first());
    let infer = quote_spanned!(At::of(ty).first()=> _);
    // `self` is hygienic: it is that of the function, which `quote!` writes.
    let this = quote!(self);
    if let Key::Declared(field) = logged.key
        && let Some(below) = below(rules.0, field, logged.required)
    {
        let (kind, group) = (kind::kind_type(field), kind::group(&field.ty));
        let Named { schema, line } = &below.field;
        let call = match &below.rule {
            None => quote_spanned!(span=> fit::#group::field_below::<#ty, #kind, #infer, #schema, #line>),
            Some(Named {
                schema: by,
                line: rule,
            }) => {
                quote_spanned!(span=> fit::#group::need_below::<#ty, #kind, #infer, #schema, #by, #line, #rule>)
            }
        };
        return quote_spanned!(span=> ::tracel::__private::#call(&#this.#ident));
    }
    let call = match (logged.key, logged.required) {
        (Key::Open, _) => quote_spanned!(span=> open_field::<#ty, #infer>),
        (Key::Declared(field), required) => {
            let (kind, line) = (kind::kind_type(field), Literal::u32_unsuffixed(field.place.line));
            match (required, field.place.line) {
                (None, 0) => quote_spanned!(span=> field_neutral::<#ty, #kind, #infer>),
                (Some(_), 0) => quote_spanned!(span=> need_neutral::<#ty, #kind, #infer>),
                (None, _) => {
                    let group = kind::group(&field.ty);
                    quote_spanned!(span=> fit::#group::field::<#ty, #kind, #infer, #line>)
                }
                (Some(rule), _) => {
                    let rule = Literal::u32_unsuffixed(rule.line);
                    let group = kind::group(&field.ty);
                    quote_spanned!(span=> fit::#group::need::<#ty, #kind, #infer, #line, #rule>)
                }
            }
        }
    };
    quote_spanned!(span=> ::tracel::__private::#call(&#this.#ident))
}

/// The errors, and an implementation for every level, so that the log calls of a refused event are not refused too.
fn stub(input: &DeriveInput, faults: &Faults, fields: &[Field]) -> TokenStream {
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let levels = Level::ALL.map(level_type);
    let fields = fields.iter().map(|field| &field.ident);
    quote! {
        #faults
        impl #generics ::tracel::__private::Event for #name #arguments #bounds {
            const TEXT: &'static ::core::primitive::str = "";
            fn values(&self, to: &mut ::tracel::__private::Sending<'_>) {
                #(let _ = &self.#fields;)*
                to.send("", &[])
            }
        }
        #(impl #generics ::tracel::__private::LoggedAt<#levels> for #name #arguments #bounds {})*
        impl #generics ::tracel::__private::LoggedOwn for #name #arguments #bounds {
            const LEVEL: ::tracel::__private::Level = ::tracel::__private::Level::TRACE;
        }
        impl #generics ::tracel::__private::orphan::LoggedIn<::tracel::__private::orphan::Within>
            for #name #arguments #bounds {}
        impl #generics ::tracel::__private::orphan::LoggedIn<::tracel::__private::orphan::Outside>
            for #name #arguments #bounds {}
    }
}

/// Whether a type says `Option` itself; one that hides it is found by the type check.
pub(crate) fn is_option(ty: &syn::Type) -> bool {
    let syn::Type::Path(path) = ty else { return false };
    path.path
        .segments
        .last()
        .is_some_and(|segment| segment.ident.to_token_stream().to_string() == "Option")
}
