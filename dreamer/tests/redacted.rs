//! Redacting a transcript removes the facts that rest on it; people's lines stay.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::{World, at, tool, typed};
use remanence_dreamer::{ByAddress, Dreamt, Request, Sessions, dream, undo};
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
        let was = self.now();
        self.sessions.write(Author::user("ada"), path, "\n").await;
        self.redact_at(path, was).await;
    }

    fn now(&self) -> At {
        At {
            seq: self.sessions.store.tree().seq,
            op: None,
        }
    }

    async fn redact_at(&self, path: &str, was: At) {
        let store = &self.sessions.store;
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

#[tokio::test]
async fn what_a_cleaned_transcript_still_says_stays() {
    const SENSOR: &str = "Remember that the greenhouse sensor reports in Kelvin.";
    const SECRET: &str = "Remember that Ilse Varga has diabetes.";
    const RULE: &str = "Never water the ferns at noon, their leaves burn.";
    for dreams_between in [false, true] {
        let desk = Desk::new().await;
        desk.said("/a.jsonl", &[SENSOR, SECRET, RULE]).await;
        desk.dream("2026-05-14T03:00:00Z").await;
        assert!(desk.memory.memory().await.contains("diabetes"));
        let was = desk.now();
        desk.said("/a.jsonl", &[SENSOR, RULE]).await;
        if dreams_between {
            desk.dream("2026-05-14T15:00:00Z").await;
        }
        desk.redact_at("/a.jsonl", was).await;
        let dreamt = desk.dream("2026-05-15T03:00:00Z").await;
        let memory = desk.memory.memory().await;
        assert!(!memory.contains("diabetes"), "{memory}");
        assert!(memory.contains("Kelvin") && memory.contains("ferns"), "{memory}");
        assert_eq!(dreamt.record.facts.forgotten, 1, "{:?}", dreamt.record);
        let (path, line) = desk.memory.line_of("ferns").await;
        let why = remanence_dreamer::why(&desk.memory.store, &path, line, &ByAddress)
            .await
            .unwrap();
        let words = why.sources[0].words.as_deref().unwrap_or_default();
        assert!(words.contains("ferns"), "{why:?}");
        assert_eq!(why.sources[0].line, Some(2));
        let again = desk.dream("2026-05-16T03:00:00Z").await;
        assert_eq!(again.record.result, None, "{:?}", again.record);

        // Now it is redacted where it stands now.
        desk.redact("/a.jsonl").await;
        desk.dream("2026-05-17T03:00:00Z").await;
        let memory = desk.memory.memory().await;
        assert!(!memory.contains("Kelvin") && !memory.contains("ferns"), "{memory}");
    }
}

#[tokio::test]
async fn a_command_that_a_cleaned_transcript_still_shows_stays() {
    let desk = Desk::new().await;
    let begin = typed("2026-05-12T08:00:00Z", "please run the checks");
    let secret = typed("2026-05-12T08:30:00Z", "Remember that Ilse Varga has diabetes.");
    let command = tool(DAY, "make lint", "all is well");
    let write = |lines: Vec<&String>| lines.iter().fold(String::new(), |out, line| format!("{out}{line}\n"));
    let (full, clean) = (write(vec![&begin, &secret, &command]), write(vec![&begin, &command]));
    desk.sessions.write(Author::agent("noor"), "/a.jsonl", &full).await;
    desk.dream("2026-05-14T03:00:00Z").await;
    assert!(desk.memory.memory().await.contains("make lint"));
    let was = desk.now();
    desk.sessions.write(Author::agent("noor"), "/a.jsonl", &clean).await;
    desk.redact_at("/a.jsonl", was).await;
    desk.dream("2026-05-15T03:00:00Z").await;
    let memory = desk.memory.memory().await;
    assert!(memory.contains("make lint") && !memory.contains("diabetes"), "{memory}");
}
