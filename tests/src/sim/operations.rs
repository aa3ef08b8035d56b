//! What agents do: appends, edits by line, new files, atomic saves, renames, removals, folders.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use remanence_store::id::FileId;
use remanence_store::intent::{Base, Create, Intent, Piece};
use remanence_store::op::Place;
use remanence_store::tree::{Node, Tree};

use super::agent::{Mount, Plan, Seen};
use super::history::Effect;
use super::text::token_set;

/// Longest text an agent writes; the store's limit is a little above.
const LONGEST: usize = 100_000;

impl Mount {
    /// One step of the agent's life: usually one write, sometimes several at once.
    pub(super) async fn step(&mut self) {
        let burst = if self.rng.in_1000(150) {
            self.rng.between(2, 5)
        } else {
            1
        };
        let mut answers = Vec::new();
        for _ in 0..burst {
            answers.extend(self.operation().await);
        }
        if !self.config.local {
            for answer in answers {
                // A task of ours that panics fails the run by itself.
                let _ = answer.await;
            }
        }
    }

    async fn operation(&mut self) -> Option<tokio::task::JoinHandle<bool>> {
        let plan = match self.rng.below(100) {
            0..27 => self.append().await,
            27..55 => self.edit().await,
            55..70 => self.create(),
            70..77 => return self.save().await,
            77..83 => self.rename().await,
            83..88 => self.remove().await,
            88..92 => self.mkdir(),
            92..94 => self.rmdir(),
            94..96 => self.move_folder(),
            96..98 => return self.backup_save().await,
            98 => self.symlink(),
            _ => self.setattr(),
        };
        plan.map(|plan| self.enqueue(plan))
    }

    fn tree(&self) -> Arc<Tree> {
        self.store().tree()
    }

    /// Some file that nothing of ours is under way for, unless callers do not wait.
    fn some_file(&self) -> Option<(FileId, String)> {
        let tree = self.tree();
        // Mounts refuse writes to the dreams' records by themselves.
        let records = tree.child(FileId::ROOT, ".dream").map(|n| n.id);
        let mut files: Vec<&Arc<Node>> = tree
            .nodes()
            .filter(|n| n.content().is_some() && Some(n.parent) != records)
            .collect();
        files.sort_unstable_by_key(|n| n.id);
        let mut files: Vec<(FileId, String)> = files.iter().filter_map(|n| Some((n.id, tree.path(n.id)?))).collect();
        if self.config.local {
            files.extend(self.under.lock().made.iter().map(|(id, path)| (*id, path.clone())));
        }
        let (file, path) = self.rng.pick(&files)?.clone();
        let busy = self.served.lock().get(&file).is_some_and(|s| s.write.is_some());
        let known = self.under.lock().made.contains_key(&file);
        ((!busy || self.config.local) && (known || self.is_settled(&path))).then_some((file, path))
    }

    /// Whether nothing of ours is under way that changes what is at a path.
    fn is_settled(&self, path: &str) -> bool {
        let under = self.under.lock();
        let below = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        !under.paths.values().flatten().any(|p| p == path || below(p))
    }

    fn some_folder(&self) -> Option<(FileId, String)> {
        let tree = self.tree();
        let mut folders: Vec<FileId> = tree.nodes().filter(|n| n.is_dir()).map(|n| n.id).collect();
        folders.sort_unstable();
        folders.insert(0, FileId::ROOT);
        folders.insert(0, FileId::ROOT);
        let id = *self.rng.pick(&folders)?;
        let path = tree.path(id)?;
        let visible = !path.starts_with("/.dream") && self.is_settled(&path);
        visible.then(|| (id, if path == "/" { String::new() } else { path }))
    }

    fn some_place(&self) -> Option<(Place, String)> {
        let (parent, folder) = self.some_folder()?;
        // Rarely a name that elsewhere is a folder's.
        let name = if self.rng.in_1000(40) {
            format!("d{}", self.rng.below(3))
        } else {
            format!("n{}.md", self.rng.below(5))
        };
        let path = format!("{folder}/{name}");
        self.is_settled(&path).then_some((Place { parent, name }, path))
    }

    /// What the agent goes by when it writes a file: what it read, then and now.
    async fn consider(&mut self, file: FileId) -> Option<Seen> {
        let known = self.served.lock().get(&file).cloned();
        let seen = match known {
            Some(seen) if !seen.stale && self.rng.in_1000(500) => seen,
            // Someone who does not look again goes on from what it wrote.
            Some(seen) if seen.stale && self.rng.in_1000(300) => seen,
            _ => self.serve(file).await?,
        };
        tokio::time::sleep(self.rng.millis(0, self.config.think)).await;
        // Another write of this very mount may have come between.
        let now = self.served.lock().get(&file).cloned();
        now.or(Some(seen))
    }

    async fn append(&mut self) -> Option<Plan> {
        let (file, path) = self.some_file()?;
        let seen = if self.rng.in_1000(200) {
            self.served.lock().get(&file).cloned()
        } else {
            Some(self.consider(file).await?)
        };
        let mut bytes = Vec::new();
        let mut effect = Effect::default();
        let large = self.rng.in_1000(15);
        for _ in 0..self.rng.between(1, 2) {
            let (token, line) = self.pen.line(large);
            bytes.extend(line);
            bytes.push(b'\n');
            effect.added.insert(token);
        }
        if self.rng.in_1000(100) {
            bytes.pop();
        }
        let old = seen.as_ref().map_or(0, |s| s.text.len());
        if old + bytes.len() > LONGEST {
            return None;
        }
        let base = seen.as_ref().map_or(Base::Head, |s| s.base.clone());
        let texts = seen.map(|s| (file, [s.text.as_slice(), &bytes].concat()));
        let what = format!("append {} to {path}", list(&effect.added));
        Some(Plan {
            what,
            intents: vec![Intent::Append {
                file,
                path,
                base,
                bytes: bytes.into(),
                mtime: None,
            }],
            effect,
            texts: texts.into_iter().collect(),
            ..Plan::default()
        })
    }

    async fn edit(&mut self) -> Option<Plan> {
        let (file, path) = self.some_file()?;
        let seen = self.consider(file).await?;
        let large = self.rng.in_1000(15);
        let edited = self.pen.edit(&seen.text, large);
        if edited.text.len() > LONGEST {
            return None;
        }
        let effect = Effect {
            removed: &token_set(&seen.text) - &token_set(&edited.text),
            added: edited.added,
        };
        Some(Plan {
            what: format!("edit {path} +{} -{}", list(&effect.added), list(&effect.removed)),
            intents: vec![Intent::Put {
                file,
                path,
                create: None,
                content: self.pieces(&seen, &edited.text),
                base: seen.base,
                mode: None,
                mtime: None,
                expect: None,
            }],
            effect,
            texts: vec![(file, edited.text)],
            ..Plan::default()
        })
    }

    /// A content that keeps what is stored already where it begins alike.
    fn pieces(&self, seen: &Seen, text: &[u8]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut at = 0;
        if let (Base::Version { content, .. }, true) = (&seen.base, self.rng.in_1000(500)) {
            for extent in &content.extents {
                let end = at + extent.length as usize;
                if seen.text.get(at..end).is_none() || seen.text.get(at..end) != text.get(at..end) {
                    break;
                }
                pieces.push(Piece::Kept(*extent));
                at = end;
            }
        }
        if at < text.len() || pieces.is_empty() {
            pieces.push(Piece::New(Bytes::copy_from_slice(&text[at..])));
        }
        pieces
    }

    fn create(&mut self) -> Option<Plan> {
        let (place, path) = self.some_place()?;
        if self.tree().child(place.parent, &place.name).is_some() {
            return None;
        }
        let large = self.rng.in_1000(30);
        let edited = self.pen.edit(b"", large);
        if edited.text.len() > LONGEST {
            return None;
        }
        let exclusive = self.rng.in_1000(250);
        Some(self.creation(place, path, edited, exclusive))
    }

    fn creation(&self, place: Place, path: String, edited: super::text::Edited, exclusive: bool) -> Plan {
        let file = FileId::random(&self.rng.random());
        Plan {
            what: format!("create {path} {} (exclusive: {exclusive})", list(&edited.added)),
            intents: vec![Intent::Put {
                file,
                path: path.clone(),
                create: Some(Create { place, exclusive }),
                base: Base::Nothing,
                content: vec![Piece::New(edited.text.clone().into())],
                mode: Some(0o644),
                mtime: None,
                expect: None,
            }],
            effect: Effect {
                added: edited.added,
                removed: BTreeSet::new(),
            },
            texts: vec![(file, edited.text)],
            paths: vec![path.clone()],
            made: Some((file, path)),
            ..Plan::default()
        }
    }

    /// As editors do: the new text goes to a temporary file, which then takes the file's place.
    async fn save(&mut self) -> Option<tokio::task::JoinHandle<bool>> {
        let (file, path) = self.some_file()?;
        let seen = self.consider(file).await?;
        let edited = self.pen.edit(&seen.text, false);
        if edited.text.len() > LONGEST || edited.added.is_empty() {
            return None;
        }
        let tree = self.tree();
        let node = tree.node(file)?;
        let place = Place {
            parent: node.parent,
            name: node.name.to_string(),
        };
        let temporary = Place {
            parent: place.parent,
            name: format!(".{}.tmp-{:08x}", place.name, self.rng.below(1 << 32)),
        };
        let from = tree.path_of_place(&temporary)?;
        let removed = &token_set(&seen.text) - &token_set(&edited.text);
        let mut creation = self.creation(temporary, from.clone(), edited, false);
        let (source, text) = creation.texts.pop()?;
        creation.texts.clear();
        creation.made = None;
        let created = self.enqueue(creation);
        if !self.config.local && !matches!(created.await, Ok(true)) {
            return None;
        }
        Some(self.enqueue(Plan {
            what: format!("save {path} -{}", list(&removed)),
            intents: vec![Intent::Rename {
                file: source,
                from: from.clone(),
                path: path.clone(),
                place,
                no_replace: false,
                over: seen.base,
                there: Some(file),
            }],
            effect: Effect {
                added: BTreeSet::new(),
                removed,
            },
            texts: vec![(file, text)],
            paths: vec![from, path],
            ..Plan::default()
        }))
    }

    /// As vi does: the file is renamed away, made again, and what was renamed is the backup.
    async fn backup_save(&mut self) -> Option<tokio::task::JoinHandle<bool>> {
        let (file, path) = self.some_file()?;
        let seen = self.consider(file).await?;
        let tree = self.tree();
        let node = tree.node(file).filter(|n| n.id == file)?;
        let place = Place {
            parent: node.parent,
            name: node.name.to_string(),
        };
        let aside = Place {
            parent: place.parent,
            name: format!("{}~", place.name),
        };
        let aside_path = tree.path_of_place(&aside)?;
        if tree.child(aside.parent, &aside.name).is_some() {
            return None;
        }
        let edited = self.pen.edit(&seen.text, false);
        let removed = &token_set(&seen.text) - &token_set(&edited.text);
        let away = self.enqueue(Plan {
            what: format!("move {path} aside"),
            intents: vec![Intent::Rename {
                file,
                from: path.clone(),
                path: aside_path.clone(),
                place: aside,
                no_replace: false,
                over: Base::Nothing,
                there: None,
            }],
            paths: vec![path.clone(), aside_path],
            ..Plan::default()
        });
        if !self.config.local && !matches!(away.await, Ok(true)) {
            return None;
        }
        let backup = FileId::random(&self.rng.random());
        Some(self.enqueue(Plan {
            what: format!("resume {path} +{} -{}", list(&edited.added), list(&removed)),
            intents: vec![
                Intent::Resume {
                    file,
                    path: path.clone(),
                    place,
                    backup,
                },
                Intent::Put {
                    file,
                    path,
                    create: None,
                    base: seen.base,
                    content: vec![Piece::New(edited.text.clone().into())],
                    mode: None,
                    mtime: None,
                    expect: None,
                },
            ],
            effect: Effect {
                added: edited.added,
                removed,
            },
            texts: vec![(file, edited.text)],
            ..Plan::default()
        }))
    }

    async fn rename(&mut self) -> Option<Plan> {
        let (file, from) = self.some_file()?;
        // Copies of another file's lines, which would meet them again.
        if [".conflict-", ".tmp-", "~"].iter().any(|copy| from.contains(copy)) {
            return None;
        }
        let (place, path) = self.some_place()?;
        let there = self.tree().child(place.parent, &place.name).map(|n| (n.id, n.is_dir()));
        let mut removed = BTreeSet::new();
        let over = match there {
            Some((_, true)) => return None,
            Some((there, false)) if there == file => return None,
            Some((there, false)) => {
                let seen = self.consider(there).await?;
                removed = token_set(&seen.text);
                seen.base
            }
            None => Base::Nothing,
        };
        Some(Plan {
            what: format!("rename {from} to {path}"),
            intents: vec![Intent::Rename {
                file,
                from: from.clone(),
                path: path.clone(),
                place,
                no_replace: self.rng.in_1000(200),
                over,
                there: there.map(|(id, _)| id),
            }],
            effect: Effect {
                added: BTreeSet::new(),
                removed,
            },
            gone: there.map(|(id, _)| vec![id, file]).unwrap_or_default(),
            paths: vec![from, path],
            ..Plan::default()
        })
    }

    async fn remove(&mut self) -> Option<Plan> {
        let (file, path) = self.some_file()?;
        let seen = self.consider(file).await?;
        Some(Plan {
            what: format!("remove {path}"),
            effect: Effect {
                added: BTreeSet::new(),
                removed: token_set(&seen.text),
            },
            intents: vec![Intent::Remove {
                file,
                path: path.clone(),
                base: seen.base,
                expect: None,
            }],
            gone: vec![file],
            paths: vec![path],
            ..Plan::default()
        })
    }

    fn mkdir(&mut self) -> Option<Plan> {
        let (parent, folder) = self.some_folder()?;
        let name = format!("d{}", self.rng.below(3));
        let path = format!("{folder}/{name}");
        if path.len() > 20 {
            return None;
        }
        let place = Place { parent, name };
        Some(Plan {
            what: format!("mkdir {path}"),
            intents: vec![Intent::Mkdir {
                file: FileId::random(&self.rng.random()),
                path: path.clone(),
                place,
                mode: 0o755,
                exists_ok: self.rng.in_1000(500),
            }],
            paths: vec![path],
            ..Plan::default()
        })
    }

    fn rmdir(&mut self) -> Option<Plan> {
        let (file, path) = self.some_folder()?;
        Some(Plan {
            what: format!("rmdir {path}"),
            intents: vec![Intent::Rmdir {
                file,
                path: path.clone(),
            }],
            paths: vec![path],
            ..Plan::default()
        })
        .filter(|_| file != FileId::ROOT)
    }

    fn move_folder(&mut self) -> Option<Plan> {
        let (file, from) = self.some_folder()?;
        let (parent, folder) = self.some_folder()?;
        let name = format!("d{}", self.rng.below(3));
        let path = format!("{folder}/{name}");
        Some(Plan {
            what: format!("rename folder {from} to {path}"),
            intents: vec![Intent::Rename {
                file,
                from: from.clone(),
                path: path.clone(),
                place: Place { parent, name },
                no_replace: false,
                over: Base::Nothing,
                there: None,
            }],
            paths: vec![from, path],
            ..Plan::default()
        })
        .filter(|_| file != FileId::ROOT)
    }

    fn symlink(&mut self) -> Option<Plan> {
        let (parent, folder) = self.some_folder()?;
        let name = format!("l{}", self.rng.below(2));
        let path = format!("{folder}/{name}");
        Some(Plan {
            what: format!("symlink {path}"),
            intents: vec![Intent::Symlink {
                file: FileId::random(&self.rng.random()),
                path,
                place: Place { parent, name },
                target: format!("n{}.md", self.rng.below(5)),
            }],
            ..Plan::default()
        })
    }

    fn setattr(&mut self) -> Option<Plan> {
        let (file, path) = self.some_file()?;
        Some(Plan {
            what: format!("chmod {path}"),
            intents: vec![Intent::Setattr {
                file,
                path,
                mode: Some(if self.rng.in_1000(500) { 0o600 } else { 0o644 }),
                mtime: None,
            }],
            ..Plan::default()
        })
    }
}

fn list(tokens: &BTreeSet<super::text::Token>) -> String {
    let tokens: Vec<String> = tokens.iter().map(ToString::to_string).collect();
    tokens.join("")
}
