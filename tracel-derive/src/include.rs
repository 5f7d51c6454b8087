//! `include_schema!()`: the generated code of the build script, or the neutral schema where there is none.

use crate::{
    fault::Faults,
    schema::{Loaded, Missing},
};
use proc_macro2::{Span, TokenStream};
use quote::quote;

pub(crate) fn expand(loaded: &Result<Loaded, Missing>) -> TokenStream {
    match loaded {
        Ok(Loaded {
            file: Some(compiled), ..
        }) => {
            let generated = compiled
                .with_file_name("tracel.rs")
                .to_string_lossy()
                .into_owned();
            quote!(::core::include!(#generated);)
        }
        Ok(Loaded { file: None, .. }) => stub(&Faults::default()),
        Err(missing) => stub(&missing.faults(Span::call_site())),
    }
}

/// The neutral schema, behind what is wrong.
pub(crate) fn stub(faults: &Faults) -> TokenStream {
    quote! {
        #faults
        #[allow(unused_imports, unreachable_pub)]
        pub use ::tracel::{DEFAULT_SCHEMA as SCHEMA, Log, SysLog, SystemLog, UserLog};
    }
}
