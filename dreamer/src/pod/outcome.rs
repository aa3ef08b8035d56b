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
/// How long a write that was under way when a Dream was given up may take to be known: longer than one is tried.
const LANDING: Duration = Duration::from_mins(1);

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

/// It was given up; perhaps it had just written, or what it wrote is still on its way.
async fn late(store: &Store, request: &Request, time: Duration, bill: &Bill) -> Outcome {
    store.close_within(LANDING).await;
    let late = format!("it was not done within the {}s of its budget.duration", time.as_secs());
    let why = match dreams(store).await {
        Ok(records) => {
            let is_it = |record: &Record| Some(&record.id) == request.id.as_ref();
            if let Some(record) = records.into_iter().find(is_it) {
                return Outcome::Recorded(Box::new(record));
            }
            late
        }
        Err(error) => format!("{late}, and the store can't be asked whether it wrote all the same: {error}"),
    };
    Outcome::Failed {
        why,
        spent: bill.so_far(),
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
    #![allow(clippy::unwrap_used)]
    use std::ops::Range;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use async_trait::async_trait;
    use bytes::Bytes;
    use remanence_store::Options;
    use remanence_store::backend::{self, Append, Backend, BackendError, Created, Listed, Read};
    use remanence_store::settings::Settings;
    use remanence_store::url::StoreUrl;
    use tempfile::TempDir;
    use tokio::sync::Notify;

    use super::*;
    use crate::edge::Sessions;

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

    /// Takes a while to write a commit, and says when one is begun.
    struct Slow {
        inner: Arc<dyn Append>,
        begun: Arc<Notify>,
    }

    #[async_trait]
    impl Append for Slow {
        async fn put_if_absent(&self, key: &str, body: Bytes) -> backend::Result<Created> {
            if key.contains("/log/") {
                self.begun.notify_one();
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            self.inner.put_if_absent(key, body).await
        }
    }

    /// Can be cut off.
    struct Far {
        inner: Arc<dyn Read>,
        gone: Arc<AtomicBool>,
    }

    impl Far {
        fn check(&self, key: &str) -> backend::Result<()> {
            if self.gone.load(Ordering::SeqCst) {
                return Err(BackendError::Refused {
                    what: format!("GET {key}"),
                    cause: "the line was cut".to_owned(),
                });
            }
            Ok(())
        }
    }

    #[async_trait]
    impl Read for Far {
        async fn get(&self, key: &str, range: Option<Range<u64>>) -> backend::Result<Option<Bytes>> {
            self.check(key)?;
            self.inner.get(key, range).await
        }

        async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> backend::Result<Vec<Listed>> {
            self.check(prefix)?;
            self.inner.list(prefix, after, max).await
        }
    }

    /// A Dream that is given up as soon as it begins to write, and what is said of it then.
    async fn given_up(is_cut_off: bool) -> Outcome {
        let dir = TempDir::new().unwrap();
        let (memory, logs) = (dir.path().join("memory"), dir.path().join("logs"));
        for folder in [&memory, &logs.join("noor")] {
            std::fs::create_dir_all(folder).unwrap();
        }
        let line = r#"{"role": "user", "content": "Remember that the greenhouse sensor reports in Kelvin."}"#;
        std::fs::write(logs.join("noor/a.jsonl"), format!("{line}\n")).unwrap();
        let (begun, gone) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
        let backend = StoreUrl::of_directory(&memory).connect().await.unwrap();
        let inner = backend.append.clone().unwrap();
        let slow = Slow {
            inner,
            begun: Arc::clone(&begun),
        };
        let far = Far {
            inner: Arc::clone(&backend.read),
            gone: Arc::clone(&gone),
        };
        let backend = Backend {
            read: Arc::new(far),
            append: Some(Arc::new(slow)),
            ..backend
        };
        let store = Store::open_or_init(backend, &Settings::memory(), Options::default())
            .await
            .unwrap();
        let request = Request {
            id: Some("2026-05-14-a1b2c3".to_owned()),
            ..Request::default()
        };
        let sessions = [Sessions::at(logs.to_str().unwrap()).await.unwrap()];
        tokio::select! {
            biased;
            () = begun.notified() => {}
            dreamt = edge::dream(&store, &sessions, &request) => panic!("it was done: {dreamt:?}"),
        }
        gone.store(is_cut_off, Ordering::SeqCst);
        late(&store, &request, Duration::from_mins(1), &Bill::default()).await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_still_being_written_when_it_was_given_up_is_told() {
        let report = given_up(false).await.report();
        assert_eq!(report.phase(), report::Phase::Applied, "{report:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_store_that_cannot_be_asked_is_not_said_to_have_nothing() {
        let report = given_up(true).await.report();
        assert_eq!(report.phase(), report::Phase::Failed, "{report:?}");
        let why = &report.reasons[0];
        assert!(
            why.contains("can't be asked whether it wrote") && why.contains("the line was cut"),
            "{why}"
        );
    }
}
