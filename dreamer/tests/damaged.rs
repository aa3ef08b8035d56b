//! Broken transcripts: none of them makes a Dream fail or costs the words around the damage.
#![allow(clippy::unwrap_used)]

mod common;

use std::io::Write;

use common::desk::Desk;
use common::typed;
use flate2::Compression;
use flate2::write::GzEncoder;

const BEFORE: &str = "Remember that the tower clock is wound on Sundays.";
const AFTER: &str = "Remember that the bell rope was made by Ysolde.";

/// The damage between two good lines.
fn survives(name: &str, damage: &[u8]) -> Desk {
    let mut desk = Desk::default();
    let mut bytes = typed("2026-05-04T10:00:00Z", BEFORE).into_bytes();
    bytes.push(b'\n');
    bytes.extend_from_slice(damage);
    bytes.push(b'\n');
    bytes.extend_from_slice(typed("2026-05-04T11:00:00Z", AFTER).as_bytes());
    bytes.push(b'\n');
    desk.bytes("kai/a.jsonl", bytes);
    let plan = desk.dream(5);
    assert_eq!(plan.refused, None, "{name}");
    assert_eq!(desk.facts().len(), 2, "{name}: {:#?}", desk.facts());
    desk.fact("tower clock");
    desk.fact("Ysolde");
    assert!(!desk.has("wreckage"), "{name}");
    let second = desk.dream(6);
    assert!(second.writes.is_empty() && !second.moved, "{name}");
    desk
}

#[test]
fn lines_that_are_no_json() {
    survives(
        "a cut line",
        br#"{"type":"user","message":{"role":"user","content":"remember wreck"#,
    );
    survives("text", b"wreckage\n\n   \n[1,2]\nnull\n\"wreckage\"\n{}");
    survives(
        "binary",
        &(0..=255u8)
            .cycle()
            .take(9000)
            .map(|b| if b == b'\n' { 0 } else { b })
            .collect::<Vec<_>>(),
    );
    survives(
        "not UTF-8",
        b"{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"\xc3\x28 wreckage\"}}",
    );
    survives("zeros", &[0; 4096]);
}

#[test]
fn lines_of_unknown_or_odd_shape() {
    for line in [
        r#"{"type":"hologram","content":"remember that wreckage floats"}"#,
        r#"{"type":"user"}"#,
        r#"{"type":"user","message":null}"#,
        r#"{"type":"user","message":{"role":"user","content":42}}"#,
        r#"{"type":"user","message":{"role":"user","content":[null,3,{"type":"text","text":null}]}}"#,
        r#"{"type":"user","timestamp":"some-day","message":{"role":"user","content":"ok"}}"#,
        r#"{"type":"user","isSidechain":true,"message":{"role":"user","content":"Remember that wreckage floats."}}"#,
        r#"{"type":"summary","summary":"Remember that wreckage floats."}"#,
        r#"{"type":"user","type":"user","message":{"role":"user","content":"half \ud83d wreckage?"}}"#,
    ] {
        survives(line, line.as_bytes());
    }
}

#[test]
fn nesting_without_end() {
    let depth = 200_000;
    survives(
        "arrays",
        format!("{{\"role\":\"user\",\"content\":{}", "[".repeat(depth)).as_bytes(),
    );
    survives(
        "objects",
        ("{\"a\":".repeat(depth) + "1" + &"}".repeat(depth)).as_bytes(),
    );
}

#[test]
fn a_line_of_twenty_megabytes() {
    let dump = "wreckage ".repeat(20 << 17);
    let line = format!(r#"{{"type":"user","message":{{"role":"user","content":"Remember that {dump}"}}}}"#);
    assert!(line.len() > 20 << 20);
    let desk = survives("a long line", line.as_bytes());
    assert!(desk.all().len() < 4000);
}

#[test]
fn what_is_too_long_to_be_read_is_named() {
    let event = "{\n\"role\": \"user\",\n\"content\": \"Remember that wreckage floats.\"\n}";
    let document = format!("[\n{}\n]\n", vec![event; 80_000].join(",\n"));
    let line = format!(
        "{{\"role\": \"user\", \"content\": \"{}\"}}\n",
        "wreckage ".repeat(1 << 19)
    );
    for bytes in [document, line] {
        let size = bytes.trim_end().len();
        assert!(size > 4 << 20);
        let mut desk = Desk::default();
        desk.typed("kai/a.jsonl", 4, BEFORE);
        desk.bytes("kai/export.json", bytes.into_bytes());
        let plan = desk.dream(5);
        let told = |why: &&String| why.starts_with("kai/export.json: a line, or a document of many lines, has ");
        let why = plan.reasons.iter().find(told).unwrap();
        assert!(why.ends_with("at most 4194304 are read"), "{why}");
        let said: usize = why.split(' ').find_map(|word| word.parse().ok()).unwrap();
        assert!((size..=size + 1).contains(&said), "{why}");
        desk.fact("tower clock");
        assert!(!desk.has("wreckage"));
    }
}

#[test]
fn a_resumed_session_repeats_its_words() {
    let mut desk = Desk::default();
    desk.typed("kai/a.jsonl", 4, BEFORE)
        .typed("kai/b.jsonl", 4, BEFORE)
        .typed("kai/b.jsonl", 4, BEFORE);
    desk.dream(5);
    desk.fact("tower clock");
    assert_eq!(desk.ledger.facts[0].sources.len(), 1);
}

#[test]
fn half_a_last_line_waits() {
    let mut desk = Desk::default();
    let whole = typed("2026-05-04T10:00:00Z", BEFORE);
    desk.bytes("kai/a.jsonl", whole.as_bytes()[..whole.len() - 9].to_vec());
    desk.dream(5);
    assert!(desk.facts().is_empty());
    // Without a newline, but complete.
    desk.bytes("kai/a.jsonl", whole.into_bytes());
    desk.dream(6);
    desk.fact("tower clock");
}

#[test]
fn archives_whole_and_cut() {
    let mut text = Vec::new();
    for n in 0..400 {
        let words = format!("Remember that shelf number {n} of the archive is kept by warden{n}.");
        text.extend_from_slice((typed("2026-05-04T10:00:00Z", &words) + "\n").as_bytes());
    }
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    zip.write_all(&text).unwrap();
    let zip = zip.finish().unwrap();
    let mut whole = Desk::default();
    whole.bytes("kai/a.jsonl.gz", zip.clone());
    whole.dream(5);
    assert!(whole.has("warden399"));
    assert!(!whole.dream(6).moved);
    let mut cut = Desk::default();
    cut.bytes("kai/a.jsonl.gz", zip[..zip.len() / 2].to_vec());
    cut.version = Some("1".into());
    let plan = cut.dream(5);
    assert!(plan.sessions[0].broken.is_some());
    assert!(cut.has("warden0 ") || cut.has("warden0"));
    let again = cut.dream(6);
    assert!(again.sessions.is_empty() && !again.moved, "it stays damaged");
}

#[test]
fn an_archive_of_which_nothing_can_be_read_is_named() {
    let mut zip = GzEncoder::new(Vec::new(), Compression::default());
    zip.write_all(typed("2026-05-04T10:00:00Z", BEFORE).as_bytes()).unwrap();
    let zip = zip.finish().unwrap();
    for bytes in [&zip[..zip.len() / 2], &zip[..12], b"abc", b"a"] {
        let mut desk = Desk::default();
        desk.bytes("kai/a.jsonl.gz", bytes.to_vec());
        desk.version = Some("1".into());
        let plan = desk.dream(5);
        assert_eq!(plan.sessions.len(), 1, "{bytes:?}");
        assert!(plan.sessions[0].broken.is_some(), "{bytes:?}: {:?}", plan.sessions);
        assert!(desk.dream(6).sessions.is_empty(), "it is named once");
    }
    // A line that is not whole yet is no damage.
    let mut plain = Desk::default();
    plain.bytes("kai/a.jsonl", b"abc".to_vec());
    assert!(plain.dream(5).sessions.is_empty());
}

#[test]
fn what_cannot_be_read_now_is_read_another_time() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, BEFORE);
    let first = desk.sessions["kai/a"].len();
    desk.typed("kai/a", 4, AFTER);
    desk.version = Some("1".into());
    for (day, fails_at) in [(5, 0), (6, first + 10), (7, first + 10), (8, 10)] {
        desk.fails_at = Some(fails_at);
        let plan = desk.dream(day);
        assert!(plan.sessions[0].broken.is_some(), "day {day}");
        assert_eq!(plan.moved, day == 6, "day {day}");
        assert_eq!(
            desk.facts().len(),
            usize::from(day > 5),
            "day {day}: {:#?}",
            desk.facts()
        );
    }
    desk.fails_at = None;
    desk.dream(9);
    desk.fact("tower clock");
    desk.fact("Ysolde");
    assert!(desk.dream(10).sessions.is_empty());
}

#[test]
fn what_cannot_be_opened_now_is_read_another_time() {
    for version in [None, Some("1".to_owned())] {
        let mut desk = Desk::default();
        desk.version = version;
        desk.shut = Some("kai/a.jsonl".into());
        desk.typed("kai/a.jsonl", 4, BEFORE).typed("lin/b.jsonl", 4, AFTER);
        let plan = desk.dream(5);
        desk.fact("Ysolde");
        assert_eq!(desk.facts().len(), 1, "{:#?}", desk.facts());
        let broken: Vec<_> = plan.sessions.iter().filter_map(|read| read.broken.as_deref()).collect();
        assert_eq!(broken, ["it cannot be read now: it went away"]);
        desk.shut = None;
        desk.dream(6);
        desk.fact("tower clock");
        // One that was read before keeps its place.
        desk.typed("lin/b.jsonl", 7, "Remember that the gong is struck at noon.");
        desk.shut = Some("lin/b.jsonl".into());
        desk.version = desk.version.map(|_| "2".to_owned());
        desk.dream(8);
        assert!(!desk.has("gong"), "{:#?}", desk.facts());
        desk.shut = None;
        let plan = desk.dream(9);
        desk.fact("gong");
        let read = plan.sessions.iter().find(|read| read.path == "lin/b.jsonl");
        assert!(
            read.is_some_and(|read| read.from > 0 && read.broken.is_none()),
            "{read:?}"
        );
    }
}

#[test]
fn a_transcript_that_was_rewritten_is_read_anew() {
    let mut desk = Desk::default();
    desk.typed("kai/a.jsonl", 4, BEFORE).typed("kai/a.jsonl", 4, "thanks");
    desk.dream(5);
    desk.sessions.clear();
    desk.typed("kai/a.jsonl", 6, AFTER)
        .typed("kai/a.jsonl", 6, "and now something else, thanks a lot for all of it");
    desk.dream(7);
    desk.fact("tower clock");
    desk.fact("Ysolde");
}

#[test]
fn a_broken_ledger_costs_no_line() {
    let mut desk = Desk::default();
    desk.typed("kai/a.jsonl", 4, BEFORE);
    desk.dream(5);
    let broken = desk.ledger.render().replace("\"is\":\"fact\"", "\"is\":\"fa");
    desk.ledger = remanence_dreamer::ledger::Ledger::parse(&broken);
    let before = desk.files.clone();
    desk.dream(6);
    assert_eq!(desk.files, before, "a line the ledger does not know is somebody's");
    desk.again = true;
    desk.dream(7);
    desk.fact("tower clock");
}

#[test]
fn clocks_that_are_wrong() {
    let mut desk = Desk::default();
    desk.line("kai/a.jsonl", &typed("1970-01-01T00:00:01Z", BEFORE))
        .line("kai/a.jsonl", &typed("2099-01-01T00:00:00Z", AFTER));
    let plan = desk.dream(5);
    assert_eq!(plan.refused, None);
    assert_eq!(desk.facts().len(), 2);
    assert!(!desk.has("2099"), "{}", desk.all());
    // Words from the future are forgotten and replaced like others.
    desk.typed("kai/b", 6, "Please forget about the bell rope.");
    desk.dream(7);
    assert!(!desk.has("Ysolde"), "{}", desk.all());
    desk.line(
        "kai/c.jsonl",
        &typed("2099-01-01T00:00:00Z", "The kiln service must use port 4100."),
    );
    desk.dream(8);
    desk.typed("kai/d", 9, "The kiln service must use port 4200 from now on.");
    desk.dream(10);
    desk.fact("4200");
    assert!(!desk.has("4100"), "{}", desk.all());
}
