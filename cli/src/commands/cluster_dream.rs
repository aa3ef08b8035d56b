//! Dreams of a cluster: `kubectl memory dream project`, and what a Dream changed or would change.

use std::io;

use kube::ResourceExt;
use remanence_api::dream::{Dream, Phase};
use serde::Serialize;

use super::diff::print_files;
use super::dream::print_change;
use crate::cluster::{Changes, Dreams, Namespace, ObjectUrl, Wanted, phase};
use crate::exit::{Failure, Outcome};
use crate::output::Output;

/// A Dream and what it changed.
#[derive(Serialize)]
struct Seen<'a> {
    dream: &'a Dream,
    #[serde(flatten)]
    changes: Changes,
}

/// Makes a Dream; with `wait`, shows what came of it.
pub(super) async fn run(url: &ObjectUrl, wanted: Wanted, wait: bool, out: &mut Output) -> Outcome {
    url.expect_store()?;
    let dreams = Namespace::of(url).await?.dreams();
    let made = dreams.make(&url.name, wanted).await?;
    let typed = Dreams::typed(&made);
    if !wait {
        out.hint(format!("`kubectl memory diff {typed}` shows what came of it"));
        return out.print(&made, |out, _| out.line(format!("{typed} is made")));
    }
    let progress = out.waiting();
    let name = made.name_any();
    let dream = dreams
        .wait(&name, |phase| progress.say(format!("{typed}: {phase:?}")))
        .await;
    drop(progress);
    show(&dreams, &dream?, out).await
}

/// Shows what a Dream changed, or would.
pub(super) async fn run_diff(url: &ObjectUrl, out: &mut Output) -> Outcome {
    let dreams = Namespace::of(url).await?.dreams();
    let dream = dreams.get(&url.name).await?;
    show(&dreams, &dream, out).await
}

async fn show(dreams: &Dreams, dream: &Dream, out: &mut Output) -> Outcome {
    let seen = Seen {
        dream,
        changes: dreams.changes(dream).await?,
    };
    out.print(&seen, |out, seen| {
        for change in &seen.changes.proposed {
            print_change(out, change)?;
        }
        print_files(out, &seen.changes.changed)?;
        print_status(out, dream)
    })?;
    let typed = Dreams::typed(dream);
    match phase(dream) {
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
