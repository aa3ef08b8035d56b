//! A fact whose words stand in two messages rests on both.
#![allow(clippy::unwrap_used)]

mod common;

use common::{World, said, tool, typed};
use remanence_dreamer::{ByAddress, Why};

const MORNING: &str = "2026-05-12T09:00:00Z";
const NOON: &str = "2026-05-12T12:00:00Z";
const NIGHT: &str = "2026-05-12T23:00:00Z";
const LATER: &str = "2026-05-13T23:00:00Z";
const FACT: &str = "The dye vats hold 40 litres.";
const ORDER: &str = "Please remember that.";

async fn why(world: &World, part: &str) -> Why {
    let (path, line) = world.line_of(part).await;
    remanence_dreamer::why(&world.store, &path, line, &ByAddress)
        .await
        .unwrap()
}

/// The transcript's lines and the words that a line of memory rests on.
fn words(why: &Why) -> Vec<(Option<u64>, Option<&str>)> {
    let sources = why.sources.iter();
    sources.map(|source| (source.line, source.words.as_deref())).collect()
}

#[tokio::test]
async fn what_is_asked_for_after_it_was_said_names_both() {
    let world = World::new().await;
    world.session("noor/a.jsonl", &[typed(MORNING, FACT), typed(NOON, ORDER)]);
    world.dream(NIGHT).await;
    let why = why(&world, "dye vats").await;
    assert_eq!(words(&why), [(Some(1), Some(FACT)), (Some(2), Some(ORDER))]);
}

#[tokio::test]
async fn a_sentence_about_it_names_the_message_that_says_what_it_is() {
    let world = World::new().await;
    let (thing, more) = ("The mixer is in hall 3.", "Important: it must never run without a lid.");
    world.session("noor/a.jsonl", &[typed(MORNING, thing), typed(NOON, more)]);
    world.dream(NIGHT).await;
    let why = why(&world, "without a lid").await;
    assert!(why.text.contains("hall 3"), "{why:?}");
    assert_eq!(words(&why), [(Some(1), Some(thing)), (Some(2), Some(more))]);
}

#[tokio::test]
async fn a_message_that_an_earlier_dream_read_is_named_too() {
    let world = World::new().await;
    world.session("noor/a.jsonl", &[typed(MORNING, FACT)]);
    world.dream(NIGHT).await;
    assert_eq!(words(&why(&world, "dye vats").await), [(Some(1), Some(FACT))]);
    let order = typed("2026-05-13T09:00:00Z", ORDER);
    world.session("noor/a.jsonl", &[typed(MORNING, FACT), order]);
    world.dream(LATER).await;
    let why = why(&world, "dye vats").await;
    assert_eq!(words(&why), [(Some(1), Some(FACT)), (Some(2), Some(ORDER))]);
}

#[tokio::test]
async fn an_answer_names_its_question() {
    let world = World::new().await;
    let (question, answer) = ("Which port does the dye mixer use?", "Port 6001, going by mixer.toml.");
    world.session(
        "noor/a.jsonl",
        &[
            typed(MORNING, question),
            tool(NOON, "cat mixer.toml", "port = 6001"),
            said(NOON, answer),
        ],
    );
    world.dream(NIGHT).await;
    let why = why(&world, "6001").await;
    assert_eq!(words(&why), [(Some(1), Some(question)), (Some(4), Some(answer))]);
}

#[tokio::test]
async fn two_messages_of_a_session_count_as_one() {
    let world = World::new().await;
    world.session("noor/a.jsonl", &[typed(MORNING, FACT), typed(NOON, ORDER)]);
    world.session("kai/b.jsonl", &[typed("2026-05-12T13:00:00Z", FACT)]);
    world.dream(NIGHT).await;
    let before = world.memory().await;
    let lines: Vec<Option<u64>> = words(&why(&world, "dye vats").await)
        .iter()
        .map(|(line, _)| *line)
        .collect();
    assert_eq!(lines, [Some(1), Some(2), Some(1)]);
    // The same transcripts again change nothing.
    let again = remanence_dreamer::Request {
        now: Some(common::at(LATER)),
        again: true,
        ..remanence_dreamer::Request::default()
    };
    world.dream_with(again).await;
    assert_eq!(world.memory().await, before);
}
