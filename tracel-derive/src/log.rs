//! The log macros: what was written is told apart in `call`, and each form expanded in a room of its own.

mod arguments;
pub(crate) mod assert;
mod call;
mod constructor;
mod event;
pub(crate) mod record;
mod site;
#[cfg(test)]
mod tests;

use crate::{
    fault::Faults,
    gate,
    rules::Rules,
    schema::{Loaded, Missing},
    value::find_await,
};
use call::{Call, Written};
pub(crate) use event::listing;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
pub(crate) use site::{Site, shape, site_static, site_text};
use tracel_schema::{codes::macros as codes, model::Level};

/// Expands `log_info!` and its like; `level` is `None` for `log!`.
pub(crate) fn expand(
    loaded: &Result<Loaded, Missing>,
    level: Option<Level>,
    site: &Site,
    input: TokenStream,
) -> TokenStream {
    let Written { context, call } = Written::read(input);
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(missing) => return refused(&missing.faults(Span::call_site()), call.expressions()),
    };
    let rules = Rules(&loaded.schema);
    let mut faults = Faults::default();
    let expansion = match &call {
        Call::Constructor(constructor) => constructor::expand(rules, level, site, constructor, &mut faults),
        Call::Literal(literal) => event::literal(rules, level, site, literal, &mut faults),
        Call::Event(tokens) => {
            check_await(tokens, &mut faults);
            event::expand(rules, level, site, tokens)
        }
        Call::Text(..) | Call::Malformed(..) => {
            event::not_a_log(&call, &mut faults);
            TokenStream::new()
        }
    };
    match &call {
        _ if faults.is_empty() => within(context.as_ref(), &expansion),
        Call::Literal(literal) => refused(&faults, vec![event::kept(rules, literal)]),
        call => refused(&faults, call.expressions()),
    }
}

/// The log inside the context that was named for it. The names are hygienic: the user's expressions see none of them.
fn within(context: Option<&TokenStream>, log: &TokenStream) -> TokenStream {
    let Some(context) = context else {
        return log.clone();
    };
    let (named, entry) = (
        Ident::new("context", Span::mixed_site()),
        Ident::new("entry", Span::mixed_site()),
    );
    let known = known();
    quote!(match &#context {
        #named => {
            #known
            let #entry = ::tracel::__private::orphan::enter(#named);
            #log
        }
    })
}

/// What tells the logs in the same block that a request is known.
pub(crate) fn known() -> TokenStream {
    quote! {
        #[allow(unused_imports)]
        use ::tracel::__private::orphan::WithinRequest as _;
    }
}

/// Asks whether a request is known; see `tracel::orphan`.
fn place(span: Span) -> TokenStream {
    quote_spanned!(span=> ::tracel::__private::orphan::Here.place())
}

fn check_await(tokens: &TokenStream, faults: &mut Faults) {
    if let Some(at) = find_await(tokens.clone()) {
        faults.add(
            at,
            &codes::AWAIT,
            "an `.await` inside a log would be held over it, and make the future `!Send`",
            "await first, `let value = ..await;`, and write `value` here",
        );
    }
}

/// The errors, and what can be read of the call.
pub(crate) fn stub(faults: &Faults, input: TokenStream) -> TokenStream {
    refused(faults, Call::read(input).expressions())
}

/// The errors, and the user's expressions, so that nothing of theirs is unused, and an editor can complete in them.
fn refused(faults: &Faults, expressions: Vec<TokenStream>) -> TokenStream {
    quote!({ #faults #(let _ = &#expressions;)* })
}

/// `::tracel::__private::Level::INFO`
pub(crate) fn level_const(level: Level) -> TokenStream {
    let name = format_ident!("{}", level.name().to_uppercase());
    quote!(::tracel::__private::Level::#name)
}

/// `::tracel::level::info`
pub(crate) fn level_type(level: Level) -> TokenStream {
    let name = format_ident!("{}", level.name());
    quote!(::tracel::level::#name)
}

/// The condition that this level stays in the build and somebody wants the callsite's records.
pub(crate) fn is_on(rules: Rules<'_>, level: Level) -> TokenStream {
    let gate = gate::gate(&rules.0.policy, level);
    let number = Literal::u8_unsuffixed(gate::number(Some(level)));
    quote!(#gate && __TRACEL_SITE.is_on(#number))
}
