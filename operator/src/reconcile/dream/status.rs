//! What is told of a Dream, besides what its dreamer reports.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use remanence_api::conditions::{self, Verdict, reasons, types};
use remanence_api::dream::{FactCounts, Phase};
use remanence_api::{Dream, DreamStatus};
use remanence_dreamer::{Phase as Recorded, Record};

use crate::dream::{bounded, changes, dollars};
use crate::events::Mood;
use crate::reconcile::{Context, ReconcileError, reference};

/// What is to be told.
pub(super) struct Change {
    phase: Option<Phase>,
    verdicts: Vec<Verdict>,
    reason: Option<String>,
    record: Option<Box<Record>>,
    /// When it was over, if not now.
    over: Option<Time>,
}

impl From<Verdict> for Change {
    fn from(verdict: Verdict) -> Self {
        Self::only(verdict)
    }
}

impl Change {
    /// It is as far as it was.
    pub(super) fn only(verdict: Verdict) -> Self {
        Self {
            phase: None,
            verdicts: vec![verdict],
            reason: None,
            record: None,
            over: None,
        }
    }

    /// It is as far as that.
    pub(super) fn of(phase: Phase, verdict: Verdict) -> Self {
        Self {
            phase: Some(phase),
            ..Self::only(verdict)
        }
    }

    /// It is as far as the store records.
    pub(super) fn recorded(record: &Record) -> Self {
        let (phase, verdict) = match record.phase {
            Recorded::Proposed => (Phase::Proposed, waiting()),
            Recorded::Applied => (Phase::Applied, dreamt("its changes are in the memory")),
            Recorded::NoChange => (Phase::NoChange, dreamt("nothing was to be changed")),
            Recorded::Rejected => (Phase::Rejected, dreamt("its proposal was turned down")),
            Recorded::Superseded => (Phase::Superseded, dreamt("a newer proposal took its place")),
            Recorded::Undone => (Phase::Undone, dreamt("it was taken back")),
            Recorded::Failed => {
                let why = bounded(&record.reasons).into_iter().next().unwrap_or_default();
                (Phase::Failed, Verdict::not_ready(reasons::DREAM_FAILED, why))
            }
        };
        Self {
            record: Some(Box::new(record.clone())),
            ..Self::of(phase, verdict)
        }
    }

    /// And that.
    pub(super) fn and(mut self, verdict: Verdict) -> Self {
        self.verdicts.push(verdict);
        self
    }

    /// For that reason.
    pub(super) fn because(mut self, why: &str) -> Self {
        self.reason = Some(why.to_owned());
        self
    }

    /// Since that time.
    pub(super) fn since(mut self, over: Option<Time>) -> Self {
        self.over = over;
        self
    }

    fn after(&self, dream: &Dream, context: &Context) -> DreamStatus {
        let now = context.time();
        let mut status = dream.status.clone().unwrap_or_default();
        let generation = dream.metadata.generation;
        status.conditions = conditions::updated(&status.conditions, &self.verdicts, generation, &now);
        if let Some(phase) = self.phase {
            if phase.is_over() {
                status.finished = Some(self.over.clone().unwrap_or(now));
            }
            status.phase = phase;
        }
        if let Some(why) = &self.reason {
            status.reasons = bounded(std::slice::from_ref(why));
        }
        if let Some(record) = &self.record {
            tell(&mut status, record);
        }
        status
    }
}

fn waiting() -> Verdict {
    Verdict::not_ready(reasons::WAITING_FOR_DECISION, "its proposal waits for spec.decision")
}

fn dreamt(message: &str) -> Verdict {
    Verdict::of(types::READY, true, reasons::DREAMT, message)
}

/// What a record in the store says.
fn tell(status: &mut DreamStatus, record: &Record) {
    let counts = &record.facts;
    let facts = FactCounts {
        added: counts.added,
        merged: counts.merged,
        replaced: counts.replaced,
        forgotten: counts.forgotten,
        quarantined: counts.quarantined,
    };
    status.id = Some(record.id.clone());
    status.started.get_or_insert(Time(record.time));
    status.base = Some(record.base as i64);
    status.result = record.result.map(|seq| seq as i64);
    status.sessions = Some(record.sessions.len() as i64);
    status.facts = Some(facts);
    status.changes = Some(changes(&facts)).filter(|changes| !changes.is_empty());
    status.seconds = Some(record.seconds.ceil() as i64);
    if let Some(spent) = &record.spent {
        let micros = (spent.cost.unwrap_or_default() * 1e6).round() as u64;
        status.tokens = Some(spent.tokens.all() as i64).filter(|tokens| *tokens > 0);
        status.cost = (micros > 0).then(|| dollars(micros));
    }
    status.by.clone_from(&record.by);
    if record.proposal.is_some() {
        status.proposal_digest.clone_from(&record.proposal);
    }
    status.reasons = bounded(&record.reasons);
}

/// Writes it.
pub(super) async fn apply(dream: &Dream, change: Change, context: &Context) -> Result<(), ReconcileError> {
    let after = change.after(dream, context);
    if dream.status.as_ref() == Some(&after) {
        return Ok(());
    }
    let api = context.api(&dream.namespace().unwrap_or_default());
    if !context.apply_status(&api, dream, &after).await? {
        return Ok(());
    }
    let before = dream.status.clone().unwrap_or_default();
    context.metrics.dreams.written(&before, &after);
    for verdict in &change.verdicts {
        let passing = matches!(verdict.reason, reasons::WAITING_FOR_POD | reasons::WAITING_FOR_DECISION);
        if verdict.holds || passing {
            continue;
        }
        let (about, events) = (reference(dream), &context.events);
        let (reason, note) = (verdict.reason, &verdict.message);
        if reason == reasons::POD_HELD_UP {
            // A node says it in turns in two ways.
            events.say_seldom(&about, "pod", Mood::Warning, reason, note).await;
        } else {
            events.say(&about, Mood::Warning, reason, note).await;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_is_told_with_what_it_cost_and_no_longer_than_a_report() {
        let reasons: Vec<String> = (0..100).map(|n| format!("{n} {}", "a".repeat(2000))).collect();
        let mut record: Record = serde_json::from_value(json!({
            "id": "2026-01-01-a1b2c3", "phase": "Applied", "base": 1, "result": 2, "time": "2026-01-01T00:00:00Z",
            "model": "anthropic:m", "sessions": [], "files": [], "seconds": 1.5, "reasons": reasons,
            "facts": {"added": 1, "merged": 0, "replaced": 0, "forgotten": 0, "quarantined": 0},
            "spent": {"requests": 2, "tokens": {"input": 1000, "output": 200}, "cost": 0.0125, "seconds": 1.0},
        }))
        .unwrap();
        let mut status = DreamStatus::default();
        tell(&mut status, &record);
        assert_eq!((status.tokens, status.cost.as_deref()), (Some(1200), Some("0.0125")));
        assert_eq!(status.reasons.len(), 20);
        assert!(status.reasons.iter().all(|reason| reason.len() < 400));

        // By rules: nothing was spent, and what was told of the pod stays.
        record.spent = None;
        tell(&mut status, &record);
        assert_eq!(status.tokens, Some(1200));

        record.phase = Recorded::Failed;
        let change = Change::recorded(&record);
        assert!(change.verdicts[0].message.len() < 400);
    }
}
