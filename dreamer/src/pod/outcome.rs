//! What became of one store.

use std::time::Duration;

use remanence_proto::broker::{FactCounts, Report, report};
use remanence_store::Store;

use super::open::Opened;
use crate::edge::{self, DreamError, Request, dreams};
use crate::record::{Phase, Record};

/// What a Dream may take beyond the time of its budget, which bounds the model: to read, and to write.
const AROUND: Duration = Duration::from_mins(2);

/// What became of one store.
pub(super) enum Outcome {
    /// As recorded.
    Recorded(Box<Record>),
    /// Nothing was done, and that is well.
    Nothing(String),
    /// It came to nothing.
    Failed(String),
}

/// Dreams.
pub(super) async fn dream(opened: &Opened, request: &Request, time: Duration) -> Outcome {
    let dreaming = edge::dream(&opened.store, &opened.sessions, request);
    match tokio::time::timeout(time + AROUND, dreaming).await {
        Ok(Ok(dreamt)) => {
            let mut record = dreamt.record;
            if request.dry_run && record.phase == Phase::Proposed {
                // Nothing waits for anybody.
                record.phase = Phase::NoChange;
            }
            record.reasons.extend(opened.reasons.iter().cloned());
            Outcome::Recorded(Box::new(record))
        }
        Ok(Err(error @ DreamError::Another { .. })) => Outcome::nothing(error.to_string()),
        Ok(Err(error)) => Outcome::failed(error.to_string()),
        Err(_) => late(&opened.store, request, time).await,
    }
}

/// It was given up; perhaps it had just written.
async fn late(store: &Store, request: &Request, time: Duration) -> Outcome {
    let records = dreams(store).await.unwrap_or_default();
    let its = records
        .into_iter()
        .find(|record| Some(&record.id) == request.id.as_ref());
    its.map_or_else(
        || {
            Outcome::failed(format!(
                "it was not done within the {}s of its budget.duration",
                time.as_secs()
            ))
        },
        |record| Outcome::Recorded(Box::new(record)),
    )
}

impl Outcome {
    pub(super) fn failed(why: impl Into<String>) -> Self {
        Self::Failed(why.into())
    }

    pub(super) fn nothing(why: impl Into<String>) -> Self {
        Self::Nothing(why.into())
    }

    pub(super) fn is_failure(&self) -> bool {
        match self {
            Self::Recorded(record) => record.phase == Phase::Failed,
            Self::Nothing(_) => false,
            Self::Failed(_) => true,
        }
    }

    /// As the broker is told.
    pub(super) fn report(self) -> Report {
        let bare = |phase: report::Phase, why: String| Report {
            phase: phase.into(),
            reasons: vec![why],
            ..Report::default()
        };
        match self {
            Self::Recorded(record) => recorded(&record),
            Self::Nothing(why) => bare(report::Phase::NoChange, why),
            Self::Failed(why) => bare(report::Phase::Failed, why),
        }
    }
}

fn recorded(record: &Record) -> Report {
    let phase = match record.phase {
        Phase::Proposed => report::Phase::Proposed,
        Phase::Applied => report::Phase::Applied,
        // Nobody has decided anything yet.
        Phase::NoChange | Phase::Rejected | Phase::Superseded | Phase::Undone => report::Phase::NoChange,
        Phase::Failed => report::Phase::Failed,
    };
    let spent = record.spent.clone().unwrap_or_default();
    let counts = &record.facts;
    Report {
        phase: phase.into(),
        base: record.base,
        result: record.result,
        sessions: u32::try_from(record.sessions.len()).unwrap_or(u32::MAX),
        facts: Some(FactCounts {
            added: counts.added,
            merged: counts.merged,
            replaced: counts.replaced,
            forgotten: counts.forgotten,
            quarantined: counts.quarantined,
        }),
        tokens: spent.tokens.all(),
        cost_micros: (spent.cost.unwrap_or_default() * 1e6).round() as u64,
        seconds: record.seconds,
        proposal_digest: record.proposal.clone().unwrap_or_default(),
        reasons: record.reasons.clone(),
        ..Report::default()
    }
}
