//! What the operator says of a service's log: the environment's variables, as they are read. What they mean is `setup`'s.

use std::env;

const SERVICE: &str = "TRACEL_SERVICE";
pub(super) const SINK: &str = "TRACEL_SINK";
pub(super) const LEVELS: &str = "TRACEL_LOG";
pub(super) const ON_FULL: &str = "TRACEL_ON_FULL";
const FOLDER: &str = "TRACEL_DIR";
pub(super) const SPOOL: &str = "TRACEL_SPOOL";
pub(super) const SYNC: &str = "TRACEL_SYNC";

/// All variables that a running service knows.
const KNOWN: [&str; 11] = [
    SERVICE,
    SINK,
    LEVELS,
    ON_FULL,
    FOLDER,
    SPOOL,
    SYNC,
    "TRACEL_HASH_KEY",
    "TRACEL_HTTP_TOKEN",
    "TRACEL_KAFKA_USERNAME",
    "TRACEL_KAFKA_PASSWORD",
];

/// The variables that nobody reads, each beside the one that it was probably meant to be.
pub(super) fn slips(names: impl Iterator<Item = String>) -> Vec<(String, &'static str)> {
    let meant = |name: &String| {
        let name = name.to_ascii_uppercase();
        KNOWN.into_iter().find(|known| is_slip(known, &name))
    };
    let unknown = names.filter(|name| !KNOWN.contains(&name.as_str()));
    unknown
        .filter_map(|name| meant(&name).map(|known| (name, known)))
        .collect()
}

/// Whether one letter more, less or other makes the one of the other; or none does, but for its case.
fn is_slip(known: &str, name: &str) -> bool {
    let (a, b) = (known.as_bytes(), name.as_bytes());
    let first = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[first..], &b[first..]);
    let rest = |of: &[u8], skipped: usize| of.get(skipped..).unwrap_or_default().to_vec();
    // Never a name that only begins so.
    first > "TRACEL_".len() && (a == b || rest(a, 1) == rest(b, 1) || rest(a, 1) == b || a == rest(b, 1))
}

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

#[cfg(test)]
mod tests {
    use super::slips;

    #[test]
    fn a_slip_of_the_hand_is_told_and_what_is_somebody_elses_is_not() {
        for (name, meant) in [
            ("TRACEL_SINKS", Some("TRACEL_SINK")),
            ("TRACEL_SNK", Some("TRACEL_SINK")),
            ("TRACEL_SINC", Some("TRACEL_SINK")),
            ("TRACEL_LOGS", Some("TRACEL_LOG")),
            ("tracel_sink", Some("TRACEL_SINK")),
            ("TRACEL_ON_FUL", Some("TRACEL_ON_FULL")),
            ("TRACEL_SINK", None),
            ("TRACEL_HTTP_TOKEN", None),
            ("TRACEL_SCHEMA", None),
            ("TRACEL_CLICKHOUSE", None),
            ("TRACEL_SEED", None),
            ("TRACEL_", None),
            ("PATH", None),
            ("", None),
        ] {
            let told = slips([name.to_owned()].into_iter());
            assert_eq!(told.first().map(|(_, meant)| *meant), meant, "{name}");
        }
    }
}
