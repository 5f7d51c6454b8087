//! `#[tracel::instrument]`: what was written is read in `attributes` and `function`, held to the schema in `fields`, and the
//! function's statements put into a span here.

mod attributes;
mod body;
mod fields;
mod function;
#[cfg(test)]
mod tests;

use crate::{
    fault::{At, Faults},
    log::{Site, known, site_text},
    rules::Rules,
    schema::{Loaded, Missing},
};
use attributes::Attributes;
use fields::Fields;
use function::Function;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use tracel_schema::codes::macros as codes;

pub(crate) fn expand(
    loaded: &Result<Loaded, Missing>,
    site: &Site,
    attributes: TokenStream,
    item: TokenStream,
) -> TokenStream {
    let mut faults = Faults::default();
    let attributes = Attributes::read(attributes, &mut faults);
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            faults.add(
                At::from(error.span()),
                &codes::NOT_A_FUNCTION,
                "`#[tracel::instrument]` stands on a function with a body",
                "put it before a `fn` with a body; of an `impl`, a `trait` or a `mod`, before each of its functions",
            );
            return quote!(#faults #item);
        }
    };
    if let Some(constness) = &function.signature.constness {
        let way_out = "leave the attribute out here, or make it a plain `fn`";
        faults.add(
            At::of(constness),
            &codes::NOT_A_FUNCTION,
            "a `const fn` cannot open a span",
            way_out,
        );
    }
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(missing) => {
            let missing = missing.faults(Span::call_site());
            let item = kept(&attributes, &function);
            return quote!(#missing #faults #item);
        }
    };
    let rules = Rules(&loaded.schema);
    let fields = fields::check(rules, &attributes, &function, &mut faults);
    let err = attributes
        .err
        .as_ref()
        .map(|at| body::err(rules, At::of(at), &attributes, &function, site, &mut faults));
    if !faults.is_empty() {
        let item = kept(&attributes, &function);
        return quote!(#faults #item);
    }
    let span = span(rules, &attributes, &function, site, &fields);
    let body = body::instrumented(&function, &span, err.as_ref());
    let known = rules.0.policy.deny_orphans.then(known);
    let inlining = function.inlining();
    let function = function.with_body(&quote!(#known #body));
    quote!(#inlining #function)
}

/// The function without a span, and the expressions of a refused attribute in it, so that an editor knows them.
fn kept(attributes: &Attributes, function: &Function) -> TokenStream {
    let statements = function.statements();
    if function.signature.constness.is_some() {
        return function.with_body(&statements);
    }
    let arguments = function.arguments();
    let values = attributes
        .fields
        .iter()
        .filter(|pair| !pair.bare || arguments.contains(&crate::name(&pair.key)))
        .flat_map(|pair| pair.value.kept())
        .map(fields::worded)
        .map(|value| quote!(let _ = &#value;));
    function.with_body(&quote!(#(#values)* #statements))
}

/// The expression that opens the span.
fn span(
    rules: Rules<'_>,
    attributes: &Attributes,
    function: &Function,
    site: &Site,
    fields: &Fields<'_>,
) -> TokenStream {
    let name = attributes.name(function);
    let Fields {
        event_id,
        module,
        keys,
        values,
    } = fields;
    let keys: Vec<_> = keys.iter().map(|(name, key)| (name.as_str(), *key)).collect();
    let (text, root) = (site.text(rules.0, None, "", &keys, &name), attributes.root);
    let text = site_text(Some(attributes.level()), &text);
    let [event_id, module] = [event_id, module].map(|value| match value {
        Some(value) => value.clone(),
        None => quote!(::core::option::Option::None),
    });
    quote!({
        static __TRACEL_SPAN: ::tracel::__private::SpanSite = ::tracel::__private::SpanSite::new(#text);
        __TRACEL_SPAN.open(
            ::tracel::__private::context(#root, #event_id, #module),
            &[#(#values),*],
        )
    })
}
