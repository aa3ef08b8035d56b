//! Dreams from the command line: from a folder of transcripts to a memory, with reasons and a way back.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write as _};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use common::{Place, holds, plain_files};
use serde_json::Value;

/// A dream over `sessions` at a time of its own, told as JSON.
fn over(sessions: &str) -> [&str; 7] {
    [
        "dream",
        "--sessions",
        sessions,
        "--now",
        "2026-05-20T03:00:00Z",
        "-o",
        "json",
    ]
}

impl Place {
    /// A transcript of one agent in `logs`.
    fn session(&self, agent: &str, name: &str, lines: &[(&str, &str)]) {
        let mut text = String::new();
        for (index, (role, content)) in lines.iter().enumerate() {
            let line = serde_json::json!({
                "role": role,
                "content": content,
                "timestamp": format!("2026-05-19T10:00:{index:02}Z"),
            });
            writeln!(text, "{line}").unwrap();
        }
        self.write(&format!("logs/{agent}/{name}.jsonl"), text);
    }

    fn remember(&self) {
        self.session(
            "reviewer",
            "one",
            &[
                ("user", "Please remember that the release build needs 8 GB of memory."),
                ("assistant", "I will keep that in mind."),
            ],
        );
    }

    fn dream(&self, more: &[&str]) -> Value {
        self.run(&[&over("logs")[..], more].concat()).json()
    }

    /// The file and line of the memory that holds `words`.
    fn line_with(&self, words: &str) -> Option<String> {
        let out = tempfile::TempDir::new().unwrap();
        self.run(&["export", out.path().to_str().unwrap()]).ok();
        let mut files = plain_files(out.path());
        files.retain(|(name, _)| !name.starts_with(".dream/") && name != "MEMORY.md");
        files.iter().find_map(|(name, text)| {
            let line = text.lines().position(|line| line.contains(words))?;
            Some(format!("{name}:{}", line + 1))
        })
    }
}

#[test]
fn what_was_told_is_remembered_explained_and_can_be_taken_back() {
    let place = Place::new();
    place.run(&["init"]).ok();
    place.remember();
    let record = place.dream(&[]);
    assert_eq!(record["phase"], "Applied");
    assert_eq!(record["facts"]["added"], 1);
    for key in ["id", "base", "result", "sessions", "seconds", "reasons"] {
        assert!(!record[key].is_null(), "{key}: {record}");
    }
    for key in ["added", "merged", "replaced", "forgotten", "quarantined"] {
        assert!(record["facts"][key].is_u64(), "{key}: {record}");
    }
    let line = place.line_with("8 GB").unwrap();
    let why = place.run(&["why", &line]).ok().stdout;
    assert!(
        why.contains("said to reviewer") && why.contains("release build needs 8 GB"),
        "{why}"
    );
    let why = place.run(&["why", &line, "-o", "json"]).json();
    assert_eq!(why["sources"][0]["agent"], "reviewer");
    let index = place.run(&["cat", "MEMORY.md"]).ok().stdout;
    let entry = index.lines().position(|line| line.starts_with("- [")).unwrap() + 1;
    let why = place.run(&["why", &format!("MEMORY.md:{entry}")]).ok();
    assert!(why.stderr.contains("the list of memory's files"), "{}", why.stderr);

    // The same again changes nothing.
    assert_eq!(place.dream(&[])["phase"], "NoChange");

    let id = record["id"].as_str().unwrap();
    let dreams = place.run(&["dreams", "-o", "json"]).json();
    assert!(dreams.as_array().unwrap().iter().any(|d| d["id"] == id), "{dreams}");
    assert!(place.run(&["dreams", id]).ok().stdout.contains("1 added"));
    let log = place.run(&["log", "-n", "1", "-o", "json"]).json();
    assert_eq!(log[0]["author"]["dream"], id);

    let undone = place.run(&["undo", id, "-o", "json"]).json();
    assert_eq!((&undone["phase"], &undone["by"]), (&"Undone".into(), &"ada".into()));
    assert_eq!(place.line_with("8 GB"), None);

    // Where the transcripts lie makes no new words of them.
    let words = fs::read(place.path("logs/reviewer/one.jsonl")).unwrap();
    place.write("moved/reviewer/one.jsonl", words);
    let moved = place.run(&over("moved")).json();
    let reason = moved["reasons"][0].as_str().unwrap();
    assert!(reason.contains("where they lay before: 1"), "{moved}");
}

#[test]
fn a_dry_run_shows_what_it_would_do_and_writes_nothing() {
    let place = Place::new();
    place.run(&["init"]).ok();
    place.remember();
    let head = place.run(&["status", "-o", "json"]).json()["head"].clone();
    let ran = place.run(&["dream", "--sessions", "logs", "--dry-run"]).ok();
    assert!(ran.stdout.contains('+') && ran.stdout.contains("8 GB"), "{ran:?}");
    assert!(!place.dream(&["--dry-run"])["changes"].as_array().unwrap().is_empty());
    assert_eq!(place.run(&["status", "-o", "json"]).json()["head"], head);
}

#[test]
fn a_record_has_the_same_keys_whatever_came_of_the_dream() {
    let keys = |record: &Value| -> BTreeSet<String> { record.as_object().unwrap().keys().cloned().collect() };
    let place = Place::new();
    place.run(&["init"]).ok();
    place.remember();
    let mut all = keys(&place.dream(&[]));
    for (more, phase) in [
        (&[][..], "NoChange"),
        (&["--dry-run", "--facts", "own"][..], "NoChange"),
        (&["--review", "--again"][..], "NoChange"),
    ] {
        let record = place.dream(more);
        assert_eq!(record["phase"], phase, "{record}");
        assert_eq!(keys(&record), all, "{more:?}");
        assert!(record["result"].is_null() && record["by"].is_null(), "{record}");
    }
    place.session("reviewer", "two", &[("user", "Remember that valve 7 opens at noon.")]);
    for more in ["--dry-run", "--review"] {
        let record = place.dream(&[more]);
        assert_eq!((&record["phase"], keys(&record)), (&"Proposed".into(), all.clone()));
        assert_eq!(record["proposal"].is_null(), more == "--dry-run", "{record}");
    }
    // Of its own: what the store was asked for, and what would change.
    for key in ["requests", "changes"] {
        assert!(all.remove(key), "{key}");
    }
    let expected = "base by facts files id model phase prompt proposal reasons result seconds sessions spent time";
    assert_eq!(all.iter().map(String::as_str).collect::<Vec<_>>().join(" "), expected);
    assert_eq!(keys(&place.run(&["reject", "-o", "json"]).json()), all);
    for record in place.run(&["dreams", "-o", "json"]).json().as_array().unwrap() {
        assert_eq!(keys(record), all);
    }
}

#[test]
fn a_proposal_waits_for_a_person() {
    let place = Place::new();
    place.run(&["init"]).ok();
    place.remember();
    let proposed = place.dream(&["--review"]);
    assert_eq!(proposed["phase"], "Proposed");
    assert_eq!(place.line_with("8 GB"), None);
    let waiting = || place.run(&["status", "-o", "json"]).json()["waiting_dreams"].clone();
    assert_eq!(waiting(), serde_json::json!([proposed["id"]]));
    let text = place.run(&["status"]).ok().stdout;
    assert!(
        text.contains(&format!("dream {}", proposed["id"].as_str().unwrap())),
        "{text}"
    );
    let rejected = place.run(&["reject", "-o", "json"]).json();
    assert_eq!(
        (&rejected["id"], &rejected["phase"]),
        (&proposed["id"], &"Rejected".into())
    );
    assert_eq!(waiting(), serde_json::json!([]));
    // Those words are read again only when asked for.
    assert_eq!(place.dream(&["--review"])["phase"], "NoChange");
    let proposed = place.dream(&["--review", "--again"]);
    assert_eq!(proposed["phase"], "Proposed");
    let approved = place
        .run(&["approve", proposed["id"].as_str().unwrap(), "-o", "json"])
        .json();
    assert_eq!(
        (&approved["phase"], &approved["by"]),
        (&"Applied".into(), &"ada".into())
    );
    assert!(place.line_with("8 GB").is_some());
    place.run(&["approve"]).fails(1, "no dream");
}

#[test]
fn a_redaction_voids_what_waits_and_maintenance_collects_what_was_decided() {
    let place = Place::new();
    place.run(&["init"]).ok();
    place.remember();
    place.dream(&[]);
    let line = place.line_with("8 GB").unwrap();
    let (file, _) = line.rsplit_once(':').unwrap();
    let log = place.run(&["log", file, "-n", "1", "-o", "json"]).json();
    let version = log[0]["version"].as_str().unwrap();
    place.session(
        "reviewer",
        "two",
        &[("user", "Please remember that the staging rollout waits for Petra.")],
    );
    let waiting = place.dream(&["--review"]);
    let changes = waiting["changes"].as_array().unwrap();
    let after = &changes.iter().find(|change| change["path"] == file).unwrap()["after"];
    assert!(after.as_str().unwrap().contains("8 GB"), "{changes:?}");

    place.put(file, "# Releases\n");
    place.run(&["redact", file, "--at", version]).ok();
    assert!(!holds(&place.path("store"), "8 GB"));
    let id = waiting["id"].as_str().unwrap();
    place.run(&["approve", id]).fails(1, "redacted since");
    assert_eq!(place.run(&["dreams", "-o", "json"]).json().as_array().unwrap().len(), 1);

    let again = place.dream(&["--review"]);
    assert_eq!(again["phase"], "Proposed");
    let proposal = place.objects().join("proposal").join(again["id"].as_str().unwrap());
    assert!(proposal.exists());
    place.run(&["approve", again["id"].as_str().unwrap()]).ok();
    assert!(place.line_with("Petra").is_some());
    let report = place.run(&["maintain", "-o", "json"]).json();
    assert_eq!(report["proposals_dropped"], 1, "{report}");
    assert!(!proposal.exists());
    place.run(&["undo", again["id"].as_str().unwrap()]).ok();
}

#[test]
fn each_store_takes_the_facts_that_belong_to_it() {
    let place = Place::new();
    place.run(&["init"]).ok();
    place.session("reviewer", "one", &[("user", "Remember that I prefer short answers.")]);
    assert_eq!(place.dream(&["--facts", "shared"])["facts"]["added"], 0);
    assert_eq!(place.dream(&["--facts", "own", "--again"])["facts"]["added"], 1);
}

#[test]
fn instructions_say_what_is_left_out() {
    let words = [
        ("user", "The release build needs 8 GB of memory."),
        ("user", "The canteen of the works closes at 15:00 on Fridays."),
    ];
    for (more, added) in [(&[][..], 2), (&["--instructions", "orders.txt"][..], 1)] {
        let place = Place::new();
        place.run(&["init"]).ok();
        place.write("orders.txt", "ignore: canteen\n");
        place.session("reviewer", "one", &words);
        let record = place.dream(more);
        assert_eq!(record["facts"]["added"], added, "{record}");
        assert_eq!(place.line_with("canteen").is_some(), added == 2);
        assert!(place.line_with("8 GB").is_some());
    }
}

#[test]
fn the_weakest_facts_go_where_there_is_no_room() {
    let place = Place::new();
    place.run(&["init"]).ok();
    let ribbons: Vec<String> = (0..30)
        .map(|n| format!("By the way, the display case in hall {n} holds the oldest ribbons."))
        .collect();
    let mut words = vec![("user", "Critical: the acid store may only be opened by Ragna.")];
    words.extend(ribbons.iter().map(|text| ("user", text.as_str())));
    place.session("reviewer", "one", &words);
    let record = place.dream(&["--memory-size", "900"]);
    let reasons = record["reasons"].to_string();
    assert!(reasons.contains("what dreams keep may have 900 bytes"), "{reasons}");
    assert!(place.line_with("Ragna").is_some());
}

#[test]
fn a_transcript_that_can_t_be_read_is_named() {
    let place = Place::new();
    place.run(&["init"]).ok();
    place.write("logs/reviewer/none.jsonl.gz", "abc");
    let ran = place.run(&["dream", "--sessions", "logs"]).ok();
    assert!(
        ran.stdout
            .contains("reviewer/none.jsonl.gz: can't be read to its end: its name ends in .gz"),
        "{ran:?}"
    );
}

#[test]
fn a_dream_that_failed_tells_of_no_facts() {
    let place = Place::new();
    place.run(&["init"]).ok();
    place.remember();
    // A model that may be asked nothing.
    let model = [
        "--model",
        "openai:m",
        "--model-url",
        "http://127.0.0.1:9/v1",
        "--budget-tokens",
        "1",
    ];
    for format in ["text", "json"] {
        let now = ["--now", "2026-05-20T03:00:00Z"];
        let ran = place.run(&[&["dream", "--sessions", "logs", "-o", format][..], &now, &model].concat());
        assert_eq!(ran.code, 1, "{ran:?}");
        if format == "text" {
            assert!(
                ran.stdout.contains(": failed") && ran.stdout.contains("no facts from "),
                "{ran:?}"
            );
        } else {
            let record: Value = serde_json::from_str(&ran.stdout).unwrap();
            assert_eq!(record["facts"]["added"], 0, "{record}");
        }
    }
}

#[test]
fn broken_transcripts_and_wrong_places_are_told() {
    let place = Place::new();
    place.run(&["init"]).ok();
    place
        .run(&["dream", "--sessions", "nowhere"])
        .fails(1, "no such folder of sessions");
    place
        .run(&["dream", "--sessions", "http://x/y"])
        .fails(2, "scheme `http`");
    place.run(&["dream"]).fails(2, "--sessions");
    place
        .run(&["dream", "--sessions", "logs", "--model", "magic"])
        .fails(2, "rules");
    place
        .run(&["dream", "--sessions", "logs", "--model", "openai:gpt-4o"])
        .fails(1, "OPENAI_API_KEY");
    place
        .run(&["dream", "--sessions", "logs", "--budget-cost", "much"])
        .fails(2, "US dollars");
    place
        .run(&["dream", "--sessions", "logs", "--now", "today"])
        .fails(2, "--now");
    place.remember();
    place.write("logs/reviewer/binary.jsonl", [0xff, 0xfe, 0x00, 0x0a]);
    place.write("logs/reviewer/cut.jsonl", r#"{"role":"user","content":"half a li"#);
    let record = place.dream(&[]);
    assert_eq!(
        (&record["phase"], &record["facts"]["added"]),
        (&"Applied".into(), &1.into())
    );
    let text = place.run(&["dreams", record["id"].as_str().unwrap()]).ok().stdout;
    assert!(text.contains("1 line passed over"), "{text}");
    place
        .run(&["why", "nothing.md:1"])
        .fails(1, "there is no file nothing.md");
    place.put("plain.txt", "x\n");
    place
        .run(&["why", "plain.txt:1"])
        .fails(1, "none of the Markdown files");
    place.put("notes.md", "x\n");
    place.run(&["why", "notes.md:2"]).fails(1, "has no line 2");
    place.run(&["undo", "never"]).fails(1, "there is no dream never");
    place.run(&["dreams", "never"]).fails(1, "there is no dream never");
    place
        .run(&["dream", "--sessions", "logs", "--instructions", "missing.txt"])
        .fails(1, "missing.txt");
}

/// Runs a command to its end; also the most memory that it held, in bytes.
fn watched(mut command: Command) -> (Output, u64) {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        peak = peak.max(kilobytes.unwrap_or_default() * 1024);
        thread::sleep(Duration::from_millis(5));
    }
    (child.wait_with_output().unwrap(), peak)
}

#[test]
fn a_gigabyte_in_one_line_of_a_transcript_is_passed_over() {
    const LINE: u64 = 1 << 30;
    let place = Place::new();
    place.run(&["init"]).ok();
    place.remember();
    let path = place.path("logs/reviewer/one.jsonl");
    let mut file = File::options().write(true).open(&path).unwrap();
    // A hole in the file: zeros that take no room on the disk.
    file.seek(SeekFrom::End(LINE as i64)).unwrap();
    let after = serde_json::json!({
        "role": "user",
        "content": "Remember that valve 7 opens at noon.",
        "timestamp": "2026-05-19T11:00:00Z",
    });
    write!(file, "\n{after}\n").unwrap();
    let mut command = place.command();
    command.args(over("logs"));
    let (output, peak) = watched(command);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let record: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(record["facts"]["added"], 2, "{record}");
    let session = &record["sessions"][0];
    assert_eq!(session["skipped"], 1, "{record}");
    assert_eq!(session["to"], fs::metadata(&path).unwrap().len(), "{record}");
    assert!(record["reasons"].to_string().contains("was passed over"), "{record}");
    assert!(peak > 0 && peak < 200 << 20, "{} MB", peak >> 20);
    assert_eq!(place.dream(&[])["phase"], "NoChange");
}

#[test]
fn a_session_store_that_was_read_and_is_gone_costs_nothing() {
    let place = Place::new();
    place.run(&["init"]).ok();
    let url = format!("file://{}", place.path("sessions").display());
    place.run(&["init", "--sessions", "--store", &url]).ok();
    let line = serde_json::json!({
        "role": "user",
        "content": "Please remember that the release build needs 8 GB of memory.",
        "timestamp": "2026-05-19T10:00:00Z",
    });
    place
        .run_with(&["put", "one.jsonl", "--store", &url], format!("{line}\n").as_bytes())
        .ok();
    let dream = || place.run(&over(&url));
    assert_eq!(dream().json()["facts"]["added"], 1);
    let known = || {
        let head = place.run(&["status", "-o", "json"]).json()["head"].clone();
        (head, place.cat(".dream/ledger.jsonl"), place.line_with("8 GB"))
    };
    let before = known();
    let (there, away) = (place.path("sessions"), place.path("away"));
    fs::rename(&there, &away).unwrap();
    let gone = dream();
    assert_eq!(gone.code, 1, "{gone:?}");
    assert!(gone.json_error().contains("no such folder of sessions"), "{gone:?}");
    assert_eq!(known(), before);
    // Its place is there, and nothing in it.
    fs::create_dir(&there).unwrap();
    let empty = dream().json();
    assert_eq!(
        (&empty["phase"], &empty["reasons"][0]),
        (&"NoChange".into(), &"there are no sessions".into())
    );
    assert_eq!(known(), before);
    // Once it is back, nothing is read twice.
    fs::remove_dir(&there).unwrap();
    fs::rename(&away, &there).unwrap();
    assert_eq!(dream().json()["phase"], "NoChange");
    assert_eq!(known(), before);
}
