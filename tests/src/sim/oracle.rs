//! The log replayed slot by slot from what the object store holds and ever held, without indexes, batches or caches:
//! what everybody must agree with.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use remanence_store::content::{Content, Hash};
use remanence_store::id::{FileId, Seq, StoreId, Version};
use remanence_store::op::Op;
use remanence_store::slot::{self, Slot};
use remanence_store::tree::Tree;
use remanence_store::{batch, index};

use super::text::{Token, token_set, tokens};
use super::trace::digest;
use super::world::World;

/// A commit that counts.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) slot: Slot,
    /// Lines that no file holds any more since this commit.
    pub(super) lost: BTreeSet<Token>,
}

/// The whole log.
#[derive(Debug)]
pub(super) struct Replay {
    pub(super) steps: Vec<Step>,
    /// Slots that count for nothing.
    pub(super) void: Vec<Seq>,
    pub(super) tree: Tree,
    /// Every version's text.
    pub(super) texts: HashMap<(FileId, Version), Bytes>,
    /// The commits that brought a token, in order.
    pub(super) brought: BTreeMap<Token, Vec<Seq>>,
    /// Digest of the index at each commit that somebody asked for.
    pub(super) digests: HashMap<Seq, u64>,
    pub(super) wrongs: Vec<String>,
    /// The log in words.
    pub(super) story: Vec<String>,
}

/// Replays the log.
pub(super) fn replay(world: &World, id: StoreId, asked: &BTreeSet<Seq>) -> Replay {
    let mut replay = Replay {
        steps: Vec::new(),
        void: Vec::new(),
        tree: Tree::empty(),
        texts: HashMap::new(),
        brought: BTreeMap::new(),
        digests: HashMap::new(),
        wrongs: Vec::new(),
        story: Vec::new(),
    };
    let mut live = Live::default();
    let mut headers: BTreeMap<Seq, Vec<u8>> = BTreeMap::new();
    let mut indexes: BTreeMap<Seq, Vec<u8>> = BTreeMap::new();
    let written: BTreeSet<Seq> = world
        .list(&format!("{id}/index/"), None, usize::MAX)
        .iter()
        .filter_map(|o| index::seq_of_key(&o.key))
        .collect();
    while let Some(object) = world.get(&format!("{id}/{}", slot::key(replay.tree.seq + 1)), None) {
        let seq = replay.tree.seq + 1;
        let slot = match Slot::decode(seq, &object) {
            Ok(slot) => slot,
            Err(error) => {
                replay.wrongs.push(format!("the log ends in nonsense: {error}"));
                break;
            }
        };
        headers.insert(seq, slot.stored_header().line());
        if slot.header.previous == replay.tree.write {
            if let Err(error) = replay.tree.apply(&slot.header) {
                replay.wrongs.push(format!("the log can't be applied: {error}"));
                break;
            }
            let lost = replay.step(world, id, &slot, &mut live);
            replay.steps.push(Step { slot, lost });
        } else {
            replay.void.push(seq);
            replay
                .story
                .push(format!("slot {seq} of {} is void", slot.header.author));
            replay.tree.seq = seq;
        }
        if asked.contains(&seq) || written.contains(&seq) {
            let encoded = index::encode(&replay.tree);
            replay.digests.insert(seq, digest(&encoded));
            if written.contains(&seq) {
                indexes.insert(seq, index::encode_of(id, &replay.tree));
            }
        }
    }
    replay.compare_indexes(world, id, &indexes);
    replay.compare_batches(world, id, &headers);
    replay
}

/// What all files hold together.
#[derive(Debug, Default)]
struct Live {
    texts: HashMap<FileId, Bytes>,
    holders: HashMap<Token, u32>,
    /// Files that ever held a line.
    ever: HashMap<Token, BTreeSet<FileId>>,
    /// How often a line stands in one file at most, where that is more than once.
    copies: HashMap<Token, usize>,
}

impl Live {
    /// Lines that stand in a file more often than they may. Where two files held a line (an editor's temporary file, a
    /// backup, a file that was renamed and written to by its old name, too), a merge of the one onto the other may keep
    /// both: for the store these are two lines. It never makes two of one.
    fn doubled(&mut self, file: FileId, op: &Op, all: &[Token]) -> String {
        let merges = matches!(op, Op::Put { merged: Some(_), .. });
        let mut times: BTreeMap<Token, usize> = BTreeMap::new();
        for token in all {
            *times.entry(*token).or_default() += 1;
        }
        let mut doubled = String::new();
        for (token, times) in times {
            let files = self.ever.entry(token).or_default();
            files.insert(file);
            let known = self.copies.get(&token).copied().unwrap_or(1);
            let joined = usize::from(merges && files.len() > 1);
            if times > known + joined {
                doubled.push_str(&token.to_string());
            }
            if times > 1 {
                self.copies.insert(token, known.max(times));
            }
        }
        doubled
    }

    fn set(&mut self, file: FileId, text: Option<Bytes>, emptied: &mut BTreeSet<Token>) {
        let old = match text {
            Some(text) => {
                for token in token_set(&text) {
                    *self.holders.entry(token).or_default() += 1;
                }
                self.texts.insert(file, text)
            }
            None => self.texts.remove(&file),
        };
        for token in old.iter().flat_map(|t| token_set(t)) {
            let count = self.holders.entry(token).or_default();
            *count -= 1;
            if *count == 0 {
                emptied.insert(token);
            }
        }
    }
}

impl Replay {
    fn step(&mut self, world: &World, id: StoreId, slot: &Slot, live: &mut Live) -> BTreeSet<Token> {
        let seq = slot.header.seq;
        let (author, first, last) = (&slot.header.author, slot.header.first, slot.header.last);
        self.story.push(format!("slot {seq} of {author}, #{first} to #{last}"));
        let mut emptied = BTreeSet::new();
        for (op, number) in slot.header.ops.iter().zip(1..) {
            let version = Version { seq, op: number };
            let told = format!("  {version} {} {}", op.name(), op.path().unwrap_or(""));
            let (file, text) = match op {
                Op::Put { file, content, .. } => (*file, self.bytes(world, id, content, version)),
                Op::Append { file, content, .. } => {
                    let mut all = live.texts.get(file).map(|t| t.to_vec()).unwrap_or_default();
                    all.extend(self.bytes(world, id, content, version).iter().flatten());
                    (*file, Some(all))
                }
                Op::Remove { file, .. } => {
                    live.set(*file, None, &mut emptied);
                    self.story.push(told);
                    continue;
                }
                _ => {
                    self.story.push(told);
                    continue;
                }
            };
            let text = Bytes::from(text.unwrap_or_default());
            let all = tokens(&text);
            let words: String = all.iter().map(ToString::to_string).collect();
            self.story.push(format!("{told}: {words}"));
            let set: BTreeSet<Token> = all.iter().copied().collect();
            let twice = live.doubled(file, op, &all);
            if !twice.is_empty() {
                let path = op.path().unwrap_or("?");
                self.wrongs
                    .push(format!("{path} {version} holds {twice} more than once"));
            }
            for token in set {
                let seqs = self.brought.entry(token).or_default();
                if seqs.last() != Some(&seq) {
                    seqs.push(seq);
                }
            }
            live.set(file, Some(text.clone()), &mut emptied);
            self.texts.insert((file, version), text);
        }
        emptied.retain(|t| live.holders.get(t).is_none_or(|n| *n == 0));
        emptied
    }

    /// A content's bytes, from whatever its objects ever held.
    fn bytes(&mut self, world: &World, id: StoreId, content: &Content, version: Version) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        for extent in &content.extents {
            let bodies = world.archived(&format!("{id}/{}", extent.object));
            let (from, to) = (extent.offset as usize, (extent.offset + extent.length) as usize);
            let found = bodies
                .iter()
                .filter_map(|body| body.get(from..to))
                .find(|bytes| Hash::of(bytes) == extent.hash);
            let Some(bytes) = found else {
                let object = extent.object;
                self.wrongs
                    .push(format!("{version} refers to bytes that {object} never held"));
                return None;
            };
            all.extend_from_slice(bytes);
        }
        Some(all)
    }

    fn compare_indexes(&mut self, world: &World, id: StoreId, indexes: &BTreeMap<Seq, Vec<u8>>) {
        for object in world.list(&format!("{id}/index/"), None, usize::MAX) {
            let seq = index::seq_of_key(&object.key).unwrap_or(0);
            let stored = world.get(&object.key, None);
            if stored.as_deref() != indexes.get(&seq).map(Vec::as_slice) {
                self.wrongs
                    .push(format!("the index at {seq} is not what the slots up to {seq} make"));
            }
        }
    }

    fn compare_batches(&mut self, world: &World, id: StoreId, headers: &BTreeMap<Seq, Vec<u8>>) {
        for object in world.list(&format!("{id}/batch/"), None, usize::MAX) {
            let last: Seq = object.key.rsplit('/').next().and_then(|n| n.parse().ok()).unwrap_or(0);
            let stored = world.get(&object.key, None).unwrap_or_default();
            let same = batch::decode(last, &stored).is_ok_and(|slots| {
                slots
                    .iter()
                    .all(|s| headers.get(&s.header.seq) == Some(&s.stored_header().line()))
            });
            if !same {
                self.wrongs.push(format!("the batch at {last} does not hold its slots"));
            }
        }
    }
}
