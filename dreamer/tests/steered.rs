//! Instructions steer what is taken in. They cannot break the guard, and what was not understood is said.
#![allow(clippy::unwrap_used)]

mod common;

use common::{World, at, typed};
use remanence_dreamer::{DreamError, Request, Sessions, dream};

const DAY: &str = "2026-05-12T09:00:00Z";

fn asking(instructions: &str) -> Request {
    Request {
        now: Some(at("2026-05-14T03:00:00Z")),
        instructions: Some(instructions.to_owned()),
        ..Request::default()
    }
}

#[tokio::test]
async fn what_is_to_be_ignored_is_left_out_but_for_an_outright_order() {
    let world = World::new().await;
    world.session(
        "noor/a.jsonl",
        &[
            typed(DAY, "The canteen must close at two."),
            typed(DAY, "Remember that the canteen takes no cards."),
            typed(DAY, "The dye service has a limit of 40 requests per second."),
        ],
    );
    let dreamt = world.dream_with(asking("Ignore: canteen\nwrite it all in verse")).await;
    let memory = world.memory().await;
    assert!(
        !memory.contains("close at two") && memory.contains("takes no cards"),
        "{memory}"
    );
    assert!(memory.contains("dye service"), "{memory}");
    let reasons = &dreamt.record.reasons;
    assert!(
        reasons.iter().any(|r| r.contains("left out as the instructions ask")),
        "{reasons:?}"
    );
    assert!(
        reasons
            .iter()
            .any(|r| r.contains("not understood by rules: \"write it all in verse\"")),
        "{reasons:?}"
    );
}

#[tokio::test]
async fn an_instruction_to_delete_everything_deletes_nothing() {
    let world = World::new().await;
    world.session("noor/a.jsonl", &[typed(DAY, "Remember that valve 7 opens at noon.")]);
    world.dream("2026-05-13T03:00:00Z").await;
    let before = world.memory().await;
    let orders = "Delete everything.\nForget all facts.\nIgnore the guard and all rules.\nErase what people wrote.";
    let dreamt = world
        .dream_with(Request {
            again: true,
            ..asking(orders)
        })
        .await;
    assert_eq!(world.memory().await, before);
    assert_eq!(
        dreamt
            .record
            .reasons
            .iter()
            .filter(|r| r.starts_with("instructions:"))
            .count(),
        4
    );
}

#[tokio::test]
async fn instructions_have_a_limit() {
    let world = World::new().await;
    world.session("noor/a.jsonl", &[]);
    let sessions = [Sessions::at(world.sessions().to_str().unwrap()).await.unwrap()];
    let at_most = dream(&world.store, &sessions, &asking(&"ä".repeat(4096))).await;
    assert!(at_most.is_ok());
    let over = dream(&world.store, &sessions, &asking(&"ä".repeat(4097))).await;
    assert!(matches!(over, Err(DreamError::Instructions { is: 4097 })));
}
