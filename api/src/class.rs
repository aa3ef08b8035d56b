//! `MemoryStoreClass`: where stores lie and with which credentials; the platform's part.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::dns::{dns_label, dns_subdomain};
use crate::url::endpoint;

/// Where memory stores lie, and the credentials for it. Cluster-scoped: the platform's part. One class may be the
/// default, by the annotation `remanence.dev/is-default-class: "true"`.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "remanence.dev",
    version = "v1alpha1",
    kind = "MemoryStoreClass",
    plural = "memorystoreclasses",
    shortname = "msc",
    category = "remanence",
    status = "MemoryStoreClassStatus",
    derive = "PartialEq",
    cel,
    doc = "Where memory stores lie, and the credentials for it. Cluster-scoped: the platform's part. One class may be the default, by the annotation `remanence.dev/is-default-class: \"true\"`.",
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Ready\")].status"
    ),
    printcolumn(name = "Bucket", type_ = "string", json_path = ".spec.s3.bucket"),
    printcolumn(name = "Credentials", type_ = "string", json_path = ".spec.credentials.mode"),
    printcolumn(name = "Stores", type_ = "integer", json_path = ".status.stores"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
pub struct MemoryStoreClassSpec {
    /// The bucket.
    pub s3: S3,
    /// The credentials for it.
    pub credentials: Credentials,
}

/// A bucket and how to reach it.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct S3 {
    /// The bucket's name.
    #[schemars(length(min = 3, max = 63))]
    #[x_kube(validation = Rule::new("self.matches('^[a-zA-Z0-9._-]+$')").message("a bucket's name has letters, digits, '.', '-' and '_' only"))]
    #[x_kube(validation = Rule::new("self == oldSelf").message("a class's bucket can't change: its stores would be lost from sight; make another class"))]
    pub bucket: String,
    /// What stands before a store's keys; `{namespace}` and `{name}` stand for the store's.
    #[serde(default = "prefix")]
    #[schemars(length(min = 1, max = 512))]
    #[x_kube(validation = Rule::new("self.contains('{namespace}') && self.contains('{name}')").message("the prefix must have both {namespace} and {name} in it, or two stores would share one place"))]
    #[x_kube(validation = Rule::new("self.matches('[}][^{}]*[/_!][^{}]*[{]')").message("the prefix must have '/', '_' or '!' between {namespace} and {name}, or `a-b` with `c` would share the place of `a` with `b-c`"))]
    #[x_kube(validation = Rule::new("!self.startsWith('/') && !self.endsWith('/') && !self.contains('//')").message("the prefix must neither begin nor end with '/', nor have '//' in it"))]
    #[x_kube(validation = Rule::new("self.matches('^([a-zA-Z0-9!._/-]|[{]namespace[}]|[{]name[}])+$')").message("the prefix may have letters, digits and ! . _ / - besides {namespace} and {name}"))]
    #[x_kube(validation = Rule::new("!self.matches('[{].*[{].*[{]')").message("the prefix must have {namespace} and {name} once each"))]
    #[x_kube(validation = Rule::new("!self.matches('(^|/)[.]{1,2}(/|$)')").message("no part of the prefix may be '.' or '..'"))]
    #[x_kube(validation = Rule::new("!self.startsWith('_remanence/')").message("the prefix must not begin with _remanence/, where the operator tries the bucket"))]
    #[x_kube(validation = Rule::new("self == oldSelf").message("a class's prefix can't change: its stores would be lost from sight; make another class"))]
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
    /// Certificates (PEM) that the endpoint is checked with, instead of the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 65536))]
    #[x_kube(validation = Rule::new("self.contains('-----BEGIN CERTIFICATE-----')").message("caBundle must be PEM: a text with -----BEGIN CERTIFICATE----- in it"))]
    pub ca_bundle: Option<String>,
    /// Server-side encryption asked for with each object: `AES256`, `aws:kms` or `aws:kms:KEY-ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    #[x_kube(validation = Rule::new("self == 'AES256' || self == 'aws:kms' || (self.startsWith('aws:kms:') && self.size() > 8)").message("sse must be AES256, aws:kms or aws:kms:KEY-ID"))]
    pub sse: Option<String>,
}

impl S3 {
    /// The prefix of a store's keys.
    pub fn prefix_of(&self, namespace: &str, name: &str) -> String {
        self.prefix.replace("{namespace}", namespace).replace("{name}", name)
    }
}

/// Credentials for the bucket, and how pods come by theirs.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.mode != 'Broker' || has(self.secretRef)").message("mode Broker needs secretRef: the Secret with the keys that the operator signs with"),
    validation = Rule::new("self.mode != 'Ambient' || (!has(self.secretRef) && !has(self.sts))").message("mode Ambient takes neither secretRef nor sts: the pods have credentials of their own")
)]
pub struct Credentials {
    /// `Broker`: the operator holds the keys and lends each pod just the requests it may make. `Ambient`: operator and
    /// pods have credentials of their own (workload identity), and nothing but those limits a pod.
    #[serde(default)]
    pub mode: CredentialsMode,
    /// The Secret with `accessKeyId` and `secretAccessKey` (and `sessionToken`, if there is one).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretRef>,
    /// Gives pods short-lived sessions whose policy allows their store's prefix only, instead of signing each request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sts: Option<Sts>,
}

/// Who holds the keys.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CredentialsMode {
    /// The operator.
    #[default]
    Broker,
    /// Each pod.
    Ambient,
}

/// A Secret by name.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(rename_all = "camelCase")]
pub struct SecretRef {
    /// Its namespace; the chart's value `classSecrets` must name it too, so that the operator may read it.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = dns_label("namespace"))]
    pub namespace: String,
    /// Its name.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = dns_subdomain("Secret"))]
    pub name: String,
}

/// The service that makes sessions.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Sts {
    /// Where the STS API answers; AWS's when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    #[x_kube(validation = endpoint())]
    pub endpoint: Option<String>,
    /// The role that is assumed, with a session policy for one store.
    #[schemars(length(min = 1, max = 2048))]
    pub role_arn: String,
}

/// What is known of a class.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct MemoryStoreClassStatus {
    /// `Ready`: whether the keys are there and the bucket answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
    /// How many stores are of this class.
    #[serde(default)]
    pub stores: i32,
}

fn prefix() -> String {
    "{namespace}/{name}".to_owned()
}

pub(crate) fn region() -> String {
    "us-east-1".to_owned()
}
