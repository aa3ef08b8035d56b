//! `remanence status`: what a store is and how full.

use jiff::Timestamp;
use remanence_dreamer::{Phase, dreams};
use remanence_store::settings::Purpose;
use remanence_store::tree::{Tree, is_conflict_name};
use remanence_store::{Store, StoreId};
use serde::Serialize;

use crate::exit::Outcome;
use crate::open::StoreArg;
use crate::output::{Cell, Output};

/// Show what a store is, how full it is and what waits for a person
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  remanence status --store file:///srv/mem/project
  remanence status --store file:///srv/mem/project -o json

What dreams keep in `.dream/` counts as bytes, but not as files.")]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
}

#[derive(Serialize)]
struct Status {
    url: String,
    id: StoreId,
    /// The newest commit.
    head: u64,
    /// The slot behind it, where that is missing though later ones are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<u64>,
    /// When it was made; none in a store without commits.
    time: Option<Timestamp>,
    files: u64,
    folders: u64,
    bytes: u64,
    limits: Limits,
    /// Number of conflict siblings that nobody has settled yet.
    conflicts: usize,
    conflict_files: Vec<String>,
    /// Dreams that wait for a decision.
    waiting_dreams: Vec<String>,
    description: String,
    purpose: Purpose,
    pinned: Vec<String>,
    archived: bool,
    /// Versions up to this commit that are not live may be gone.
    horizon: u64,
}

#[derive(Serialize)]
struct Limits {
    file_size: u64,
    files: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
}

pub(crate) async fn run(args: &Args, out: &mut Output) -> Outcome {
    let store = args.store.read().await?;
    let mut status = status(&store, &store.tree());
    let waiting = dreams(&store)
        .await?
        .into_iter()
        .filter(|dream| dream.phase == Phase::Proposed);
    status.waiting_dreams = waiting.map(|dream| dream.id).collect();
    out.print(&status, |out, status| {
        let limit = |n: u64, of: u64| format!("{n} of {of}");
        let settings = &status.limits;
        let mut rows: Vec<Vec<Cell>> = vec![
            vec!["store".into(), status.url.as_str().into()],
            vec!["id".into(), status.id.to_string().into()],
            vec!["head".into(), status.head.to_string().into()],
        ];
        if let Some(seq) = status.missing {
            let what = format!("slot {seq}: what later slots hold is not part of the store");
            rows.push(vec!["missing".into(), what.into()]);
        }
        if let Some(time) = status.time {
            rows.push(vec!["changed".into(), Cell::Time(time)]);
        }
        let mut bytes = out.size(status.bytes);
        if let Some(size) = settings.size {
            bytes = format!("{bytes} of {}", out.size(size));
        }
        rows.extend([
            vec!["files".into(), limit(status.files, settings.files).into()],
            vec!["folders".into(), status.folders.to_string().into()],
            vec!["bytes".into(), bytes.into()],
            vec!["largest file".into(), out.size(settings.file_size).into()],
            vec!["conflicts".into(), status.conflicts.to_string().into()],
        ]);
        rows.extend(
            status
                .conflict_files
                .iter()
                .map(|path| vec!["conflict".into(), path.as_str().into()]),
        );
        rows.extend(status.waiting_dreams.iter().map(|dream| {
            vec![
                "waiting".into(),
                format!("dream {dream}, for `approve` or `reject`").into(),
            ]
        }));
        rows.extend(
            status
                .pinned
                .iter()
                .map(|path| vec!["pinned".into(), path.as_str().into()]),
        );
        if status.archived {
            rows.push(vec!["archived".into(), "read-only for good".into()]);
        }
        if !status.description.is_empty() {
            rows.push(vec!["description".into(), status.description.as_str().into()]);
        }
        out.table(&["", ""], rows)
    })
}

fn status(store: &Store, tree: &Tree) -> Status {
    let mut conflict_files: Vec<String> = tree
        .nodes()
        .filter(|n| is_conflict_name(&n.name))
        .filter_map(|n| tree.path(n.id))
        .collect();
    conflict_files.sort();
    Status {
        url: store.url().into(),
        id: store.id(),
        head: tree.seq,
        missing: store.health().missing,
        time: (tree.seq > 0).then_some(tree.time),
        files: tree.files,
        folders: tree.nodes().filter(|n| n.is_dir()).count() as u64,
        bytes: tree.bytes,
        limits: Limits {
            file_size: tree.settings.file_size,
            files: tree.settings.files,
            size: tree.settings.size,
        },
        conflicts: conflict_files.len(),
        conflict_files,
        waiting_dreams: Vec::new(),
        description: tree.settings.description.clone(),
        purpose: tree.settings.purpose,
        pinned: tree.settings.pinned.clone(),
        archived: tree.settings.archived,
        horizon: tree.horizon,
    }
}
