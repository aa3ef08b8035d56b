//! Ops of maintenance on the tree they land on. Others may have committed since they were planned: what no longer holds
//! is left out, so that nothing reachable is condemned and nothing redacted is moved.

use std::collections::HashSet;

use crate::content::{Content, Extent, ObjectRef};
use crate::intent::Refused;
use crate::maintain::condemn::condemnable;
use crate::op::{Op, Relocation};
use crate::placement::overlap;
use crate::tree::Tree;

/// What `op` comes to on `tree`; `None` when nothing is left of it.
///
/// # Errors
/// When a redaction meets a live file that shares the bytes, or the op is none of maintenance.
pub fn land(tree: &Tree, op: &Op) -> Result<Option<Op>, Refused> {
    Ok(match op {
        Op::Move { base, moves, joined } => land_move(tree, *base, moves, joined),
        Op::Condemn { objects, horizon } => {
            let objects = condemnable(tree, *horizon, objects);
            let news = !objects.is_empty() || *horizon > tree.horizon;
            news.then_some(Op::Condemn {
                objects,
                horizon: *horizon,
            })
        }
        Op::Collected { objects } => {
            let known = |o: &&ObjectRef| tree.condemned.contains_key(*o) || tree.destroying.contains_key(*o);
            let objects: Vec<_> = objects.iter().filter(known).copied().collect();
            (!objects.is_empty()).then_some(Op::Collected { objects })
        }
        Op::Redact {
            file,
            path,
            version,
            content,
        } => {
            let extents = land_redaction(tree, path, content)?;
            (!extents.is_empty()).then(|| Op::Redact {
                file: *file,
                path: path.clone(),
                version: *version,
                content: Content { extents },
            })
        }
        Op::Blame { file, version, .. } => {
            let wanted = tree.node(*file).is_some_and(|n| {
                n.content().is_some() && *version <= n.version && n.blame.as_ref().is_none_or(|b| b.version < *version)
            });
            wanted.then(|| op.clone())
        }
        other => {
            return Err(Refused::Invalid {
                path: other.path().unwrap_or("/").to_owned(),
                why: format!("{} is not an op of maintenance", other.name()),
            });
        }
    })
}

/// An object with a move that must not be takes all its moves along: it is not to be referred to at all.
fn land_move(tree: &Tree, base: u64, moves: &[Relocation], joined: &[Extent]) -> Option<Op> {
    let spoiled: HashSet<ObjectRef> = moves
        .iter()
        .filter(|m| tree.may_be_gone(m.to, base) || tree.is_redacted(&m.from))
        .map(|m| m.to)
        .collect();
    let moves: Vec<Relocation> = moves
        .iter()
        .filter(|m| !spoiled.contains(&m.to) && !tree.relocated.contains_key(&m.from))
        .copied()
        .collect();
    let used: HashSet<ObjectRef> = moves.iter().map(|m| m.to).collect();
    (!moves.is_empty()).then(|| Op::Move {
        base,
        joined: joined.iter().filter(|e| used.contains(&e.object)).copied().collect(),
        moves,
    })
}

/// The extents that are still to be redacted, where they lie now.
fn land_redaction(tree: &Tree, path: &str, content: &Content) -> Result<Vec<Extent>, Refused> {
    let mut extents: Vec<Extent> = Vec::new();
    for extent in &content.extents {
        for extent in [*extent, tree.located(extent)] {
            if !tree.redacted.contains(&extent) && !extents.contains(&extent) {
                extents.push(extent);
            }
        }
    }
    match holders(tree, &extents).into_iter().next() {
        None => Ok(extents),
        Some(live) => Err(Refused::Invalid {
            path: path.to_owned(),
            why: format!("the live file {live} shares its bytes; change or remove that first, then redact"),
        }),
    }
}

/// The live files that share bytes with any of `extents`.
pub(super) fn holders(tree: &Tree, extents: &[Extent]) -> Vec<String> {
    let shares = |e: &Extent| extents.iter().any(|r| overlap(r, e));
    let sharing = tree
        .nodes()
        .filter(|n| n.content().is_some_and(|c| c.extents.iter().any(shares)));
    let mut paths: Vec<String> = sharing
        .map(|n| tree.path(n.id).unwrap_or_else(|| n.id.to_string()))
        .collect();
    paths.sort_unstable();
    paths
}
