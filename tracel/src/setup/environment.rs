//! What the operator says of a service's log: the environment's variables, as they are read. What they mean is `setup`'s.

use std::env;

const SERVICE: &str = "TRACEL_SERVICE";
pub(super) const SINK: &str = "TRACEL_SINK";
pub(super) const LEVELS: &str = "TRACEL_LOG";
pub(super) const ON_FULL: &str = "TRACEL_ON_FULL";
const FOLDER: &str = "TRACEL_DIR";
pub(super) const SPOOL: &str = "TRACEL_SPOOL";
pub(super) const SYNC: &str = "TRACEL_SYNC";

/// What the operator says.
#[derive(Default)]
pub(super) struct Environment {
    pub(super) service: Option<String>,
    pub(super) sinks: Option<String>,
    pub(super) levels: Option<String>,
    pub(super) on_full: Option<String>,
    pub(super) folder: Option<String>,
    pub(super) spool: Option<String>,
    pub(super) sync: Option<String>,
}

impl Environment {
    pub(super) fn read() -> Self {
        let text = |name| {
            env::var_os(name)
                .filter(|text| !text.is_empty())
                .map(|text| text.to_string_lossy().into_owned())
        };
        Environment {
            service: text(SERVICE),
            sinks: text(SINK),
            levels: text(LEVELS),
            on_full: text(ON_FULL),
            folder: text(FOLDER),
            spool: text(SPOOL),
            sync: text(SYNC),
        }
    }
}
