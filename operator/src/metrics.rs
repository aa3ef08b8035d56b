//! Every metric of the operator.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::broker::BrokerMetrics;
use crate::cluster::Cluster;
use crate::content::ContentMetrics;
use crate::dream::DreamMetrics;
use crate::objects::Objects;

const SECONDS: [f64; 11] = [0.001, 0.003, 0.01, 0.02, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// A kind and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    kind: &'static str,
    outcome: &'static str,
}

/// A kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

/// A verdict of the webhook.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Verdict {
    verdict: &'static str,
}

/// The metrics.
pub struct Metrics {
    registry: Registry,
    reconciles: Family<Outcome, Counter>,
    seconds: Family<Kind, Histogram>,
    admissions: Family<Verdict, Counter>,
    admission_seconds: Histogram,
    leader: Gauge<i64, std::sync::atomic::AtomicI64>,
    lifted: Counter<u64, AtomicU64>,
    /// The broker's.
    pub broker: BrokerMetrics,
    /// The content API's.
    pub content: ContentMetrics,
    /// Those of dreams.
    pub dreams: DreamMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("remanence_operator");
        let reconciles = Family::<Outcome, Counter>::default();
        registry.register(
            "reconciles",
            "Objects looked at, by kind and outcome",
            reconciles.clone(),
        );
        let seconds = Family::<Kind, Histogram>::new_with_constructor(|| Histogram::new(SECONDS));
        registry.register(
            "reconcile_seconds",
            "How long looking at an object took",
            seconds.clone(),
        );
        let admissions = Family::<Verdict, Counter>::default();
        registry.register("admissions", "Pods seen by the webhook, by verdict", admissions.clone());
        let admission_seconds = Histogram::new(SECONDS);
        registry.register(
            "admission_seconds",
            "How long the webhook took",
            admission_seconds.clone(),
        );
        let leader = Gauge::default();
        registry.register("leader", "Whether this replica reconciles", leader.clone());
        let lifted = Counter::default();
        registry.register(
            "gates_lifted",
            "Pods that waited for their memory and got it",
            lifted.clone(),
        );
        let broker = BrokerMetrics::default();
        broker.register(&mut registry);
        let content = ContentMetrics::default();
        content.register(&mut registry);
        let dreams = DreamMetrics::default();
        dreams.register(&mut registry);
        Self {
            registry,
            reconciles,
            seconds,
            admissions,
            admission_seconds,
            leader,
            lifted,
            broker,
            content,
            dreams,
        }
    }
}

impl Metrics {
    /// And how many objects of the cluster there are.
    pub fn of(cluster: Cluster) -> Self {
        let mut metrics = Self::default();
        metrics.registry.register_collector(Box::new(Objects(cluster)));
        metrics
    }

    /// An object was looked at.
    pub fn reconciled(&self, kind: &'static str, took: Duration, well: bool) {
        let outcome = if well { "ok" } else { "error" };
        self.reconciles.get_or_create(&Outcome { kind, outcome }).inc();
        self.seconds.get_or_create(&Kind { kind }).observe(took.as_secs_f64());
    }

    /// A pod was seen.
    pub fn admitted(&self, verdict: &'static str, took: Duration) {
        self.admissions.get_or_create(&Verdict { verdict }).inc();
        self.admission_seconds.observe(took.as_secs_f64());
    }

    /// Whether this replica reconciles.
    pub fn leads(&self, leads: bool) {
        self.leader.set(i64::from(leads));
    }

    /// A gate was lifted.
    pub fn lifted(&self) {
        self.lifted.inc();
    }

    /// As text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
