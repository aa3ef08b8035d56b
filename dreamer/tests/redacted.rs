//! Redacting a transcript removes the facts that rest on it; people's lines stay.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::{World, at, typed};
use remanence_dreamer::{Dreamt, Request, Sessions, dream, undo};
use remanence_store::maintain::{maintain, redact};
use remanence_store::settings::Settings;
use remanence_store::url::StoreUrl;
use remanence_store::{At, Author, Options, Store};

const DAY: &str = "2026-05-12T09:00:00Z";

struct Desk {
    memory: World,
    sessions: World,
    url: String,
    _dir: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = StoreUrl::of_directory(dir.path());
        let backend = url.connect().await.unwrap();
        let store = Store::open_or_init(backend, &Settings::sessions(), Options::default())
            .await
            .unwrap();
        Self {
            memory: World::new().await,
            sessions: World::in_store(store),
            url: url.to_string(),
            _dir: dir,
        }
    }

    async fn said(&self, path: &str, texts: &[&str]) {
        let lines: Vec<String> = texts.iter().map(|text| typed(DAY, text)).collect();
        self.sessions
            .write(Author::agent("noor"), path, &(lines.join("\n") + "\n"))
            .await;
    }

    async fn dream(&self, now: &str) -> Dreamt {
        let places = [Sessions::at(&self.url).await.unwrap()];
        let request = Request {
            now: Some(at(now)),
            ..Request::default()
        };
        dream(&self.memory.store, &places, &request).await.unwrap()
    }

    /// Puts something else there and redacts what it was.
    async fn redact(&self, path: &str) {
        let store = &self.sessions.store;
        let was = At {
            seq: store.tree().seq,
            op: None,
        };
        self.sessions.write(Author::user("ada"), path, "\n").await;
        redact(store, path, was, Author::user("ada")).await.unwrap();
    }
}

#[tokio::test]
async fn facts_go_with_the_words_they_rest_on() {
    let desk = Desk::new().await;
    desk.said("/a.jsonl", &["Remember that the greenhouse sensor reports in Kelvin."])
        .await;
    desk.said("/b.jsonl", &["Remember that valve 7 opens at noon."]).await;
    desk.dream("2026-05-14T03:00:00Z").await;
    assert!(desk.memory.memory().await.contains("Kelvin"));
    let file = desk.memory.line_of("Valve 7").await;
    let text = desk.memory.read(&file.0).await.unwrap() + "- Kelvin is the name of our cat\n";
    desk.memory.write(Author::user("ada"), &file.0, &text).await;

    desk.redact("/a.jsonl").await;
    let dreamt = desk.dream("2026-05-15T03:00:00Z").await;
    let memory = desk.memory.memory().await;
    assert!(!memory.contains("greenhouse sensor"), "{memory}");
    assert!(
        memory.contains("Valve 7") && memory.contains("the name of our cat"),
        "{memory}"
    );
    assert_eq!(dreamt.record.facts.forgotten, 1);
    assert!(
        dreamt.record.reasons.iter().any(|r| r.contains("redacted")),
        "{:?}",
        dreamt.record.reasons
    );
    let again = desk.dream("2026-05-16T03:00:00Z").await;
    assert_eq!(again.record.result, None, "{:?}", again.record);
}

#[tokio::test]
async fn a_fact_that_other_words_bear_out_stays() {
    let desk = Desk::new().await;
    desk.said("/a.jsonl", &["The greenhouse sensor must report in Kelvin."])
        .await;
    desk.said(
        "/b.jsonl",
        &["Remember that the greenhouse sensor must report in Kelvin."],
    )
    .await;
    desk.dream("2026-05-14T03:00:00Z").await;
    desk.redact("/a.jsonl").await;
    desk.dream("2026-05-15T03:00:00Z").await;
    assert!(desk.memory.memory().await.contains("Kelvin"));
    desk.redact("/b.jsonl").await;
    desk.dream("2026-05-16T03:00:00Z").await;
    assert!(!desk.memory.memory().await.contains("Kelvin"));
}

#[tokio::test]
async fn a_fact_goes_though_its_transcript_is_older_than_retention() {
    let desk = Desk::new().await;
    desk.said("/a.jsonl", &["Remember that the greenhouse sensor reports in Kelvin."])
        .await;
    desk.dream("2026-05-14T03:00:00Z").await;
    for text in ["one", "two", "three"] {
        desk.sessions.write(Author::agent("noor"), "/notes.txt", text).await;
    }
    let store = &desk.sessions.store;
    let read = store.tree().lookup("/a.jsonl").unwrap().version;
    let later = store.clock().now() + Duration::from_hours(48);
    maintain(store, Duration::from_hours(24), later).await.unwrap();
    assert!(store.tree().horizon > read.seq, "it was read before the horizon");
    desk.redact("/a.jsonl").await;
    desk.dream("2026-05-15T03:00:00Z").await;
    assert!(!desk.memory.memory().await.contains("Kelvin"));
}

#[tokio::test]
async fn undo_brings_a_redacted_fact_back_for_no_longer_than_to_the_next_dream() {
    let desk = Desk::new().await;
    desk.said("/a.jsonl", &["Remember that the greenhouse sensor reports in Kelvin."])
        .await;
    desk.dream("2026-05-14T03:00:00Z").await;
    desk.redact("/a.jsonl").await;
    desk.dream("2026-05-15T03:00:00Z").await;
    undo(&desk.memory.store, None, "ada").await.unwrap();
    assert!(desk.memory.memory().await.contains("Kelvin"));
    desk.dream("2026-05-16T03:00:00Z").await;
    assert!(!desk.memory.memory().await.contains("Kelvin"));
}
