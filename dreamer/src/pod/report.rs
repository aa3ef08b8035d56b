//! Reports to the broker, which is tried until it answers.

use std::sync::Arc;
use std::time::Duration;

use remanence_link::Link;
use remanence_proto::broker::{Report, report};
use tokio::time::Instant;

/// How long a report is tried, and how soon again.
const PATIENCE: Duration = Duration::from_mins(5);
const AGAIN: Duration = Duration::from_secs(1);
/// Reasons beyond this, and what of one is longer, is not told: the whole record lies in the store.
const REASONS: usize = 25;
const REASON: usize = 1024;

/// Reports on one store.
pub(super) struct Reporter<'a> {
    pub(super) link: &'a Arc<Link>,
    pub(super) store: &'a str,
    pub(super) dream: String,
}

/// Why a report was not delivered.
#[derive(Debug, thiserror::Error)]
#[error("what became of the dream {dream} over {store} can't be reported: {why}")]
pub struct Unreported {
    dream: String,
    store: String,
    why: String,
}

/// It begins, on the store's commit `base`.
pub(super) fn running(base: u64) -> Report {
    Report {
        phase: report::Phase::Running.into(),
        base,
        ..Report::default()
    }
}

impl Reporter<'_> {
    /// Tells it.
    pub(super) async fn tell(&self, report: Report) -> Result<(), Unreported> {
        let deadline = Instant::now() + PATIENCE;
        let mut report = Report {
            store: self.store.to_owned(),
            dream: self.dream.clone(),
            ..report
        };
        report.reasons.truncate(REASONS);
        for reason in &mut report.reasons {
            reason.truncate(reason.floor_char_boundary(REASON));
        }
        loop {
            let (why, passing) = match self.link.report(report.clone()).await {
                Ok(noted) if noted.error.is_empty() => return Ok(()),
                Ok(noted) => (noted.error, noted.passing),
                Err(away) => (away.to_string(), true),
            };
            if !passing || Instant::now() > deadline {
                return Err(Unreported {
                    dream: self.dream.clone(),
                    store: self.store.to_owned(),
                    why,
                });
            }
            tracing::warn!(store = self.store, why, "a report is tried again");
            tokio::time::sleep(AGAIN).await;
        }
    }
}
