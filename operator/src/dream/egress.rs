//! Where dreamers may connect to: a `NetworkPolicy` for their pods. Pure.
//!
//! A policy knows no host names. A server behind a Service is said by its namespace, one outside of the cluster by its
//! port at any address outside.

use std::collections::BTreeSet;
use std::net::IpAddr;

use k8s_openapi::api::networking::v1::{NetworkPolicyEgressRule, NetworkPolicyPeer};
use kube::Resource;
use remanence_api::dreaming::Dreaming;
use remanence_api::names::{BUILT_ANNOTATION, DREAMER_LABEL};
use serde::Deserialize;
use serde_json::{Value, json};
use url::{Host, Url};

use super::pod::{Surroundings, fingerprint, labels};
use crate::cluster::Cluster;
use crate::plan::World;

const HTTPS: u16 = 443;

/// What the chart says of dreamers' connections.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Egress {
    /// What each dreamer may reach: the broker, names, and what the platform adds. All that may be reached of
    /// Remanence's own namespace is among it.
    pub always: Vec<NetworkPolicyEgressRule>,
    /// The addresses outside of the cluster.
    pub outside: Vec<NetworkPolicyPeer>,
}

/// A server, as far as a policy can name it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Server {
    /// Behind a Service of that namespace, at a port that only the Service knows.
    Inside(String),
    /// At that address.
    At(IpAddr, u16),
    /// At that port, somewhere outside.
    Outside(u16),
}

/// The name of the policy of the pods that have the label `(key, name)`.
pub fn policy_name((key, name): (&str, &str)) -> String {
    let kind = key.rsplit('/').next().unwrap_or(key);
    format!("remanence-{kind}-{name}")
}

/// The policy of the pods that have `label`, owned by what they dream for; `None` where the chart wants none.
pub fn network_policy<K: Resource<DynamicType = ()>>(
    owner: &K,
    label: (&str, &str),
    dreaming: &Dreaming,
    cluster: &Cluster,
    around: &Surroundings,
) -> Option<Value> {
    let egress = around.egress.as_ref()?;
    let namespace = owner.meta().namespace.clone().unwrap_or_default();
    let mut rules: Vec<Value> = egress.always.iter().map(|rule| json!(rule)).collect();
    let servers = servers(dreaming, cluster, around.dreamer.traces.as_deref(), &namespace);
    let elsewhere = |server: &&Server| !matches!(server, Server::Inside(there) if *there == around.namespace);
    rules.extend(
        servers
            .iter()
            .filter(elsewhere)
            .filter_map(|server| rule(server, egress)),
    );
    let (key, name) = label;
    let mut built = json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": policy_name(label),
            "namespace": namespace,
            "labels": labels(label),
            "ownerReferences": owner.controller_owner_ref(&()).map(|owner| vec![owner]),
        },
        "spec": {
            "podSelector": {"matchLabels": {DREAMER_LABEL: "true", key: name}},
            // Nobody has a reason to connect to a dreamer.
            "policyTypes": ["Ingress", "Egress"],
            "egress": rules,
        },
    });
    let fingerprint = fingerprint(&built);
    built["metadata"]["annotations"] = json!({BUILT_ANNOTATION: fingerprint});
    Some(built)
}

/// The storage of all classes, the buckets of session logs, the model, and the collector of traces.
fn servers(dreaming: &Dreaming, cluster: &Cluster, traces: Option<&str>, home: &str) -> BTreeSet<Server> {
    let classes = cluster.classes.state();
    let storage = classes.iter().map(|class| class.spec.s3.endpoint.as_deref());
    let logs = dreaming.session_logs.iter().map(|log| log.s3.endpoint.as_deref());
    let model = dreaming.model.iter().map(|model| model.base_url.as_deref());
    let is_namespace = |name: &str| cluster.namespace_labels(name).is_some();
    storage
        .chain(logs)
        .chain(model)
        .chain(traces.map(Some))
        // AWS, or the model's provider. A URL that is none leads nowhere.
        .filter_map(|url| url.map_or(Some(Server::Outside(HTTPS)), |url| server(url, home, is_namespace)))
        .collect()
}

fn server(url: &str, home: &str, is_namespace: impl Fn(&str) -> bool) -> Option<Server> {
    let url = Url::parse(url).ok()?;
    let port = url.port_or_known_default()?;
    Some(match url.host()? {
        Host::Ipv4(address) => Server::At(address.into(), port),
        Host::Ipv6(address) => Server::At(address.into(), port),
        Host::Domain(host) => match namespace_of(host, home).filter(|name| is_namespace(name)) {
            Some(namespace) => Server::Inside(namespace.to_owned()),
            None => Server::Outside(port),
        },
    })
}

/// The namespace of a Service, where `host` may be one's name: `s3`, `s3.storage`, `s3.storage.svc[.cluster.local]`, or
/// that of a pod behind it.
fn namespace_of<'a>(host: &'a str, home: &'a str) -> Option<&'a str> {
    let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
    let svc = labels.iter().position(|label| *label == "svc");
    match (svc, &labels[..]) {
        (Some(svc), _) if svc >= 2 => Some(labels[svc - 1]),
        (_, [_]) => Some(home),
        (_, [_, namespace]) => Some(*namespace),
        _ => None,
    }
}

fn rule(server: &Server, egress: &Egress) -> Option<Value> {
    let port = |port: u16| json!([{"protocol": "TCP", "port": port}]);
    Some(match server {
        Server::Inside(namespace) => {
            json!({"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}]})
        }
        Server::At(address, at) => {
            let bits = if address.is_ipv4() { 32 } else { 128 };
            json!({"to": [{"ipBlock": {"cidr": format!("{address}/{bits}")}}], "ports": port(*at)})
        }
        // A rule to nobody would be one to everybody.
        Server::Outside(_) if egress.outside.is_empty() => return None,
        Server::Outside(at) => json!({"to": egress.outside, "ports": port(*at)}),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]
    use k8s_openapi::api::networking::v1::NetworkPolicy;
    use remanence_api::MemoryStoreClass;
    use remanence_api::names::SCHEDULE_LABEL;

    use super::*;
    use crate::fixtures;

    const LABEL: (&str, &str) = (SCHEDULE_LABEL, "nightly");

    fn class(endpoint: Option<&str>) -> MemoryStoreClass {
        let mut class = fixtures::class("standard");
        class.spec.s3.endpoint = endpoint.map(str::to_owned);
        class
    }

    /// The policy of a schedule in `team-a`; there are the namespaces `team-a`, `storage` and `models`.
    fn policy(class: MemoryStoreClass, mut spec: Value) -> Value {
        spec["schedule"] = "0 3 * * *".into();
        let schedule = fixtures::schedule("team-a", "nightly", spec);
        let cluster = fixtures::with_namespaces(
            fixtures::cluster(&[], &[], &[class], &[]),
            &["team-a", "storage", "models", "remanence-system"],
        );
        let around = fixtures::confined();
        network_policy(&schedule, LABEL, &schedule.spec.dreaming, &cluster, &around).unwrap()
    }

    /// What is allowed besides what always is.
    fn more(built: &Value) -> Vec<Value> {
        let always = fixtures::confined().egress.unwrap().always.len();
        built["spec"]["egress"].as_array().unwrap()[always..].to_vec()
    }

    fn inside(namespace: &str) -> Value {
        json!({"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}]})
    }

    fn outside(port: u16) -> Value {
        json!({"to": fixtures::confined().egress.unwrap().outside, "ports": [{"protocol": "TCP", "port": port}]})
    }

    fn at(cidr: &str, port: u16) -> Value {
        json!({"to": [{"ipBlock": {"cidr": cidr}}], "ports": [{"protocol": "TCP", "port": port}]})
    }

    #[test]
    fn storage_is_allowed_where_the_class_has_it_and_nothing_without_a_reason() {
        for (endpoint, expected) in [
            (Some("http://s3.storage:8333"), vec![inside("storage")]),
            (Some("http://s3.storage.svc:8333"), vec![inside("storage")]),
            (
                Some("http://s3-0.s3.storage.svc.cluster.local."),
                vec![inside("storage")],
            ),
            (Some("https://s3.example.com"), vec![outside(443)]),
            (Some("https://s3.example.com:9000/"), vec![outside(9000)]),
            // No namespace of that name.
            (Some("http://minio.io"), vec![outside(80)]),
            (Some("http://192.0.2.7:9000"), vec![at("192.0.2.7/32", 9000)]),
            (Some("https://[2001:db8::7]"), vec![at("2001:db8::7/128", 443)]),
            (None, vec![outside(443)]),
            // The chart says what is reached there.
            (Some("http://remanence-s3.remanence-system.svc:8333"), vec![]),
        ] {
            assert_eq!(more(&policy(class(endpoint), json!({}))), expected, "{endpoint:?}");
        }
    }

    #[test]
    fn a_model_and_session_logs_are_allowed_to_those_who_have_them() {
        let storage = || class(Some("http://s3.storage:8333"));
        let model = |base_url: Value| {
            let key = json!({"name": "model", "key": "key"});
            json!({"model": {"provider": "Anthropic", "name": "m", "baseURL": base_url, "apiKeySecretRef": key}})
        };
        for (spec, expected) in [
            (model(Value::Null), vec![inside("storage"), outside(443)]),
            (
                model(json!("http://vllm.models:8000/v1")),
                vec![inside("models"), inside("storage")],
            ),
            (
                model(json!("http://vllm:8000/v1")),
                vec![inside("storage"), inside("team-a")],
            ),
            (
                json!({"sessionLogs": [{"s3": {"bucket": "logs", "endpoint": "http://192.0.2.9:9000"}}]}),
                vec![inside("storage"), at("192.0.2.9/32", 9000)],
            ),
        ] {
            assert_eq!(more(&policy(storage(), spec.clone())), expected, "{spec}");
        }
    }

    #[test]
    fn it_selects_the_pods_of_its_schedule_alone_and_goes_with_it() {
        let built = policy(class(None), json!({}));
        let read: NetworkPolicy = serde_json::from_value(built.clone()).unwrap();
        assert_eq!(read.metadata.name.as_deref(), Some("remanence-schedule-nightly"));
        assert_eq!(read.metadata.owner_references.unwrap()[0].uid, "uid-nightly");
        assert_eq!(
            built["spec"]["podSelector"],
            json!({"matchLabels": {"remanence.dev/dreamer": "true", "remanence.dev/schedule": "nightly"}})
        );
        assert_eq!(built["spec"]["policyTypes"], json!(["Ingress", "Egress"]));
        assert!(built["spec"]["ingress"].is_null());
    }

    #[test]
    fn a_chart_that_wants_none_gets_none_and_one_that_knows_no_outside_opens_nothing() {
        let schedule = fixtures::schedule("team-a", "nightly", json!({"schedule": "0 3 * * *"}));
        let cluster = fixtures::cluster(&[], &[], &[class(None)], &[]);
        let of = |around: &Surroundings| network_policy(&schedule, LABEL, &schedule.spec.dreaming, &cluster, around);
        assert!(of(&fixtures::surroundings()).is_none());
        let mut around = fixtures::confined();
        around.egress.as_mut().unwrap().outside.clear();
        assert_eq!(more(&of(&around).unwrap()), Vec::<Value>::new());
    }
}
