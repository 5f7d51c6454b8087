//! x
use crate::{
    log::Site,
    schema::{Loaded, Missing},
};
use proc_macro2::TokenStream;
pub(crate) fn expand(
    _: &Result<Loaded, Missing>,
    _: &Site,
    _: TokenStream,
    item: TokenStream,
) -> TokenStream {
    item
}
