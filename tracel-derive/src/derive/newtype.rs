//! `#[derive(tracel::Field)]`: a newtype is logged wherever its content may be.

use crate::fault::{At, Faults};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput, GenericParam, Index, Member, parse_quote};
use tracel_schema::codes::macros as codes;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return super::unreadable(&error),
    };
    let content = match &input.data {
        Data::Struct(data) if data.fields.len() == 1 => data.fields.iter().next().cloned(),
        _ => None,
    };
    let Some(content) = content else {
        let mut faults = Faults::default();
        faults.add(
            At::of(&input.ident),
            &codes::NOT_A_NEWTYPE,
            "`tracel::Field` is derived for a struct of one field",
            "an enum's words stand in schema.toml, `type = \"enum\"`, and its type is generated; anything else implements \
             `tracel::Value` by hand, with `impl tracel::Field<tracel::ty::string> for ..` for each kind that it fits",
        );
        return stub(&input, &faults);
    };
    let member = content
        .ident
        .clone()
        .map_or(Member::Unnamed(Index::from(0)), Member::Named);
    let (name, ty) = (&input.ident, &content.ty);
    let (_, arguments, _) = input.generics.split_for_impl();
    // `__M` is the content's marker: a newtype around an error, a list or an Option is seen as that.
    let with = |params: &[GenericParam], bound: TokenStream| {
        let mut generics = input.generics.clone();
        for param in params {
            generics.params.push(param.clone());
        }
        let bounds = generics.make_where_clause();
        bounds.predicates.push(parse_quote!(#ty: #bound));
        generics
    };
    let (marker, kind): (GenericParam, GenericParam) = (parse_quote!(__M), parse_quote!(__K));
    let value = with(std::slice::from_ref(&marker), quote!(::tracel::Value<__M>));
    let field = with(&[kind, marker], quote!(::tracel::Field<__K, __M>));
    let (value_params, _, value_bounds) = value.split_for_impl();
    let (field_params, _, field_bounds) = field.split_for_impl();
    quote! {
        impl #value_params ::tracel::Value<__M> for #name #arguments #value_bounds {
            fn value(&self) -> ::tracel::Val<'_> {
                ::tracel::Value::<__M>::value(&self.#member)
            }
            fn item(&self) -> ::tracel::Val<'_> {
                ::tracel::Value::<__M>::item(&self.#member)
            }
        }
        impl #field_params ::tracel::Field<__K, __M> for #name #arguments #field_bounds {
            fn field(&self) -> ::tracel::Val<'_> {
                ::tracel::Field::<__K, __M>::field(&self.#member)
            }
        }
    }
}

/// The errors, and a stub of the item if it can be read.
pub(crate) fn stub_of(faults: &Faults, input: TokenStream) -> TokenStream {
    match syn::parse2(input) {
        Ok(input) => stub(&input, faults),
        Err(_) => faults.to_token_stream(),
    }
}

/// The errors, and an implementation for every kind, so that the logs of a refused newtype are not refused too.
fn stub(input: &DeriveInput, faults: &Faults) -> TokenStream {
    let name = &input.ident;
    let (params, arguments, bounds) = input.generics.split_for_impl();
    let mut generics = input.generics.clone();
    generics.params.push(parse_quote!(__K));
    let (field_params, ..) = generics.split_for_impl();
    quote! {
        #faults
        impl #params ::tracel::Value for #name #arguments #bounds {
            fn value(&self) -> ::tracel::Val<'_> {
                ::tracel::Val::Null
            }
        }
        impl #field_params ::tracel::Field<__K> for #name #arguments #bounds {}
    }
}
