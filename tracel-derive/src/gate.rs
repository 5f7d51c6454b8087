//! What the schema's policy leaves in the build, as a condition that the compiler can decide.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use tracel_schema::model::{Level, Policy};

/// 1 for error to 5 for trace, 0 for none: how much a level lets in.
pub(crate) fn number(level: Option<Level>) -> u8 {
    level.map_or(0, |level| 5 - level as u8)
}

/// Whether this level stays in the build: an expression before `&&`, constant for the compiler.
pub(crate) fn gate(policy: &Policy, level: Level) -> TokenStream {
    let number_here = number(Some(level));
    let stays = |max| number_here <= number(max);
    let literal = Literal::u8_unsuffixed(number_here);
    let features = quote!(::tracel::__private::STATIC_MAX >= #literal);
    match (stays(policy.max_level_debug), stays(policy.max_level_release)) {
        (true, true) => features,
        (false, false) => quote!(false),
        (true, false) => quote!(::core::cfg!(debug_assertions) && #features),
        (false, true) => quote!(!::core::cfg!(debug_assertions) && #features),
    }
}

/// The most that stays, as a number.
pub(crate) fn max(policy: &Policy) -> TokenStream {
    let (debug, release) = (number(policy.max_level_debug), number(policy.max_level_release));
    let [debug_max, release_max] = [debug, release].map(Literal::u8_unsuffixed);
    if debug == release {
        return quote!(#debug_max);
    }
    quote!(if ::core::cfg!(debug_assertions) { #debug_max } else { #release_max })
}
