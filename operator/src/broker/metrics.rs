//! What the broker counts.

use std::sync::atomic::AtomicI64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// The broker's metrics; clones share them.
#[derive(Debug, Clone, Default)]
pub struct BrokerMetrics {
    streams: Gauge<i64, AtomicI64>,
    pub(super) opened: Counter,
    pub(super) refused: Counter,
    pub(super) signed: Counter,
    pub(super) rings: Counter,
}

/// A stream that is counted as long as this lives.
pub(super) struct Counted(BrokerMetrics);

impl BrokerMetrics {
    /// Shows them in `registry`.
    pub fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("broker");
        registry.register("streams", "Pods that are connected", self.streams.clone());
        registry.register("streams_opened", "Streams so far", self.opened.clone());
        registry.register("refused", "Tokens and requests that were refused", self.refused.clone());
        registry.register(
            "signed",
            "Requests to object stores that were signed",
            self.signed.clone(),
        );
        registry.register("rings", "Commits that pods told of", self.rings.clone());
    }

    /// A stream begins.
    pub(super) fn stream(&self) -> Counted {
        self.opened.inc();
        self.streams.inc();
        Counted(self.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.streams.dec();
    }
}
