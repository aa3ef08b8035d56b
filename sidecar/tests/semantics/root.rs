//! Lines 1 to 6: the root.

use std::fs::{self, File};

use remanence_sidecar::AttachmentSettings;
use remanence_store::Author;
use remanence_store::intent::{Base, Create, Entry, Intent, Piece};
use remanence_store::op::Place;
use remanence_store::settings::Settings;
use remanence_store::{FileId, Store};
use rustix::io::Errno;

use crate::common::{Bench, eventually, names};
use crate::errnos::errno;
use crate::faulty::Switch;
use crate::{durable, read_only};

#[test]
fn line_1_the_root_lists_the_notes_and_a_folder_for_each_store() {
    let bench = Bench::new();
    let mut config = bench.config(
        "reviewer",
        vec![
            bench.attachment("project", durable()),
            bench.attachment("reviewer", durable()),
        ],
    );
    config.sessions = Some(bench.sessions());
    let mount = bench.start(config);
    assert_eq!(names(&mount.at), ["AGENTS.md", "CLAUDE.md", "project", "reviewer"]);
    assert!(mount.at.join(".sessions").is_dir());
    assert_eq!(errno(fs::metadata(mount.at.join("nothing"))), Errno::NOENT);
    let without = bench.mount("other", durable());
    assert_eq!(errno(fs::metadata(without.at.join(".sessions"))), Errno::NOENT);
}

#[test]
fn line_2_the_root_is_read_only_and_its_folders_stay() {
    let bench = Bench::new();
    let mut config = bench.config("a", vec![bench.attachment("memory", durable())]);
    config.sessions = Some(bench.sessions());
    let mut mount = bench.start(config);
    let at = mount.at.clone();
    let memory = at.join("memory");
    assert_eq!(errno(fs::write(at.join("new"), "x")), Errno::ROFS);
    assert_eq!(errno(fs::create_dir(at.join("new"))), Errno::ROFS);
    assert_eq!(errno(fs::remove_file(at.join("CLAUDE.md"))), Errno::ROFS);
    assert_eq!(errno(fs::write(at.join("CLAUDE.md"), "x")), Errno::ROFS);
    assert_eq!(errno(fs::rename(at.join("CLAUDE.md"), at.join("x"))), Errno::ROFS);
    for folder in [&memory, &at.join(".sessions")] {
        assert_eq!(errno(fs::remove_dir(folder)), Errno::BUSY);
        assert_eq!(errno(fs::rename(folder, at.join("else"))), Errno::BUSY);
    }
    let sessions = at.join(".sessions");
    fs::write(sessions.join("one.jsonl"), "{}\n").unwrap();
    let running = mount.mount.as_mut().unwrap();
    assert_eq!(bench.runtime.block_on(running.detach(".sessions")), Some(0));
    eventually("the session folder is empty", || names(&sessions).is_empty());
    assert_eq!(errno(fs::write(sessions.join("two.jsonl"), "{}\n")), Errno::ROFS);
}

#[test]
fn line_3_the_notes_tell_of_each_store() {
    let bench = Bench::new();
    let mut project = bench.attachment(
        "project",
        AttachmentSettings {
            instructions: "Ask before you delete.".into(),
            ..durable()
        },
    );
    project.init = Some(Settings {
        description: "What the team knows.".into(),
        ..Settings::memory()
    });
    let mount = bench.start(bench.config("reviewer", vec![project, bench.attachment("rules", durable())]));
    let note = fs::read_to_string(mount.at.join("CLAUDE.md")).unwrap();
    assert_eq!(note, fs::read_to_string(mount.at.join("AGENTS.md")).unwrap());
    let path = mount.at.join("project").display().to_string();
    for words in [
        &path,
        "read and write",
        "What the team knows.",
        "Ask before you delete.",
        "`reviewer`",
        "MEMORY.md",
    ] {
        assert!(note.contains(words), "{words}: {note}");
    }
}

#[test]
fn line_3_the_notes_hold_nothing_that_does_not_show() {
    let bench = Bench::new();
    let mut project = bench.attachment(
        "project",
        AttachmentSettings {
            instructions: "\u{1B}[2JAsk\u{200B} before\u{7} you\u{E0041} delete.\r\nAlways.".into(),
            ..durable()
        },
    );
    project.init = Some(Settings {
        description: "What \u{202E}the\u{202C} team\u{2028} knows, für 記憶.".into(),
        ..Settings::memory()
    });
    let mount = bench.start(bench.config("reviewer", vec![project]));
    let note = fs::read_to_string(mount.at.join("CLAUDE.md")).unwrap();
    for line in [
        "- What it is for: What the team knows, für 記憶.\n",
        "- Instructions: [2JAsk before you delete.\n  Always.\n",
    ] {
        assert!(note.contains(line), "{line}: {note:?}");
    }
}

#[test]
fn line_3_an_agents_name_on_a_store_promises_nothing_about_others() {
    let bench = Bench::new();
    let own = "It bears your name: write here";
    for (agent, settings, says) in [
        ("a", durable(), true),
        ("a", read_only(), false),
        ("b", durable(), false),
    ] {
        let mount = bench.start(bench.config(agent, vec![bench.attachment("a", settings)]));
        let note = fs::read_to_string(mount.at.join("CLAUDE.md")).unwrap();
        assert_eq!(note.contains(own), says, "{note}");
        assert!(!note.contains("nobody else"), "{note}");
    }
}

#[test]
fn line_4_the_status_says_how_old_it_is() {
    let bench = Bench::new();
    let switch = Switch::default();
    let mut attachment = bench.attachment("memory", durable());
    attachment.backend = switch.before(attachment.backend);
    let mount = bench.start(bench.config("a", vec![attachment]));
    let age = || {
        let status = fs::read_to_string(mount.path(".memory/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("last looked: "));
        line.unwrap().strip_suffix(" s ago").unwrap().parse::<f32>().unwrap()
    };
    switch.off();
    eventually("nobody answers", || age() > 1.0);
    switch.on();
    eventually("it is looked at again", || age() < 1.0);
}

#[test]
fn line_4_memory_tells_how_the_store_is_doing() {
    let bench = Bench::new();
    let mount = bench.mount("reviewer", durable());
    fs::write(mount.path("a.md"), "x").unwrap();
    let status = fs::read_to_string(mount.path(".memory/status")).unwrap();
    for words in [
        "store: file://",
        "access: ReadWrite",
        "durability: Store",
        "on conflict: Merge",
        "consistency: CloseToOpen",
        "files: 1 of 10000",
    ] {
        assert!(status.contains(words), "{words}: {status}");
    }
    assert_eq!(fs::read_to_string(mount.path(".memory/conflicts")).unwrap(), "");
    let log = fs::read_to_string(mount.path(".memory/log")).unwrap();
    assert!(log.contains("agent reviewer put /a.md (1 bytes)"), "{log}");
    assert_eq!(names(&mount.path("")), ["a.md"]);
    assert_eq!(names(&mount.path(".memory")), ["conflicts", "log", "status"]);
    assert_eq!(errno(fs::write(mount.path(".memory/status"), "x")), Errno::ROFS);
    assert_eq!(errno(fs::write(mount.path(".memory/new"), "x")), Errno::ROFS);
    assert_eq!(errno(fs::remove_file(mount.path(".memory/status"))), Errno::ROFS);
    assert_eq!(errno(fs::create_dir(mount.path(".memory"))), Errno::EXIST);
}

/// A dream's record, as a dream writes it.
async fn dream(store: &Store) {
    let folder = FileId(77);
    let intents = vec![
        Intent::Mkdir {
            file: folder,
            path: "/.dream".into(),
            place: Place {
                parent: FileId::ROOT,
                name: ".dream".into(),
            },
            mode: 0o755,
            exists_ok: true,
        },
        Intent::Put {
            file: FileId(78),
            path: "/.dream/record.json".into(),
            create: Some(Create::at(Place {
                parent: folder,
                name: "record.json".into(),
            })),
            base: Base::Nothing,
            content: vec![Piece::New("{}".into())],
            mode: None,
            mtime: None,
            expect: None,
        },
    ];
    store
        .commit_all(Entry::new(Author::dream("d1"), intents))
        .await
        .unwrap();
}

#[test]
fn line_5_dreams_records_can_be_read_but_not_written() {
    let bench = Bench::new();
    let mount = bench.mount("a", durable());
    let store = bench.store("memory");
    bench.runtime.block_on(dream(&store));
    let record = mount.path(".dream/record.json");
    eventually("the record is there", || record.exists());
    assert_eq!(fs::read_to_string(&record).unwrap(), "{}");
    assert!(names(&mount.path("")).contains(&".dream".to_owned()));
    assert_eq!(errno(fs::write(&record, "x")), Errno::ROFS);
    assert_eq!(errno(File::options().append(true).open(&record)), Errno::ROFS);
    assert_eq!(errno(fs::remove_file(&record)), Errno::ROFS);
    assert_eq!(errno(fs::write(mount.path(".dream/new"), "x")), Errno::ROFS);
    fs::write(mount.path("x"), "x").unwrap();
    assert_eq!(errno(fs::rename(mount.path("x"), mount.path(".dream/x"))), Errno::ROFS);
    assert_eq!(errno(fs::rename(mount.path(".dream"), mount.path("d"))), Errno::ROFS);
}

#[test]
fn line_6_stores_come_and_go_while_it_runs() {
    let bench = Bench::new();
    let mut mount = bench.mount("a", durable());
    let other = bench.attachment("other", durable());
    let running = mount.mount.as_mut().unwrap();
    bench.runtime.block_on(running.attach(other)).unwrap();
    let file = mount.at.join("other/file");
    eventually("the store is there", || fs::write(&file, "x").is_ok());
    assert_eq!(names(&mount.at), ["AGENTS.md", "CLAUDE.md", "memory", "other"]);
    assert!(
        fs::read_to_string(mount.at.join("CLAUDE.md"))
            .unwrap()
            .contains("## other")
    );
    let open = File::open(&file).unwrap();
    let running = mount.mount.as_mut().unwrap();
    assert_eq!(bench.runtime.block_on(running.detach("other")), Some(0));
    eventually("the store is gone", || !mount.at.join("other").exists());
    assert_eq!(errno(open.metadata()), Errno::STALE);
    assert_eq!(bench.stored("other", "/file").unwrap(), b"x");
}
