//! Resolves a group of entries against the tree of the slot they are tried at.

use std::sync::Arc;

use imbl::HashMap;
use jiff::Timestamp;

use crate::author::Author;
use crate::content::{Content, Extent};
use crate::id::{FileId, MountId, Version};
use crate::intent::{Base, Conflicts, Entry, Intent, Outcome, Refused};
use crate::merge::bodies::{Bodies, Texts, Uploads};
use crate::merge::{put, structure};
use crate::op::{Merged, Op, Place};
use crate::random::Random;
use crate::tree::{Stamp, Tree};

/// What this mount last wrote to each file, as later writes of it are based on ([`Base::Own`]).
pub type OwnBases = HashMap<FileId, KnownBase>;

/// A version a write is based on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownBase {
    /// The version.
    pub version: Version,
    /// Its content.
    pub content: Content,
}

impl KnownBase {
    /// No file at all.
    pub const NOTHING: Self = Self {
        version: Version::NONE,
        content: Content::EMPTY,
    };
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
    /// What this mount's later writes are based on.
    pub own: OwnBases,
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
    })
}

struct Group<'a, 'b> {
    work: Tree,
    ops: Vec<Op>,
    bodies: Bodies,
    own: OwnBases,
    /// What is missing to merge: gathered over the whole group, so that it is loaded at once.
    needs: Vec<Extent>,
    setting: &'a Setting<'b>,
    texts: &'a mut Texts,
}

impl Group<'_, '_> {
    fn entry(&mut self, entry: &Entry) -> Vec<Result<Outcome, Refused>> {
        let before = entry
            .atomic
            .then(|| (self.work.clone(), self.ops.len(), self.own.clone()));
        let mut results = Vec::with_capacity(entry.intents.len());
        for intent in &entry.intents {
            let result = match self.intent(entry, intent) {
                Ok(outcome) => Ok(outcome),
                Err(Halt::Refused(refused)) => Err(refused),
                Err(Halt::Needs(needs)) => {
                    self.needs.extend(needs);
                    continue;
                }
            };
            if let (Err(refused), Some((work, ops, own))) = (&result, &before) {
                (self.work, self.own) = (work.clone(), own.clone());
                self.ops.truncate(*ops);
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
        let start = self.ops.len();
        let before = self.work.clone();
        let mut step = Step {
            author: &entry.author,
            conflicts: entry.conflicts,
            late: entry.late,
            mount: self.setting.mount,
            now: self.setting.now,
            random: self.setting.random,
            stamp_author: Arc::new(entry.author.clone()),
            work: &mut self.work,
            ops: &mut self.ops,
            bodies: &mut self.bodies,
            own: &mut self.own,
            texts: self.texts,
        };
        let result = step.run(intent);
        if result.is_err() {
            self.work = before;
            self.ops.truncate(start);
        }
        result
    }
}

/// One intent being resolved: the tree so far, and where its ops go.
pub(crate) struct Step<'a> {
    pub(crate) author: &'a Author,
    pub(crate) conflicts: Conflicts,
    pub(crate) late: bool,
    pub(crate) mount: MountId,
    pub(crate) now: Timestamp,
    pub(crate) random: &'a dyn Random,
    stamp_author: Arc<Author>,
    pub(crate) work: &'a mut Tree,
    ops: &'a mut Vec<Op>,
    pub(crate) bodies: &'a mut Bodies,
    pub(crate) own: &'a mut OwnBases,
    pub(crate) texts: &'a mut Texts,
}

impl Step<'_> {
    fn run(&mut self, intent: &Intent) -> Result<Outcome, Halt> {
        let maintaining = matches!(intent, Intent::Settings { .. } | Intent::Maintain { .. });
        if self.work.settings.archived && !maintaining {
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
        Outcome {
            version,
            file,
            ours: true,
            merged: None,
            sibling: None,
        }
    }

    /// The outcome of an intent that had nothing to do.
    pub(crate) fn nothing(&self, file: FileId) -> Outcome {
        let version = self.work.node(file).map_or(Version::NONE, |n| n.version);
        Outcome {
            version,
            file,
            ours: true,
            merged: None,
            sibling: None,
        }
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
            Base::Head => None,
            Base::Nothing => Some(KnownBase::NOTHING),
            Base::Version { version, content } => Some(KnownBase {
                version: *version,
                content: content.clone(),
            }),
            Base::Own => match (self.own.get(&file), self.work.node(file)) {
                (Some(own), _) => Some(own.clone()),
                // After a restart: what this mount wrote last it knows; anything else it never saw.
                (None, Some(node)) if node.mount == self.mount => None,
                (None, _) => Some(KnownBase::NOTHING),
            },
        }
    }

    /// The folder a new name goes into, following an alias.
    pub(crate) fn settle(&self, place: &Place) -> Place {
        Place {
            parent: self.work.resolve_alias(place.parent),
            name: place.name.clone(),
        }
    }
}
