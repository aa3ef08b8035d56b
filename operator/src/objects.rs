//! How many objects there are and how they are, and how schedules fare, told when metrics are asked for.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::Resource;
use kube::runtime::reflector::Store;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use remanence_api::conditions;
use remanence_api::conditions::types::READY;
use remanence_api::dream::Phase;

use crate::cluster::Cluster;
use crate::dream::{Lately, lately};

/// Counts what the operator knows of.
pub(crate) struct Objects(pub(crate) Cluster);

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Objects")
    }
}

impl Collector for Objects {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let help = "Objects by kind and condition Ready; every replica counts all";
        let mut metric = encoder.encode_descriptor("objects", help, None, MetricType::Gauge)?;
        for ((kind, ready), count) in self.objects() {
            let ready = if ready { "true" } else { "false" };
            ConstGauge::new(count).encode(metric.encode_family(&[("kind", kind), ("ready", ready)])?)?;
        }
        let help = "Dreams by phase; every replica counts all";
        let mut metric = encoder.encode_descriptor("dreams", help, None, MetricType::Gauge)?;
        for (phase, count) in self.dreams() {
            ConstGauge::new(count).encode(metric.encode_family(&[("phase", phase)])?)?;
        }
        self.schedules(&mut encoder)
    }
}

impl Objects {
    fn objects(&self) -> BTreeMap<(&'static str, bool), i64> {
        let cluster = &self.0;
        let mut counts = BTreeMap::new();
        // A kind of which there is none is told as well, so that its absence is no gap in a graph.
        let mut count = |kind, all: Vec<bool>| {
            for ready in [true, false] {
                let so_many = all.iter().filter(|is| **is == ready).count() as i64;
                counts.insert((kind, ready), so_many);
            }
        };
        count(
            "MemoryStoreClass",
            ready_of(&cluster.classes, |class| class.status.as_ref().map(|s| &s.conditions)),
        );
        count(
            "MemoryStore",
            ready_of(&cluster.stores, |store| store.status.as_ref().map(|s| &s.conditions)),
        );
        count(
            "Agent",
            ready_of(&cluster.agents, |agent| agent.status.as_ref().map(|s| &s.conditions)),
        );
        count(
            "DreamSchedule",
            ready_of(&cluster.schedules, |schedule| {
                schedule.status.as_ref().map(|s| &s.conditions)
            }),
        );
        counts
    }

    /// How each schedule fares. Its namespace is not called `namespace`: that is the label by which Prometheus says where
    /// it asked.
    fn schedules(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        type Told = fn(&Lately) -> Option<i64>;
        let gauges: [(&str, &str, Told); 3] = [
            (
                "schedule_last_run_timestamp_seconds",
                "When a schedule's CronJob last began a run; every replica tells all",
                |lately| lately.last_run.map(jiff::Timestamp::as_second),
            ),
            (
                "schedule_last_success_timestamp_seconds",
                "When a schedule's run last went well, or the schedule was made; every replica tells all",
                |lately| lately.last_success.map(jiff::Timestamp::as_second),
            ),
            (
                "schedule_failing_stores",
                "Stores of a schedule whose newest Dream failed; every replica tells all",
                |lately| i64::try_from(lately.failing).ok(),
            ),
        ];
        let fares = lately(&self.0);
        for (name, help, told) in gauges {
            let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for lately in &fares {
                let Some(value) = told(lately) else { continue };
                let labels = [
                    ("schedule_namespace", lately.namespace.as_str()),
                    ("schedule", lately.name.as_str()),
                ];
                ConstGauge::new(value).encode(metric.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }

    fn dreams(&self) -> BTreeMap<String, i64> {
        let mut counts: BTreeMap<String, i64> = Phase::ALL.iter().map(|phase| (format!("{phase:?}"), 0)).collect();
        for dream in self.0.dreams.state() {
            let phase = dream.status.as_ref().map(|status| status.phase).unwrap_or_default();
            *counts.entry(format!("{phase:?}")).or_default() += 1;
        }
        counts
    }
}

/// Which objects of a kind are ready.
fn ready_of<K>(reader: &Store<K>, of: impl Fn(&K) -> Option<&Vec<Condition>>) -> Vec<bool>
where
    K: Resource<DynamicType = ()> + Clone + 'static,
{
    let all = reader.state();
    all.iter()
        .map(|object| of(object).is_some_and(|all| conditions::holds(all, READY)))
        .collect()
}
