//! Names, folders, links and attributes: the rows of the merge table that are not about contents.

use jiff::Timestamp;

use crate::content::Content;
use crate::id::FileId;
use crate::intent::{Base, Expect, Intent, Outcome, Refused};
use crate::merge::put::{self, Write, check_expect};
use crate::merge::resolve::{Halt, KnownBase, Step};
use crate::op::{Merged, Op, Place};
use crate::planted::{self, Bug};
use crate::tree::{Node, NodeKind};

/// Resolves [`Intent::Symlink`].
pub(crate) fn symlink(
    step: &mut Step<'_>,
    file: FileId,
    path: &str,
    place: &Place,
    target: &str,
) -> Result<Outcome, Halt> {
    if !stays_inside(path, target) {
        let why = format!("a link to `{target}` would leave the store; use a relative target within it");
        return Err(Refused::Invalid {
            path: path.to_owned(),
            why,
        }
        .into());
    }
    // No name holds one, and whoever shows the link may show it to a terminal.
    if !step.late && target.contains(char::is_control) {
        return Err(Refused::Invalid {
            path: path.to_owned(),
            why: "the link's target holds a control character, which does not show: remove it".into(),
        }
        .into());
    }
    let mut place = step.ensure_place(place, path)?;
    let mut path = path.to_owned();
    let mut sibling = None;
    if let Some(there) = step.work.child(place.parent, &place.name).cloned() {
        if matches!(&there.kind, NodeKind::Symlink { target: t } if **t == *target) {
            return step.alias(file, there.id, &path);
        }
        if !step.late {
            return Err(Refused::Exists { path }.into());
        }
        (place, path) = step.sibling(&place, &path, file);
        sibling = Some(path.clone());
    }
    step.check_new(&place, &path, true)?;
    step.push(Op::Symlink {
        file,
        path,
        place,
        target: target.to_owned(),
    })?;
    Ok(Outcome {
        merged: sibling.as_ref().map(|_| Merged::Sibling),
        sibling,
        ..step.done(file)
    })
}

/// Whether a link at `path` to `target` stays within the store, wherever links on the way lead: `..` may only come
/// first, where it climbs the link's own folders; behind a name it would climb those that another link points to.
pub fn stays_inside(path: &str, target: &str) -> bool {
    if target.is_empty() || target.starts_with('/') {
        return false;
    }
    let depth = path.split('/').filter(|n| !n.is_empty()).count().saturating_sub(1);
    let mut names = target.split('/').filter(|n| !n.is_empty() && *n != ".").peekable();
    let mut climbed = 0;
    while names.next_if(|n| *n == "..").is_some() {
        climbed += 1;
    }
    climbed <= depth && names.all(|n| n != "..")
}

/// Resolves [`Intent::Mkdir`].
pub(crate) fn mkdir(
    step: &mut Step<'_>,
    file: FileId,
    path: &str,
    place: &Place,
    mode: u32,
    exists_ok: bool,
) -> Result<Outcome, Halt> {
    let place = step.ensure_place(place, path)?;
    if let Some(there) = step.work.child(place.parent, &place.name).cloned() {
        if there.is_dir() && (exists_ok || step.late) {
            return step.alias(file, there.id, path);
        }
        let refused = Refused::Exists { path: path.to_owned() };
        if !step.late {
            return Err(refused.into());
        }
        let (place, path) = step.sibling(&place, path, file);
        step.push(Op::Mkdir {
            file,
            path: path.clone(),
            place,
            mode,
        })?;
        return Ok(Outcome {
            merged: Some(Merged::Sibling),
            sibling: Some(path),
            ..step.done(file)
        });
    }
    step.check_new(&place, path, false)?;
    step.push(Op::Mkdir {
        file,
        path: path.to_owned(),
        place,
        mode,
    })?;
    Ok(step.done(file))
}

/// Resolves [`Intent::Remove`].
pub(crate) fn remove(
    step: &mut Step<'_>,
    file: FileId,
    path: &str,
    base: &Base,
    expect: Option<&Expect>,
) -> Result<Outcome, Halt> {
    let Some(node) = step.work.node(file).cloned() else {
        check_expect(expect, None, path)?;
        return step.drop_late(file, path, Refused::NotFound { path: path.to_owned() });
    };
    check_expect(expect, Some(&node), path)?;
    if node.is_dir() {
        return step.drop_late(file, path, Refused::IsDir { path: path.to_owned() });
    }
    step.check_dream(
        &Place {
            parent: node.parent,
            name: node.name.to_string(),
        },
        path,
    )?;
    let unseen = step
        .known_base(file, base)
        .is_some_and(|k| k.is_outdated(&node) && node.content().is_some());
    if unseen && !planted::is(Bug::BlindRemove) {
        step.may_keep_beside(path, &node.version)?;
        let why = format!("the removal was of an older version; the edit of {} stays", node.author);
        step.push(Op::Dropped {
            file: node.id,
            path: path.to_owned(),
            why,
            alias: None,
        })?;
        return Ok(Outcome {
            ours: false,
            merged: Some(Merged::EditWins),
            ..step.done(node.id)
        });
    }
    let path = step.work.path(node.id).unwrap_or_else(|| path.to_owned());
    step.forget(file);
    step.push(Op::Remove {
        file: node.id,
        path,
        base: node.version,
    })?;
    Ok(step.done(node.id))
}

/// Resolves [`Intent::Rmdir`].
pub(crate) fn rmdir(step: &mut Step<'_>, file: FileId, path: &str) -> Result<Outcome, Halt> {
    let file = step.work.resolve_alias(file);
    let refused = match step.work.node(file) {
        None => Refused::NotFound { path: path.to_owned() },
        Some(node) if !node.is_dir() => Refused::NotDir { path: path.to_owned() },
        Some(node) if node.id == FileId::ROOT => Refused::Invalid {
            path: path.to_owned(),
            why: "the root can't be removed".into(),
        },
        Some(_) if !step.work.is_empty_dir(file) => Refused::NotEmpty { path: path.to_owned() },
        Some(_) => {
            let path = step.work.path(file).unwrap_or_else(|| path.to_owned());
            step.push(Op::Rmdir { file, path })?;
            return Ok(step.done(file));
        }
    };
    step.drop_late(file, path, refused)
}

/// Resolves [`Intent::Rename`].
pub(crate) fn rename(step: &mut Step<'_>, intent: &Intent) -> Result<Outcome, Halt> {
    let Intent::Rename {
        file,
        from,
        path,
        place,
        no_replace,
        over,
        there: shown,
    } = intent
    else {
        unreachable!("called for renames only")
    };
    let called = *file;
    let file = step.work.resolve_alias(called);
    let Some(node) = step.work.node(file).cloned() else {
        return step.drop_late(file, from, Refused::NotFound { path: from.clone() });
    };
    let from_place = Place {
        parent: node.parent,
        name: node.name.to_string(),
    };
    step.check_dream(&from_place, from)?;
    let place = step.ensure_place(place, path)?;
    if node.is_dir() && step.work.is_within(place.parent, file) {
        let why = "a folder can't be moved into itself".to_owned();
        return step.drop_late(
            file,
            path,
            Refused::Invalid {
                path: path.clone(),
                why,
            },
        );
    }
    let Some(there) = step.work.child(place.parent, &place.name).cloned() else {
        step.check_name(&place, path, step.work.depth(file))?;
        step.check_dream(&place, path)?;
        let counts = node.exempt && !node.is_dir() && !step.work.is_exempt(&place);
        if counts && step.work.files >= step.work.settings.files {
            return Err(Refused::Full {
                path: path.clone(),
                limit: step.work.settings.files,
            }
            .into());
        }
        return move_to(step, file, place, path);
    };
    if there.id == file {
        return Ok(step.nothing(file));
    }
    step.check_dream(&place, path)?;
    let refused = match (&node.kind, &there.kind) {
        _ if *no_replace => Refused::Exists { path: path.clone() },
        // A file that this mount goes on with elsewhere: one text can't go on from two.
        (NodeKind::File { .. }, NodeKind::File { .. })
            if *over == Base::Nothing && step.knows_elsewhere(&there, file) && there.content() != node.content() =>
        {
            return move_beside(step, file, &place, path, &there);
        }
        (NodeKind::File { content, whole_lines }, NodeKind::File { .. }) => {
            let write = Write {
                file: there.id,
                path,
                content: content.clone(),
                shown: None,
                whole_lines: *whole_lines,
                mode: Some(node.mode),
                mtime: Some(node.mtime),
            };
            let over = if planted::is(Bug::BlindReplace) {
                Base::Head
            } else {
                meant(step, over, *shown, there.id)
            };
            let mut outcome = put::replace(step, write, &there, &over)?;
            // Others may have written to the file that is renamed: this mount goes on from what it put there itself.
            if let Some(own) = step.forget(called).filter(|own| own.is_outdated(&node)) {
                step.remember(there.id, own.version, own.content);
                outcome.ours = false;
            }
            let base = node.version;
            step.push(Op::Remove {
                file,
                path: from.clone(),
                base,
            })?;
            // The saved file goes on under the id that was there; the mount's name for it follows.
            return Ok(outcome);
        }
        (NodeKind::Dir, NodeKind::Dir) if step.work.is_empty_dir(there.id) => {
            step.check_name(&place, path, step.work.depth(file))?;
            step.push(Op::Rmdir {
                file: there.id,
                path: path.clone(),
            })?;
            return move_to(step, file, place, path);
        }
        (NodeKind::Dir, NodeKind::Dir) => Refused::NotEmpty { path: path.clone() },
        (NodeKind::Dir, _) => Refused::NotDir { path: path.clone() },
        (_, NodeKind::Dir) => Refused::IsDir { path: path.clone() },
        // A link has no text to merge: an edit that was not seen wins, as over a removal.
        (NodeKind::Symlink { .. }, NodeKind::File { .. }) if is_unseen(step, over, *shown, &there) => {
            return move_beside(step, file, &place, path, &there);
        }
        _ => {
            step.push(Op::Remove {
                file: there.id,
                path: path.clone(),
                base: there.version,
            })?;
            return move_to(step, file, place, path);
        }
    };
    step.drop_late(file, path, refused)
}

/// What a rename over a file is based on. What this mount wrote last to the file that it saw there says nothing of
/// another that has taken its place, even if this mount wrote to that one, too.
fn meant(step: &Step<'_>, over: &Base, shown: Option<FileId>, there: FileId) -> Base {
    match shown {
        Some(shown) if *over == Base::Own && step.work.resolve_alias(shown) != there => {
            let known = step.own_base(shown).cloned().unwrap_or(KnownBase::NOTHING);
            Base::Version {
                version: known.version,
                content: known.content,
            }
        }
        _ => over.clone(),
    }
}

/// Whether others wrote what a rename finds in its way.
fn is_unseen(step: &Step<'_>, over: &Base, shown: Option<FileId>, there: &Node) -> bool {
    let over = meant(step, over, shown, there.id);
    step.known_base(there.id, &over)
        .is_some_and(|known| known.is_outdated(there))
}

/// Moves a file beside the path it can't take, which `there` holds.
fn move_beside(step: &mut Step<'_>, file: FileId, place: &Place, path: &str, there: &Node) -> Result<Outcome, Halt> {
    step.may_keep_beside(path, &there.version)?;
    let (place, path) = step.sibling(place, path, file);
    let outcome = move_to(step, file, place, &path)?;
    Ok(Outcome {
        merged: Some(Merged::Sibling),
        sibling: Some(path),
        ..outcome
    })
}

fn move_to(step: &mut Step<'_>, file: FileId, place: Place, path: &str) -> Result<Outcome, Halt> {
    let from = step.work.path(file).unwrap_or_default();
    step.push(Op::Rename {
        file,
        from,
        path: path.to_owned(),
        place,
    })?;
    Ok(step.done(file))
}

/// Resolves [`Intent::Setattr`].
pub(crate) fn setattr(
    step: &mut Step<'_>,
    file: FileId,
    path: &str,
    mode: Option<u32>,
    mtime: Option<Timestamp>,
) -> Result<Outcome, Halt> {
    let Some(node) = step.work.node(file).cloned() else {
        return step.drop_late(file, path, Refused::NotFound { path: path.to_owned() });
    };
    let mode = mode.filter(|m| *m != node.mode);
    let mtime = mtime.filter(|t| *t != node.mtime);
    if mode.is_none() && mtime.is_none() {
        return Ok(step.nothing(node.id));
    }
    let path = step.work.path(node.id).unwrap_or_else(|| path.to_owned());
    step.push(Op::Setattr {
        file: node.id,
        path,
        mode,
        mtime,
    })?;
    Ok(step.done(node.id))
}

/// Resolves [`Intent::Resume`]: an editor renamed `file` away as its backup and makes the path again.
pub(crate) fn resume(
    step: &mut Step<'_>,
    file: FileId,
    path: &str,
    place: &Place,
    backup: FileId,
) -> Result<Outcome, Halt> {
    // The write that follows wins over the removal of the folder.
    let place = step.ensure_place(place, path)?;
    let taken = step.work.child(place.parent, &place.name).is_some();
    let node = step
        .work
        .node(file)
        .cloned()
        .filter(|n| n.content().is_some() && !taken);
    let Some(node) = node else {
        // Somebody else was quicker; the write that follows is merged like any other.
        return Ok(Outcome {
            ours: false,
            ..step.nothing(file)
        });
    };
    let old = Place {
        parent: node.parent,
        name: node.name.to_string(),
    };
    let old_path = step.work.path(node.id).unwrap_or_default();
    move_to(step, node.id, place, path)?;
    let (content, whole_lines) = match &node.kind {
        NodeKind::File { content, whole_lines } => (content.clone(), *whole_lines),
        _ => (Content::EMPTY, true),
    };
    // Another may have written to the backup, and have written that again where the slot that made it was lost.
    let backup = if step.work.node(backup).is_some() {
        FileId::random(step.random)
    } else {
        backup
    };
    step.push(Op::Put {
        file: backup,
        path: old_path,
        place: Some(old),
        base: None,
        content,
        whole_lines,
        mode: Some(node.mode),
        mtime: Some(node.mtime),
        alias: None,
        merged: None,
    })?;
    Ok(step.done(node.id))
}

/// Resolves [`Intent::Maintain`].
pub(crate) fn maintain(step: &mut Step<'_>, op: &Op) -> Result<Outcome, Halt> {
    let file = op.file().unwrap_or(FileId::ROOT);
    match crate::maintain::land(step.work, op)? {
        Some(op) => {
            step.push(op)?;
            Ok(step.done(file))
        }
        None => Ok(step.nothing(file)),
    }
}

#[cfg(test)]
mod tests {
    use super::stays_inside;

    #[test]
    fn links_within_the_store_are_told_from_others() {
        for (path, target) in [
            ("/a", "b"),
            ("/d/a", "../b"),
            ("/d/e/a", "../../d"),
            ("/a", "./d/./b"),
            ("/d/a", ".."),
        ] {
            assert!(stays_inside(path, target), "{path} -> {target}");
        }
        for (path, target) in [
            ("/a", "/etc/passwd"),
            ("/a", "../b"),
            ("/d/a", "../../x"),
            ("/a", ""),
            ("/a", "d/../../x"),
            // Where `up` is a link to `..`, this is above the store.
            ("/d/a", "up/../../etc/passwd"),
            ("/d/a", "up/.."),
        ] {
            assert!(!stays_inside(path, target), "{path} -> {target}");
        }
    }
}
