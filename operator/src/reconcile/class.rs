//! Classes: whether the keys are there, the bucket can be written safely, and pods that are to get sessions will.

use std::sync::Arc;
use std::time::Duration;

use kube::runtime::controller::Action;
use kube::{Api, ResourceExt};
use remanence_api::conditions::{self, Verdict, reasons};
use remanence_api::{MemoryStore, MemoryStoreClass, MemoryStoreClassStatus};
use remanence_store::probe::{ProbeError, probe};
use remanence_store::random::OsRandom;

use super::{Context, ReconcileError, reference};
use crate::broker::{Access, assume};
use crate::cluster::is_default;
use crate::directory;
use crate::events::Mood;

/// Where a class's endpoint is probed: no namespace has a `_` in its name.
const PROBE: &str = "_remanence";
/// The store for which a session is asked there: there is none.
const SESSION: &str = "session";
/// How often keys and bucket are looked at: a key that rotates or vanishes sends no message.
const LOOK: Duration = Duration::from_mins(1);
const LOOK_BROKEN: Duration = Duration::from_secs(10);

/// Looks at a class.
///
/// # Errors
/// When the apiserver can't be written.
pub async fn reconcile(class: Arc<MemoryStoreClass>, context: Arc<Context>) -> Result<Action, ReconcileError> {
    let verdict = examine(&class, &context).await;
    let before = class.status.clone().unwrap_or_default();
    let after = MemoryStoreClassStatus {
        conditions: conditions::updated(
            &before.conditions,
            std::slice::from_ref(&verdict),
            class.metadata.generation,
            &context.time(),
        ),
        stores: context.cluster.stores.state_filter(|store| is_of(store, &class)).len() as i32,
    };
    let api = Api::all(context.client.clone());
    if before != after && context.apply_status(&api, &*class, &after).await? {
        let mood = if verdict.holds { Mood::Normal } else { Mood::Warning };
        context
            .events
            .say(&reference(&*class), mood, verdict.reason, &verdict.message)
            .await;
    }
    Ok(Action::requeue(if verdict.holds { LOOK } else { LOOK_BROKEN }))
}

async fn examine(class: &MemoryStoreClass, context: &Context) -> Verdict {
    let keys = match context.keys.of(class).await {
        Ok(keys) => keys,
        Err(why) => return Verdict::not_ready(why.reason, why.message),
    };
    let place = match context.buckets.open(class, keys.as_ref(), PROBE).await {
        Ok(place) => place,
        Err(error) => return Verdict::not_ready(reasons::PLACE_MALFORMED, error.to_string()),
    };
    match probe(&place, &OsRandom).await {
        Ok(()) => {}
        Err(error @ ProbeError::Failed { .. }) => {
            return Verdict::not_ready(reasons::STORAGE_UNSAFE, error.to_string());
        }
        Err(ProbeError::Backend { cause, .. }) => {
            return Verdict::not_ready(
                reasons::STORAGE_UNREACHABLE,
                format!("{cause}; check endpoint, bucket, region and keys of this class"),
            );
        }
    }
    if let (Some(keys), Some(sts)) = (&keys, directory::sts(class)) {
        // As the broker asks for each store of a pod; nothing is done with the session.
        let place = directory::place(class, PROBE);
        if let Err(error) = assume(&place, keys, &sts, SESSION, Access::ReadWrite).await {
            let what =
                "check endpoint and roleArn of this class's credentials.sts, and that its keys may assume the role";
            return Verdict::not_ready(
                reasons::STS_REFUSED,
                format!("pods would get no session: {error}; {what}"),
            );
        }
    }
    Verdict::ready(format!(
        "the bucket {} answers and keeps create-if-absent",
        class.spec.s3.bucket
    ))
}

fn is_of(store: &MemoryStore, class: &MemoryStoreClass) -> bool {
    let said = store
        .status
        .as_ref()
        .and_then(|s| s.class_name.as_ref())
        .or(store.spec.class_name.as_ref());
    said.map_or_else(|| is_default(class), |name| *name == class.name_any())
}
