//! Retention: which versions are past it, who wrote the lines they told of, and what is then free to go.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::author::Author;
use crate::error::Result;
use crate::id::Seq;
use crate::maintain::blame::walk;
use crate::maintain::collect::OBJECTS_PER_OP;
use crate::maintain::condemn::candidates;
use crate::maintain::history::{FileHistory, effective, histories, tree_at};
use crate::maintain::rights::{Rights, Stored};
use crate::maintain::{MaintainReport, author, commit};
use crate::op::{BlameRun, Op};
use crate::store::Store;
use crate::tree::Node;

/// A horizon that moved this far is written down even if that frees nothing, so that later runs begin there.
const WORTH_A_COMMIT: Seq = 1024;

/// Runs of lines kept for one file; beyond that, neighbours of one author become one.
const BLAME_RUNS: usize = 256;

/// What is from before this is past retention.
pub(super) fn cutoff(keep: Duration, now: Timestamp) -> Timestamp {
    let keep = SignedDuration::try_from(keep).unwrap_or(SignedDuration::MAX);
    now.checked_sub(keep).unwrap_or(Timestamp::MIN)
}

/// The last commit from before `cutoff`: a version that it or an earlier one superseded is past retention. Commit times
/// never fall along the log, so this takes a few requests.
pub(super) async fn horizon(store: &Store, cutoff: Timestamp) -> Result<Seq> {
    let tree = store.tree();
    if tree.time < cutoff {
        return Ok(tree.seq);
    }
    // The head is younger, so the answer is below it.
    let (mut old, mut young) = (tree.horizon, tree.seq);
    let mut probe = old + 1;
    while old + 1 < young {
        let header = store.headers(probe..probe + 1).await?;
        let is_old = header.first().is_some_and(|s| s.header.time < cutoff);
        *(if is_old { &mut old } else { &mut young }) = probe;
        probe = old.midpoint(young);
    }
    Ok(old)
}

/// Condemns what neither live files nor retained states refer to, after writing down the authorship of lines that
/// only dropped versions tell.
pub(super) async fn condemn(rights: &Rights, horizon: Seq, data: &[Stored], report: &mut MaintainReport) -> Result<()> {
    let store = &rights.store;
    let tree = store.tree();
    let objects = candidates(&tree, horizon, data.iter().map(Stored::object));
    if objects.is_empty() && horizon < tree.horizon + WORTH_A_COMMIT {
        return Ok(());
    }
    if horizon > tree.horizon {
        keep_blame(store, horizon, report).await?;
    }
    report.condemned += objects.len() as u64;
    let op = |objects: &[_]| Op::Condemn {
        objects: objects.to_vec(),
        horizon,
    };
    let ops = match objects.as_slice() {
        [] => vec![op(&[])],
        some => some.chunks(OBJECTS_PER_OP).map(op).collect(),
    };
    commit(store, &author(), ops).await?;
    Ok(())
}

async fn keep_blame(store: &Store, horizon: Seq, report: &mut MaintainReport) -> Result<()> {
    let head = store.tree();
    let before = tree_at(store, head.horizon).await?;
    let slots = effective(&before, store.headers(head.horizon + 1..horizon + 1).await?);
    let mut ops = Vec::new();
    for (file, history) in histories(&before, &slots, None) {
        report.versions_dropped += (history.versions.len() - usize::from(history.there)) as u64;
        let node = head.node(file).filter(|n| n.id == file && history.there);
        if let Some(node) = node
            && let Some(op) = blame_to_keep(store, &history, node).await?
        {
            ops.push(op);
        }
    }
    report.blames_kept += ops.len() as u64;
    commit(store, &author(), ops).await?;
    Ok(())
}

/// What to write down about a file whose versions before its last one are dropped: nothing where one author wrote
/// them all, since the version that stays tells that author.
async fn blame_to_keep(store: &Store, history: &FileHistory, node: &Node) -> Result<Option<Op>> {
    let Some(last) = history.versions.last() else {
        return Ok(None);
    };
    let kept = node.blame.as_deref().filter(|k| k.version <= last.version);
    if kept.is_some_and(|k| k.version == last.version) {
        return Ok(None);
    }
    let made = history.versions.iter().map(|m| &*m.author);
    let known = kept.iter().flat_map(|k| &k.lines).map(|run| &run.author);
    if made.chain(known).collect::<BTreeSet<&Author>>().len() < 2 {
        return Ok(None);
    }
    let lines = walk(store, history, last.version, kept).await?;
    Ok(lines.map(|lines| Op::Blame {
        file: node.id,
        path: history.path.clone(),
        version: last.version,
        lines: bounded(lines),
    }))
}

fn bounded(lines: Vec<BlameRun>) -> Vec<BlameRun> {
    if lines.len() <= BLAME_RUNS {
        return lines;
    }
    let mut out: Vec<BlameRun> = Vec::new();
    for run in lines {
        match out.last_mut().filter(|last| last.author == run.author) {
            Some(last) => {
                let lines = last.lines + run.lines;
                if run.version > last.version {
                    *last = run;
                }
                last.lines = lines;
            }
            None => out.push(run),
        }
    }
    out
}
