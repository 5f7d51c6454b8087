//! The words of the log macros as types, so that they can be imported, looked up and hovered over. The derives of
//! the same names are `tracel-derive`'s.

use crate::callsite::Callsite;

/// The category `user`: what an account did. In a log macro it is a word that needs no import,
/// `log_info!(UserLog(user_id, "capture requested"))`; as a derive it makes a struct an event of this category.
#[derive(Debug)]
pub enum UserLog {}

/// The category `system`: what the service did. In a log macro it is a word that needs no import,
/// `log_info!(SysLog("charging card", attempt = 2))`; as a derive it makes a struct an event of this category.
#[derive(Debug)]
pub enum SysLog {}

/// [`SysLog`] under its long name.
pub type SystemLog = SysLog;

/// Any other category of the schema: `log_info!(Log::audit("role granted"))`; as a derive,
/// `#[derive(tracel::Log)] #[log(category = "audit", ..)]`.
#[derive(Debug)]
pub enum Log {}

#[doc(hidden)]
impl UserLog {
    pub const CATEGORY: &'static str = "user";
}

#[doc(hidden)]
impl SysLog {
    pub const CATEGORY: &'static str = "system";
}

#[doc(hidden)]
impl Log {
    #[must_use]
    pub const fn category(name: &'static str) -> &'static str {
        name
    }
}

macro_rules! sites {
    ($($word:ident)*) => {$(
        #[doc(hidden)]
        impl $word {
            /// The callsite of a log under this word.
            #[must_use]
            pub const fn site() -> Callsite {
                Callsite::new()
            }
        }
    )*};
}

sites!(UserLog SysLog Log);

/// The words of the log macros, for those who like to import what they use:
/// `use tracel::LogBuilder::{UserLog, SystemLog};`.
#[allow(non_snake_case, reason = "the name that users write")]
pub mod LogBuilder {
    pub use crate::{Log, SysLog, SystemLog, UserLog};
}
