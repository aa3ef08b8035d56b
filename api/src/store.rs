//! `MemoryStore`: a folder that agents share.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, LabelSelector, Time};
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::{Duration, Size};

/// A memory store: files that outlive pods, shared by the agents that attach it, with all their history.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "remanence.dev",
    version = "v1alpha1",
    kind = "MemoryStore",
    namespaced,
    shortname = "ms",
    category = "remanence",
    status = "MemoryStoreStatus",
    derive = "PartialEq",
    cel,
    doc = "A memory store: files that outlive pods, shared by the agents that attach it, with all their history.",
    validation = Rule::new("self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')").message("a store's name must be a DNS label of at most 63 characters: small letters, digits and '-'"),
    validation = Rule::new("(has(self.spec.className) ? self.spec.className : '') == (has(oldSelf.spec.className) ? oldSelf.spec.className : '') || (has(self.spec.className) && (has(self.status) && has(self.status.className) ? self.spec.className == self.status.className : !has(oldSelf.spec.className)))").message("a store's class can't change: its data would stay behind; name the one of status.className, or make another store"),
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
    printcolumn(name = "Files", type_ = "integer", json_path = ".status.files"),
    printcolumn(name = "Size", type_ = "string", json_path = ".status.size"),
    printcolumn(name = "Head", type_ = "integer", json_path = ".status.head"),
    printcolumn(name = "Last-Write", type_ = "date", json_path = ".status.lastWrite"),
    printcolumn(name = "Last-Dream", type_ = "date", json_path = ".status.lastDream"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Reason", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].reason", priority = 1),
    printcolumn(name = "Prefix", type_ = "string", json_path = ".status.prefix", priority = 1)
)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("!has(self.expiry) || self.purpose == 'Sessions'").message("expiry is for purpose Sessions; what memories forget is up to dreams"),
    validation = Rule::new("self.purpose == oldSelf.purpose").message("a store's purpose can't change; make another store"),
    validation = Rule::new("!oldSelf.archived || self.archived").message("archived is for good: make another store and copy what is wanted")
)]
pub struct MemoryStoreSpec {
    /// The `MemoryStoreClass`; the default one when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub class_name: Option<String>,
    /// What the store is for; agents read it in their note.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 4096))]
    pub description: String,
    /// What it may hold.
    #[serde(default)]
    pub limits: Limits,
    /// How long its past is kept.
    #[serde(default)]
    pub history: History,
    /// Who may attach it, and how; the first entry that fits a namespace with the most access counts.
    #[serde(default = "sharing")]
    #[schemars(length(max = 32))]
    pub sharing: Vec<Share>,
    /// Paths that no dream touches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256), inner(length(min = 1, max = 1024)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    #[x_kube(validation = Rule::new("self.all(p, !p.startsWith('/'))").message("pinned paths are relative to the store: without '/' in front"))]
    #[x_kube(validation = Rule::new("!self.exists(p, p.contains('//') || p.matches('(^|/)[.]{1,2}(/|$)'))").message("pinned paths must not have '//', '.' or '..' in them: they would match no file"))]
    pub pinned: Vec<String>,
    /// What becomes of the data when this object is deleted: `Retain` leaves them, marked as deleted; `Delete` also
    /// removes them.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// Read-only for good.
    #[serde(default)]
    pub archived: bool,
    /// Takes over what lies under the prefix: a store of another cluster or made by hand, or what a deleted one left.
    #[serde(default)]
    pub adopt: bool,
    /// Files that nobody wrote to for so long are removed; their versions go with the history's retention. For session
    /// transcripts: what memories forget is up to dreams. Looked after once a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Duration>,
    /// What it holds: memories, or session transcripts (whose limits are wider, and where what two sessions append to
    /// one file is kept apart).
    #[serde(default)]
    pub purpose: Purpose,
}

/// What a store may hold. What is left out is 100Ki and 10,000 for memories, 1Gi and 100,000 for sessions.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Largest file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_size: Option<Size>,
    /// Most files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000_000))]
    pub files: Option<u32>,
    /// Most bytes in all files together. Not limited by itself when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
}

/// How long a store's past is kept.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// Versions that are older than this go, but never a file's newest one. Looked after once a day.
    #[serde(default = "retention")]
    pub retention: Duration,
}

impl Default for History {
    fn default() -> Self {
        Self { retention: retention() }
    }
}

fn retention() -> Duration {
    Duration::days(30)
}

/// Who may attach a store.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// The namespaces whose Agents may.
    pub namespaces: Namespaces,
    /// The most they may do.
    #[serde(default)]
    pub max_access: Access,
    /// Whether their Agents may give their sessions to this store's dreams. Those of the store's own namespace always may.
    #[serde(default)]
    pub contribute: bool,
}

/// Some namespaces.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("(self.from == 'Selector') == has(self.selector)").message("from: Selector needs a selector, and only Selector takes one"))]
pub struct Namespaces {
    /// `Same`: the store's own. `Selector`: those with fitting labels. `All`: every one.
    #[serde(default)]
    pub from: From,
    /// Labels of the namespaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<LabelSelector>,
}

/// Which namespaces.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// The store's own.
    #[default]
    Same,
    /// Those with fitting labels.
    Selector,
    /// Every one.
    All,
}

/// What an agent may do in a store.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Read.
    ReadOnly,
    /// Read and write.
    #[default]
    ReadWrite,
}

/// What becomes of a deleted store's data.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeletionPolicy {
    /// They stay.
    #[default]
    Retain,
    /// They go.
    Delete,
}

/// What a store holds.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Memories.
    #[default]
    Memory,
    /// Session transcripts.
    Sessions,
}

/// What is known of a store.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct MemoryStoreStatus {
    /// `Ready`: whether it can be attached. `Attached`: whether pods still hold it while it is to be deleted.
    /// `Maintained`: whether what is past its retention was removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
    /// The class it was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_name: Option<String>,
    /// The id of its data; a store made again has another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    /// Where it lies in the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Number of commits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<i64>,
    /// Number of files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<i64>,
    /// Bytes in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<i64>,
    /// Bytes in them, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// When versions past their retention were last removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_maintenance: Option<Time>,
    /// When the newest commit was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_write: Option<Time>,
    /// When a dream of it was last over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_dream: Option<Time>,
}

impl Default for Share {
    fn default() -> Self {
        Self {
            namespaces: Namespaces {
                from: From::Same,
                selector: None,
            },
            max_access: Access::ReadWrite,
            contribute: false,
        }
    }
}

fn sharing() -> Vec<Share> {
    vec![Share::default()]
}

impl Default for MemoryStoreSpec {
    fn default() -> Self {
        Self {
            class_name: None,
            description: String::new(),
            limits: Limits::default(),
            history: History::default(),
            sharing: sharing(),
            pinned: Vec::new(),
            deletion_policy: DeletionPolicy::default(),
            archived: false,
            adopt: false,
            expiry: None,
            purpose: Purpose::default(),
        }
    }
}
