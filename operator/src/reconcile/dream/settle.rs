//! What a Dream comes to when no dreamer says it: what was decided is carried out in the store, and the store is asked
//! what became of a Dream whose pod is gone.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use remanence_api::Dream;
use remanence_api::conditions::{self, Verdict, reasons, types};
use remanence_api::dream::{Decision, Phase, Verdict as Decided};
use remanence_dreamer::{
    DreamError, Phase as Recorded, Record, approve, dreams, reject, undo as take_back, withdraw as drop_proposal,
};
use remanence_store::Store;

use super::status::Change;
use crate::bucket::tend::options;
use crate::plan::World;
use crate::reconcile::{Context, store};

/// Seconds after which a store that can't be asked is given up: by then others have noticed.
const PATIENCE: i64 = 3600;

/// What a look came to.
pub(super) enum Settled {
    /// It is so until something changes.
    Now(Change),
    /// It is to be tried again.
    Later(Change),
}

/// Why the store was not asked.
fn unreachable(why: &str) -> Verdict {
    Verdict::of(
        types::DECIDED,
        false,
        reasons::NOT_CARRIED_OUT,
        format!("{why}; tried again"),
    )
}

/// Opens the Dream's store; it can be written but nothing in it overwritten.
async fn open(dream: &Dream, context: &Context) -> Result<Store, String> {
    let (namespace, name) = (dream.namespace().unwrap_or_default(), &dream.spec.store_ref.name);
    let Some(object) = context.cluster.store(&namespace, name) else {
        return Err(format!("the store {name} does not exist"));
    };
    let place = store::place(&object, context).await.map_err(|why| why.message)?;
    let backend = place.backend.without_maintain();
    Store::open(backend, options()).await.map_err(|error| error.to_string())
}

/// The record of that id, if the store has one.
async fn record(store: &Store, id: &str) -> Result<Option<Record>, DreamError> {
    Ok(dreams(store).await?.into_iter().find(|record| record.id == id))
}

/// Its pod is gone: what the store has of it counts, else `phase` with its reason. A store that can't be asked is asked
/// again, for as long as [`PATIENCE`] lasts.
pub(super) async fn ended(dream: &Dream, phase: Phase, reason: &'static str, why: &str, context: &Context) -> Settled {
    let change = Change::of(phase, Verdict::not_ready(reason, why)).because(why);
    let before = dream.status.clone().unwrap_or_default();
    let Some(id) = before.id else {
        return Settled::Now(change);
    };
    let waited = conditions::find(&before.conditions, types::STORE_ASKED);
    let error = match ask(dream, &id, context).await {
        Ok(found) => {
            let change = found.map_or(change, |record| Change::recorded(&record));
            return Settled::Now(match waited {
                Some(_) => change.and(Verdict::of(types::STORE_ASKED, true, reasons::READY, "it was asked")),
                None => change,
            });
        }
        Err(error) => error,
    };
    tracing::warn!(
        dream = dream.name_any(),
        namespace = dream.namespace(),
        error,
        "a Dream's store can't be asked what became of it"
    );
    let now = context.time();
    let since = waited.map_or(&now, |condition| &condition.last_transition_time);
    let name = &dream.spec.store_ref.name;
    if now.0.as_second() - since.0.as_second() < PATIENCE {
        let message = format!("the store {name} can't be asked what became of it: {error}; tried again");
        let unasked = Verdict::of(types::STORE_ASKED, false, reasons::STORE_NOT_READY, message);
        return Settled::Later(Change::only(Verdict::not_ready(reason, why)).and(unasked));
    }
    let why = format!(
        "{why}; the store {name} could not be asked what became of it: {error}. Once it can be, `kubectl memory dreams \
         {name}` says whether {id} is in the memory"
    );
    Settled::Now(Change::of(phase, Verdict::not_ready(reason, why.clone())).because(&why))
}

/// The record that the store has of the Dream.
async fn ask(dream: &Dream, id: &str, context: &Context) -> Result<Option<Record>, String> {
    let store = open(dream, context).await?;
    let found = record(&store, id).await;
    store.close().await;
    found.map_err(|error| error.to_string())
}

/// Another Dream took its place.
pub(super) fn superseded(by: &str) -> Change {
    let verdict = Verdict::of(
        types::READY,
        true,
        reasons::SUPERSEDED,
        format!("the Dream {by} took its place"),
    );
    Change::of(Phase::Superseded, verdict)
}

/// It came with a decision: it is taken for the Dream that the store records as decided so, and nothing runs.
pub(super) async fn recall(dream: &Dream, decision: &Decision, context: &Context) -> Settled {
    let store = match open(dream, context).await {
        Ok(store) => store,
        Err(why) => return Settled::Later(Change::only(Verdict::not_ready(reasons::STORE_NOT_READY, why))),
    };
    let all = dreams(&store).await;
    let tree = store.tree();
    store.close().await;
    let all = match all {
        Ok(all) => all,
        Err(error) => {
            return Settled::Later(Change::only(Verdict::not_ready(
                reasons::STORE_NOT_READY,
                error.to_string(),
            )));
        }
    };
    let its = |record: &&Record| record.proposal.as_deref() == Some(&decision.proposal_digest);
    let known = all.iter().find(its).filter(|record| is_so(record, decision.verdict));
    let why = match known {
        // Whoever creates a Dream was not asked whether they may undo one.
        Some(record) if dream.spec.undo.is_some() && record.phase != Recorded::Undone => {
            "it came with spec.undo, and its store does not record it as undone; leave out spec.undo, and undo it once \
             it is there"
        }
        Some(record) => {
            let written = tree.lookup(&format!("/{}", Record::path(&record.id)));
            let since = written.map(|node| Time(node.time));
            return Settled::Now(Change::recorded(record).since(since));
        }
        None => "it came with a decision that its store does not record; leave out spec.decision to dream",
    };
    Settled::Now(Change::of(Phase::Failed, Verdict::not_ready(reasons::DREAM_FAILED, why)).because(why))
}

/// Whether a record is that of a Dream decided so.
fn is_so(record: &Record, verdict: Decided) -> bool {
    match verdict {
        Decided::Approve => matches!(record.phase, Recorded::Applied | Recorded::Undone),
        Decided::Reject => record.phase == Recorded::Rejected,
    }
}

/// Carries a decision out.
pub(super) async fn decide(dream: &Dream, decision: &Decision, context: &Context) -> Settled {
    let status = dream.status.clone().unwrap_or_default();
    if status.proposal_digest.as_deref() != Some(&decision.proposal_digest) {
        let why = "the decision is about another proposal than status.proposalDigest; make another Dream";
        return Settled::Now(Change::only(Verdict::of(
            types::DECIDED,
            false,
            reasons::NOT_CARRIED_OUT,
            why,
        )));
    }
    let store = match open(dream, context).await {
        Ok(store) => store,
        Err(why) => return Settled::Later(Change::only(unreachable(&why))),
    };
    let id = status.id.unwrap_or_default();
    let by = decision.by.as_deref().unwrap_or_default();
    let done = match decision.verdict {
        Decided::Approve => approve(&store, Some(&id), by).await,
        Decided::Reject => reject(&store, Some(&id), by).await,
    };
    let settled = settled(&store, &id, done, |record| is_so(record, decision.verdict)).await;
    store.close().await;
    settled
}

/// It is canceled while its proposal waits: the store records that it was dropped. What was decided on it before, by an
/// operator that died before it said so, is told as it is.
pub(super) async fn withdraw(dream: &Dream, context: &Context) -> Settled {
    let why = "its proposal was dropped by spec.cancel";
    let canceled = Change::of(Phase::Canceled, Verdict::not_ready(reasons::CANCELED, why)).because(why);
    let (namespace, name) = (dream.namespace().unwrap_or_default(), &dream.spec.store_ref.name);
    // In one that is gone or archived nothing more can be recorded.
    let object = context.cluster.store(&namespace, name);
    if object.is_none_or(|store| store.spec.archived) {
        return Settled::Now(canceled);
    }
    let store = match open(dream, context).await {
        Ok(store) => store,
        Err(why) => return Settled::Later(Change::only(unreachable(&why))),
    };
    let status = dream.status.clone().unwrap_or_default();
    let id = status.id.unwrap_or_default();
    let done = match drop_proposal(&store, &id, why).await {
        Err(DreamError::Phase { .. }) => record(&store, &id).await,
        other => other.map(Some),
    };
    store.close().await;
    let waited = dream.spec.decision.is_none() && conditions::find(&status.conditions, types::DECIDED).is_some();
    match done {
        Ok(Some(record)) if record.phase != Recorded::Rejected || record.by.is_some() => {
            Settled::Now(Change::recorded(&record))
        }
        Ok(_) if waited => Settled::Now(canceled.and(carried_out())),
        // What waits no more for another reason can't be decided on either.
        Ok(_) | Err(DreamError::MovedOn { .. } | DreamError::NoDream { .. } | DreamError::Void { .. }) => {
            Settled::Now(canceled)
        }
        Err(error) => Settled::Later(Change::only(unreachable(&error.to_string()))),
    }
}

/// Takes an applied Dream back.
pub(super) async fn undo(dream: &Dream, by: &str, context: &Context) -> Settled {
    let store = match open(dream, context).await {
        Ok(store) => store,
        Err(why) => return Settled::Later(Change::only(unreachable(&why))),
    };
    let id = dream
        .status
        .as_ref()
        .and_then(|status| status.id.clone())
        .unwrap_or_default();
    let done = take_back(&store, Some(&id), by).await;
    let is_undone = |record: &Record| record.phase == Recorded::Undone;
    let settled = settled(&store, &id, done, is_undone).await;
    store.close().await;
    settled
}

/// What an attempt came to. One that found it done already (an operator died before it could say so) is well.
async fn settled(
    store: &Store,
    id: &str,
    done: Result<Record, DreamError>,
    is_done: impl Fn(&Record) -> bool,
) -> Settled {
    match done {
        Ok(record) => Settled::Now(Change::recorded(&record).and(carried_out())),
        Err(error @ DreamError::Phase { .. }) => match record(store, id).await {
            Ok(Some(record)) if is_done(&record) => Settled::Now(Change::recorded(&record).and(carried_out())),
            // Decided otherwise before, by an operator that died before it said so: what the store records counts.
            Ok(Some(record)) => Settled::Now(Change::recorded(&record).and(refused_as(&error.to_string()))),
            _ => Settled::Now(refused(&error)),
        },
        Err(DreamError::MovedOn { .. }) => {
            let why = "the memory was dreamt over since it was proposed; dream again";
            let verdict = Verdict::of(types::READY, true, reasons::SUPERSEDED, why);
            Settled::Now(Change::of(Phase::Superseded, verdict).because(why).and(refused_as(why)))
        }
        Err(
            error @ (DreamError::InTheWay { .. }
            | DreamError::Overruled { .. }
            | DreamError::Archived { .. }
            | DreamError::NoDream { .. }
            | DreamError::Void { .. }),
        ) => Settled::Now(refused(&error)),
        Err(error) => Settled::Later(Change::only(unreachable(&error.to_string()))),
    }
}

fn carried_out() -> Verdict {
    Verdict::of(types::DECIDED, true, reasons::CARRIED_OUT, "it is as was decided")
}

fn refused(error: &DreamError) -> Change {
    Change::only(refused_as(&error.to_string()))
}

fn refused_as(why: &str) -> Verdict {
    Verdict::of(types::DECIDED, false, reasons::NOT_CARRIED_OUT, why)
}
