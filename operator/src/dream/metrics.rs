//! What is counted of dreams.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use remanence_api::DreamStatus;
use remanence_api::dream::{FactCounts, Phase};

/// Bounds of the histogram: a Dream's seconds are whole ones.
const SECONDS: [f64; 9] = [1.0, 3.0, 10.0, 30.0, 60.0, 180.0, 600.0, 1800.0, 3600.0];

/// A phase in which a Dream goes on no more by itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reached {
    phase: String,
}

/// What became of facts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Became {
    became: &'static str,
}

/// The metrics of dreams; clones share them.
#[derive(Debug, Clone)]
pub struct DreamMetrics {
    reached: Family<Reached, Counter>,
    seconds: Histogram,
    facts: Family<Became, Counter>,
    tokens: Counter,
    dollars: Counter<f64, AtomicU64>,
}

impl Default for DreamMetrics {
    fn default() -> Self {
        let metrics = Self {
            reached: Family::default(),
            seconds: Histogram::new(SECONDS),
            facts: Family::default(),
            tokens: Counter::default(),
            dollars: Counter::default(),
        };
        // A counter that comes with its first count is no rise for Prometheus.
        for phase in Phase::ALL.into_iter().filter(|phase| has_run(*phase)) {
            drop(metrics.reached.get_or_create(&reached(phase)));
        }
        metrics.count(&FactCounts::default());
        metrics
    }
}

impl DreamMetrics {
    /// Shows them in `registry`.
    pub fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("dream");
        registry.register(
            "reached",
            "Dreams whose run was over or that were decided on, by phase",
            self.reached.clone(),
        );
        registry.register("seconds", "How long Dreams took", self.seconds.clone());
        registry.register("facts", "What Dreams did, in facts", self.facts.clone());
        registry.register("tokens", "Tokens that Dreams used, in and out", self.tokens.clone());
        registry.register("cost_dollars", "US dollars that Dreams spent", self.dollars.clone());
    }

    /// A Dream's status was written.
    pub fn written(&self, before: &DreamStatus, after: &DreamStatus) {
        if before.phase != after.phase && has_run(after.phase) {
            self.reached.get_or_create(&reached(after.phase)).inc();
        }
        // What its run came to is told once: a decision tells the same again, and one that came with its decision ran
        // elsewhere.
        let (None, Some(seconds), Some(_)) = (before.seconds, after.seconds, &after.started) else {
            return;
        };
        self.seconds.observe(seconds as f64);
        self.count(&after.facts.unwrap_or_default());
        let tokens = after.tokens.and_then(|tokens| u64::try_from(tokens).ok());
        self.tokens.inc_by(tokens.unwrap_or_default());
        let dollars = after.cost.as_deref().and_then(|cost| cost.parse::<f64>().ok());
        self.dollars.inc_by(dollars.unwrap_or_default());
    }

    fn count(&self, facts: &FactCounts) {
        for (became, count) in [
            ("added", facts.added),
            ("merged", facts.merged),
            ("replaced", facts.replaced),
            ("forgotten", facts.forgotten),
            ("quarantined", facts.quarantined),
        ] {
            self.facts.get_or_create(&Became { became }).inc_by(count.into());
        }
    }
}

fn reached(phase: Phase) -> Reached {
    Reached {
        phase: format!("{phase:?}"),
    }
}

fn has_run(phase: Phase) -> bool {
    !matches!(phase, Phase::Pending | Phase::Running)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use prometheus_client::encoding::text::encode;
    use serde_json::{Value, json};

    use super::*;

    fn status(status: Value) -> DreamStatus {
        serde_json::from_value(status).unwrap()
    }

    fn told(metrics: &DreamMetrics) -> String {
        let mut registry = Registry::default();
        metrics.register(&mut registry);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        text
    }

    #[test]
    fn what_a_run_came_to_is_counted_once_and_each_phase_as_it_comes() {
        let metrics = DreamMetrics::default();
        let none = told(&metrics);
        for zero in [
            r#"dream_reached_total{phase="Failed"} 0"#,
            r#"dream_facts_total{became="added"} 0"#,
            "dream_seconds_count 0",
        ] {
            assert!(none.contains(zero), "{none}");
        }
        assert!(!none.contains("Running"), "{none}");

        let began = "2026-01-01T03:00:00Z";
        let running = status(json!({"phase": "Running", "started": began}));
        let mut proposed = status(json!({
            "phase": "Proposed", "started": began, "seconds": 7, "tokens": 1200, "cost": "0.2500",
            "facts": {"added": 3, "quarantined": 1},
        }));
        metrics.written(&DreamStatus::default(), &running);
        metrics.written(&running, &proposed);
        let before = proposed.clone();
        proposed.phase = Phase::Applied;
        metrics.written(&before, &proposed);
        let text = told(&metrics);
        for told in [
            r#"dream_reached_total{phase="Proposed"} 1"#,
            r#"dream_reached_total{phase="Applied"} 1"#,
            r#"dream_facts_total{became="added"} 3"#,
            r#"dream_facts_total{became="quarantined"} 1"#,
            "dream_seconds_count 1",
            "dream_tokens_total 1200",
            "dream_cost_dollars_total 0.25",
        ] {
            assert!(text.contains(told), "{told}: {text}");
        }
    }

    #[test]
    fn a_dream_that_came_with_its_decision_ran_elsewhere() {
        let metrics = DreamMetrics::default();
        let recalled = status(json!({"phase": "Applied", "seconds": 7, "facts": {"added": 3}}));
        metrics.written(&DreamStatus::default(), &recalled);
        let text = told(&metrics);
        assert!(
            text.contains("dream_seconds_count 0") && text.contains(r#"became="added"} 0"#),
            "{text}"
        );
    }
}
