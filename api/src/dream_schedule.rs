//! `DreamSchedule`: when the stores of a namespace are dreamt.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, LabelSelector, Time};
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::cron::{schedule, time_zone};
use crate::dreaming::Dreaming;

/// When the memory stores of a namespace are dreamt: what agents said since the last time is read, and the memory left
/// better. One `CronJob` bears its name.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "remanence.dev",
    version = "v1alpha1",
    kind = "DreamSchedule",
    namespaced,
    category = "remanence",
    status = "DreamScheduleStatus",
    derive = "PartialEq",
    cel,
    doc = "When the memory stores of a namespace are dreamt: what agents said since the last time is read, and the memory left better. One `CronJob` bears its name.",
    validation = Rule::new("self.metadata.name.size() <= 40 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')").message("a DreamSchedule's name must be a DNS label of at most 40 characters (its Jobs and pods append to it): small letters, digits and '-'"),
    printcolumn(name = "Schedule", type_ = "string", json_path = ".spec.schedule"),
    printcolumn(name = "Suspend", type_ = "boolean", json_path = ".spec.suspend"),
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
    printcolumn(name = "Stores", type_ = "integer", json_path = ".status.stores"),
    printcolumn(name = "Last-Run", type_ = "date", json_path = ".status.lastRun"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Reason", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].reason", priority = 1)
)]
#[serde(rename_all = "camelCase")]
pub struct DreamScheduleSpec {
    /// When, as cron writes it: `0 3 * * *` is every night at three.
    #[schemars(length(min = 1, max = 256))]
    #[x_kube(validation = Rule::new("!self.contains('TZ')").message("set timeZone instead of a time zone in schedule"))]
    #[x_kube(validation = schedule())]
    pub schedule: String,
    /// The time zone of `schedule`, as `Europe/Berlin`; the controller manager's own when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    #[x_kube(validation = time_zone())]
    pub time_zone: Option<String>,
    /// No run begins while this is true.
    #[serde(default)]
    pub suspend: bool,
    /// How late a run that was missed may still begin, in seconds.
    #[serde(default = "starting_deadline_seconds")]
    #[schemars(range(min = 10, max = 604_800))]
    pub starting_deadline_seconds: i64,
    /// How many Jobs that went well are kept.
    #[serde(default = "successful_jobs_history_limit")]
    #[schemars(range(min = 0, max = 100))]
    pub successful_jobs_history_limit: i32,
    /// How many Jobs that failed are kept.
    #[serde(default = "failed_jobs_history_limit")]
    #[schemars(range(min = 0, max = 100))]
    pub failed_jobs_history_limit: i32,
    /// How many Dreams that are over are kept for each store; those that wait for a decision always are. Their whole
    /// records stay in the store.
    #[serde(default = "dreams_history_limit")]
    #[schemars(range(min = 1, max = 100))]
    pub dreams_history_limit: i32,
    /// Labels of the stores to dream; every store of the namespace but those of sessions when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store_selector: Option<LabelSelector>,
    /// What else begins a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<After>,
    /// How they are dreamt.
    #[serde(flatten)]
    pub dreaming: Dreaming,
}

/// What begins a run besides the clock.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct After {
    /// So many transcripts that are new since the last run.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub sessions: u32,
}

/// What is known of a schedule.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct DreamScheduleStatus {
    /// `Ready`: whether its `CronJob` is as it says, and the pods of its runs can start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
    /// How many stores it dreams.
    #[serde(default)]
    pub stores: i32,
    /// When a run last began by the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<Time>,
    /// How many transcripts count as read: so many as there were at the last run, without those that went since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcripts: Option<i64>,
    /// How many transcripts there were when it was last looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcripts_seen: Option<i64>,
}

fn starting_deadline_seconds() -> i64 {
    3600
}

fn successful_jobs_history_limit() -> i32 {
    3
}

fn failed_jobs_history_limit() -> i32 {
    3
}

fn dreams_history_limit() -> i32 {
    10
}
