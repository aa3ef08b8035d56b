//! Whatever sentences follow one another: a Dream ends, what it leaves is memory, and a second one has nothing to do.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;

use common::desk::Desk;
use proptest::prelude::*;
use proptest::sample::select;
use remanence_dreamer::Counts;

/// Words that a sentence has at least.
const LEAST: usize = 3;

/// The sentences by which the rules' own tests show what they read: of every form that they know, and its neighbours.
fn sentences() -> Vec<String> {
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 2000, "{} sentences", found.len());
    found
}

fn collect(folder: &Path, found: &mut Vec<String>) {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, found);
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        let tests = source.split_once("#[cfg(test)]").map_or("", |(_, tests)| tests);
        let tests = if path.ends_with("tests.rs") { &source } else { tests };
        let literals = tests.split('"').skip(1).step_by(2);
        let is_sentence = |text: &&str| text.split(' ').count() >= LEAST && !text.contains(['{', '\\', '\n']);
        found.extend(literals.filter(is_sentence).map(str::to_owned));
    }
}

/// A message of one to five sentences, in one line or in several.
fn message(all: Vec<String>) -> impl Strategy<Value = String> {
    let sentences = prop::collection::vec(select(all), 1..6);
    let between = select(vec![". ", "! ", "\n", "\n\n", "\n- ", "? ", ", ", ": ", " "]);
    (sentences, between).prop_map(|(sentences, between)| sentences.join(between))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        max_shrink_iters: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn sentences_in_any_order(said in prop::collection::vec((0..3_u32, 1..25_u32, message(sentences())), 1..60)) {
        let mut desk = Desk::default();
        for (agent, day, text) in &said {
            desk.typed(&format!("agent-{agent}/{day}"), *day, text);
        }
        desk.dream(28);
        let memory = desk.files.clone();
        let again = desk.dream(28);
        prop_assert_eq!(&again.counts, &Counts::default());
        prop_assert_eq!(&desk.files, &memory);
    }
}
