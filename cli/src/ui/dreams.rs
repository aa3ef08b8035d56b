//! The Dreams of the namespace: what they changed or would change, why, and what is decided about them.

use axum::Json;
use axum::extract::{Path, State};
use remanence_api::dream::{Dream, Verdict};
use remanence_dreamer::Why;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::name::Name;
use crate::cluster::{Changes, Namespace};
use crate::commands::dream::unified;
use crate::exit::Failure;

/// A Dream, and its files.
#[derive(Serialize)]
pub(super) struct Seen {
    dream: Dream,
    files: Vec<File>,
}

/// A file that it changed or would change.
#[derive(Serialize)]
struct File {
    path: String,
    text: Option<String>,
    note: Option<String>,
}

/// A decision on what was looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Decision {
    proposal_digest: String,
}

pub(super) async fn all(State(namespace): State<Namespace>) -> Answer<Vec<Dream>> {
    Ok(Json(namespace.dreams().list().await?))
}

pub(super) async fn one(State(namespace): State<Namespace>, Path(name): Path<Name>) -> Answer<Seen> {
    let dreams = namespace.dreams();
    let dream = dreams.get(&name).await?;
    let files = files(dreams.changes(&dream).await?);
    Ok(Json(Seen { dream, files }))
}

fn files(changes: Changes) -> Vec<File> {
    let changed = changes.changed.into_iter().map(|file| File {
        path: file.path,
        text: file.text,
        note: file.note,
    });
    let proposed = changes.proposed.iter().map(|change| File {
        path: format!("/{}", change.path),
        text: Some(unified(change)),
        note: None,
    });
    changed.chain(proposed).collect()
}

pub(super) async fn evidence(State(namespace): State<Namespace>, Path(name): Path<Name>) -> Answer<Vec<Why>> {
    let dreams = namespace.dreams();
    let dream = dreams.get(&name).await?;
    Ok(Json(dreams.evidence(&dream).await?))
}

pub(super) async fn approve(
    State(namespace): State<Namespace>,
    Path(name): Path<Name>,
    Json(decision): Json<Decision>,
) -> Answer<Dream> {
    decide(&namespace, &name, &decision, Verdict::Approve).await
}

pub(super) async fn reject(
    State(namespace): State<Namespace>,
    Path(name): Path<Name>,
    Json(decision): Json<Decision>,
) -> Answer<Dream> {
    decide(&namespace, &name, &decision, Verdict::Reject).await
}

async fn decide(namespace: &Namespace, name: &str, decision: &Decision, verdict: Verdict) -> Answer<Dream> {
    let dreams = namespace.dreams();
    let dream = dreams.get(name).await?;
    let digest = dream.status.as_ref().and_then(|status| status.proposal_digest.as_ref());
    if digest != Some(&decision.proposal_digest) {
        let why = format!("dream/{name}: proposes something other than what was shown; look at it again");
        return Err(Failure::failed(why).into());
    }
    Ok(Json(dreams.decide(&dream, verdict).await?))
}

pub(super) async fn undo(State(namespace): State<Namespace>, Path(name): Path<Name>) -> Answer<Dream> {
    Ok(Json(namespace.dreams().undo(&name).await?))
}
