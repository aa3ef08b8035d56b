//! Dreams are written here: what a dreamer reports becomes the status of a Dream, bounded.

use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client, Resource, ResourceExt};
use remanence_api::conditions::{self, Verdict, reasons};
use remanence_api::dream::{DreamSpec, DreamtStore, FactCounts, Phase};
use remanence_api::names::{MANAGED_BY, MANAGER, SCHEDULE_LABEL};
use remanence_api::{Dream, DreamSchedule, DreamStatus};
use remanence_proto::broker::{Report, report};

use super::metrics::DreamMetrics;
use super::name;
use super::origin::Origin;
use crate::broker::{Caller, NotNoted};
use crate::events::{Events, Mood};
use crate::write_status::write_status;

/// How many reasons are kept, and how much of each.
const REASONS: usize = 20;
const REASON: usize = 300;
/// Attempts against others who write the same Dream.
const TRIES: usize = 5;

/// Writes Dreams.
#[derive(Clone)]
pub struct Writer {
    client: Client,
    now: fn() -> Timestamp,
    metrics: DreamMetrics,
    events: Arc<Events>,
}

impl Writer {
    /// Writes by `client`, counts what it writes, and says by `events` which Dreams failed.
    pub fn new(client: Client, now: fn() -> Timestamp, metrics: DreamMetrics, events: Arc<Events>) -> Self {
        Self {
            client,
            now,
            metrics,
            events,
        }
    }

    /// Writes down what the dreamer `caller`, which is there for `origin`, reports of the store `name` of its namespace.
    ///
    /// # Errors
    /// When the report is not this dreamer's to make, or the apiserver refuses.
    pub async fn note(&self, caller: &Caller, origin: &Origin, name: &str, report: &Report) -> Result<(), NotNoted> {
        if !name::is_id(&report.dream) {
            return Err(wrong(format!("`{}` is no dream's id", report.dream)));
        }
        let api: Api<Dream> = Api::namespaced(self.client.clone(), &caller.namespace);
        for _ in 0..TRIES {
            let dream = match origin {
                Origin::Dream(dream) => api.get(&dream.name_any()).await.map_err(|error| unwritten(&error))?,
                Origin::Schedule(schedule) => self.of_schedule(&api, schedule, name, report).await?,
            };
            check(&dream, caller, name)?;
            let before = dream.status.clone().unwrap_or_default();
            if before.phase.is_over() && !matches!(before.phase, Phase::Canceled | Phase::Failed) {
                // Said before: the answer was lost.
                return Ok(());
            }
            let after = status(&before, caller, report, dream.metadata.generation, Time((self.now)()));
            match write_status(&api, &dream, &after).await {
                Err(kube::Error::Api(status)) if status.code == 409 => {}
                Err(error) => return Err(unwritten(&error)),
                Ok(()) => {
                    self.metrics.written(&before, &after);
                    if after.phase == Phase::Failed {
                        self.say_failed(&dream, &after).await;
                    }
                    return Ok(());
                }
            }
        }
        Err(NotNoted {
            message: "the Dream is written all the time".to_owned(),
            passing: true,
        })
    }

    async fn say_failed(&self, dream: &Dream, status: &DreamStatus) {
        if let Some(ready) = conditions::find(&status.conditions, conditions::types::READY) {
            self.events
                .say(&dream.object_ref(&()), Mood::Warning, &ready.reason, &ready.message)
                .await;
        }
    }

    /// The Dream of a schedule's run over one store; made with its first report.
    async fn of_schedule(
        &self,
        api: &Api<Dream>,
        schedule: &DreamSchedule,
        store: &str,
        report: &Report,
    ) -> Result<Dream, NotNoted> {
        let name = name::of(store, &report.dream);
        if let Some(found) = api.get_opt(&name).await.map_err(|error| unwritten(&error))? {
            let theirs = found.labels().get(SCHEDULE_LABEL) == Some(&schedule.name_any());
            return if theirs {
                Ok(found)
            } else {
                Err(wrong(format!("the Dream {name} is not this schedule's")))
            };
        }
        let mut dreaming = schedule.spec.dreaming.clone();
        dreaming.budget.daily_cost = None;
        let mut dream = Dream::new(
            &name,
            DreamSpec {
                store_ref: DreamtStore { name: store.to_owned() },
                dry_run: false,
                decision: None,
                undo: None,
                cancel: false,
                dreaming,
            },
        );
        let labels = [(MANAGED_BY, MANAGER), (SCHEDULE_LABEL, &schedule.name_any())];
        dream.metadata = ObjectMeta {
            name: Some(name.clone()),
            namespace: schedule.namespace(),
            labels: Some(labels.map(|(k, v)| (k.to_owned(), v.to_owned())).into()),
            owner_references: schedule.controller_owner_ref(&()).map(|owner| vec![owner]),
            ..ObjectMeta::default()
        };
        match api.create(&PostParams::default(), &dream).await {
            // Made meanwhile by another replica, which this one's answer was lost to.
            Err(kube::Error::Api(status)) if status.code == 409 => {
                api.get(&name).await.map_err(|error| unwritten(&error))
            }
            other => other.map_err(|error| unwritten(&error)),
        }
    }
}

/// Whether the report is this dreamer's to make.
fn check(dream: &Dream, caller: &Caller, store: &str) -> Result<(), NotNoted> {
    if dream.spec.store_ref.name != store {
        let message = format!("the Dream {} is of another store than {store}", dream.name_any());
        return Err(wrong(message));
    }
    let status = dream.status.as_ref();
    let other = status.and_then(|status| status.pod.as_ref().filter(|pod| **pod != caller.pod));
    match (other, status.map(|status| status.phase)) {
        // Of a pod that a node took away, another one takes the place.
        (Some(_), Some(Phase::Running | Phase::Pending)) | (None, _) => Ok(()),
        (Some(other), _) => Err(wrong(format!("the Dream {} is the pod {other}'s", dream.name_any()))),
    }
}

fn wrong(message: String) -> NotNoted {
    NotNoted {
        message,
        passing: false,
    }
}

fn unwritten(error: &kube::Error) -> NotNoted {
    let passing = !matches!(error, kube::Error::Api(status) if matches!(status.code, 400 | 403 | 404 | 422));
    NotNoted {
        message: format!("the Dream can't be written: {error}"),
        passing,
    }
}

/// The status after a report.
fn status(before: &DreamStatus, caller: &Caller, report: &Report, generation: Option<i64>, now: Time) -> DreamStatus {
    let phase = match report.phase() {
        report::Phase::Running => Phase::Running,
        report::Phase::Proposed => Phase::Proposed,
        report::Phase::Applied => Phase::Applied,
        report::Phase::NoChange => Phase::NoChange,
        report::Phase::Failed => Phase::Failed,
    };
    let reasons = bounded(&report.reasons);
    let verdict = verdict(phase, reasons.first());
    let is_running = phase == Phase::Running;
    let counts = report.facts.unwrap_or_default();
    let facts = FactCounts {
        added: counts.added,
        merged: counts.merged,
        replaced: counts.replaced,
        forgotten: counts.forgotten,
        quarantined: counts.quarantined,
    };
    let started = before.started.clone().unwrap_or_else(|| now.clone());
    DreamStatus {
        phase,
        conditions: conditions::updated(&before.conditions, &[verdict], generation, &now),
        id: Some(report.dream.clone()),
        base: Some(report.base as i64),
        result: report.result.map(|seq| seq as i64),
        sessions: (!is_running).then_some(report.sessions.into()),
        facts: (!is_running).then_some(facts),
        changes: (!is_running)
            .then(|| changes(&facts))
            .filter(|changes| !changes.is_empty()),
        tokens: (report.tokens > 0).then_some(report.tokens as i64),
        cost: (report.cost_micros > 0).then(|| dollars(report.cost_micros)),
        seconds: (!is_running).then_some(report.seconds.ceil() as i64),
        proposal_digest: Some(report.proposal_digest.clone()).filter(|digest| !digest.is_empty()),
        by: None,
        reasons,
        started: Some(started),
        finished: (!is_running).then_some(now),
        pod: Some(caller.pod.clone()),
    }
}

fn verdict(phase: Phase, why: Option<&String>) -> Verdict {
    match phase {
        Phase::Proposed => Verdict::not_ready(
            reasons::WAITING_FOR_DECISION,
            "its proposal waits for spec.decision: {verdict: Approve or Reject, proposalDigest: status.proposalDigest}",
        ),
        Phase::Failed => {
            let why = why.cloned().unwrap_or_else(|| "it gives no reason".to_owned());
            Verdict::not_ready(reasons::DREAM_FAILED, why)
        }
        Phase::Pending | Phase::Running => Verdict::not_ready(reasons::DREAMING, "it is at it"),
        Phase::NoChange => {
            let why = why.cloned().unwrap_or_else(|| "nothing was to be changed".to_owned());
            Verdict::of(conditions::types::READY, true, reasons::DREAMT, why)
        }
        _ => Verdict::of(
            conditions::types::READY,
            true,
            reasons::DREAMT,
            "its changes are in the memory",
        ),
    }
}

/// What is kept of reasons: the first ones, and of each its beginning. The whole record lies in the store.
pub(crate) fn bounded(all: &[String]) -> Vec<String> {
    let cut = |reason: &String| match reason.char_indices().nth(REASON) {
        Some((end, _)) => format!("{}…", &reason[..end]),
        None => reason.clone(),
    };
    let mut kept: Vec<String> = all.iter().take(REASONS).map(cut).collect();
    if all.len() > REASONS {
        let more = all.len() - REASONS + 1;
        kept[REASONS - 1] = format!("and {more} more; the whole record is in the store");
    }
    kept
}

/// What a Dream did, shortly: `+3 ~1 -2`; empty where it did nothing.
pub fn changes(facts: &FactCounts) -> String {
    let counts = [("+", facts.added), ("~", facts.replaced), ("-", facts.forgotten)];
    let told = counts.iter().filter(|(_, count)| *count > 0);
    told.map(|(sign, count)| format!("{sign}{count}"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// As a status has them.
pub(crate) fn dollars(micros: u64) -> String {
    format!("{}.{:04}", micros / 1_000_000, micros % 1_000_000 / 100)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;
    use crate::apiserver::{call, scripted};
    use crate::fixtures;

    #[tokio::test]
    async fn a_dream_that_its_dreamer_calls_failed_says_why_in_an_event() {
        let dream = fixtures::dream("team-a", "d", json!({"storeRef": {"name": "project"}}), Value::Null);
        let answer = serde_json::to_value(&dream).unwrap();
        let (client, apiserver) = scripted(vec![
            call(
                "GET",
                "/apis/remanence.dev/v1alpha1/namespaces/team-a/dreams/d",
                answer.clone(),
            ),
            call(
                "PUT",
                "/apis/remanence.dev/v1alpha1/namespaces/team-a/dreams/d/status",
                answer,
            ),
            call(
                "POST",
                "/apis/events.k8s.io/v1/namespaces/team-a/events",
                json!({"metadata": {}, "eventTime": null}),
            ),
        ]);
        let events = Arc::new(Events::new(client.clone(), "test".to_owned()));
        let writer = Writer::new(client, Timestamp::now, DreamMetrics::default(), events);
        let caller = Caller {
            namespace: "team-a".to_owned(),
            pod: "p".to_owned(),
            uid: "uid-p".to_owned(),
            service_account: "default".to_owned(),
        };
        let mut told = Report {
            store: "team-a/project".to_owned(),
            dream: "2026-01-01-a1b2c3".to_owned(),
            reasons: vec!["the model timed out".to_owned()],
            ..Report::default()
        };
        told.set_phase(report::Phase::Failed);
        let origin = Origin::Dream(Arc::new(dream));
        writer.note(&caller, &origin, "project", &told).await.unwrap();
        drop(writer);
        let sent = apiserver.await.unwrap();
        assert_eq!(sent[1]["status"]["phase"], "Failed");
        let event = &sent[2];
        assert_eq!(
            (&event["type"], &event["reason"], &event["note"]),
            (&json!("Warning"), &json!("DreamFailed"), &json!("the model timed out"))
        );
        assert_eq!(event["regarding"]["name"], "d");
    }

    #[test]
    fn what_is_kept_of_the_reasons_is_bounded_and_says_so() {
        let many: Vec<String> = (0..100).map(|n| format!("{n} {}", "ä".repeat(2000))).collect();
        let kept = bounded(&many);
        assert_eq!(kept.len(), 20);
        assert!(kept.iter().all(|reason| reason.chars().count() <= 301));
        assert!(kept[19].contains("81 more"), "{}", kept[19]);
        assert_eq!(bounded(&many[..1]).len(), 1);
    }

    #[test]
    fn changes_and_costs_are_told_shortly() {
        let facts = FactCounts {
            added: 3,
            forgotten: 2,
            ..FactCounts::default()
        };
        assert_eq!(changes(&facts), "+3 -2");
        assert_eq!(changes(&FactCounts::default()), "");
        assert_eq!(
            (dollars(0), dollars(1_234_567)),
            ("0.0000".to_owned(), "1.2345".to_owned())
        );
    }
}
