//! The five levels as types, for bounds; and what the features leave in the build.

use tracing::level_filters::STATIC_MAX_LEVEL;
use tracing_core::Level;

macro_rules! levels {
    ($($name:ident)*) => {$(
        #[doc = concat!("The level `", stringify!($name), "`.")]
        #[allow(non_camel_case_types, reason = "the word of the macros' names")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
    )*};
}

levels! { trace debug info warn error }

/// How much a level lets in: 1 for error to 5 for trace.
#[doc(hidden)]
#[must_use]
pub const fn number(level: Level) -> u8 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}

/// The level of a [`number`]; what is none counts as trace.
#[doc(hidden)]
#[inline(always)]
#[must_use]
pub const fn of(number: u8) -> Level {
    match number {
        1 => Level::ERROR,
        2 => Level::WARN,
        3 => Level::INFO,
        4 => Level::DEBUG,
        _ => Level::TRACE,
    }
}

/// The most that the features leave in the build, from 0 for nothing to 5 for trace: ours (`max_level_*`,
/// `release_max_level_*`, in release builds the latter if there is one) and those of `tracing`; the strictest wins.
#[doc(hidden)]
pub const STATIC_MAX: u8 = {
    let tracing = match STATIC_MAX_LEVEL.into_level() {
        Some(level) => number(level),
        None => 0,
    };
    let ours = ours();
    if ours < tracing { ours } else { tracing }
};

/// The strictest of our own features; as in `tracing`, those for release builds win there.
const fn ours() -> u8 {
    if !cfg!(debug_assertions) {
        if cfg!(feature = "release_max_level_off") {
            return 0;
        } else if cfg!(feature = "release_max_level_error") {
            return 1;
        } else if cfg!(feature = "release_max_level_warn") {
            return 2;
        } else if cfg!(feature = "release_max_level_info") {
            return 3;
        } else if cfg!(feature = "release_max_level_debug") {
            return 4;
        } else if cfg!(feature = "release_max_level_trace") {
            return 5;
        }
    }
    if cfg!(feature = "max_level_off") {
        0
    } else if cfg!(feature = "max_level_error") {
        1
    } else if cfg!(feature = "max_level_warn") {
        2
    } else if cfg!(feature = "max_level_info") {
        3
    } else if cfg!(feature = "max_level_debug") {
        4
    } else {
        5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_grow_with_what_is_let_in() {
        let levels = [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE];
        assert_eq!(levels.map(number), [1, 2, 3, 4, 5]);
    }
}
