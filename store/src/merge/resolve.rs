//! Resolves a group of entries against the tree of the slot they are tried at.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use imbl::HashMap;
use jiff::Timestamp;

use crate::author::Author;
use crate::content::{Content, Extent, ObjectRef};
use crate::id::{DataId, FileId, MountId, Version};
use crate::intent::{Base, Conflicts, Entry, Intent, Outcome, Refused};
use crate::merge::bodies::{Bodies, Texts, Uploads};
use crate::merge::{put, structure};
use crate::op::{Merged, Op, Place};
use crate::planted::{self, Bug};
use crate::random::Random;
use crate::slot::Slot;
use crate::tree::{Node, Stamp, Tree};

/// What this mount last wrote to each file, as later writes of it are based on ([`Base::Own`]).
pub type OwnBases = HashMap<FileId, OwnBase>;

/// What a mount last wrote to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnBase {
    /// What it wrote.
    pub known: KnownBase,
    /// The id by which it knows the file.
    pub called: FileId,
}

/// A version a write is based on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownBase {
    /// The version.
    pub version: Version,
    /// Its content.
    pub content: Content,
}

impl KnownBase {
    /// Extents of a new slot counted from the end of its header line while it was being resolved.
    fn settle(&mut self, slot: &Slot) {
        let own = ObjectRef::Slot(slot.header.seq);
        for extent in self.content.extents.iter_mut().filter(|e| e.object == own) {
            extent.offset += slot.header_len;
        }
    }

    /// No file at all.
    pub const NOTHING: Self = Self {
        version: Version::NONE,
        content: Content::EMPTY,
    };

    /// Whether the file holds something else by now.
    pub(crate) fn is_outdated(&self, node: &Node) -> bool {
        let Some(now) = node.content() else {
            return self.version != node.version;
        };
        // Moving contents joins extents, which have other hashes then.
        let joined = self.content.len() == now.len() && self.content.extents.len() > now.extents.len();
        // A version alone says nothing where a slot was overwritten, since its number is used again.
        !(put::same_bytes(&self.content, now) || (joined && self.version == node.version))
    }
}

/// Why resolving stopped.
pub(crate) enum Halt {
    /// These extents' bytes are needed to merge.
    Needs(Vec<Extent>),
    /// The intent is refused.
    Refused(Refused),
}

impl From<Refused> for Halt {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Vec<Extent>> for Halt {
    fn from(needs: Vec<Extent>) -> Self {
        Self::Needs(needs)
    }
}

/// An attempt at a slot: what goes into it, and what is answered if it is created.
#[derive(Debug)]
pub struct Attempt {
    /// Ops in order.
    pub ops: Vec<Op>,
    /// Their bytes.
    pub bodies: Bodies,
    /// Per entry, per intent: what it comes to.
    pub results: Vec<Vec<Result<Outcome, Refused>>>,
    /// What this mount's later writes are based on; extents in the slot count from the end of its header line.
    pub(crate) own: OwnBases,
    /// Files whose entry there was made by this attempt.
    written: BTreeSet<FileId>,
    /// Per entry, per intent: what its base stood for where that is not a version.
    bases: Vec<Vec<Option<KnownBase>>>,
}

impl Attempt {
    /// The data objects its ops refer to, to be uploaded first.
    pub fn uploads(&self) -> impl Iterator<Item = (DataId, &Bytes)> {
        let extents = self.ops.iter().filter_map(Op::content).flat_map(|c| &c.extents);
        let used: BTreeSet<ObjectRef> = extents.map(|e| e.object).collect();
        let data = self.bodies.data().values();
        data.filter(move |(id, _)| used.contains(&ObjectRef::Data(*id)))
            .map(|(id, bytes)| (*id, bytes))
    }

    /// What this mount's later writes are based on, now that the attempt is that slot.
    pub fn own_of(&self, slot: &Slot) -> OwnBases {
        let mut own = self.own.clone();
        for file in &self.written {
            if let Some(base) = own.get_mut(file) {
                base.known.settle(slot);
            }
        }
        own
    }

    /// What each intent's base stood for where that is not a version, per entry, now that the attempt is that slot.
    pub fn bases_of(&self, slot: &Slot) -> Vec<Vec<Option<KnownBase>>> {
        let mut bases = self.bases.clone();
        bases.iter_mut().flatten().flatten().for_each(|base| base.settle(slot));
        bases
    }
}

/// What a group is resolved with.
pub struct Setting<'a> {
    /// The mount that writes.
    pub mount: MountId,
    /// The commit's time.
    pub now: Timestamp,
    /// Randomness for ids.
    pub random: &'a dyn Random,
    /// What this mount last wrote.
    pub own: &'a OwnBases,
    /// Whether the entries were in the log before, in slots that are there no longer.
    pub again: bool,
    /// Whether the log turned out to be another than this handle had seen.
    pub changed: bool,
}

/// Resolves `entries` (of one author) on `tree`.
///
/// # Errors
/// Extents whose bytes are needed to merge: load them into `texts` and call again.
pub fn resolve(
    tree: &Tree,
    entries: &[&Entry],
    setting: &Setting<'_>,
    texts: &mut Texts,
    uploads: Uploads,
) -> Result<Attempt, (Vec<Extent>, Uploads)> {
    let mut group = Group {
        work: tree.clone(),
        ops: Vec::new(),
        bodies: Bodies::new(tree.seq + 1, uploads),
        own: setting.own.clone(),
        needs: Vec::new(),
        written: BTreeSet::new(),
        bases: Vec::new(),
        setting,
        texts,
    };
    let results = entries.iter().map(|entry| group.entry(entry)).collect();
    if !group.needs.is_empty() {
        return Err((group.needs, group.bodies.into_data()));
    }
    Ok(Attempt {
        ops: group.ops,
        bodies: group.bodies,
        results,
        own: group.own,
        written: group.written,
        bases: group.bases,
    })
}

struct Group<'a, 'b> {
    work: Tree,
    ops: Vec<Op>,
    bodies: Bodies,
    own: OwnBases,
    /// What is missing to merge: gathered over the whole group, so that it is loaded at once.
    needs: Vec<Extent>,
    written: BTreeSet<FileId>,
    bases: Vec<Vec<Option<KnownBase>>>,
    setting: &'a Setting<'b>,
    texts: &'a mut Texts,
}

impl Group<'_, '_> {
    fn entry(&mut self, entry: &Entry) -> Vec<Result<Outcome, Refused>> {
        let before = (entry.atomic && !planted::is(Bug::HalfAtomic))
            .then(|| (self.work.clone(), self.ops.len(), self.own.clone(), self.bodies.mark()));
        let mut results = Vec::with_capacity(entry.intents.len());
        self.bases.push(Vec::new());
        for intent in &entry.intents {
            let result = match self.intent(entry, intent) {
                Ok(outcome) => Ok(outcome),
                Err(Halt::Refused(refused)) => Err(refused),
                Err(Halt::Needs(needs)) => {
                    self.needs.extend(needs);
                    continue;
                }
            };
            if let (Err(refused), Some((work, ops, own, bodies))) = (&result, &before) {
                (self.work, self.own) = (work.clone(), own.clone());
                self.ops.truncate(*ops);
                self.bodies.back_to(*bodies);
                let together = Refused::Together {
                    why: refused.to_string(),
                };
                let at = results.len();
                results = vec![Err(together); entry.intents.len()];
                results[at] = result;
                break;
            }
            results.push(result);
        }
        results
    }

    fn intent(&mut self, entry: &Entry, intent: &Intent) -> Result<Outcome, Halt> {
        let base = self.step(entry).stood_for(intent);
        self.bases
            .last_mut()
            .into_iter()
            .for_each(|bases| bases.push(base.clone()));
        let result = self.tried(entry, |step| step.run(intent));
        match &result {
            Err(Halt::Refused(refused)) if entry.late && !entry.atomic && !planted::is(Bug::HalfAtomic) => {
                let kept = self.tried(entry, |step| step.keep_refused(intent, refused));
                kept.and_then(|kept| kept.map_or(result, Ok))
            }
            _ => result,
        }
    }

    /// What an intent comes to; nothing has changed where it fails.
    fn tried<T>(&mut self, entry: &Entry, work: impl FnOnce(&mut Step<'_>) -> Result<T, Halt>) -> Result<T, Halt> {
        let start = self.ops.len();
        let before = (self.work.clone(), self.own.clone(), self.bodies.mark());
        let result = work(&mut self.step(entry));
        if result.is_err() {
            (self.work, self.own) = (before.0, before.1);
            self.bodies.back_to(before.2);
            self.ops.truncate(start);
        }
        result
    }

    fn step<'s>(&'s mut self, entry: &'s Entry) -> Step<'s> {
        Step {
            author: &entry.author,
            conflicts: entry.conflicts,
            late: entry.late,
            again: self.setting.again,
            changed: self.setting.changed,
            mount: self.setting.mount,
            now: self.setting.now,
            random: self.setting.random,
            stamp_author: Arc::new(entry.author.clone()),
            work: &mut self.work,
            ops: &mut self.ops,
            bodies: &mut self.bodies,
            own: &mut self.own,
            written: &mut self.written,
            texts: self.texts,
        }
    }
}

/// One intent being resolved: the tree so far, and where its ops go.
pub(crate) struct Step<'a> {
    pub(crate) author: &'a Author,
    pub(crate) conflicts: Conflicts,
    pub(crate) late: bool,
    pub(crate) again: bool,
    pub(crate) changed: bool,
    pub(crate) mount: MountId,
    pub(crate) now: Timestamp,
    pub(crate) random: &'a dyn Random,
    stamp_author: Arc<Author>,
    pub(crate) work: &'a mut Tree,
    ops: &'a mut Vec<Op>,
    pub(crate) bodies: &'a mut Bodies,
    pub(crate) own: &'a mut OwnBases,
    written: &'a mut BTreeSet<FileId>,
    pub(crate) texts: &'a mut Texts,
}

impl Step<'_> {
    /// Refuses what would be kept beside, or in spite of, what others wrote, where that is not wanted. `now` is the
    /// version that is there, or "absent".
    pub(crate) fn may_keep_beside(&self, path: &str, now: &dyn fmt::Display) -> Result<(), Halt> {
        self.refuse_if(self.conflicts != Conflicts::Merge, path, now)
    }

    /// Refuses what was made on an older version, where not even a merge is wanted.
    pub(crate) fn may_merge(&self, path: &str, now: &dyn fmt::Display) -> Result<(), Halt> {
        self.refuse_if(self.conflicts == Conflicts::Refuse, path, now)
    }

    /// What was acknowledged before is never refused.
    fn refuse_if(&self, unwanted: bool, path: &str, now: &dyn fmt::Display) -> Result<(), Halt> {
        if unwanted && !self.late {
            return Err(Refused::Stale {
                path: path.to_owned(),
                now: now.to_string(),
            }
            .into());
        }
        Ok(())
    }

    /// Remembers what this mount wrote to a file, for its next write: under the id by which it knows the file, and
    /// under the one that this stands for.
    pub(crate) fn remember(&mut self, file: FileId, version: Version, content: Content) {
        let known = KnownBase { version, content };
        let id = self.work.resolve_alias(file);
        // A file may have two names for this mount while it does not know that they are one.
        if id != file && self.own.get(&id).is_none_or(|own| own.called != id) {
            self.keep_own(id, file, known.clone());
        }
        self.keep_own(file, file, known);
    }

    fn keep_own(&mut self, id: FileId, called: FileId, known: KnownBase) {
        self.own.insert(id, OwnBase { known, called });
        self.written.insert(id);
    }

    /// Forgets what this mount wrote to a file that is no more, and tells it.
    pub(crate) fn forget(&mut self, file: FileId) -> Option<KnownBase> {
        let alias = self.own.remove(&self.work.resolve_alias(file));
        self.own.remove(&file).or(alias).map(|own| own.known)
    }

    fn run(&mut self, intent: &Intent) -> Result<Outcome, Halt> {
        let maintaining = matches!(intent, Intent::Settings { .. } | Intent::Maintain { .. });
        // What was acknowledged before it was archived still has its place.
        if self.work.settings.archived && !maintaining && !self.late {
            let why = "the store is archived: read-only for good".to_owned();
            return Err(Refused::ReadOnly {
                path: intent.path().to_owned(),
                why,
            }
            .into());
        }
        match intent {
            Intent::Put { .. } => put::put(self, intent),
            Intent::Append { .. } => put::append(self, intent),
            Intent::Symlink {
                file,
                path,
                place,
                target,
            } => structure::symlink(self, *file, path, place, target),
            Intent::Mkdir {
                file,
                path,
                place,
                mode,
                exists_ok,
            } => structure::mkdir(self, *file, path, place, *mode, *exists_ok),
            Intent::Remove {
                file,
                path,
                base,
                expect,
            } => structure::remove(self, *file, path, base, expect.as_ref()),
            Intent::Rmdir { file, path } => structure::rmdir(self, *file, path),
            Intent::Rename { .. } => structure::rename(self, intent),
            Intent::Setattr {
                file,
                path,
                mode,
                mtime,
            } => structure::setattr(self, *file, path, *mode, *mtime),
            Intent::Resume {
                file,
                path,
                place,
                backup,
            } => structure::resume(self, *file, path, place, *backup),
            Intent::Settings { settings } => {
                self.push(Op::Settings {
                    settings: settings.clone(),
                })?;
                Ok(self.done(FileId::ROOT))
            }
            Intent::Maintain { op } => structure::maintain(self, op),
        }
    }

    /// Applies an op to the tree so far and adds it to the commit.
    pub(crate) fn push(&mut self, op: Op) -> Result<Version, Halt> {
        let version = Version {
            seq: self.work.seq + 1,
            op: self.ops.len() as u32 + 1,
        };
        let stamp = Stamp {
            version,
            time: self.now,
            author: &self.stamp_author,
            mount: self.mount,
        };
        let path = op.path().unwrap_or("/").to_owned();
        self.work
            .apply_op(&op, &stamp, &mut Vec::new())
            .map_err(|why| Refused::Invalid { path, why })?;
        self.ops.push(op);
        Ok(version)
    }

    /// The outcome of an intent that did what it wished: the version is the last op's.
    pub(crate) fn done(&self, file: FileId) -> Outcome {
        let version = Version {
            seq: self.work.seq + 1,
            op: self.ops.len() as u32,
        };
        Outcome::plain(version, file)
    }

    /// The outcome of an intent that had nothing to do.
    pub(crate) fn nothing(&self, file: FileId) -> Outcome {
        let version = self.work.node(file).map_or(Version::NONE, |n| n.version);
        Outcome::plain(version, file)
    }

    /// Records that an intent of a caller who was told "done" no longer applies.
    pub(crate) fn drop_late(&mut self, file: FileId, path: &str, refused: Refused) -> Result<Outcome, Halt> {
        if !self.late {
            return Err(refused.into());
        }
        self.push(Op::Dropped {
            file,
            path: path.to_owned(),
            why: refused.to_string(),
            alias: None,
        })?;
        Ok(Outcome {
            ours: false,
            ..self.done(file)
        })
    }

    /// What becomes of an intent that is refused although its caller was told "done": new content is kept beside, the rest
    /// leaves a record and is refused.
    fn keep_refused(&mut self, intent: &Intent, refused: &Refused) -> Result<Option<Outcome>, Halt> {
        if let Some(kept) = put::keep_refused(self, intent)? {
            return Ok(Some(kept));
        }
        if let Some(file) = intent.file() {
            self.push(Op::Dropped {
                file,
                path: intent.path().to_owned(),
                why: refused.to_string(),
                alias: None,
            })?;
        }
        Ok(None)
    }

    /// Records that `file` stands for the node that was there already.
    pub(crate) fn alias(&mut self, file: FileId, there: FileId, path: &str) -> Result<Outcome, Halt> {
        let why = "the same was made by another".to_owned();
        self.push(Op::Dropped {
            file: there,
            path: path.to_owned(),
            why,
            alias: Some(file),
        })?;
        Ok(Outcome {
            merged: Some(Merged::Same),
            ..self.done(there)
        })
    }

    /// What a base stands for: `None` when it is the head, whatever that is.
    pub(crate) fn known_base(&self, file: FileId, base: &Base) -> Option<KnownBase> {
        match base {
            _ if planted::is(Bug::BaseIsHead) => None,
            Base::Own if planted::is(Bug::OwnIsHead) => None,
            Base::Head => None,
            Base::Nothing => Some(KnownBase::NOTHING),
            Base::Version { version, content } => Some(KnownBase {
                version: *version,
                content: content.clone(),
            }),
            Base::Own => Some(self.own_base(file).cloned().unwrap_or(KnownBase::NOTHING)),
        }
    }

    /// Whether the writer was told "done".
    pub(crate) fn is_promised(&self) -> bool {
        self.late || self.again
    }

    /// Whether it is not known any more what this mount wrote to the file before: after a restart.
    pub(crate) fn is_unknown(&self, file: FileId, base: &Base) -> bool {
        *base == Base::Own && self.own_base(file).is_none()
    }

    /// Whether this mount wrote to a file that it knows by another path than that of `file`.
    pub(crate) fn knows_elsewhere(&self, there: &Node, file: FileId) -> bool {
        there.id != file && self.own.contains_key(&there.id) && self.work.resolve_alias(file) != there.id
    }

    /// What [`Base::Own`], or the head for an append, stands for in an intent that is based on it.
    fn stood_for(&self, intent: &Intent) -> Option<KnownBase> {
        let file = match intent {
            Intent::Append {
                file, base: Base::Head, ..
            } => {
                let node = self.work.node(*file)?;
                return Some(KnownBase {
                    version: node.version,
                    content: node.content()?.clone(),
                });
            }
            Intent::Put { file, base, .. } | Intent::Append { file, base, .. } | Intent::Remove { file, base, .. } => {
                (*base == Base::Own).then_some(*file)
            }
            Intent::Rename { place, over, there, .. } if *over == Base::Own => {
                let place = self.settle(place);
                there.or_else(|| Some(self.work.child(place.parent, &place.name)?.id))
            }
            _ => None,
        };
        self.known_base(file?, &Base::Own)
    }

    /// What this mount wrote to a file last, under the id by which it knows it or under the one that stands for.
    pub(crate) fn own_base(&self, file: FileId) -> Option<&KnownBase> {
        let alias = || self.own.get(&self.work.resolve_alias(file));
        self.own.get(&file).or_else(alias).map(|own| &own.known)
    }

    /// The folder a new name goes into, following an alias.
    pub(crate) fn settle(&self, place: &Place) -> Place {
        Place {
            parent: self.work.resolve_alias(place.parent),
            name: place.name.clone(),
        }
    }
}
