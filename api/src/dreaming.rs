//! How a store is dreamt: what a schedule and a single dream have in common.

use k8s_openapi::api::core::v1::{ResourceRequirements, Toleration};
use kube::KubeSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::class::region;
use crate::dns::dns_subdomain;
use crate::url::{base_url, endpoint};
use crate::{Duration, Size};

/// How a store is dreamt.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Dreaming {
    /// What finds and words the facts; rules, which need neither network nor key, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
    /// Whether what a dream proposes is applied at once or waits for a decision.
    #[serde(default)]
    pub review: Review,
    /// What a dream may cost and change.
    #[serde(default)]
    pub budget: Budget,
    /// Orders on what to leave out or favour, one a line, as in `remanence dream --instructions`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 4096))]
    pub instructions: String,
    /// Session logs in object storage, besides the agents' own sessions. They are read for stores that are no Agent's
    /// own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub session_logs: Vec<SessionLog>,
    /// How the dreamer's pods are to be.
    #[serde(default)]
    pub job_template: JobTemplate,
}

/// What finds and words the facts.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.provider != 'Anthropic' || has(self.apiKeySecretRef)").message("provider Anthropic needs apiKeySecretRef: a key in a Secret of this namespace"))]
pub struct Model {
    /// Whose API it speaks; `OpenAI` also stands for whatever is compatible with it.
    pub provider: Provider,
    /// The model's name, as the API knows it.
    #[schemars(length(min = 1, max = 256))]
    pub name: String,
    /// Where the API answers; the provider's own address when left out.
    #[serde(default, rename = "baseURL", skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    #[x_kube(validation = base_url())]
    pub base_url: Option<String>,
    /// The key, in a Secret of this namespace. Only the dreamer's pod gets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_secret_ref: Option<SecretKeyRef>,
}

/// Whose API a model speaks.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Anthropic's.
    Anthropic,
    /// `OpenAI`'s, or one that is compatible: vLLM, Ollama, llama.cpp, gateways.
    #[serde(rename = "OpenAI")]
    OpenAi,
}

/// One key of a Secret.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct SecretKeyRef {
    /// The Secret.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = dns_subdomain("Secret"))]
    pub name: String,
    /// The key in it.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = Rule::new("self.matches('^[-._a-zA-Z0-9]+$')").message("a key of a Secret has letters, digits, '-', '_' and '.' only"))]
    pub key: String,
}

/// When a dream's changes become memory.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Review {
    /// At once.
    #[default]
    Automatic,
    /// Once somebody with the verb `approve` on dreams has said so.
    Manual,
}

/// What a dream may cost and change.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Budget {
    /// Most tokens of one dream, in and out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub tokens: Option<u64>,
    /// Most US dollars of one dream, as `2.00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 12))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9]{1,6}([.][0-9]{1,4})?$')").message("write US dollars as a number, as in \"2.00\""))]
    pub cost: Option<String>,
    /// Most US dollars of all dreams of a schedule in one day (UTC). A schedule's only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 12))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9]{1,6}([.][0-9]{1,4})?$')").message("write US dollars as a number, as in \"10.00\""))]
    pub daily_cost: Option<String>,
    /// Longest time of one dream.
    #[serde(default = "duration")]
    pub duration: Duration,
    /// The share of facts that a dream may lose without being asked to; more, and it is refused as a whole.
    #[serde(default = "max_loss_percent")]
    #[schemars(range(min = 0, max = 100))]
    pub max_loss_percent: u8,
    /// Over this size of what dreams keep (facts, the headings over them, the index) the weakest facts go, to history.
    /// What people and agents wrote does not count.
    #[serde(default = "memory_size")]
    pub memory_size: Size,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            tokens: None,
            cost: None,
            daily_cost: None,
            duration: duration(),
            max_loss_percent: max_loss_percent(),
            memory_size: memory_size(),
        }
    }
}

fn duration() -> Duration {
    Duration::minutes(30)
}

fn max_loss_percent() -> u8 {
    25
}

fn memory_size() -> Size {
    Size::kib(256)
}

/// Session logs somewhere else.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct SessionLog {
    /// The bucket they lie in.
    pub s3: LogBucket,
}

/// A bucket with session logs, and the key to it. Never the class's: a tenant brings their own.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LogBucket {
    /// The bucket's name.
    #[schemars(length(min = 3, max = 63))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9._-]+$')").message("a bucket's name has letters, digits, '.', '-' and '_' only"))]
    pub bucket: String,
    /// What stands before the logs' keys, with or without `/` at the end.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 512))]
    #[x_kube(validation = Rule::new("!self.startsWith('/') && !self.contains('//')").message("the prefix must not begin with '/', nor have '//' in it"))]
    pub prefix: String,
    /// Where the S3 API answers, as `http://host:port` or `https://host`. AWS when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    #[x_kube(validation = endpoint())]
    pub endpoint: Option<String>,
    /// The region.
    #[serde(default = "region")]
    #[schemars(length(min = 1, max = 64))]
    pub region: String,
    /// Whether the bucket stands in the path instead of the host name. By default only where an endpoint is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_style: Option<bool>,
    /// The Secret of this namespace with `accessKeyId` and `secretAccessKey`; the pod's own credentials when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<LocalSecret>,
}

/// A Secret of this namespace.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LocalSecret {
    /// Its name.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = dns_subdomain("Secret"))]
    pub name: String,
}

/// How the dreamer's pods are to be.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct JobTemplate {
    /// Their `ServiceAccount`; the namespace's default one when left out. It needs no rights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = dns_subdomain("ServiceAccount"))]
    pub service_account_name: Option<String>,
    /// Requests and limits; the chart's when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
    /// Labels of the nodes they may run on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// Taints they bear.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub tolerations: Vec<Toleration>,
}
