//! The function's statements inside the span: entered around those of a plain function, with every poll of a future's.

use super::{Attributes, Function, function::mentions};
use crate::{
    fault::{At, Faults},
    log::{Site, is_on, site_static, site_text},
    rules::{Key, Rules},
    value::{Value, expansion_at},
};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use tracel_schema::{
    codes::macros as codes,
    model::{Class, Level, Scalar, Type},
};

/// What is done with a result: statements after `let out = …;`, over the variable of this name.
pub(crate) struct Err {
    out: Ident,
    statements: TokenStream,
}

/// `err`: an error-level record of what is returned as `Err`.
pub(crate) fn err(
    rules: Rules<'_>,
    at: At,
    attributes: &Attributes,
    function: &Function,
    site: &Site,
    faults: &mut Faults,
) -> Err {
    let (out, mut error) = (local("out"), local("error"));
    let nothing = Err {
        out: out.clone(),
        statements: TokenStream::new(),
    };
    let Some(output) = function.output() else {
        let what = format!(
            "`err` logs the `Err` of a `Result`, and `{}` returns nothing",
            function.signature.ident
        );
        faults.add(
            at,
            &codes::NO_RESULT,
            what,
            "leave `err` out, or return a `Result`",
        );
        return nothing;
    };
    let declared = rules.0.field("error");
    let key = match declared {
        Some(field) if field.ty == Type::Scalar(Scalar::Error) && field.class != Class::Secret => {
            Key::Declared(field)
        }
        None if rules.0.policy.open[Level::Error as usize] => Key::Open,
        _ => {
            let what = match declared {
                Some(field) if field.class == Class::Secret => format!(
                    "`err` logs the field `error`, which is secret ({})",
                    rules.at(field.place)
                ),
                Some(field) => format!(
                    "`err` logs the field `error`, which is of another type ({})",
                    rules.at(field.place)
                ),
                None => "`err` logs the field `error`, which schema.toml does not declare".to_owned(),
            };
            let way_out = match declared {
                Some(field) if field.class == Class::Secret => {
                    "leave `err` out, or let the field be `class = \"sensitive\"`, which is logged hashed, masked or not at all"
                }
                Some(_) => "leave `err` out, or give the field that type: `error = { type = \"error\" }`",
                None => {
                    "leave `err` out, or declare the field under [fields]: `error = { type = \"error\" }`"
                }
            };
            faults.add(at, &codes::NO_ERROR_FIELD, what, way_out);
            return nothing;
        }
    };
    error.set_span(expansion_at(At::of(output).first()));
    // An error of the function's type marks it.
    let failure = {
        let (first, last) = (At::of(output).first(), At::of(output).last());
        let mut returned = out.clone();
        returned.set_span(expansion_at(last));
        let mut arguments = Group::new(
            Delimiter::Parenthesis,
            quote_spanned!(expansion_at(first)=> &#returned),
        );
        arguments.set_span(expansion_at(last));
        quote_spanned!(expansion_at(first)=> ::tracel::__private::Fallible::failure #arguments)
    };
    let value = Value::of(&error, At::of(output)).checked(rules, key, None);
    let message = format!("{} failed", attributes.name(function));
    let is_on = is_on(rules, Level::Error);
    let text = site.text(
        rules.0,
        rules.0.policy.limit,
        "system",
        &[("error", key)],
        &message,
    );
    let text = site_text(Some(Level::Error), &text);
    let admits = rules
        .0
        .policy
        .limit
        .map(|_| quote!(&&__TRACEL_SITE.admits(#text)));
    let site = site_static(&quote!(::tracel::__private::Callsite::new));
    let statements = quote! {
        if let ::core::option::Option::Some(#error) = #failure {
            #site
            if #is_on #admits {
                ::tracel::__private::emit(&__TRACEL_SITE, #text, &[#value]);
            }
        }
    };
    Err { out, statements }
}

/// The function's new statements.
pub(crate) fn instrumented(function: &Function, open: &TokenStream, err: Option<&Err>) -> TokenStream {
    let statements = function.statements();
    let span = local("span");
    if function.signature.asyncness.is_some() {
        let future = match err {
            None => {
                let hint = hint(function);
                quote!(async move { #hint #statements })
            }
            Some(Err {
                out,
                statements: after,
            }) => {
                let hint = hint(function);
                quote!(async move { let #out = async move { #hint #statements }.await; #after #out })
            }
        };
        return quote! {
            let #span = #open;
            ::tracel::__private::Instrument::instrument(#future, #span).await
        };
    }
    if let Some(Tail {
        before,
        around,
        future,
    }) = tail(&statements)
    {
        let future = match err {
            None => future,
            Some(Err {
                out,
                statements: after,
            }) => quote!(async move { let #out = #future.await; #after #out }),
        };
        let instrumented = quote!(::tracel::__private::Instrument::instrument(#future, #span));
        let tail = match around {
            Some(function) => quote!(#function(#instrumented)),
            None => instrumented,
        };
        return quote!(#before let #span = #open; #tail);
    }
    let guard = local("guard");
    match err {
        None => quote! {
            let #span = #open;
            let #guard = #span.enter();
            #statements
        },
        Some(Err {
            out,
            statements: after,
        }) => {
            let output = function
                .output()
                .filter(|output| !mentions_impl(output))
                .map(|output| quote!(-> #output));
            quote! {
                let #span = #open;
                let #guard = #span.enter();
                let #out = ::tracel::__private::in_place(move || #output { #statements });
                #after
                #out
            }
        }
    }
}

/// A variable of the expansion, which the user's statements cannot see.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// Tells an async block what it returns, so that `?` and coercions work as in the function.
fn hint(function: &Function) -> Option<TokenStream> {
    let output = function.output().filter(|output| !mentions_impl(output))?;
    if matches!(output, syn::Type::Never(_)) {
        return None;
    }
    Some(quote!(if false { return ::tracel::__private::returns::<#output>(); }))
}

/// A type that no one can write, but the signature.
fn mentions_impl(ty: &syn::Type) -> bool {
    mentions(ty.to_token_stream(), "impl")
}

/// The future that a plain function returns: `Box::pin(async ..)`, as `async_trait` writes it, or `async ..` alone.
struct Tail {
    before: TokenStream,
    around: Option<TokenStream>,
    future: TokenStream,
}

fn tail(statements: &TokenStream) -> Option<Tail> {
    let tokens: Vec<TokenTree> = statements.clone().into_iter().collect();
    if let Some(at) = async_block(&tokens) {
        let (before, future) = tokens.split_at(at);
        return Some(Tail {
            before: before.iter().cloned().collect(),
            around: None,
            future: collect(future),
        });
    }
    let (TokenTree::Group(arguments), before) = tokens.split_last()? else {
        return None;
    };
    let inside: Vec<TokenTree> = arguments.stream().into_iter().collect();
    if arguments.delimiter() != Delimiter::Parenthesis || async_block(&inside) != Some(0) {
        return None;
    }
    let is_path = |token: &TokenTree| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(colon) => colon.as_char() == ':',
        _ => false,
    };
    let length = before.iter().rev().take_while(|token| is_path(token)).count();
    let (before, path) = before.split_at(before.len() - length);
    let names: Vec<String> = path
        .iter()
        .filter(|token| matches!(token, TokenTree::Ident(_)))
        .map(ToString::to_string)
        .collect();
    if !names.ends_with(&["Box".to_owned(), "pin".to_owned()]) {
        return None;
    }
    Some(Tail {
        before: collect(before),
        around: Some(collect(path)),
        future: collect(&inside),
    })
}

fn collect(tokens: &[TokenTree]) -> TokenStream {
    tokens.iter().cloned().collect()
}

/// Where the `async { .. }` or `async move { .. }` begins with which the tokens end.
fn async_block(tokens: &[TokenTree]) -> Option<usize> {
    let is = |at: Option<usize>, word: &str| matches!(at.and_then(|at| tokens.get(at)), Some(TokenTree::Ident(ident)) if ident == word);
    let last = tokens.len().checked_sub(1)?;
    match tokens.get(last)? {
        TokenTree::Group(block) if block.delimiter() == Delimiter::Brace => {}
        _ => return None,
    }
    let before = last.checked_sub(1);
    if is(before, "async") {
        return before;
    }
    let earlier = last.checked_sub(2);
    if is(before, "move") && is(earlier, "async") {
        earlier
    } else {
        None
    }
}
