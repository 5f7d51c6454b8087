//! A panic of ours is never the user's message: it becomes an error with a code at their call. What the macros do is not
//! known here.

use crate::fault::Faults;
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};
use tracel_schema::codes::macros as codes;

/// What `expand` makes. If it panics: an error, and what `stub` puts in the expansion's place, so that nothing else is
/// refused for want of it.
pub(crate) fn guarded(
    name: &str,
    expand: impl FnOnce() -> TokenStream,
    stub: impl FnOnce(&Faults) -> TokenStream,
) -> TokenStream {
    let panic = match catch_unwind(AssertUnwindSafe(expand)) {
        Ok(expansion) => return expansion,
        Err(panic) => panic,
    };
    let mut faults = Faults::default();
    faults.add(
        Span::call_site(),
        &codes::OWN_FAULT,
        format_args!("`{name}` of TraceL failed: {}", said(&*panic)),
        format_args!(
            "this is a fault of TraceL {}, not of this code: please report it with the item or the call that is marked here",
            env!("CARGO_PKG_VERSION")
        ),
    );
    // The stub reads what was written too, and may fail at the same.
    catch_unwind(AssertUnwindSafe(|| stub(&faults))).unwrap_or_else(|_| faults.to_token_stream())
}

/// The panic's own words, which go into the report.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it panicked")
}

#[cfg(test)]
mod tests {
    use super::guarded;
    use quote::quote;
    use syn::{File, Item};

    #[test]
    fn a_panic_becomes_an_error_and_a_stub() {
        let stubbed = guarded(
            "log_info!",
            || panic!("no token {}", 7),
            |faults| quote!(#faults struct Stub;),
        );
        let text = stubbed.to_string();
        for part in [
            "compile_error",
            "`log_info!` of TraceL failed: no token 7 [TL0004]",
            "report it",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert_eq!(syn::parse2::<File>(stubbed).expect("items").items.len(), 2);
        let alone = guarded("log!", || panic!("once"), |_| panic!("twice"));
        assert!(alone.to_string().contains("failed: once [TL0004]"), "{alone}");
        assert_eq!(guarded("log!", || quote!(5), |_| quote!(6)).to_string(), "5");
    }

    /// The functions that the compiler calls are the attributed ones: each of them hands all that it does to the guard.
    #[test]
    fn every_entry_point_is_guarded() {
        let file: File = syn::parse_str(include_str!("lib.rs")).expect("this crate's own source");
        let mut found = 0;
        for item in &file.items {
            let Item::Fn(function) = item else { continue };
            let is_entry = |attribute: &syn::Attribute| {
                let name = attribute.path().get_ident().map(ToString::to_string);
                name.is_some_and(|name| name.starts_with("proc_macro"))
            };
            if !function.attrs.iter().any(is_entry) {
                continue;
            }
            let [syn::Stmt::Expr(syn::Expr::Call(call), None)] = function.block.stmts.as_slice() else {
                panic!("`{}` is not one call", function.sig.ident);
            };
            let called = &call.func;
            let called = quote!(#called).to_string();
            assert!(
                ["guarded", "log_at", "asserted", "event"].contains(&called.as_str()),
                "`{}` calls `{called}`, which is not the guard",
                function.sig.ident
            );
            found += 1;
        }
        assert!(found >= 16, "{found}");
    }
}
