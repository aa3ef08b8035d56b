//! `Dream`: one run over one store, made by a schedule or by hand.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::dns::dns_label;
use crate::dreaming::Dreaming;

/// One dream over one store: made by hand to run now, or written by a schedule's run. The whole record lies in the
/// store; this is its summary, and where it is decided on.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "remanence.dev",
    version = "v1alpha1",
    kind = "Dream",
    namespaced,
    category = "remanence",
    status = "DreamStatus",
    derive = "PartialEq",
    cel,
    doc = "One dream over one store: made by hand to run now, or written by a schedule's run. The whole record lies in the store; this is its summary, and where it is decided on.",
    validation = Rule::new("self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')").message("a Dream's name must be a DNS label of at most 63 characters: small letters, digits and '-'"),
    validation = Rule::new("!has(oldSelf.status) || !has(oldSelf.status.phase) || oldSelf.status.phase == 'Pending' || (self.spec.budget == oldSelf.spec.budget && self.spec.jobTemplate == oldSelf.spec.jobTemplate && has(self.spec.model) == has(oldSelf.spec.model) && (!has(self.spec.model) || self.spec.model == oldSelf.spec.model) && has(self.spec.sessionLogs) == has(oldSelf.spec.sessionLogs) && (!has(self.spec.sessionLogs) || self.spec.sessionLogs == oldSelf.spec.sessionLogs) && has(self.spec.instructions) == has(oldSelf.spec.instructions) && (!has(self.spec.instructions) || self.spec.instructions == oldSelf.spec.instructions))").message("a Dream that has begun stays as it was made: only decision, undo and cancel can still be set; make another Dream"),
    printcolumn(name = "Store", type_ = "string", json_path = ".spec.storeRef.name"),
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "Changes", type_ = "string", json_path = ".status.changes"),
    printcolumn(name = "Cost", type_ = "string", json_path = ".status.cost"),
    printcolumn(name = "Started", type_ = "date", json_path = ".status.started"),
    printcolumn(name = "Sessions", type_ = "integer", json_path = ".status.sessions", priority = 1),
    printcolumn(name = "Id", type_ = "string", json_path = ".status.id", priority = 1),
    printcolumn(name = "Reason", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].message", priority = 1)
)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("!has(self.budget.dailyCost)").message("budget.dailyCost is a DreamSchedule's; a Dream takes budget.cost"),
    validation = Rule::new("self.storeRef == oldSelf.storeRef && self.dryRun == oldSelf.dryRun && self.review == oldSelf.review").message("a Dream's storeRef, dryRun and review can't change; make another Dream"),
    validation = Rule::new("!has(oldSelf.decision) || (has(self.decision) && (self.decision == oldSelf.decision || (oldSelf.decision.verdict == 'Approve' && self.decision.verdict == 'Reject' && self.decision.proposalDigest == oldSelf.decision.proposalDigest)))").message("a decision is for good, but for an Approve that can't be carried out, which a Reject may take the place of; an applied Dream is taken back by undo"),
    validation = Rule::new("!has(oldSelf.undo) || (has(self.undo) && self.undo == oldSelf.undo)").message("undo is for good; dream again"),
    validation = Rule::new("!oldSelf.cancel || self.cancel").message("cancel is for good; make another Dream")
)]
pub struct DreamSpec {
    /// The store, of the same namespace.
    pub store_ref: DreamtStore,
    /// Shows what it would do, and writes nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// What was decided about the proposal. Needs the verb `approve` on dreams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Takes an applied Dream back. Needs the verb `approve` on dreams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// Stops it, if it is not over yet.
    #[serde(default)]
    pub cancel: bool,
    /// How it is dreamt.
    #[serde(flatten)]
    pub dreaming: Dreaming,
}

/// Names a store of the same namespace.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct DreamtStore {
    /// Its name.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = dns_label("store"))]
    pub name: String,
}

/// What was decided about a proposal.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// What.
    pub verdict: Verdict,
    /// `status.proposalDigest` of what was looked at.
    #[schemars(length(min = 71, max = 71))]
    #[x_kube(validation = Rule::new("self.matches('^sha256:[0-9a-f]{64}$')").message("proposalDigest is the Dream's status.proposalDigest: sha256:…"))]
    pub proposal_digest: String,
    /// By whom. Set at admission, whatever is written here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub by: Option<String>,
}

/// A decision.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It becomes memory.
    Approve,
    /// It does not; what was read counts as read.
    Reject,
}

/// That a Dream is taken back.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Undo {
    /// By whom. Set at admission, whatever is written here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub by: Option<String>,
}

/// How far a Dream got.
#[derive(schemars::JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// It has not begun.
    #[default]
    Pending,
    /// It is at it.
    Running,
    /// It waits for a decision.
    Proposed,
    /// Its changes are memory.
    Applied,
    /// It found nothing to change.
    NoChange,
    /// It was turned down.
    Rejected,
    /// A newer Dream took its place.
    Superseded,
    /// It was taken back.
    Undone,
    /// It was stopped.
    Canceled,
    /// It came to nothing; the memory is as it was.
    Failed,
}

impl Phase {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Pending,
        Self::Running,
        Self::Proposed,
        Self::Applied,
        Self::NoChange,
        Self::Rejected,
        Self::Superseded,
        Self::Undone,
        Self::Canceled,
        Self::Failed,
    ];

    /// Whether nothing more happens to it by itself.
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Pending | Self::Running | Self::Proposed)
    }
}

/// What a Dream did, in facts.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct FactCounts {
    /// New ones.
    #[serde(default)]
    pub added: u32,
    /// Said again.
    #[serde(default)]
    pub merged: u32,
    /// Newer ones took their place.
    #[serde(default)]
    pub replaced: u32,
    /// Asked for, faded, or over the budget.
    #[serde(default)]
    pub forgotten: u32,
    /// Kept out.
    #[serde(default)]
    pub quarantined: u32,
}

/// What is known of a Dream.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct DreamStatus {
    /// How far it got.
    #[serde(default)]
    pub phase: Phase,
    /// `Ready`: whether it is over and nothing went wrong. `Decided`: whether the decision was carried out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
    /// Its name in the store, by which `remanence dreams`, `why` and `undo` know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The store's newest commit when it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<i64>,
    /// Its own commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<i64>,
    /// How many transcripts it read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<i64>,
    /// What it did, in facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<FactCounts>,
    /// The facts added, replaced and forgotten, for people: `+3 ~1 -2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<String>,
    /// Tokens used, in and out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<i64>,
    /// US dollars spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
    /// How long it took, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<i64>,
    /// What a decision must name: the digest of what is proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal_digest: Option<String>,
    /// Who approved, rejected or undid it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why things were left out, or why nothing happened; the first 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Time>,
    /// When it was over, or was last decided on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<Time>,
    /// The pod that dreamt it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
}
