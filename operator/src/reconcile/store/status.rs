//! What is told of a store.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use remanence_api::conditions::{self, Verdict, types};
use remanence_api::{MemoryStore, MemoryStoreStatus};

use super::NotReady;
use super::dereference::Place;
use super::work::Done;
use crate::events::Mood;
use crate::plan;
use crate::reconcile::{Context, ReconcileError, reference, whole_seconds};

/// The status after a look; `dreamt` is the end of a dream that is not told yet. What a failed look could not see stays as
/// it was.
pub(super) fn build(
    store: &MemoryStore,
    outcome: Result<&(Place, Done), &NotReady>,
    dreamt: Option<Time>,
    now: &Time,
) -> MemoryStoreStatus {
    let mut status = store.status.clone().unwrap_or_default();
    // Dreams that are over are not kept for ever.
    status.last_dream = dreamt.or(status.last_dream);
    let verdict = match outcome {
        Ok((place, done)) => {
            status.class_name = Some(place.class.name_any());
            status.prefix = Some(place.prefix.clone());
            status.store_id = Some(done.id.to_string());
            status.head = Some(done.look.head as i64);
            status.files = Some(done.look.files as i64);
            status.bytes = Some(done.look.bytes as i64);
            status.size = Some(size(done.look.bytes));
            status.last_write = done.look.last_write.map(whole_seconds);
            let told = told(store, done);
            Verdict::ready(match plan::unread(store) {
                None => told,
                Some(why) => format!("{told}, but {why}"),
            })
        }
        Err(why) => why.clone(),
    };
    status.conditions = conditions::updated(&status.conditions, &[verdict], store.metadata.generation, now);
    status
}

/// Writes it, and says why a store is not ready.
pub(super) async fn apply(
    store: &MemoryStore,
    after: &MemoryStoreStatus,
    outcome: Result<&Done, &NotReady>,
    context: &Context,
) -> Result<(), ReconcileError> {
    if store.status.as_ref() != Some(after) {
        let api = context.api(&store.namespace().unwrap_or_default());
        if !context.apply_status(&api, store, after).await? {
            return Ok(());
        }
        // A look that failed is no reason to leave out the next one.
        if outcome.is_ok() {
            context.seen.told(&store.uid().unwrap_or_default(), after);
        }
    }
    let about = reference(store);
    match outcome {
        Err(why) => {
            context
                .events
                .say(&about, Mood::Warning, why.reason, &why.message)
                .await;
        }
        Ok(done) if done.passed_over.is_some() => {
            context
                .events
                .say(
                    &about,
                    Mood::Warning,
                    conditions::reasons::EARLIER_STORE,
                    &told(store, done),
                )
                .await;
        }
        // Good news only where there was bad before.
        Ok(done) if was_unready(store) => {
            context
                .events
                .say(&about, Mood::Normal, conditions::reasons::READY, &told(store, done))
                .await;
        }
        Ok(_) => {}
    }
    if let Some(why) = plan::unread(store) {
        let reason = conditions::reasons::SELECTOR_MALFORMED;
        context
            .events
            .say_seldom(&about, "sharing", Mood::Warning, reason, &why)
            .await;
    }
    Ok(())
}

/// What is told of a store that is ready.
fn told(store: &MemoryStore, done: &Done) -> String {
    let ready = if store.spec.archived {
        "it can be attached and read; it is archived and takes no more writes"
    } else {
        "it can be attached"
    };
    let Some(earlier) = done.passed_over else {
        return ready.to_owned();
    };
    format!(
        "{ready}, but spec.adopt changed nothing: this object has had the store {} from before, which is \
         empty; to have back the earlier store {earlier}, which holds data, delete this object and create it again with \
         spec.adopt: true from the beginning",
        done.id
    )
}

/// Whether its last status said that it is not ready.
fn was_unready(store: &MemoryStore) -> bool {
    let status = store.status.as_ref();
    let ready = status.and_then(|status| conditions::find(&status.conditions, types::READY));
    ready.is_some_and(|ready| ready.status == "False")
}

/// Bytes as people read them.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "Ki", "Mi", "Gi", "Ti"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 {
        return format!("{bytes}B");
    }
    format!("{value:.1}{}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_told_shortly() {
        for (bytes, told) in [(0, "0B"), (1023, "1023B"), (1536, "1.5Ki"), (1 << 30, "1.0Gi")] {
            assert_eq!(size(bytes), told);
        }
    }
}
