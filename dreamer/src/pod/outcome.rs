//! What became of one store.

use std::time::Duration;

use remanence_proto::broker::{FactCounts, Report, report};
use remanence_store::Store;

use super::open::Opened;
use crate::edge::{self, DreamError, Request, dreams};
use crate::model::{Bill, Spent};
use crate::record::{Phase, Record};

/// What a Dream may take beyond the time of its budget, which bounds the model: to read, and to write.
const AROUND: Duration = Duration::from_mins(2);

/// What became of one store.
pub(super) enum Outcome {
    /// As recorded.
    Recorded(Box<Record>),
    /// Nothing was done, and that is well.
    Nothing { why: String, spent: Spent },
    /// It came to nothing.
    Failed { why: String, spent: Spent },
}

/// Dreams.
pub(super) async fn dream(opened: &Opened, request: &Request, time: Duration) -> Outcome {
    // A model is paid even if nothing comes of it.
    let bill = Bill::default();
    let dreaming = edge::dream_billed(&opened.store, &opened.sessions, request, &bill);
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
        Ok(Err(error @ DreamError::Another { .. })) => Outcome::Nothing {
            why: error.to_string(),
            spent: bill.so_far(),
        },
        Ok(Err(error)) => Outcome::Failed {
            why: error.to_string(),
            spent: bill.so_far(),
        },
        Err(_) => late(&opened.store, request, time, &bill).await,
    }
}

/// It was given up; perhaps it had just written.
async fn late(store: &Store, request: &Request, time: Duration, bill: &Bill) -> Outcome {
    let records = dreams(store).await.unwrap_or_default();
    let its = records
        .into_iter()
        .find(|record| Some(&record.id) == request.id.as_ref());
    match its {
        Some(record) => Outcome::Recorded(Box::new(record)),
        None => Outcome::Failed {
            why: format!("it was not done within the {}s of its budget.duration", time.as_secs()),
            spent: bill.so_far(),
        },
    }
}

impl Outcome {
    pub(super) fn failed(why: impl Into<String>) -> Self {
        Self::Failed {
            why: why.into(),
            spent: Spent::default(),
        }
    }

    pub(super) fn nothing(why: impl Into<String>) -> Self {
        Self::Nothing {
            why: why.into(),
            spent: Spent::default(),
        }
    }

    pub(super) fn is_failure(&self) -> bool {
        match self {
            Self::Recorded(record) => record.phase == Phase::Failed,
            Self::Nothing { .. } => false,
            Self::Failed { .. } => true,
        }
    }

    /// As the broker is told.
    pub(super) fn report(self) -> Report {
        let bare = |phase: report::Phase, why: String, spent: &Spent| Report {
            phase: phase.into(),
            tokens: spent.tokens.all(),
            cost_micros: micros(spent),
            reasons: vec![why],
            ..Report::default()
        };
        match self {
            Self::Recorded(record) => recorded(&record),
            Self::Nothing { why, spent } => bare(report::Phase::NoChange, why, &spent),
            Self::Failed { why, spent } => bare(report::Phase::Failed, why, &spent),
        }
    }
}

fn micros(spent: &Spent) -> u64 {
    (spent.cost.unwrap_or_default() * 1e6).round() as u64
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
        cost_micros: micros(&spent),
        seconds: record.seconds,
        proposal_digest: record.proposal.clone().unwrap_or_default(),
        reasons: record.reasons.clone(),
        ..Report::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_paid_though_nothing_came_of_it() {
        let spent = Spent {
            cost: Some(0.25),
            ..Spent::default()
        };
        let why = "the store can't be written".to_owned();
        for outcome in [
            Outcome::Failed {
                why: why.clone(),
                spent: spent.clone(),
            },
            Outcome::Nothing { why, spent },
        ] {
            let report = outcome.report();
            assert_eq!((report.cost_micros, report.reasons.len()), (250_000, 1));
        }
    }
}
