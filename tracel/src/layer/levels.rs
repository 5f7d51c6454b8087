//! Which levels are recorded: the directives of `TRACEL_LOG`, and the policy for other crates' events.

use std::sync::{PoisonError, RwLock};
use tracing_core::{Level, LevelFilter};
use tracing_subscriber::filter::Targets;

/// What holds where no directive says otherwise.
const DEFAULT: LevelFilter = LevelFilter::INFO;

/// The levels in force.
#[derive(Debug)]
pub(crate) struct Levels {
    /// `policy.foreign`: what other crates may log where no directive names their target.
    foreign: LevelFilter,
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    own: Targets,
    foreign: Targets,
    max: LevelFilter,
}

impl Levels {
    pub(crate) fn new(foreign: LevelFilter) -> Self {
        let (state, _) = State::parse("", foreign);
        Levels {
            foreign,
            state: RwLock::new(state),
        }
    }

    /// Puts directives in force (`warn,payment=debug`); returns what is wrong with each that is, the others hold.
    pub(crate) fn set(&self, directives: &str) -> Vec<String> {
        let (state, wrong) = State::parse(directives, self.foreign);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
        wrong
    }

    /// Whether an event of this target and level is recorded.
    pub(crate) fn enabled(&self, ours: bool, target: &str, level: &Level) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        if ours { &state.own } else { &state.foreign }.would_enable(target, level)
    }

    /// Whether another crate's span is followed: its level alone counts, not the policy for events.
    pub(crate) fn span_enabled(&self, target: &str, level: &Level) -> bool {
        self.enabled(true, target, level)
    }

    /// The least severe level that any target records.
    pub(crate) fn max(&self) -> LevelFilter {
        self.state.read().unwrap_or_else(PoisonError::into_inner).max
    }
}

impl State {
    fn parse(directives: &str, foreign: LevelFilter) -> (State, Vec<String>) {
        let mut default = None;
        let mut targets: Vec<(&str, LevelFilter)> = Vec::new();
        let mut wrong = Vec::new();
        for directive in directives
            .split(',')
            .map(str::trim)
            .filter(|directive| !directive.is_empty())
        {
            let (target, word) = match directive.split_once('=') {
                Some((target, word)) => (Some(target.trim()), word.trim()),
                None => (None, directive),
            };
            match (target, level(word)) {
                (_, None) => wrong.push(format!(
                    "`{directive}` is no directive: `{word}` is none of off, error, warn, info, debug, trace; \
                     write a level for all, or `target=level`, for instance `warn,payment=debug`"
                )),
                (Some(""), Some(_)) => wrong.push(format!(
                    "`{directive}` names no target; write `target=level`, for instance `payment=debug`"
                )),
                (Some(target), Some(level)) => targets.push((target, level)),
                (None, Some(level)) => default = Some(level),
            }
        }
        let default = default.unwrap_or(DEFAULT);
        let own = Targets::new()
            .with_default(default)
            .with_targets(targets.iter().copied());
        let foreign = Targets::new()
            .with_default(default.min(foreign))
            .with_targets(targets.iter().copied());
        let max = targets
            .iter()
            .map(|(_, level)| *level)
            .fold(default, LevelFilter::max);
        (State { own, foreign, max }, wrong)
    }
}

/// The level of this word; numbers are none, though `tracing` reads them.
fn level(word: &str) -> Option<LevelFilter> {
    word.parse()
        .ok()
        .filter(|_| word.chars().all(char::is_alphabetic) && !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_directive_holds() {
        let levels = Levels::new(LevelFilter::WARN);
        assert_eq!(
            levels.set("warn, payment=debug,payment::card=off"),
            Vec::<String>::new()
        );
        assert!(levels.enabled(true, "payment::order", &Level::DEBUG));
        assert!(!levels.enabled(true, "payment::order", &Level::TRACE));
        assert!(!levels.enabled(true, "payment::card", &Level::ERROR));
        assert!(!levels.enabled(true, "ledger", &Level::INFO));
        assert_eq!(levels.max(), LevelFilter::DEBUG);
    }

    #[test]
    fn a_wrong_directive_is_told_and_the_rest_holds() {
        let levels = Levels::new(LevelFilter::WARN);
        let wrong = levels.set("wran,payment=debug,=info,ledger=loud,");
        assert_eq!(wrong.len(), 3, "{wrong:?}");
        assert!(wrong[0].contains("`wran`") && wrong[1].contains("`=info`") && wrong[2].contains("`loud`"));
        assert!(levels.enabled(true, "payment", &Level::DEBUG));
        assert!(levels.enabled(true, "ledger", &Level::INFO));
    }

    #[test]
    fn other_crates_keep_to_the_policy_unless_they_are_named() {
        let levels = Levels::new(LevelFilter::WARN);
        levels.set("info,hyper=debug");
        assert!(!levels.enabled(false, "h2", &Level::INFO));
        assert!(levels.enabled(false, "h2", &Level::WARN));
        assert!(levels.enabled(false, "hyper::client", &Level::DEBUG));
        levels.set("error");
        assert!(!levels.enabled(false, "h2", &Level::WARN));
    }
}
