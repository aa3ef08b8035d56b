//! Room: a file that would be larger than the store lets it be gives facts to the next one of its topic.

use std::collections::{BTreeMap, BTreeSet};

use crate::memory_file;
use crate::orient::Memory;
use crate::propose::{self, Files};
use crate::render;
use crate::settings::Settings;
use crate::topic::{self, Topic};

/// How often the files are laid out anew: with a line its links move, too.
const ROUNDS: usize = 16;
/// A topic has at most so many files.
pub(crate) const MOST_FILES: usize = 100;
/// What stands around a line in its file.
const AROUND_LINE: usize = "- \r\n".len();

/// The files of a topic, in the order in which they are filled.
pub(crate) fn files_of(topic: &Topic) -> impl Iterator<Item = String> {
    let name = topic.name;
    let numbered = (2..=MOST_FILES).map(move |number| format!("{name}-{number}.md"));
    std::iter::once(format!("{name}.md")).chain(numbered)
}

/// Moves facts out of files that would get too large, the newest first. How many facts fit into no file: they are out.
pub(crate) fn spread(memory: &mut Memory, settings: &Settings) -> u32 {
    let mut out = 0;
    for _ in 0..ROUNDS {
        let files = propose::lay_out(memory, settings);
        let full = too_large(memory, &files, settings);
        if full.is_empty() {
            break;
        }
        let mut sizes: BTreeMap<String, usize> = files
            .files
            .iter()
            .map(|(path, text)| (path.clone(), text.len()))
            .collect();
        let mut homeless = BTreeSet::new();
        for (path, bytes) in full {
            let mut over = bytes.saturating_sub(settings.file_size);
            for at in newest_of(memory, &path) {
                if over == 0 {
                    break;
                }
                let fact = &memory.facts[at];
                let line = render::line(&fact.text, &fact.known, &[]).len() + AROUND_LINE;
                let tight = settings.memory_size < topic::TIGHT;
                let of = || topic::choose(fact.known.kind, &fact.text, tight);
                let topic = topic::of_file(&path).unwrap_or_else(of);
                if let Some(file) = next(topic, &path, line, &sizes, settings) {
                    let size = sizes.entry(file.clone()).or_insert_with(|| frame(topic));
                    *size += line;
                    let fact = &mut memory.facts[at];
                    fact.known.file = file;
                    fact.line = None;
                } else {
                    homeless.insert(at);
                }
                over = over.saturating_sub(line);
            }
        }
        out += homeless.len() as u32;
        let mut at = 0..memory.facts.len();
        memory
            .facts
            .retain(|_| at.next().is_none_or(|at| !homeless.contains(&at)));
    }
    out
}

/// Files in which facts stand and which are to become larger than they may be, with their bytes.
fn too_large(memory: &Memory, files: &Files, settings: &Settings) -> Vec<(String, usize)> {
    let with_facts: BTreeSet<&str> = memory.facts.iter().map(|fact| fact.known.file.as_str()).collect();
    let all = files.files.iter().filter(|(path, text)| {
        text.len() > settings.file_size && with_facts.contains(path.as_str()) && memory.files.get(*path) != Some(*text)
    });
    all.map(|(path, text)| (path.clone(), text.len())).collect()
}

/// The facts of a file, those first that stand nowhere yet, then the newest.
fn newest_of(memory: &Memory, path: &str) -> Vec<usize> {
    let facts = &memory.facts;
    let mut all: Vec<usize> = (0..facts.len()).filter(|at| facts[*at].known.file == path).collect();
    all.sort_by(|a, b| {
        let key = |at: &usize| {
            let fact = &facts[*at];
            (fact.line.is_none(), fact.known.time)
        };
        key(b).cmp(&key(a)).then_with(|| facts[*a].text.cmp(&facts[*b].text))
    });
    all
}

/// The first other file of the topic with room for so many bytes.
fn next(
    topic: &Topic,
    but: &str,
    bytes: usize,
    sizes: &BTreeMap<String, usize>,
    settings: &Settings,
) -> Option<String> {
    files_of(topic).find(|path| {
        let there = sizes.get(path).copied().unwrap_or_else(|| frame(topic));
        path != but && !settings.is_pinned(path) && there + bytes <= settings.file_size
    })
}

/// The bytes of a topic's file without facts.
fn frame(topic: &Topic) -> usize {
    memory_file::create(topic).len()
}
