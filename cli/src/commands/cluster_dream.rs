//! Dreams of a cluster: `kubectl memory dream project`, and what a Dream changed or would change.

use std::io;

use remanence_api::dream::{Dream, Phase};
use remanence_dreamer::{Change, proposed};
use remanence_store::diff::{FileDiff, diff};
use remanence_store::{At, history};
use serde::Serialize;

use super::diff::print_files;
use super::dream::print_change;
use crate::cluster::{Dreams, ObjectUrl, Wanted, phase};
use crate::exit::{Failure, Outcome};
use crate::open::{Place, StoreArg};
use crate::output::Output;

/// A Dream and what it changed.
#[derive(Serialize)]
struct Seen<'a> {
    dream: &'a Dream,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<FileDiff>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    proposed: Vec<Change>,
}

/// Makes a Dream; with `wait`, shows what came of it.
pub(super) async fn run(url: &ObjectUrl, wanted: Wanted, wait: bool, out: &mut Output) -> Outcome {
    let dreams = Dreams::of(url).await?;
    let made = dreams.make(wanted).await?;
    let typed = Dreams::typed(&made);
    if !wait {
        out.hint(format!("`kubectl memory diff {typed}` shows what came of it"));
        return out.print(&made, |out, _| out.line(format!("{typed} is made")));
    }
    let progress = out.waiting();
    let name = made.metadata.name.clone().unwrap_or_default();
    let dream = dreams
        .wait(&name, |phase| progress.say(format!("{typed}: {phase:?}")))
        .await;
    drop(progress);
    show(&dreams, &dream?, out).await
}

/// Shows what a Dream changed, or would.
pub(super) async fn run_diff(url: &ObjectUrl, out: &mut Output) -> Outcome {
    let dreams = Dreams::of(url).await?;
    let dream = dreams.get(&url.name).await?;
    show(&dreams, &dream, out).await
}

async fn show(dreams: &Dreams, dream: &Dream, out: &mut Output) -> Outcome {
    let status = dream.status.clone().unwrap_or_default();
    let mut seen = Seen {
        dream,
        changed: Vec::new(),
        proposed: Vec::new(),
    };
    let has_changes = matches!(status.phase, Phase::Applied | Phase::Undone | Phase::Proposed);
    if has_changes {
        let store = StoreArg {
            place: Place::Object(dreams.store_of(dream)),
        };
        let store = store.read().await?;
        match (
            status.phase,
            &status.id,
            status.result.and_then(|seq| u64::try_from(seq).ok()),
        ) {
            (Phase::Proposed, Some(id), _) => seen.proposed = proposed(&store, id).await?,
            (_, _, Some(seq)) => {
                let at = At { seq, op: None };
                let old = history::tree_at(&store, history::before(at)).await?;
                let new = history::tree_at(&store, at).await?;
                seen.changed = diff(&store, &old, &new, "/").await?;
                // Its own notes are in the record.
                seen.changed.retain(|file| !file.path.starts_with("/.dream/"));
            }
            _ => {}
        }
    }
    out.print(&seen, |out, seen| {
        for change in &seen.proposed {
            print_change(out, change)?;
        }
        print_files(out, &seen.changed)?;
        print_status(out, dream)
    })?;
    let typed = Dreams::typed(dream);
    match status.phase {
        Phase::Proposed => {
            out.hint(format!(
                "`kubectl memory approve {typed}` applies it, `kubectl memory reject {typed}` turns it down"
            ));
            Ok(())
        }
        Phase::Failed => Err(Failure::failed(format!("{typed} failed; memory is as it was"))),
        _ => Ok(()),
    }
}

/// A Dream in a line, and its reasons.
pub(super) fn print_status(out: &mut Output, dream: &Dream) -> io::Result<()> {
    let status = dream.status.clone().unwrap_or_default();
    let mut line = format!("{}: {:?}", Dreams::typed(dream), phase(dream));
    let parts = [
        status.by.map(|by| format!(" by {by}")),
        status.changes.map(|changes| format!(", facts {changes}")),
        status.sessions.map(|sessions| format!(", {sessions} sessions read")),
        status.result.map(|seq| format!(", commit {seq}")),
        status.cost.map(|cost| format!(", {cost} USD")),
    ];
    line.extend(parts.into_iter().flatten());
    out.line(line)?;
    for reason in &status.reasons {
        out.line(format!("  {reason}"))?;
    }
    Ok(())
}
