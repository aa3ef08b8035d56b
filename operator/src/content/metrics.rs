//! What the content API counts.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Bounds of the histogram.
const SECONDS: [f64; 8] = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];

/// What was asked for and how it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    verb: &'static str,
    code: u16,
}

/// The content API's metrics; clones share them.
#[derive(Debug, Clone)]
pub struct ContentMetrics {
    requests: Family<Answered, Counter>,
    seconds: Histogram,
}

impl Default for ContentMetrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Histogram::new(SECONDS),
        }
    }
}

impl ContentMetrics {
    /// Shows them in `registry`.
    pub fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("content");
        registry.register(
            "requests",
            "Requests to the content API, by verb and HTTP status",
            self.requests.clone(),
        );
        registry.register(
            "request_seconds",
            "How long the content API took to answer",
            self.seconds.clone(),
        );
    }

    /// A request was answered.
    pub fn answered(&self, verb: &'static str, code: u16, took: Duration) {
        self.requests.get_or_create(&Answered { verb, code }).inc();
        self.seconds.observe(took.as_secs_f64());
    }
}
