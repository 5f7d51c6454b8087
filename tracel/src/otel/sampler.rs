//! A sampler by ratio for trace-ids that are UUIDs. OpenTelemetry's own `TraceIdRatioBased` reads bits that a UUID
//! fixes, so that 0.1 sampled nothing and 0.75 everything; the lowest 56 bits are random in a UUID of version 4 or 7, and
//! in any trace-id that follows the W3C's level 2 (<https://www.w3.org/TR/trace-context-2/#random-trace-id-flag>).

use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceContextExt, TraceId},
};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

/// 2^56.
const RANDOM: f64 = (1u64 << 56) as f64;

/// Samples a part of all traces, each whole: what a parent has decided holds for its children, also in other services.
#[derive(Clone, Copy, Debug)]
pub struct Sampler {
    below: u64,
}

impl Sampler {
    /// Samples this part of the traces, from 0 for none to 1 for all; what is outside is taken for the nearer of them.
    #[must_use]
    pub fn ratio(ratio: f64) -> Self {
        // A float that is no number becomes 0.
        let below = (ratio.clamp(0.0, 1.0) * RANDOM) as u64;
        Sampler { below }
    }

    fn takes(self, trace_id: TraceId) -> bool {
        let [.., a, b, c, d, e, f, g] = trace_id.to_bytes();
        u64::from_be_bytes([0, a, b, c, d, e, f, g]) < self.below
    }
}

impl ShouldSample for Sampler {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        _name: &str,
        _kind: &SpanKind,
        _attributes: &[KeyValue],
        _links: &[Link],
    ) -> SamplingResult {
        let parent = parent.filter(|parent| parent.span().span_context().is_valid());
        let taken = match parent {
            Some(parent) => parent.span().span_context().is_sampled(),
            None => self.takes(trace_id),
        };
        let state = parent.map(|parent| parent.span().span_context().trace_state().clone());
        SamplingResult {
            decision: match taken {
                true => SamplingDecision::RecordAndSample,
                false => SamplingDecision::Drop,
            },
            attributes: Vec::new(),
            trace_state: state.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate_event_id;

    #[test]
    fn a_ratio_is_what_it_says() {
        const IDS: u32 = 20_000;
        fastrand::seed(7);
        for ratio in [0.0, 0.1, 0.5, 0.75, 1.0] {
            let sampler = Sampler::ratio(ratio);
            let taken = (0..IDS)
                .filter(|_| {
                    let id = TraceId::from_bytes(generate_event_id().uuid().into_bytes());
                    let result = sampler.should_sample(None, id, "", &SpanKind::Server, &[], &[]);
                    result.decision == SamplingDecision::RecordAndSample
                })
                .count();
            let share = taken as f64 / f64::from(IDS);
            assert!((share - ratio).abs() < 0.02, "{ratio}: {share}");
        }
        assert_eq!(Sampler::ratio(f64::NAN).below, 0);
        assert_eq!(Sampler::ratio(7.0).below, 1 << 56);
    }
}
