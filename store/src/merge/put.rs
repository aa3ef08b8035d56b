//! Puts and appends: the rows of the merge table that are about contents.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use crate::content::{Content, Extent, Hash};
use crate::id::{FileId, Version};
use crate::intent::{Base, Expect, Intent, Outcome, Piece, Refused};
use crate::merge::resolve::{Halt, KnownBase, Step};
use crate::merge::text;
use crate::op::{Merged, Op, Place};
use crate::planted::{self, Bug};
use crate::settings::Purpose;
use crate::tree::{Node, NodeKind};

/// New content on its way to a file.
pub(crate) struct Write<'a> {
    pub(crate) file: FileId,
    pub(crate) path: &'a str,
    pub(crate) content: Content,
    /// What its writer showed, where bytes that it keeps of that are gone.
    pub(crate) shown: Option<Content>,
    pub(crate) whole_lines: bool,
    pub(crate) mode: Option<u32>,
    pub(crate) mtime: Option<Timestamp>,
}

impl Write<'_> {
    /// What this mount's next write is made on. Where bytes of it are gone, that write can't be merged by lines: it would
    /// bring them again as if they were new.
    fn own(&self) -> Content {
        self.shown.as_ref().unwrap_or(&self.content).clone()
    }
}

/// A content whose pieces have their places.
struct Placed {
    content: Content,
    shown: Option<Content>,
    whole_lines: bool,
}

impl Placed {
    fn write(self, file: FileId, path: &str, mode: Option<u32>, mtime: Option<Timestamp>) -> Write<'_> {
        Write {
            file,
            path,
            content: self.content,
            shown: self.shown,
            whole_lines: self.whole_lines,
            mode,
            mtime,
        }
    }
}

/// Resolves [`Intent::Put`].
pub(crate) fn put(step: &mut Step<'_>, intent: &Intent) -> Result<Outcome, Halt> {
    let Intent::Put {
        file,
        path,
        create,
        base,
        content,
        mode,
        mtime,
        expect,
    } = intent
    else {
        unreachable!("called for puts only")
    };
    let placed = place_pieces(step, *file, path, content)?;
    let write = placed.write(*file, path, *mode, *mtime);
    let there = step.work.node(*file).cloned();
    match (there, create) {
        (Some(node), _) => {
            check_expect(expect.as_ref(), Some(&node), path)?;
            replace(step, write, &node, base)
        }
        (None, Some(create)) => {
            let place = step.ensure_place(&create.place, path)?;
            create_at(step, write, &place, create.exclusive, expect.as_ref(), None)
        }
        (None, None) => {
            check_expect(expect.as_ref(), None, path)?;
            step.may_keep_beside(path, &"absent")?;
            let place = step.place_of_path(path)?;
            create_at(step, write, &place, false, None, Some(Merged::EditWins))
        }
    }
}

/// Makes a file at `place`, or merges with what is there.
fn create_at(
    step: &mut Step<'_>,
    write: Write<'_>,
    place: &Place,
    exclusive: bool,
    expect: Option<&Expect>,
    merged: Option<Merged>,
) -> Result<Outcome, Halt> {
    let path = write.path;
    let Some(there) = step.work.child(place.parent, &place.name).cloned() else {
        check_expect(expect, None, path)?;
        step.check_new(place, path, true)?;
        step.check_size(step.work.is_exempt(place), path, write.content.len(), 0)?;
        step.check_room(step.work.is_exempt(place), path, write.content.len(), 0)?;
        return make(step, write, place, merged);
    };
    if exclusive {
        let refused = Refused::Exists { path: path.to_owned() };
        return if step.late {
            keep_beside(step, write, place)
        } else {
            Err(refused.into())
        };
    }
    check_expect(expect, Some(&there), path)?;
    match &there.kind {
        // A file that this mount goes on with elsewhere: one text can't go on from two.
        NodeKind::File { content, .. }
            if step.knows_elsewhere(&there, write.file) && !same_bytes(&write.content, content) =>
        {
            step.may_keep_beside(path, &there.version)?;
            keep_beside(step, write, place)
        }
        NodeKind::File { .. } => {
            let (file, own) = (write.file, write.own());
            let mut outcome = replace(step, write, &there, &Base::Nothing)?;
            if outcome.sibling.is_none() {
                let merged = outcome.merged.or(Some(Merged::Same));
                step.alias(file, there.id, path)?;
                // The writer goes on under its own id until it knows, then under the other.
                step.remember(there.id, Version::NONE, own);
                outcome.merged = merged;
            }
            Ok(outcome)
        }
        NodeKind::Dir if !step.late => Err(Refused::IsDir { path: path.to_owned() }.into()),
        NodeKind::Symlink { .. } if !step.late => Err(Refused::Exists { path: path.to_owned() }.into()),
        _ => keep_beside(step, write, place),
    }
}

fn make(step: &mut Step<'_>, write: Write<'_>, place: &Place, merged: Option<Merged>) -> Result<Outcome, Halt> {
    let (file, path) = (write.file, write.path.to_owned());
    push_put(step, write, file, path, Some(place.clone()), None, merged)
}

/// Keeps a content that can't go to its path as a conflict sibling, whatever the limits: somebody is to see it.
fn keep_beside(step: &mut Step<'_>, write: Write<'_>, place: &Place) -> Result<Outcome, Halt> {
    let file = FileId::random(step.random);
    let (sibling, path) = step.sibling(place, write.path, file);
    let merged = Some(Merged::Sibling);
    let there = step.work.child(place.parent, &place.name).map_or(file, |n| n.id);
    if planted::is(Bug::NoSibling) {
        return Ok(step.nothing(there));
    }
    let outcome = make(
        step,
        Write {
            file,
            path: &path,
            ..write
        },
        &sibling,
        merged,
    )?;
    Ok(Outcome {
        file: there,
        ours: false,
        sibling: Some(path),
        ..outcome
    })
}

/// Keeps the new content of an intent that was acknowledged and can't be carried out: `None` where it has none.
pub(crate) fn keep_refused(step: &mut Step<'_>, intent: &Intent) -> Result<Option<Outcome>, Halt> {
    let (file, path, pieces, mode, mtime) = match intent {
        Intent::Put {
            file,
            path,
            content,
            mode,
            mtime,
            ..
        } => (*file, path, content.clone(), *mode, *mtime),
        Intent::Append {
            file,
            path,
            base,
            bytes,
            mtime,
        } => (*file, path, appended(seen(step, *file, base), bytes), None, *mtime),
        _ => return Ok(None),
    };
    let placed = place_pieces(step, file, path, &pieces)?;
    let place = match step.work.node(file) {
        Some(node) => Place {
            parent: node.parent,
            name: node.name.to_string(),
        },
        None => step.place_of_path(path)?,
    };
    let write = placed.write(file, path, mode, mtime);
    keep_beside(step, write, &place).map(Some)
}

/// Gives an existing file new content: edit against whatever came since its base.
pub(crate) fn replace(step: &mut Step<'_>, write: Write<'_>, node: &Arc<Node>, base: &Base) -> Result<Outcome, Halt> {
    let path = write.path;
    let NodeKind::File { content: theirs, .. } = &node.kind else {
        return Err(Refused::IsDir { path: path.to_owned() }.into());
    };
    let place = Place {
        parent: node.parent,
        name: node.name.to_string(),
    };
    step.check_dream(&place, path)?;
    let file = write.file;
    let known = step.known_base(file, base).filter(|k| k.is_outdated(node));
    if planted::is(Bug::ClockWins) && step.now < node.time {
        return Ok(step.nothing(node.id));
    }
    if same_bytes(&write.content, theirs) {
        return unchanged(step, &write, node);
    }
    let Some(known) = known else {
        step.check_size(node.exempt, path, write.content.len(), theirs.len())?;
        step.check_room(node.exempt, path, write.content.len(), theirs.len())?;
        return overwrite(step, write, node, None);
    };
    step.may_merge(path, &node.version)?;
    let gone = |e: &Extent| step.work.is_redacted(e) || step.texts.is_lost(e);
    let texts = [&write.content, theirs, &known.content];
    let unreadable = texts.iter().any(|content| content.extents.iter().any(gone));
    let merged = if unreadable || step.is_unknown(file, base) {
        // Without one of the texts there is no telling what it changed: a false conflict at worst.
        None
    } else {
        let ours_text = step.texts.content(&write.content)?;
        let theirs_text = step.texts.content(theirs)?;
        let base_text = step.texts.content(&known.content)?;
        let gained = step
            .again
            .then(|| text::without_gained(&base_text, &theirs_text, &ours_text));
        let merged = text::merge(&base_text, &theirs_text, gained.as_deref().unwrap_or(&ours_text))
            .filter(|m| step.check_size(node.exempt, path, m.len() as u64, theirs.len()).is_ok());
        merged.map(|merged| {
            let (theirs, ours) = (merged == theirs_text, merged == ours_text);
            (merged, theirs, ours)
        })
    };
    // Whatever it becomes, this mount goes on from what it wrote: where that was nothing, since a file is often emptied
    // before it is written, the next write deletes nothing.
    let own = write.own();
    let Some((merged, is_theirs, ours)) = merged else {
        step.may_keep_beside(path, &node.version)?;
        step.remember(file, known.version, own);
        return keep_beside(step, write, &place);
    };
    if is_theirs {
        step.remember(file, known.version, own);
        return Ok(Outcome {
            ours: false,
            merged: Some(Merged::Same),
            ..step.nothing(node.id)
        });
    }
    let whole_lines = ends_whole(&merged);
    let content = Content {
        extents: step.bodies.add(&Bytes::from(merged), step.random, step.texts),
    };
    let outcome = overwrite(
        step,
        Write {
            content,
            whole_lines,
            ..write
        },
        node,
        Some(Merged::Lines),
    )?;
    if !ours {
        step.remember(file, known.version, own);
    }
    Ok(Outcome { ours, ..outcome })
}

fn overwrite(step: &mut Step<'_>, write: Write<'_>, node: &Node, merged: Option<Merged>) -> Result<Outcome, Halt> {
    let path = step.work.path(node.id).unwrap_or_else(|| write.path.to_owned());
    push_put(step, write, node.id, path, None, Some(node.version), merged)
}

/// Writes a content to `file`: a new one at its place, or one that is there on the version that it has.
fn push_put(
    step: &mut Step<'_>,
    write: Write<'_>,
    file: FileId,
    path: String,
    place: Option<Place>,
    base: Option<Version>,
    merged: Option<Merged>,
) -> Result<Outcome, Halt> {
    let own = write.own();
    let version = step.push(Op::Put {
        file,
        path,
        place,
        base,
        content: write.content,
        whole_lines: write.whole_lines,
        mode: write.mode,
        mtime: write.mtime,
        alias: None,
        merged,
    })?;
    step.remember(write.file, version, own);
    Ok(Outcome {
        merged,
        ..step.done(file)
    })
}

/// The bytes are there already: at most mode and time change.
fn unchanged(step: &mut Step<'_>, write: &Write<'_>, node: &Node) -> Result<Outcome, Halt> {
    let mode = write.mode.filter(|m| *m != node.mode);
    let mtime = write.mtime.filter(|t| *t != node.mtime);
    if mode.is_some() || mtime.is_some() {
        step.push(Op::Setattr {
            file: node.id,
            path: write.path.to_owned(),
            mode,
            mtime,
        })?;
    }
    let there = || node.content().cloned().unwrap_or_default();
    step.remember(write.file, node.version, write.shown.clone().unwrap_or_else(there));
    Ok(step.nothing(node.id))
}

/// Resolves [`Intent::Append`].
pub(crate) fn append(step: &mut Step<'_>, intent: &Intent) -> Result<Outcome, Halt> {
    let Intent::Append {
        file,
        path,
        base,
        bytes,
        mtime,
    } = intent
    else {
        unreachable!("called for appends only")
    };
    let Some(node) = step.work.node(*file).cloned() else {
        return append_to_removed(step, *file, path, base, bytes, *mtime);
    };
    let NodeKind::File {
        content: theirs,
        whole_lines,
    } = &node.kind
    else {
        return Err(Refused::IsDir { path: path.clone() }.into());
    };
    let place = Place {
        parent: node.parent,
        name: node.name.to_string(),
    };
    step.check_dream(&place, path)?;
    let known = step.known_base(*file, base).filter(|k| k.is_outdated(&node));
    if known.is_some() {
        step.may_merge(path, &node.version)?;
    }
    let size = theirs.len() + bytes.len() as u64;
    let fits = step.check_size(node.exempt, path, size, theirs.len());
    let forked = known.is_some() && step.work.settings.purpose == Purpose::Sessions;
    if forked || (fits.is_err() && step.late) {
        let content = known.map_or_else(|| theirs.clone(), |k| k.content);
        let placed = place_pieces(step, node.id, path, &appended(content, bytes))?;
        let write = placed.write(*file, path, Some(node.mode), *mtime);
        return keep_beside(step, write, &place);
    }
    fits?;
    step.check_room(node.exempt, path, size, theirs.len())?;
    let bytes = match &known {
        Some(known) if step.again => &lacking(step, known, theirs, bytes)?,
        _ => bytes,
    };
    let own = Content {
        extents: step.bodies.add(bytes, step.random, step.texts),
    };
    if own.is_empty() {
        return Ok(step.nothing(node.id));
    }
    // Lines stay whole where another's last line has no end yet; one's own goes on.
    let ends_alike = |k: &KnownBase| same_end(step, &k.content, theirs);
    let glue = !whole_lines && known.as_ref().is_some_and(|k| !ends_alike(k));
    if let Some(known) = known.as_ref().filter(|_| planted::is(Bug::AppendOntoBase)) {
        let extents = known.content.extents.iter().copied().chain(own.extents).collect();
        let write = Write {
            file: *file,
            path,
            content: Content { extents },
            shown: None,
            whole_lines: ends_whole(bytes),
            mode: None,
            mtime: None,
        };
        return overwrite(step, write, &node, None);
    }
    let mut added = own.clone();
    if glue {
        let newline = step.bodies.add(&Bytes::from_static(b"\n"), step.random, step.texts);
        added.extents.splice(0..0, newline);
    }
    let merged = known
        .as_ref()
        .map(|k| theirs.extents.starts_with(&k.content.extents))
        .map(|follows| if follows { Merged::Lines } else { Merged::AppendedOnEdit });
    let version = step.push(Op::Append {
        file: node.id,
        path: step.work.path(node.id).unwrap_or_else(|| path.clone()),
        base: node.version,
        content: added.clone(),
        whole_lines: ends_whole(bytes),
        mtime: *mtime,
        merged,
    })?;
    let ours = known.is_none();
    let (on, version) = match known {
        Some(known) => (known.content, known.version),
        None => (theirs.clone(), version),
    };
    let extents = on.extents.into_iter().chain(own.extents).collect();
    step.remember(*file, version, Content { extents });
    Ok(Outcome {
        ours,
        merged,
        ..step.done(node.id)
    })
}

/// Whether two contents end with the same bytes at the same place.
fn same_end(step: &Step<'_>, a: &Content, b: &Content) -> bool {
    let end = |c: &Content| c.extents.last().map(|e| step.work.located(e));
    end(a) == end(b)
}

/// What the file lacks of an acknowledged append that is no longer in the log: whoever wrote the file meanwhile may have
/// kept lines of it.
fn lacking(step: &Step<'_>, known: &KnownBase, theirs: &Content, bytes: &Bytes) -> Result<Bytes, Halt> {
    let mut base = known.content.clone();
    base.extents.retain(|e| !step.texts.is_lost(e));
    let (base, theirs) = (step.texts.content(&base)?, step.texts.content(theirs)?);
    Ok(text::lacking(&base, &theirs, bytes).into())
}

/// The file was removed by others: the edit wins, on the bytes this mount knew.
fn append_to_removed(
    step: &mut Step<'_>,
    file: FileId,
    path: &str,
    base: &Base,
    bytes: &Bytes,
    mtime: Option<Timestamp>,
) -> Result<Outcome, Halt> {
    step.may_keep_beside(path, &"absent")?;
    let pieces = appended(seen(step, file, base), bytes);
    let placed = place_pieces(step, file, path, &pieces)?;
    let place = step.place_of_path(path)?;
    let write = placed.write(file, path, None, mtime);
    create_at(step, write, &place, false, None, Some(Merged::EditWins))
}

/// What an append's writer saw of a file; nothing where it saw none.
fn seen(step: &Step<'_>, file: FileId, base: &Base) -> Content {
    step.known_base(file, base).map(|k| k.content).unwrap_or_default()
}

/// A content and new bytes behind it.
fn appended(content: Content, bytes: &Bytes) -> Vec<Piece> {
    let kept = content.extents.into_iter().map(Piece::Kept);
    kept.chain([Piece::New(bytes.clone())]).collect()
}

/// Places new bytes and settles kept extents of `file`: those that may go are written again, redacted ones refused.
fn place_pieces(step: &mut Step<'_>, file: FileId, path: &str, pieces: &[Piece]) -> Result<Placed, Halt> {
    let mut extents: Vec<Extent> = Vec::new();
    // The same with what is gone.
    let mut shown: Vec<Extent> = Vec::new();
    for piece in pieces {
        let placed = match piece {
            Piece::New(bytes) => step.bodies.add(bytes, step.random, step.texts),
            Piece::Kept(extent) if step.work.is_redacted(extent) => {
                if !step.is_promised() {
                    return Err(Refused::Redacted { path: path.to_owned() }.into());
                }
                // Of a write that was acknowledged, what is new is kept all the same.
                shown.push(*extent);
                continue;
            }
            Piece::Kept(extent) => {
                let located = step.work.located(extent);
                if step.texts.is_lost(&located) {
                    if !step.is_promised() {
                        return Err(Refused::Invalid {
                            path: path.to_owned(),
                            why: "older bytes that it keeps are past retention or damaged".into(),
                        }
                        .into());
                    }
                    shown.push(located);
                    continue;
                }
                if step.work.stays(&located, file, step.changed) {
                    vec![located]
                } else {
                    let bytes = step
                        .texts
                        .extent(&located)
                        .cloned()
                        .ok_or_else(|| Halt::Needs(vec![located]))?;
                    step.bodies.add(&bytes, step.random, step.texts)
                }
            }
        };
        extents.extend(&placed);
        shown.extend(placed);
    }
    let whole_lines = match (pieces.last(), extents.last()) {
        (Some(Piece::New(bytes)), _) if !bytes.is_empty() => ends_whole(bytes),
        (_, None) => true,
        (_, Some(last)) => {
            let bytes = step.texts.extent(last).ok_or_else(|| Halt::Needs(vec![*last]))?;
            ends_whole(bytes)
        }
    };
    Ok(Placed {
        shown: (shown.len() > extents.len()).then_some(Content { extents: shown }),
        content: Content { extents },
        whole_lines,
    })
}

fn ends_whole(bytes: &[u8]) -> bool {
    bytes.last().is_none_or(|b| *b == b'\n')
}

/// Whether two contents hold the same bytes, as far as their hashes tell.
pub(crate) fn same_bytes(a: &Content, b: &Content) -> bool {
    let key = |c: &Content| {
        c.extents
            .iter()
            .map(|e| (e.hash, e.length))
            .collect::<Vec<(Hash, u64)>>()
    };
    a.len() == b.len() && (key(a) == key(b) || planted::is(Bug::LengthIsEnough))
}

/// Checks a condition on what is there.
pub(crate) fn check_expect(expect: Option<&Expect>, there: Option<&Arc<Node>>, path: &str) -> Result<(), Refused> {
    let met = match (expect, there) {
        (None, _) | (Some(Expect::Absent), None) => true,
        (Some(Expect::Version(version)), Some(node)) => node.version == *version,
        _ => false,
    };
    if met {
        return Ok(());
    }
    let now = there.map_or_else(|| "absent".to_owned(), |n| n.version.to_string());
    Err(Refused::Stale {
        path: path.to_owned(),
        now,
    })
}
