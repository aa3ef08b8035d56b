//! Retention: once a day what is past it goes. It needs the right to delete, which no pod has; so it runs here, for one
//! store at a time.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use parking_lot::Mutex;
use remanence_api::conditions::{self, Verdict, reasons, types};
use remanence_api::{MemoryStore, MemoryStoreStatus};
use remanence_store::maintain::maintain;
use remanence_store::{Store, StoreError};
use tokio::sync::Semaphore;

use super::dereference::Place;
use crate::bucket::expire::expire;
use crate::bucket::tend::options;
use crate::events::Mood;
use crate::reconcile::{Context, reference};

/// Seconds from one time to the next, and to another attempt.
const EVERY: i64 = 24 * 3600;
const AGAIN: i64 = 3600;

/// Who is at it, and how it went last, by the objects' uids.
pub struct Upkeep {
    one: Semaphore,
    last: Mutex<HashMap<String, Attempt>>,
}

/// How it went, kept until it is told: an object that changed meanwhile is written another time.
#[derive(Clone)]
struct Attempt {
    at: Time,
    verdict: Verdict,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self {
            one: Semaphore::new(1),
            last: Mutex::default(),
        }
    }
}

impl Upkeep {
    /// The object is gone.
    pub(super) fn forget(&self, uid: &str) {
        self.last.lock().remove(uid);
    }
}

/// Does it if it is due, and tells in `status` how it went last.
pub(super) async fn run(store: &MemoryStore, place: &Place, status: &mut MemoryStoreStatus, context: &Context) {
    let uid = store.uid().unwrap_or_default();
    let now = context.time();
    if is_due(store, &now, context) {
        // The others' turn comes with their next look.
        let Ok(_turn) = context.upkeep.one.try_acquire() else {
            return;
        };
        let verdict = attempt(store, place, &now, context).await;
        let attempt = Attempt {
            at: now.clone(),
            verdict,
        };
        context.upkeep.last.lock().insert(uid.clone(), attempt);
    }
    let last = context.upkeep.last.lock().get(&uid).cloned();
    let told = status.last_maintenance.as_ref();
    let Some(last) = last.filter(|last| told.is_none_or(|told| told.0 < last.at.0)) else {
        return;
    };
    if last.verdict.holds {
        status.last_maintenance = Some(last.at);
    }
    status.conditions = conditions::updated(&status.conditions, &[last.verdict], store.metadata.generation, &now);
}

async fn attempt(store: &MemoryStore, place: &Place, now: &Time, context: &Context) -> Verdict {
    match work(store, place, now).await {
        Ok(()) => {
            let message = "what is past its retention is removed once a day";
            Verdict::of(types::MAINTAINED, true, reasons::MAINTAINED, message)
        }
        Err(error) => {
            tracing::warn!(
                store = store.name_any(),
                namespace = store.namespace(),
                %error,
                "can't be maintained; tried again in an hour"
            );
            let message = format!("versions past their retention stay for now: {error}");
            context
                .events
                .say(&reference(store), Mood::Warning, reasons::NOT_MAINTAINED, &message)
                .await;
            Verdict::of(types::MAINTAINED, false, reasons::NOT_MAINTAINED, message)
        }
    }
}

fn is_due(store: &MemoryStore, now: &Time, context: &Context) -> bool {
    let done = store
        .status
        .as_ref()
        .and_then(|status| status.last_maintenance.as_ref());
    let Some(since) = done.or(store.metadata.creation_timestamp.as_ref()) else {
        return false;
    };
    let tried = context
        .upkeep
        .last
        .lock()
        .get(&store.uid().unwrap_or_default())
        .map(|last| last.at.0.as_second());
    let now = now.0.as_second();
    now - since.0.as_second() >= EVERY && tried.is_none_or(|tried| now - tried >= AGAIN)
}

async fn work(store: &MemoryStore, place: &Place, now: &Time) -> Result<(), StoreError> {
    let handle = Store::open(place.backend.clone(), options()).await?;
    if let Some(expiry) = store.spec.expiry {
        let keep = SignedDuration::try_from(expiry.as_std()).unwrap_or(SignedDuration::MAX);
        // Before the first day that a clock knows there was nothing.
        let since = now.0.checked_sub(keep).unwrap_or(Timestamp::MIN);
        let expired = expire(&handle, since).await?;
        tracing::info!(
            store = store.name_any(),
            namespace = store.namespace(),
            expired,
            "looked for what is expired"
        );
    }
    let report = maintain(&handle, store.spec.history.retention.as_std(), now.0).await?;
    handle.close().await;
    tracing::info!(
        store = store.name_any(),
        namespace = store.namespace(),
        ?report,
        "maintained"
    );
    Ok(())
}
