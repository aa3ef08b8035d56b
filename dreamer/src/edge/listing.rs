//! The index where a Dream is taken back or approved: the Dreams' own block lists what is there then, whatever it listed
//! before.

use std::collections::BTreeMap;

use super::memory::Memory;
use super::write::{Commit, new};
use crate::index;
use crate::memory_file::fact_lines;
use crate::topic;

/// Texts of files, as they were and as they are to be.
pub(super) type Changes = BTreeMap<String, (Option<String>, Option<String>)>;

/// Puts the index into a commit that makes these changes to the memory as it is now. False where the change of the index
/// itself is more than one of the block, or its text can't be read.
pub(super) fn in_commit(commit: &mut Commit<'_>, changes: &Changes, now: &Memory) -> bool {
    let (from, to) = changes.get(index::PATH).cloned().unwrap_or_default();
    let theirs = |text: &Option<String>| text.as_deref().map(index::outside);
    if from.is_some() && to.is_some() && theirs(&from) != theirs(&to) || now.unreadable.contains(index::PATH) {
        return false;
    }
    let is = text_of(now, index::PATH);
    if is.is_none() && from.is_some() {
        // Somebody took it away since.
        return true;
    }
    let counts = counts(changes, now);
    let most = usize::try_from(now.tree.settings.file_size).unwrap_or(usize::MAX);
    let rendered = index::render(is, &counts, most).filter(|_| is.is_some() || !counts.is_empty());
    match (rendered, now.read.get(index::PATH)) {
        (Some(text), _) if is == Some(text.as_str()) => {}
        (Some(text), at) => commit.put(index::PATH, vec![new(&text)], at, None),
        (None, Some(at)) => commit.remove(index::PATH, at),
        (None, None) => {}
    }
    true
}

pub(super) fn text_of<'a>(memory: &'a Memory, path: &str) -> Option<&'a str> {
    let file = memory.files.iter().find(|file| file.path == path);
    file.map(|file| file.text.as_str())
}

/// How many lines each topic file will have.
fn counts(changes: &Changes, now: &Memory) -> BTreeMap<String, usize> {
    let lines = |text: Option<&str>| -> Vec<String> {
        let all = fact_lines(text.unwrap_or_default());
        all.map(|(_, line)| line.to_owned()).collect()
    };
    let paths = now.files.iter().map(|file| &file.path).chain(changes.keys());
    let mut counts = BTreeMap::new();
    for path in paths.filter(|path| topic::of_file(path).is_some()) {
        let mut left = lines(text_of(now, path));
        if let Some((from, to)) = changes.get(path) {
            let (mut gone, mut come) = (lines(from.as_deref()), lines(to.as_deref()));
            without(&mut gone, lines(to.as_deref()));
            without(&mut come, lines(from.as_deref()));
            without(&mut left, gone);
            left.extend(come);
        }
        counts.insert(path.clone(), left.len());
    }
    counts.retain(|_, count| *count > 0);
    counts
}

/// Takes these out, each once.
fn without(lines: &mut Vec<String>, out: Vec<String>) {
    for line in out {
        if let Some(at) = lines.iter().position(|other| *other == line) {
            lines.remove(at);
        }
    }
}
