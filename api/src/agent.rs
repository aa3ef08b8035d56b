//! `Agent`: who an agent's pods are and what they remember.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::Duration;
use crate::dns::dns_label;
use crate::store::{Access, Limits};

/// An agent: pods with the label `remanence.dev/agent: <its name>` get its memory at `/mnt/memory`.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "remanence.dev",
    version = "v1alpha1",
    kind = "Agent",
    namespaced,
    category = "remanence",
    status = "AgentStatus",
    derive = "PartialEq",
    cel,
    doc = "An agent: pods with the label `remanence.dev/agent: <its name>` get its memory at `/mnt/memory`.",
    validation = Rule::new("self.metadata.name.size() <= 54 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')").message("an Agent's name must be a DNS label of at most 54 characters (its session store is <name>-sessions): small letters, digits and '-'"),
    validation = Rule::new("!has(self.spec.memory) || !has(self.spec.stores) || !self.spec.stores.exists(s, s.name == self.metadata.name)").message("an entry of stores has the Agent's own name, but that is its own store's folder; name the entry otherwise or leave memory out"),
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
    printcolumn(name = "Stores", type_ = "integer", json_path = ".status.stores"),
    printcolumn(name = "Pods", type_ = "integer", json_path = ".status.pods"),
    printcolumn(name = "Last-Session", type_ = "date", json_path = ".status.lastSession"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Reason", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].reason", priority = 1)
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.harness != 'Generic' || !has(self.sessions) || has(self.sessions.mountPath)").message("sessions needs a mountPath where harness is Generic: the folder that the agent writes its transcripts to"))]
#[x_kube(validation = Rule::new("!has(self.notes) || !has(self.sessions) || !has(self.sessions.mountPath) || !self.notes.exists(n, (self.sessions.mountPath + '/').startsWith(n + '/'))").message("a note is at sessions.mountPath, or that lies below it; a note is a file, so put it elsewhere"))]
pub struct AgentSpec {
    /// Which program the agent is; a preset for where its sessions and its note lie.
    #[serde(default)]
    pub harness: Harness,
    /// The agent's home folder in its containers; presets place sessions below it.
    #[serde(default = "home")]
    #[schemars(length(min = 1, max = 512))]
    #[x_kube(validation = Rule::new("self.startsWith('/')").message("home must be an absolute path"))]
    #[x_kube(validation = Rule::new("!self.matches('/[.]{0,2}/|/[.]{1,2}$')").message("home must not have '//', '.' or '..' in it"))]
    #[x_kube(validation = Rule::new("!self.matches('^/(mnt/memory|proc|sys|dev)(/|$)')").message("home must not be at or below /mnt/memory, where the stores are, nor /proc, /sys and /dev"))]
    pub home: String,
    /// `ServiceAccounts` whose pods may be this Agent; any of the namespace when left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), inner(length(min = 1, max = 253)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    #[x_kube(validation = Rule::new("self.all(a, a.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'))").message("a ServiceAccount's name has small letters, digits, '-' and '.' only, and begins and ends with a letter or digit"))]
    pub service_account_names: Vec<String>,
    /// The agent's own store, made with it; store and folder bear the Agent's name. None when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<OwnStore>,
    /// Stores to attach, each as a folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub stores: Vec<Attach>,
    /// Keeps the agent's session transcripts, in a store `<name>-sessions` that is made with it. By default where a
    /// harness other than Generic is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Sessions>,
    /// Where the generated note is mounted besides `/mnt/memory/CLAUDE.md`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(min = 1, max = 512)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    #[x_kube(validation = Rule::new("self.all(p, p.startsWith('/'))").message("notes must be absolute paths"))]
    #[x_kube(validation = Rule::new("!self.exists(p, p.matches('/[.]{0,2}(/|$)'))").message("notes are files: their paths must not end with '/', nor have '//', '.' or '..' in them"))]
    #[x_kube(validation = Rule::new("!self.exists(p, p.matches('^/(mnt$|(mnt/memory|proc|sys|dev)(/|$))'))").message("notes must not be at /mnt, nor at or below /mnt/memory, where the stores are, /proc, /sys and /dev"))]
    pub notes: Vec<String>,
    /// The containers that get the memory, among them init containers that are named here. All but init containers when
    /// left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), inner(length(min = 1, max = 63)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    #[x_kube(validation = Rule::new("!self.exists(c, c == 'remanence')").message("remanence is the injected sidecar; name the agent's containers"))]
    pub containers: Vec<String>,
}

/// A program that is known.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Harness {
    /// Any.
    #[default]
    Generic,
    /// Claude Code: sessions below `.claude/projects`, the note as managed memory, its auto memory in the own store.
    ClaudeCode,
    /// Codex: sessions below `.codex/sessions`, the note at `.codex/AGENTS.md`.
    Codex,
}

/// The agent's own store.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct OwnStore {
    /// Its class; the default one when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub class_name: Option<String>,
    /// What it is for; the agent reads it in its note.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 4096))]
    pub description: String,
    /// What it may hold.
    #[serde(default)]
    pub limits: Limits,
    /// Takes over what lies under the store's prefix: an earlier store of the name, or another cluster's.
    #[serde(default)]
    pub adopt: bool,
}

/// A store to attach.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!(self.create && has(self.storeRef.__namespace__))").message("create makes stores in the Agent's own namespace only; leave out storeRef.namespace or create"))]
#[x_kube(validation = Rule::new("!(self.dream == 'Contribute' && has(self.storeRef.fromPodLabel))").message("dream: Contribute needs storeRef.name: the sessions of all the Agent's pods lie in one store, and what one of them heard would reach the stores of the others"))]
pub struct Attach {
    /// The folder's name.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')").message("a folder's name must be a DNS label: small letters, digits and '-'"))]
    pub name: String,
    /// The store.
    pub store_ref: StoreRef,
    /// What the agent wishes to do; the store's `maxAccess` wins.
    #[serde(default)]
    pub access: Access,
    /// Told to the agent in its note.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 4096))]
    pub instructions: String,
    /// When a write returns: once it is in the store, or once it is in the pod's journal.
    #[serde(default)]
    pub durability: Durability,
    /// What happens to an edit that can't be merged.
    #[serde(default)]
    pub conflicts: Conflicts,
    /// How fresh an opened file is.
    #[serde(default)]
    pub consistency: Consistency,
    /// Makes the store if there is none of that name: with the Agent, or with a pod whose label names it.
    #[serde(default)]
    pub create: bool,
    /// Whether what the agent says in its sessions is read when this store is dreamt.
    #[serde(default)]
    pub dream: Contribution,
}

/// What an Agent gives to a store's dreams. (It always gives its sessions to its own store's.)
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contribution {
    /// Nothing.
    #[default]
    Nothing,
    /// Its sessions.
    Contribute,
}

/// Names a store.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.name) != has(self.fromPodLabel)").message("storeRef takes either name or fromPodLabel"))]
pub struct StoreRef {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = dns_label("store"))]
    pub name: Option<String>,
    /// Its namespace; the Agent's when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = dns_label("namespace"))]
    pub namespace: Option<String>,
    /// The label of the pod whose value is the store's name: a store for each customer, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 317))]
    #[x_kube(validation = Rule::new("self.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[a-zA-Z0-9]([-._a-zA-Z0-9]*[a-zA-Z0-9])?$')").message("fromPodLabel is a label's key, as customer or example.com/customer"))]
    pub from_pod_label: Option<String>,
}

/// When a write returns.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Once it is in the store.
    #[default]
    Store,
    /// Once it is in the pod's journal; the store follows within a second.
    Local,
}

/// What happens to an edit that can't be merged.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conflicts {
    /// It is kept beside the file.
    #[default]
    Merge,
    /// It is refused (ESTALE).
    Refuse,
}

/// How fresh an opened file is.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consistency {
    /// As the hints make it: mostly milliseconds.
    #[default]
    CloseToOpen,
    /// The store is asked at each open.
    Strict,
}

/// Where transcripts lie.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Sessions {
    /// The folder that the agent writes them to; the preset's when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512))]
    #[x_kube(validation = Rule::new("self.startsWith('/')").message("mountPath must be an absolute path"))]
    #[x_kube(validation = Rule::new("self != '/' && !self.matches('/[.]{0,2}/|/[.]{1,2}$')").message("mountPath must not be '/', nor have '//', '.' or '..' in it"))]
    #[x_kube(validation = Rule::new("!self.matches('^/(mnt/?$|(mnt/memory|proc|sys|dev)(/|$))')").message("mountPath must not be /mnt, nor at or below /mnt/memory, where the stores are, /proc, /sys and /dev"))]
    pub mount_path: Option<String>,
    /// Whose sessions a pod finds there.
    #[serde(default)]
    pub scope: Scope,
    /// Transcripts that nobody wrote to for so long are removed; kept for good when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Duration>,
    /// Whether dreams take the word of those who type in the sessions.
    #[serde(default)]
    pub user_turns: UserTurns,
    /// The class of the session store; the default one when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub class_name: Option<String>,
    /// As in `memory`.
    #[serde(default)]
    pub adopt: bool,
}

/// Whose sessions a pod finds.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Those of all pods that are the Agent, so that another one can go on with them.
    #[default]
    Agent,
}

/// Whether those who type in sessions are believed.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserTurns {
    /// They are the people the agent works for: what they say is a fact, and what they order is followed.
    #[default]
    Trusted,
    /// They are strangers, as a service's customers: nothing they say becomes memory. What the agent did and saw can.
    Untrusted,
}

/// What is known of an Agent.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct AgentStatus {
    /// `Ready`: whether its pods can start. `AccessLowered`: whether a store shares less than it wishes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
    /// How many stores its pods attach.
    #[serde(default)]
    pub stores: i32,
    /// How many pods it has.
    #[serde(default)]
    pub pods: i32,
    /// When a session last wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_session: Option<Time>,
}

fn home() -> String {
    "/home/agent".to_owned()
}

impl Agent {
    /// Where transcripts are mounted: what the Agent says, else its preset; `None` where none are kept.
    pub fn sessions_path(&self) -> Option<String> {
        let preset = match self.spec.harness {
            Harness::Generic => None,
            Harness::ClaudeCode => Some(".claude/projects"),
            Harness::Codex => Some(".codex/sessions"),
        };
        let said = self.spec.sessions.as_ref().and_then(|s| s.mount_path.clone());
        said.or_else(|| preset.map(|below| self.at_home(below)))
    }

    /// Whether a session store belongs to it.
    pub fn keeps_sessions(&self) -> bool {
        self.spec.sessions.is_some() || self.spec.harness != Harness::Generic
    }

    /// Where the note is mounted besides its place in the memory.
    pub fn note_paths(&self) -> Vec<String> {
        let preset = match self.spec.harness {
            Harness::Generic => None,
            Harness::ClaudeCode => Some("/etc/claude-code/CLAUDE.md".to_owned()),
            Harness::Codex => Some(self.at_home(".codex/AGENTS.md")),
        };
        let mut paths: Vec<String> = preset.into_iter().chain(self.spec.notes.iter().cloned()).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    fn at_home(&self, below: &str) -> String {
        format!("{}/{below}", self.spec.home.trim_end_matches('/'))
    }
}
