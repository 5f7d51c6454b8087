//! Every code that TraceL's diagnostics carry, each with its rule and an example: the one table behind `tracel
//! explain` and the docs. TL0001 to TL0999 are the macros', TL1001 to TL1999 schema.toml's.

mod event;
mod extends;
mod field;
mod file;
pub mod macros;
mod policy;

pub use {event::*, extends::*, field::*, file::*, policy::*};

/// A rule, and what breaking it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// `TL1201`: never changed, and never given to another rule.
    pub id: &'static str,
    /// The fault, in a few words.
    pub title: &'static str,
    /// The rule, and why it is one.
    pub rule: &'static str,
    /// An example that breaks it: of `schema.toml` (without the `[schema]` it begins with), of Rust, or a command.
    pub wrong: &'static str,
    /// The same, mended.
    pub mended: &'static str,
}

/// All codes, in their order.
pub fn all() -> impl Iterator<Item = &'static Code> {
    macros::ALL
        .into_iter()
        .chain([file::ALL, field::ALL, event::ALL, policy::ALL, extends::ALL])
        .flatten()
        .copied()
}

/// The code of this id; upper and lower case are alike.
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}

/// Declares codes and, in `ALL`, their table.
macro_rules! codes {
    ($($name:ident = $id:literal, $title:literal, $rule:literal, wrong $wrong:literal, mended $mended:literal;)+) => {
        $(
            #[doc = concat!($id, ": ", $title, ".")]
            #[allow(rustdoc::broken_intra_doc_links, reason = "`[fields]` is a table of schema.toml, and no link")]
            pub static $name: crate::codes::Code = crate::codes::Code {
                id: $id,
                title: $title,
                rule: $rule,
                wrong: $wrong,
                mended: $mended,
            };
        )+
        pub(super) static ALL: &[&crate::codes::Code] = &[$(&$name),+];
    };
}
use codes;

#[cfg(test)]
mod tests {
    use super::{all, find};

    #[test]
    fn ids_are_unique_and_in_order() {
        let ids: Vec<&str> = all().map(|code| code.id).collect();
        assert!(ids.len() > 30);
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
        assert!(ids.iter().all(|id| id.len() == 6 && id.starts_with("TL")));
    }

    #[test]
    fn a_code_is_found_in_any_case() {
        assert_eq!(find("tl1001").map(|code| code.id), Some("TL1001"));
        assert_eq!(find("TL9999"), None);
    }
}
