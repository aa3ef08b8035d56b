//! A Dream from end to end on a real store: what it writes, that it stops, that it can be explained and taken back.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::{World, at, said, typed};
use remanence_dreamer::{
    ByAddress, DreamError, Dreamt, Phase, Request, Sessions, evidence_of_commit, evidence_of_proposal,
};
use remanence_store::backend::counted::Counted;
use remanence_store::maintain::maintain;
use remanence_store::settings::Settings;
use remanence_store::url::StoreUrl;
use remanence_store::{At, Author, Options, Store};

const DAY1: &str = "2026-05-12T09:00:00Z";
const DAY2: &str = "2026-05-13T09:00:00Z";
const NIGHT: &str = "2026-05-14T03:00:00Z";
const LATER: &str = "2026-05-20T03:00:00Z";

fn request(now: &str) -> Request {
    Request {
        now: Some(at(now)),
        ..Request::default()
    }
}

/// The world's sessions as plain logs, which no store keeps.
async fn plain_logs(world: &World) -> Sessions {
    let url = StoreUrl::of_directory(&world.sessions());
    Sessions::Logs(url.connect().await.unwrap().read_only())
}

async fn with_two_facts() -> World {
    let world = World::new().await;
    world.session(
        "noor/a.jsonl",
        &[typed(
            DAY1,
            "Please remember that the greenhouse sensor reports in Kelvin.",
        )],
    );
    world.session(
        "kai/b.jsonl",
        &[typed(DAY2, "Never restart the pump by hand, it loses its calibration.")],
    );
    world
}

#[tokio::test]
async fn what_was_said_is_in_memory_and_once_is_enough() {
    let world = with_two_facts().await;
    let first = world.dream(NIGHT).await;
    assert_eq!(first.record.phase, Phase::Applied);
    assert_eq!(first.record.facts.added, 2);
    let memory = world.memory().await;
    assert!(
        memory.contains("- The greenhouse sensor reports in Kelvin (2026-05-12)"),
        "{memory}"
    );
    assert!(memory.contains("loses its calibration"), "{memory}");
    let rules = world.read("/working-rules.md").await.unwrap();
    let head = "---\nname: working-rules\ndescription: How to work here\ntype: feedback\n---\n# Working rules\n\n- Never restart";
    assert!(rules.starts_with(head), "{rules}");
    let index = world.read("/MEMORY.md").await.unwrap();
    assert!(index.lines().count() < 20 && index.contains(".md)"), "{index}");

    let head = world.store.tree().seq;
    for request in [
        Request::default(),
        Request {
            again: true,
            ..Request::default()
        },
    ] {
        let second = world
            .dream_with(Request {
                now: Some(at(LATER)),
                ..request
            })
            .await;
        assert_eq!(second.record.phase, Phase::NoChange, "{:?}", second.record);
        assert!(!second.record.reasons.is_empty());
    }
    assert_eq!(world.store.sync().await.unwrap(), head, "nothing was committed");
    assert_eq!(world.memory().await, memory);
}

#[tokio::test]
async fn a_growing_transcript_is_read_on_from_where_it_was_left() {
    let world = World::new().await;
    let old = typed(DAY1, "Please remember that the greenhouse sensor reports in Kelvin.");
    let half = typed(DAY2, "Remember: valve 7 opens at noon.");
    world.session_bytes("noor/a.jsonl", format!("{old}\n{}", &half[..half.len() / 2]).as_bytes());
    let first = world.dream(NIGHT).await;
    assert_eq!(first.record.sessions[0].to, old.len() as u64 + 1, "half a line waits");
    world.session("noor/a.jsonl", &[old.clone(), half]);
    let second = world.dream(LATER).await;
    assert_eq!(second.record.sessions[0].from, old.len() as u64 + 1);
    assert_eq!(second.record.facts.added, 1);
    assert!(world.memory().await.contains("Valve 7 opens at noon"));
}

#[tokio::test]
async fn talk_that_leaves_nothing_moves_the_cursor_alone() {
    let world = with_two_facts().await;
    world.dream(NIGHT).await;
    let memory = world.memory().await;
    world.session("noor/c.jsonl", &[typed(DAY2, "haha, well done"), said(DAY2, "Thanks!")]);
    let second = world.dream(LATER).await;
    assert_eq!(second.record.phase, Phase::NoChange);
    assert!(second.record.result.is_some(), "the cursor is committed");
    assert_eq!(world.memory().await, memory);
    assert!(world.dream(LATER).await.record.result.is_none(), "once");
}

#[tokio::test]
async fn every_line_is_traced_to_the_words_it_rests_on() {
    let world = with_two_facts().await;
    let dreamt = world.dream(NIGHT).await;
    let (path, line) = world.line_of("Kelvin").await;
    let why = remanence_dreamer::why(&world.store, &path, line, &ByAddress)
        .await
        .unwrap();
    assert_eq!(why.dream.as_deref(), Some(dreamt.record.id.as_str()));
    assert_eq!(why.sources.len(), 1);
    assert_eq!(
        (why.sources[0].agent.as_str(), why.sources[0].path.as_str()),
        ("noor", "noor/a.jsonl")
    );
    assert_eq!(why.sources[0].line, Some(1));
    let words = why.sources[0].words.as_deref().unwrap();
    assert_eq!(words, "Please remember that the greenhouse sensor reports in Kelvin.");
    assert!(matches!(
        remanence_dreamer::why(&world.store, &path, 999, &ByAddress).await,
        Err(DreamError::NoLine { line: 999, .. })
    ));
}

#[tokio::test]
async fn a_proposal_and_a_commit_show_the_words_beside_each_line() {
    let world = with_two_facts().await;
    let request = Request {
        now: Some(at(NIGHT)),
        review: true,
        ..Request::default()
    };
    let waiting = world.dream_with(request).await;
    let id = &waiting.record.id;
    let proposed = evidence_of_proposal(&world.store, id, &ByAddress).await.unwrap();
    for line in &proposed {
        let file = waiting.changes.iter().find(|change| change.path == line.path).unwrap();
        let text = file.after.as_deref().unwrap();
        let there = text.lines().nth(line.line - 1).unwrap();
        assert_eq!(
            there,
            format!("- {}", line.text),
            "lines are numbered as they would stand"
        );
    }
    let applied = remanence_dreamer::approve(&world.store, Some(id), "ada").await.unwrap();
    let commit = applied.result.unwrap();
    let committed = evidence_of_commit(&world.store, commit, &ByAddress).await.unwrap();
    for evidence in [&proposed, &committed] {
        assert_eq!(evidence.len(), 2, "{evidence:?}");
        let kelvin = evidence.iter().find(|line| line.text.contains("Kelvin")).unwrap();
        let source = &kelvin.sources[0];
        assert_eq!((source.path.as_str(), source.line), ("noor/a.jsonl", Some(1)));
        assert!(
            source.words.as_deref().unwrap().contains("reports in Kelvin"),
            "{source:?}"
        );
    }
    // What it found there is the Dream's no more once it is decided.
    let decided = evidence_of_proposal(&world.store, id, &ByAddress).await;
    assert!(matches!(decided, Err(DreamError::Phase { .. })), "{decided:?}");
    // A line that others wrote rests on nothing that is known.
    let (path, _) = world.line_of("Kelvin").await;
    let text = world.read(&path).await.unwrap() + "- A remark of mine.\n";
    world.write(Author::user("ada"), &path, &text).await;
    let head = world.store.tree().seq;
    assert!(
        evidence_of_commit(&world.store, head, &ByAddress)
            .await
            .unwrap()
            .is_empty(),
        "a person's commit"
    );
    // Sessions that are gone are noted, once for each line.
    std::fs::remove_dir_all(world.sessions()).unwrap();
    let gone = evidence_of_commit(&world.store, commit, &ByAddress).await.unwrap();
    assert!(
        gone.iter()
            .all(|line| line.sources.iter().all(|s| s.words.is_none() && s.note.is_some())),
        "{gone:?}"
    );
}

#[tokio::test]
async fn one_command_takes_a_dream_back_and_it_does_not_return() {
    let world = with_two_facts().await;
    let first = world.dream(NIGHT).await;
    let before = world.memory().await;
    world.session(
        "noor/c.jsonl",
        &[typed(
            DAY2,
            "Remember that the greenhouse door code is kept by Sunniva.",
        )],
    );
    world.dream(LATER).await;
    assert!(world.memory().await.contains("Sunniva"));
    let undone = remanence_dreamer::undo(&world.store, None, "ada").await.unwrap();
    assert_eq!(undone.phase, Phase::Undone);
    assert_eq!(world.memory().await, before);
    world.dream("2026-05-21T03:00:00Z").await;
    assert_eq!(world.memory().await, before, "its words are read again only when asked");
    remanence_dreamer::undo(&world.store, Some(&first.record.id), "ada")
        .await
        .unwrap();
    assert_eq!(world.memory().await, "");
    let again = remanence_dreamer::undo(&world.store, Some(&first.record.id), "ada").await;
    assert!(matches!(
        again,
        Err(DreamError::Phase {
            phase: Phase::Undone,
            ..
        })
    ));
    let phases: Vec<Phase> = remanence_dreamer::dreams(&world.store)
        .await
        .unwrap()
        .iter()
        .map(|r| r.phase)
        .collect();
    assert_eq!(phases.iter().filter(|p| **p == Phase::Undone).count(), 2);
}

#[tokio::test]
async fn undo_keeps_what_was_written_since() {
    let world = with_two_facts().await;
    let first = world.dream(NIGHT).await;
    world.session(
        "noor/c.jsonl",
        &[typed(DAY2, "Remember that the greenhouse door opens at noon.")],
    );
    world.dream(LATER).await;
    let (path, _) = world.line_of("Kelvin").await;
    assert_eq!(
        world.line_of("noon").await.0,
        path,
        "the second dream added to the file"
    );
    let text = world.read(&path).await.unwrap();
    let heading = text.lines().find(|line| line.starts_with("# ")).unwrap();
    let edited = text.replace(heading, &format!("{heading}\n\nA remark of mine."));
    world.write(Author::user("ada"), &path, &edited).await;
    remanence_dreamer::undo(&world.store, None, "ada").await.unwrap();
    let left = world.read(&path).await.unwrap();
    assert!(left.contains("A remark of mine.") && left.contains("Kelvin"), "{left}");
    assert!(!left.contains("noon"), "{left}");
    // The first dream made the file: taking it back would take the remark, too.
    let result = remanence_dreamer::undo(&world.store, Some(&first.record.id), "ada").await;
    assert!(matches!(result, Err(DreamError::InTheWay { .. })), "{result:?}");
    assert_eq!(world.read(&path).await.unwrap(), left);
}

#[tokio::test]
async fn a_copy_of_a_transcript_brings_back_nothing_that_was_undone_rejected_or_faded() {
    const WORDS: [&str; 3] = [
        "Remember that the greenhouse sensor reports in Kelvin.",
        "By the way, the display case in hall 3 holds the oldest ribbons.",
        "Never restart the pump by hand, it loses its calibration.",
    ];
    let lines: Vec<String> = WORDS.iter().map(|words| typed(DAY1, words)).collect();
    let kept = async |world: &World| {
        let memory = world.memory().await;
        ["Kelvin", "ribbons", "pump"].map(|part| memory.contains(part))
    };
    // A resumed session is a new file that begins with the old turns.
    let resume = |world: &World| {
        let more = typed(DAY2, "Remember: valve 7 opens at noon.");
        world.session("noor/resumed.jsonl", &[lines.clone(), vec![more]].concat());
    };

    let undone = World::new().await;
    undone.session("noor/a.jsonl", &lines);
    undone.dream(NIGHT).await;
    assert_eq!(kept(&undone).await, [true; 3]);
    remanence_dreamer::undo(&undone.store, None, "ada").await.unwrap();
    resume(&undone);
    undone.dream(LATER).await;
    assert_eq!(kept(&undone).await, [false; 3], "{}", undone.memory().await);
    assert!(undone.memory().await.contains("Valve 7"), "what is new in it counts");
    // Asked to read again, it believes what it reads.
    undone
        .dream_with(Request {
            now: Some(at(LATER)),
            again: true,
            ..Request::default()
        })
        .await;
    assert_eq!(kept(&undone).await, [true; 3], "{}", undone.memory().await);

    let rejected = World::new().await;
    rejected.session("noor/a.jsonl", &lines);
    let review = Request {
        now: Some(at(NIGHT)),
        review: true,
        ..Request::default()
    };
    rejected.dream_with(review).await;
    remanence_dreamer::reject(&rejected.store, None, "ada").await.unwrap();
    resume(&rejected);
    rejected.dream(LATER).await;
    assert_eq!(kept(&rejected).await, [false; 3], "{}", rejected.memory().await);

    let faded = World::new().await;
    faded.session("noor/a.jsonl", &lines);
    faded.dream(NIGHT).await;
    faded.session("kai/b.jsonl", &[typed("2026-08-13T09:00:00Z", "haha, well done")]);
    faded.dream("2026-08-14T03:00:00Z").await;
    assert_eq!(kept(&faded).await, [true, false, true]);
    resume(&faded);
    faded.dream("2026-08-15T03:00:00Z").await;
    assert_eq!(kept(&faded).await, [true, false, true], "{}", faded.memory().await);
    let ledger = faded.read("/.dream/ledger.jsonl").await.unwrap();
    for line in ledger.lines().filter(|line| line.contains(r#""is":"fact""#)) {
        let known: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(known["sources"].as_array().unwrap().len(), 1, "{line}");
    }
}

#[tokio::test]
async fn what_faded_or_was_over_and_was_brought_back_stays() {
    let world = World::new().await;
    world.session(
        "noor/a.jsonl",
        &[
            typed(DAY1, "By the way, the display case in hall 3 holds the oldest ribbons."),
            typed(DAY1, "The north gate must stay shut until 2026-06-01."),
        ],
    );
    world.dream(NIGHT).await;
    let kept = async || {
        let memory = world.memory().await;
        ["ribbons", "north gate"].map(|part| memory.contains(part))
    };
    let chat = |time: &str| world.session("kai/b.jsonl", &[typed(time, "haha, well done")]);
    chat("2026-07-13T09:00:00Z");
    world.dream("2026-07-14T03:00:00Z").await;
    assert_eq!(kept().await, [false; 2]);
    remanence_dreamer::undo(&world.store, None, "ada").await.unwrap();
    chat("2026-07-15T09:00:00Z");
    world.dream("2026-07-16T03:00:00Z").await;
    assert_eq!(kept().await, [true; 2], "{}", world.memory().await);
}

#[tokio::test]
async fn what_would_fade_in_a_pinned_file_is_not_looked_at_again() {
    let world = World::new().await;
    world.session(
        "noor/a.jsonl",
        &[typed(
            DAY1,
            "By the way, the display case in hall 3 holds the oldest ribbons.",
        )],
    );
    world.dream(NIGHT).await;
    let (path, _) = world.line_of("ribbons").await;
    world
        .settings(Settings {
            pinned: vec![path],
            ..Settings::memory()
        })
        .await;
    world.session("kai/b.jsonl", &[typed(DAY2, "Remember that valve 7 opens at noon.")]);
    world.dream(LATER).await;
    let idle = world.dream("2026-09-01T03:00:00Z").await;
    assert_eq!(
        idle.record.reasons,
        ["nothing was said or written since the last dream"]
    );
    assert!(world.memory().await.contains("ribbons"));
}

#[tokio::test]
async fn an_order_to_forget_that_was_undone_is_not_obeyed_from_a_copy() {
    let world = with_two_facts().await;
    world.dream(NIGHT).await;
    let forget = typed(DAY2, "Please forget about the greenhouse sensor.");
    world.session("noor/c.jsonl", std::slice::from_ref(&forget));
    world.dream(LATER).await;
    assert!(!world.memory().await.contains("Kelvin"));
    remanence_dreamer::undo(&world.store, None, "ada").await.unwrap();
    assert!(world.memory().await.contains("Kelvin"));
    world.session("noor/resumed.jsonl", &[forget]);
    world.dream("2026-05-21T03:00:00Z").await;
    assert!(world.memory().await.contains("Kelvin"));
}

#[tokio::test]
async fn what_a_person_deletes_in_the_store_stays_away() {
    let world = World::new().await;
    let words = "Please remember that the greenhouse sensor reports in Kelvin.";
    world.session("noor/a.jsonl", &[typed("2025-05-12T09:00:00Z", words)]);
    world.dream("2025-05-13T03:00:00Z").await;
    let (path, _) = world.line_of("Kelvin").await;
    let text = world.read(&path).await.unwrap();
    let without: String = text
        .split_inclusive('\n')
        .filter(|line| !line.contains("Kelvin"))
        .collect();
    world.write(Author::user("ada"), &path, &without).await;
    // A transcript turns up late that tells it in words of its own.
    let late = "remember, the sensor in the greenhouse reports in Kelvin";
    world.session("kai/late.jsonl", &[typed("2025-05-11T09:00:00Z", late)]);
    let dreamt = world.dream("2025-05-14T03:00:00Z").await;
    assert_ne!(dreamt.record.phase, Phase::Failed, "{:?}", dreamt.record);
    assert!(!world.memory().await.contains("Kelvin"), "{}", world.memory().await);
    world
        .dream_with(Request {
            now: Some(at("2025-05-15T03:00:00Z")),
            again: true,
            ..Request::default()
        })
        .await;
    assert!(!world.memory().await.contains("Kelvin"), "{}", world.memory().await);
}

#[tokio::test]
async fn past_retention_the_record_says_that_nobody_can_tell_who_deleted_what() {
    let dir = tempfile::tempdir().unwrap();
    let backend = StoreUrl::of_directory(dir.path()).connect().await.unwrap();
    let store = Store::open_or_init(backend, &Settings::memory(), Options::default())
        .await
        .unwrap();
    let world = World::in_store(store);
    let words = "Please remember that the greenhouse sensor reports in Kelvin.";
    world.session("noor/a.jsonl", &[typed(DAY1, words)]);
    let first = world.dream(NIGHT).await;
    let (path, _) = world.line_of("Kelvin").await;
    for text in ["one", "two", "three"] {
        world.write(Author::agent("noor"), "/notes.txt", text).await;
    }
    world.write(Author::user("ada"), &path, "# Project\n").await;
    let later = world.store.clock().now() + Duration::from_hours(48);
    maintain(&world.store, Duration::from_hours(24), later).await.unwrap();
    assert!(world.store.tree().horizon > first.record.result.unwrap());
    let refused = remanence_dreamer::undo(&world.store, None, "ada").await.unwrap_err();
    assert!(refused.to_string().contains("past its retention"), "{refused}");
    let before = world.memory().await;
    world.session("noor/b.jsonl", &[typed(DAY2, "Remember that valve 7 opens at noon.")]);
    let second = world.dream(LATER).await;
    let told = |why: &String| why.starts_with("1 facts of dreams are not where they were");
    assert!(second.record.reasons.iter().any(told), "{:?}", second.record.reasons);
    assert!(!before.contains("Kelvin") && !world.memory().await.contains("Kelvin"));
    // It is said once.
    let third = world.dream("2026-05-21T03:00:00Z").await;
    assert!(!third.record.reasons.iter().any(told), "{:?}", third.record.reasons);
}

#[tokio::test]
async fn what_a_person_deletes_stays_away_whatever_is_decided_next() {
    for decision in ["undo", "approve", "reject", "undo a later dream"] {
        let world = World::new().await;
        let words = "Please remember that the greenhouse sensor reports in Kelvin.";
        world.session("noor/a.jsonl", &[typed("2025-05-12T09:00:00Z", words)]);
        world.dream("2025-05-13T03:00:00Z").await;
        let (path, _) = world.line_of("Kelvin").await;
        let delete = async || {
            let text = world.read(&path).await.unwrap();
            let lines = text.split_inclusive('\n').filter(|line| !line.contains("Kelvin"));
            let without: String = lines.collect();
            world.write(Author::user("ada"), &path, &without).await;
        };
        let more = "Remember that the staging rollout waits for Petra.";
        world.session("noor/b.jsonl", &[typed("2025-05-12T10:00:00Z", more)]);
        let next = Request {
            review: !decision.starts_with("undo"),
            ..request("2025-05-14T03:00:00Z")
        };
        // The dream that is undone may be the one that met the deletion.
        if decision == "undo a later dream" {
            delete().await;
        }
        world.dream_with(next).await;
        if decision != "undo a later dream" {
            delete().await;
        }
        let decided = match decision {
            "approve" => remanence_dreamer::approve(&world.store, None, "ada").await,
            "reject" => remanence_dreamer::reject(&world.store, None, "ada").await,
            _ => remanence_dreamer::undo(&world.store, None, "ada").await,
        };
        decided.unwrap();
        // A transcript turns up late that tells it in words of its own.
        let late = "remember, the sensor in the greenhouse reports in Kelvin";
        world.session("kai/late.jsonl", &[typed("2025-05-11T09:00:00Z", late)]);
        let dreamt = world.dream("2025-05-15T03:00:00Z").await;
        assert_ne!(dreamt.record.phase, Phase::Failed, "{decision}: {:?}", dreamt.record);
        let memory = world.memory().await;
        assert!(!memory.contains("Kelvin"), "{decision}: {memory}");
        assert_eq!(memory.contains("Petra"), decision == "approve", "{decision}: {memory}");
    }
}

#[tokio::test]
async fn proposals_that_are_decided_are_not_read_again() {
    let world = World::new().await;
    for (day, words) in [
        ("2026-05-14", "Remember that the staging rollout waits for Petra."),
        ("2026-05-15", "Remember that the greenhouse sensor reports in Kelvin."),
        ("2026-05-16", "Remember that invoices are kept for 10 years."),
    ] {
        world.session(&format!("noor/{day}.jsonl"), &[typed(DAY1, words)]);
        let review = Request {
            review: true,
            ..request(&format!("{day}T03:00:00Z"))
        };
        world.dream_with(review).await;
        remanence_dreamer::approve(&world.store, None, "ada").await.unwrap();
    }
    let memory = world.sessions().parent().unwrap().join("memory");
    let gets = async || {
        let counted = Counted::new();
        let url = StoreUrl::of_directory(&memory);
        let backend = counted.wrap(url.connect().await.unwrap().read_only());
        let store = Store::open(backend, Options::default()).await.unwrap();
        assert_eq!(remanence_dreamer::dreams(&store).await.unwrap().len(), 3);
        counted.snapshot().get.requests
    };
    let with = gets().await;
    let proposals = memory.join(world.store.id().to_string()).join("proposal");
    assert_eq!(std::fs::read_dir(&proposals).unwrap().count(), 3);
    std::fs::remove_dir_all(&proposals).unwrap();
    assert_eq!(gets().await, with);
}

/// Memory as it was before a Dream's commit, out of history.
async fn memory_before(world: &World, dreamt: &Dreamt) -> String {
    let at = At {
        seq: dreamt.record.result.unwrap() - 1,
        op: None,
    };
    let tree = world.store.tree_at(at).await.unwrap();
    let mut out = String::new();
    for node in tree.nodes() {
        if let Some(content) = node.content()
            && !tree.path(node.id).unwrap().starts_with("/.dream/")
        {
            out += &String::from_utf8_lossy(&world.store.read_all(content).await.unwrap());
        }
    }
    out
}

#[tokio::test]
async fn facts_fade_and_give_way_though_nobody_says_anything() {
    let world = World::new().await;
    let words = [
        "By the way, the display case in hall 3 holds the oldest ribbons.",
        "Never restart the pump by hand, it loses its calibration.",
        "Remember that the greenhouse sensor reports in Kelvin.",
    ];
    world.session("noor/a.jsonl", &words.map(|words| typed(DAY1, words)));
    world.dream(NIGHT).await;
    assert!(world.memory().await.contains("ribbons"));
    assert_eq!(world.dream(LATER).await.record.result, None);
    let later = world.dream("2026-07-20T03:00:00Z").await;
    assert_eq!(later.record.facts.forgotten, 1, "{:?}", later.record);
    assert!(!world.memory().await.contains("ribbons"));
    assert!(memory_before(&world, &later).await.contains("ribbons"), "in history");
    // Once that is taken back, it lasts as long again.
    remanence_dreamer::undo(&world.store, None, "ada").await.unwrap();
    for (now, forgotten) in [
        ("2026-07-20T04:00:00Z", 0),
        ("2026-08-18T03:00:00Z", 0),
        ("2026-08-20T03:00:00Z", 1),
    ] {
        let dreamt = world.dream(now).await;
        assert_eq!(dreamt.record.facts.forgotten, forgotten, "{now}: {:?}", dreamt.record);
        assert_eq!(world.memory().await.contains("ribbons"), forgotten == 0, "{now}");
    }
    let small = Request {
        memory_size: Some(10),
        ..request("2026-08-21T03:00:00Z")
    };
    let small = world.dream_with(small).await;
    assert_eq!(small.record.facts.forgotten, 2, "{:?}", small.record);
    let history = memory_before(&world, &small).await;
    assert!(history.contains("pump") && history.contains("Kelvin"), "{history}");
    remanence_dreamer::undo(&world.store, None, "ada").await.unwrap();
    let memory = world.memory().await;
    assert!(memory.contains("pump") && memory.contains("Kelvin"), "{memory}");
}

#[tokio::test]
async fn a_request_says_how_much_a_dream_may_let_go() {
    for (percent, gone) in [(None, 10), (Some(0), 5), (Some(100), 40)] {
        let world = World::new().await;
        let remarks: Vec<String> = (0..40)
            .map(|n| {
                let words = format!("By the way, the display case in hall {n} holds the oldest ribbons.");
                typed(&format!("2026-05-12T09:{n:02}:00Z"), &words)
            })
            .collect();
        world.session("noor/a.jsonl", &remarks);
        assert_eq!(world.dream(NIGHT).await.record.facts.added, 40);
        let later = Request {
            max_loss_percent: percent,
            ..request("2026-07-20T03:00:00Z")
        };
        let later = world.dream_with(later).await;
        assert_eq!(later.record.facts.forgotten, gone, "{percent:?}: {:?}", later.record);
    }
}

#[tokio::test]
async fn what_is_replaced_forgotten_or_over_is_in_history_and_can_be_brought_back() {
    for (said, later, now, part) in [
        (
            "The south gate closes at 18:00.",
            "The south gate closes at 20:30 now, the carriers asked for it.",
            LATER,
            "at 18:00",
        ),
        (
            "Remember that the greenhouse sensor reports in Kelvin.",
            "Please forget about the greenhouse sensor.",
            LATER,
            "Kelvin",
        ),
        (
            "The north yard is closed for lorries until 2026-05-20.",
            "haha, well done",
            "2026-07-20T03:00:00Z",
            "2026-05-20",
        ),
    ] {
        let world = World::new().await;
        world.session("noor/a.jsonl", &[typed(DAY1, said)]);
        world.dream(NIGHT).await;
        world.session("noor/b.jsonl", &[typed("2026-05-15T09:00:00Z", later)]);
        let dreamt = world.dream(now).await;
        let counts = &dreamt.record.facts;
        assert_eq!(counts.replaced + counts.forgotten, 1, "{said}: {:?}", dreamt.record);
        assert!(!world.memory().await.contains(part), "{}", world.memory().await);
        let history = memory_before(&world, &dreamt).await;
        assert!(history.contains(part), "{part} in {history}");
        remanence_dreamer::undo(&world.store, None, "ada").await.unwrap();
        assert!(world.memory().await.contains(part), "{part}");
    }
}

#[tokio::test]
async fn what_was_forgotten_stands_in_nothing_that_dreams_keep() {
    for review in [false, true] {
        let world = with_two_facts().await;
        let card = typed(
            DAY1,
            "Please remember that my locker combination card is with Benedikta.",
        );
        world.session("noor/c.jsonl", &[card]);
        world.dream(NIGHT).await;
        assert!(world.memory().await.contains("Benedikta"));
        let forget = typed(
            "2026-05-15T09:00:00Z",
            "Please forget about my locker combination card with Benedikta.",
        );
        world.session("noor/d.jsonl", &[forget]);
        let dreamt = world
            .dream_with(Request {
                review,
                ..request(LATER)
            })
            .await;
        assert_eq!(dreamt.record.facts.forgotten, 1, "{:?}", dreamt.record);
        if review {
            let memory = world.sessions().parent().unwrap().join("memory");
            let proposals = memory.join(world.store.id().to_string()).join("proposal");
            let kept: Vec<Vec<u8>> = std::fs::read_dir(proposals)
                .unwrap()
                .map(|proposal| std::fs::read(proposal.unwrap().path()).unwrap())
                .collect();
            let kept = String::from_utf8_lossy(&kept.concat()).into_owned();
            assert!(kept.contains("tombstone") && !kept.contains("Benedikta"), "{kept}");
            remanence_dreamer::approve(&world.store, None, "ada").await.unwrap();
        }
        for (path, text) in world.files().await {
            assert!(
                !text.contains("Benedikta") && !text.contains("locker"),
                "{path}: {text}"
            );
        }
    }
}

#[tokio::test]
async fn facts_follow_their_file_to_another_name() {
    let world = with_two_facts().await;
    let first = world.dream(NIGHT).await;
    let (path, line) = world.line_of("Kelvin").await;
    world.rename(Author::user("ada"), &path, "/greenhouse.md").await;
    let explained = async |world: &World| {
        let why = remanence_dreamer::why(&world.store, "/greenhouse.md", line, &ByAddress)
            .await
            .unwrap();
        (why.dream, why.sources.len())
    };
    let known = (Some(first.record.id.clone()), 1);
    assert_eq!(explained(&world).await, known, "before a Dream saw it");
    let second = world.dream(LATER).await;
    assert!(second.record.result.is_some(), "{:?}", second.record);
    assert_eq!(explained(&world).await, known);
    let ledger = world.read("/.dream/ledger.jsonl").await.unwrap();
    assert!(!ledger.contains("tombstone"), "nothing was taken out: {ledger}");
    // It is a Dream's line as before.
    let forget = typed("2026-05-21T09:00:00Z", "Please forget about the greenhouse sensor.");
    world.session("noor/c.jsonl", &[forget]);
    world.dream("2026-05-22T03:00:00Z").await;
    assert!(!world.memory().await.contains("Kelvin"), "{}", world.memory().await);
    remanence_dreamer::undo(&world.store, None, "ada").await.unwrap();
    assert_eq!(explained(&world).await, known);
}

#[tokio::test]
async fn files_that_are_no_text_stay_and_new_facts_go_elsewhere() {
    let world = with_two_facts().await;
    world.dream(NIGHT).await;
    let (path, line) = world.line_of("Kelvin").await;
    let text = world.read(&path).await.unwrap();
    let bytes = [text.as_bytes(), b"- caf\xe9 au lait\n"].concat();
    world.write_bytes(Author::user("ada"), &path, &bytes).await;
    world
        .write_bytes(Author::user("ada"), "/MEMORY.md", b"# Memory\n\n\xe9\n")
        .await;
    world.session(
        "noor/c.jsonl",
        &[typed(DAY2, "Remember that the greenhouse door opens at noon.")],
    );
    let dreamt = world.dream(LATER).await;
    assert_eq!(dreamt.record.phase, Phase::Applied, "{:?}", dreamt.record);
    let told = |path: &str| {
        let mut reasons = dreamt.record.reasons.iter();
        reasons.any(|why| why.starts_with(&format!("{path} is not UTF-8")))
    };
    assert!(
        told("MEMORY.md") && told(path.trim_start_matches('/')),
        "{:?}",
        dreamt.record.reasons
    );
    assert_ne!(world.line_of("noon").await.0, path);
    let why = remanence_dreamer::why(&world.store, &path, line, &ByAddress)
        .await
        .unwrap();
    assert_eq!(why.sources.len(), 1, "its facts can still be explained");
}

#[tokio::test]
async fn a_file_as_large_as_the_store_allows_is_tidied_and_a_larger_one_left_alone() {
    let world = with_two_facts().await;
    let door = typed(DAY2, "Remember that the greenhouse door opens at noon.");
    world.session("noor/c.jsonl", &[door]);
    world.dream(NIGHT).await;
    let (path, _) = world.line_of("Kelvin").await;
    assert_eq!(world.line_of("noon").await.0, path);
    let wide = Settings {
        file_size: 300_000,
        ..Settings::memory()
    };
    world.settings(wide).await;
    let report = format!("{}\n", "x".repeat(5000)).repeat(30);
    let text = world.read(&path).await.unwrap() + "\n" + &report + "The end of the report.\n";
    world.write(Author::user("ada"), &path, &text).await;
    let forget = |what: &str| {
        typed(
            "2026-05-19T09:00:00Z",
            &format!("Please forget about the greenhouse {what}."),
        )
    };
    world.session("noor/d.jsonl", &[forget("sensor")]);
    let dreamt = world.dream(LATER).await;
    assert_eq!(dreamt.record.phase, Phase::Applied, "{:?}", dreamt.record);
    let text = world.read(&path).await.unwrap();
    assert!(!text.contains("Kelvin") && text.contains("noon") && text.ends_with("The end of the report.\n"));

    world.settings(Settings::memory()).await;
    let rollout = typed(DAY2, "Remember that the staging rollout waits for Petra.");
    world.session("noor/e.jsonl", &[forget("door"), rollout]);
    let dreamt = world.dream("2026-05-21T03:00:00Z").await;
    assert_eq!(dreamt.record.phase, Phase::Applied, "{:?}", dreamt.record);
    assert_eq!(world.read(&path).await.unwrap(), text);
    assert!(world.memory().await.contains("Petra"));
    let why = format!("{} has more than the 102400 bytes", path.trim_start_matches('/'));
    assert!(
        dreamt.record.reasons.iter().any(|reason| reason.starts_with(&why)),
        "{:?}",
        dreamt.record.reasons
    );
}

#[tokio::test]
async fn a_proposal_waits_for_a_person() {
    let world = with_two_facts().await;
    let review = Request {
        review: true,
        now: Some(at(NIGHT)),
        ..Request::default()
    };
    let proposed = world.dream_with(review.clone()).await;
    assert_eq!(proposed.record.phase, Phase::Proposed);
    assert_eq!(world.memory().await, "");
    world
        .write(Author::agent("kai"), "/notes.md", "- The agent was here\n")
        .await;
    let approved = remanence_dreamer::approve(&world.store, None, "ada").await.unwrap();
    assert_eq!((approved.phase, approved.by.as_deref()), (Phase::Applied, Some("ada")));
    let memory = world.memory().await;
    assert!(memory.contains("Kelvin") && memory.contains("The agent was here"));
    assert!(matches!(
        remanence_dreamer::approve(&world.store, None, "ada").await,
        Err(DreamError::NoneThat { .. })
    ));

    world.session("noor/c.jsonl", &[typed(DAY2, "Remember that Sunniva keeps the keys.")]);
    let second = world
        .dream_with(Request {
            now: Some(at(LATER)),
            ..review
        })
        .await;
    let rejected = remanence_dreamer::reject(&world.store, Some(&second.record.id), "ada")
        .await
        .unwrap();
    assert_eq!(rejected.phase, Phase::Rejected);
    let third = world.dream(LATER).await;
    assert_eq!(third.record.phase, Phase::NoChange);
    assert_eq!(world.memory().await, memory);
}

#[tokio::test]
async fn a_newer_proposal_takes_the_place_of_an_open_one() {
    let world = with_two_facts().await;
    let review = |now: &str| Request {
        review: true,
        now: Some(at(now)),
        ..Request::default()
    };
    let first = world.dream_with(review(NIGHT)).await;
    world.session("noor/c.jsonl", &[typed(DAY2, "Remember that Sunniva keeps the keys.")]);
    let second = world.dream_with(review(LATER)).await;
    let all = remanence_dreamer::dreams(&world.store).await.unwrap();
    let phase = |id: &str| all.iter().find(|r| r.id == id).unwrap().phase;
    assert_eq!(phase(&first.record.id), Phase::Superseded);
    assert_eq!(phase(&second.record.id), Phase::Proposed);
    let old = remanence_dreamer::approve(&world.store, Some(&first.record.id), "ada").await;
    assert!(matches!(old, Err(DreamError::MovedOn { .. })));
    remanence_dreamer::reject(&world.store, None, "ada").await.unwrap();
    for result in [
        remanence_dreamer::approve(&world.store, None, "ada").await,
        remanence_dreamer::reject(&world.store, None, "ada").await,
    ] {
        assert!(matches!(result, Err(DreamError::NoneThat { .. })), "{result:?}");
    }
}

#[tokio::test]
async fn a_proposal_that_is_dropped_waits_no_more_and_may_be_proposed_again() {
    let world = with_two_facts().await;
    let review = |now: &str| Request {
        review: true,
        now: Some(at(now)),
        ..Request::default()
    };
    let first = world.dream_with(review(NIGHT)).await;
    world.session("noor/c.jsonl", &[typed(DAY2, "Remember that Sunniva keeps the keys.")]);
    let second = world.dream_with(review(LATER)).await;
    let dropped = remanence_dreamer::withdraw(&world.store, &second.record.id, "it was stopped")
        .await
        .unwrap();
    assert_eq!((dropped.phase, dropped.by.as_deref()), (Phase::Rejected, None));
    let all = remanence_dreamer::dreams(&world.store).await.unwrap();
    let of = |id: &str| all.iter().find(|r| r.id == id).unwrap();
    assert_eq!(of(&second.record.id).phase, Phase::Rejected);
    assert_eq!(of(&second.record.id).reasons[0], "it was stopped");
    assert_eq!(of(&first.record.id).phase, Phase::Superseded);
    let again = remanence_dreamer::withdraw(&world.store, &second.record.id, "it was stopped").await;
    assert!(matches!(again, Err(DreamError::Phase { .. })));

    let third = world.dream_with(review("2026-05-21T03:00:00Z")).await;
    assert_eq!(third.record.phase, Phase::Proposed);
    assert_eq!(third.record.facts.added, second.record.facts.added);
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let world = with_two_facts().await;
    let head = world.store.tree().seq;
    let dry = world
        .dream_with(Request {
            dry_run: true,
            now: Some(at(NIGHT)),
            ..Request::default()
        })
        .await;
    assert!(
        dry.changes
            .iter()
            .any(|c| c.before.is_none() && c.after.as_deref().is_some_and(|t| t.contains("Kelvin")))
    );
    assert_eq!(world.store.sync().await.unwrap(), head);
}

#[tokio::test]
async fn two_dreams_at_the_same_moment_write_once() {
    let world = with_two_facts().await;
    world.dream(NIGHT).await;
    world.session("noor/c.jsonl", &[typed(DAY2, "Remember that Sunniva keeps the keys.")]);
    let other = world.again().await;
    let sessions = || async { [Sessions::at(world.sessions().to_str().unwrap()).await.unwrap()] };
    let (mine, theirs) = (sessions().await, sessions().await);
    let request = request(LATER);
    let (a, b) = tokio::join!(
        remanence_dreamer::dream(&world.store, &mine, &request),
        remanence_dreamer::dream(&other, &theirs, &request)
    );
    let applied = [&a, &b]
        .iter()
        .filter(|r| r.as_ref().is_ok_and(|d| d.record.phase == Phase::Applied))
        .count();
    assert_eq!(applied, 1, "one of two dreams at once: {a:?} {b:?}");
    assert_eq!(world.memory().await.matches("Sunniva").count(), 1);
}

#[tokio::test]
async fn sessions_may_be_a_store() {
    let world = World::new().await;
    let dir = tempfile::tempdir().unwrap();
    let url = StoreUrl::of_directory(dir.path());
    let backend = url.connect().await.unwrap().without_maintain();
    let store = Store::open_or_init(backend, &Settings::sessions(), Options::default())
        .await
        .unwrap();
    let sessions = World::in_store(store);
    sessions
        .write(
            Author::agent("noor"),
            "/a.jsonl",
            &(typed(DAY1, "Remember that the greenhouse sensor reports in Kelvin.") + "\n"),
        )
        .await;
    let place = Sessions::at(&url.to_string()).await.unwrap();
    let dreamt = remanence_dreamer::dream(&world.store, &[place], &request(NIGHT))
        .await
        .unwrap();
    assert_eq!(dreamt.record.phase, Phase::Applied);
    let (path, line) = world.line_of("Kelvin").await;
    let why = remanence_dreamer::why(&world.store, &path, line, &ByAddress)
        .await
        .unwrap();
    assert_eq!(why.sources[0].agent, "noor");
    assert!(why.sources[0].words.as_deref().unwrap().contains("Kelvin"));
}

#[tokio::test]
async fn two_session_stores_may_have_the_same_paths() {
    let world = World::new().await;
    let dir = tempfile::tempdir().unwrap();
    let mut places = Vec::new();
    for (name, words) in [
        ("noor", "Remember that the greenhouse sensor reports in Kelvin."),
        ("kai", "Remember that the greenhouse lamps are made by Oberon."),
    ] {
        let folder = dir.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let url = StoreUrl::of_directory(&folder);
        let backend = url.connect().await.unwrap().without_maintain();
        let store = Store::open_or_init(backend, &Settings::sessions(), Options::default())
            .await
            .unwrap();
        let sessions = World::in_store(store);
        // The same version of the same path, as long, and said at the same time.
        let text = typed(DAY1, words) + "\n";
        assert_eq!(text.len(), (typed(DAY1, &"x".repeat(54)) + "\n").len());
        sessions.write(Author::agent(name), "/a.jsonl", &text).await;
        places.push(Sessions::at(&url.to_string()).await.unwrap());
        remanence_dreamer::dream(&world.store, &places, &request(NIGHT))
            .await
            .unwrap();
    }
    let memory = world.memory().await;
    assert!(memory.contains("Kelvin") && memory.contains("Oberon"), "{memory}");
    let again = remanence_dreamer::dream(&world.store, &places, &request(LATER))
        .await
        .unwrap();
    assert_eq!((again.record.result, again.record.sessions.len()), (None, 0));
}

#[tokio::test]
async fn a_log_without_times_was_said_when_it_was_written() {
    let world = World::new().await;
    let line = r#"{"role": "user", "content": "Remember that the greenhouse sensor reports in Kelvin."}"#;
    world.session("noor/a.jsonl", &[line.to_owned()]);
    let file = std::fs::File::options()
        .write(true)
        .open(world.sessions().join("noor/a.jsonl"));
    let written = std::time::SystemTime::from(at(DAY1));
    file.unwrap().set_modified(written).unwrap();
    remanence_dreamer::dream(&world.store, &[plain_logs(&world).await], &request(NIGHT))
        .await
        .unwrap();
    let memory = world.memory().await;
    assert!(memory.contains("Kelvin (2026-05-12)"), "{memory}");
}

#[tokio::test]
async fn a_log_that_was_written_anew_is_read_whatever_its_size() {
    let world = World::new().await;
    let (old, new) = (
        "Remember that the greenhouse sensor reports in Kelvin.",
        "Remember that the greenhouse lamps are made by Oberon.",
    );
    assert_eq!(old.len(), new.len());
    let places = [plain_logs(&world).await];
    for (written, words, part) in [(1, old, "Kelvin"), (2, new, "Oberon")] {
        world.session("noor/a.jsonl", &[typed(DAY1, words)]);
        // A file system may count time in steps of some milliseconds, which is longer than a test takes.
        let file = std::fs::File::options()
            .write(true)
            .open(world.sessions().join("noor/a.jsonl"));
        let time = std::time::UNIX_EPOCH + Duration::from_secs(written);
        file.unwrap().set_modified(time).unwrap();
        remanence_dreamer::dream(&world.store, &places, &request(NIGHT))
            .await
            .unwrap();
        assert!(world.memory().await.contains(part), "{}", world.memory().await);
    }
    let again = remanence_dreamer::dream(&world.store, &places, &request(LATER))
        .await
        .unwrap();
    assert_eq!((again.record.result, again.record.sessions.len()), (None, 0));
}

#[tokio::test]
async fn sessions_may_be_plain_logs_under_a_prefix() {
    let world = World::new().await;
    world.session(
        "noor/2026/a.jsonl",
        &[
            said(DAY1, "Hello."),
            typed(DAY1, "Remember that the greenhouse sensor reports in Kelvin."),
        ],
    );
    world.session(
        "noor/2026/notes.txt",
        &["Remember that this is no transcript.".to_owned()],
    );
    let places = [plain_logs(&world).await];
    let first = remanence_dreamer::dream(&world.store, &places, &request(NIGHT))
        .await
        .unwrap();
    assert_eq!(first.record.facts.added, 1);
    assert_eq!(first.record.sessions[0].path, "noor/2026/a.jsonl");
    let (path, line) = world.line_of("Kelvin").await;
    let why = remanence_dreamer::why(&world.store, &path, line, &ByAddress)
        .await
        .unwrap();
    assert_eq!((why.sources[0].agent.as_str(), why.sources[0].line), ("noor", Some(2)));
    // Nothing new: the keys, sizes and ETags are the ones that were read.
    let second = remanence_dreamer::dream(&world.store, &places, &request(LATER))
        .await
        .unwrap();
    assert_eq!((second.record.result, second.record.sessions.len()), (None, 0));
    world.session(
        "noor/2026/a.jsonl",
        &[
            said(DAY1, "Hello."),
            typed(DAY1, "Remember that the greenhouse sensor reports in Kelvin."),
            typed(DAY2, "Remember: valve 7 opens at noon."),
        ],
    );
    let third = remanence_dreamer::dream(&world.store, &places, &request(LATER))
        .await
        .unwrap();
    assert_eq!(third.record.facts.added, 1);
    assert!(third.record.sessions[0].from > 0, "read on from where it was left");
}

#[tokio::test]
async fn without_sessions_nothing_happens_and_the_record_says_why() {
    let world = World::new().await;
    world
        .write(Author::user("ada"), "/notes.md", "- The boiler is serviced in March\n")
        .await;
    let head = world.store.sync().await.unwrap();
    let places = [
        vec![],
        vec![Sessions::at(world.sessions().to_str().unwrap()).await.unwrap()],
    ];
    for sessions in places {
        let dreamt = remanence_dreamer::dream(&world.store, &sessions, &request(NIGHT))
            .await
            .unwrap();
        assert_eq!(dreamt.record.phase, Phase::NoChange);
        assert_eq!(dreamt.record.reasons[0], "there are no sessions");
    }
    assert_eq!(world.store.sync().await.unwrap(), head, "nothing was committed");
}

#[tokio::test]
async fn logs_below_a_prefix_that_holds_none_are_named() {
    let world = World::new().await;
    let logs = plain_logs(&world).await;
    let Sessions::Logs(backend) = &logs else {
        panic!("{logs:?}")
    };
    let why = format!("there are no transcripts below {}", backend.url);
    let other = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(other.path().join("noor")).unwrap();
    let line = typed(DAY1, "Remember that the greenhouse sensor reports in Kelvin.");
    std::fs::write(other.path().join("noor/a.jsonl"), line + "\n").unwrap();
    let more = Sessions::at(other.path().to_str().unwrap()).await.unwrap();
    for (places, phase) in [
        (vec![logs.clone()], Phase::NoChange),
        (vec![logs.clone(), more.clone()], Phase::Applied),
        (vec![logs, more], Phase::NoChange),
    ] {
        let dreamt = remanence_dreamer::dream(&world.store, &places, &request(NIGHT))
            .await
            .unwrap();
        assert_eq!(dreamt.record.phase, phase, "{:?}", dreamt.record);
        assert!(dreamt.record.reasons.contains(&why), "{:?}", dreamt.record.reasons);
    }
}

#[tokio::test]
async fn an_archived_store_and_missing_sessions_get_a_clear_answer() {
    let world = with_two_facts().await;
    assert!(matches!(
        Sessions::at("/nowhere/at/all").await,
        Err(DreamError::NoSessions { .. })
    ));
    world
        .settings(Settings {
            archived: true,
            ..Settings::memory()
        })
        .await;
    let sessions = [Sessions::at(world.sessions().to_str().unwrap()).await.unwrap()];
    let result = remanence_dreamer::dream(&world.store, &sessions, &Request::default()).await;
    assert!(matches!(result, Err(DreamError::Archived { .. })));
}

#[tokio::test]
async fn a_dream_that_has_nothing_to_do_asks_little_of_the_stores() {
    let counted = Counted::new();
    let dir = tempfile::tempdir().unwrap();
    let open = async |name: &str, settings: &Settings| {
        let url = StoreUrl::of_directory(&dir.path().join(name));
        let backend = counted.wrap(url.connect().await.unwrap().without_maintain());
        Store::open_or_init(backend, settings, Options::default())
            .await
            .unwrap()
    };
    for part in ["memory", "sessions"] {
        std::fs::create_dir_all(dir.path().join(part)).unwrap();
    }
    let sessions = World::in_store(open("sessions", &Settings::sessions()).await);
    for n in 0..30 {
        let words = format!("Remember that locker {n} belongs to crew {}.", n * 7);
        let path = format!("/{n}.jsonl");
        sessions
            .write(Author::agent("noor"), &path, &(typed(DAY1, &words) + "\n"))
            .await;
    }
    let memory = open("memory", &Settings::memory()).await;
    let places = [Sessions::Store {
        store: sessions.store.clone(),
        strangers: false,
    }];
    let request = |now: &str| request(now);
    let first = remanence_dreamer::dream(&memory, &places, &request(NIGHT))
        .await
        .unwrap();
    assert_eq!(first.record.phase, Phase::Applied, "{:?}", first.record.reasons);
    let before = counted.snapshot();
    let second = remanence_dreamer::dream(&memory, &places, &request(LATER))
        .await
        .unwrap();
    assert_eq!((second.record.phase, second.record.result), (Phase::NoChange, None));
    let asked = counted.snapshot() - before;
    assert!(asked.requests() <= 10, "{asked}");
}

#[tokio::test]
async fn a_folder_that_has_the_name_of_a_file_stops_no_dream() {
    let world = with_two_facts().await;
    world.dream(NIGHT).await;
    let files = world.files().await;
    let names: Vec<&String> = files.iter().map(|(path, _)| path).collect();
    let names: Vec<&String> = names.into_iter().filter(|path| !path.starts_with("/.dream/")).collect();
    assert!(names.len() > 2, "{names:?}");

    let world = with_two_facts().await;
    for name in &names {
        world.folder(Author::user("ada"), name).await;
    }
    let dreamt = world.dream(NIGHT).await;
    assert_eq!(dreamt.record.phase, Phase::Applied, "{:?}", dreamt.record);
    for part in ["Kelvin", "restart the pump"] {
        let (path, _) = world.line_of(part).await;
        assert!(path.ends_with("-2.md"), "{path}");
    }
    for name in names {
        let why = format!("{} is a folder", name.trim_start_matches('/'));
        let mut reasons = dreamt.record.reasons.iter();
        assert!(
            reasons.any(|reason| reason.starts_with(&why)),
            "{:?}",
            dreamt.record.reasons
        );
    }
    let again = world.dream(LATER).await;
    assert_eq!(again.record.result, None, "{:?}", again.record);
}

#[tokio::test]
async fn a_folder_where_the_ledger_belongs_is_named() {
    let world = with_two_facts().await;
    world.folder(Author::user("ada"), "/.dream/ledger.jsonl").await;
    let place = Sessions::at(world.sessions().to_str().unwrap()).await.unwrap();
    let error = remanence_dreamer::dream(&world.store, &[place], &request(NIGHT))
        .await
        .unwrap_err();
    assert!(matches!(error, DreamError::NoLedger { .. }), "{error}");
    assert!(error.to_string().contains("/.dream/ledger.jsonl is no file"), "{error}");
}

#[tokio::test]
async fn what_a_person_wrote_otherwise_since_is_not_approved() {
    let world = with_two_facts().await;
    world.session(
        "noor/c.jsonl",
        &[typed(DAY1, "Remember that the spare loom stands at Quarn.")],
    );
    let review = |now: &str| Request {
        review: true,
        ..request(now)
    };
    world.dream_with(review(NIGHT)).await;
    world
        .write(
            Author::user("ada"),
            "/notes.md",
            "# Mine\n\n- The spare loom stands at Vesker\n",
        )
        .await;
    let result = remanence_dreamer::approve(&world.store, None, "ada").await;
    let Err(DreamError::Overruled { file, fact, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(
        (file.as_str(), fact.as_str()),
        ("notes.md", "The spare loom stands at Quarn")
    );
    assert!(!world.memory().await.contains("Kelvin"));

    world.dream_with(review(LATER)).await;
    remanence_dreamer::approve(&world.store, None, "ada").await.unwrap();
    let memory = world.memory().await;
    assert!(
        memory.contains("Kelvin") && memory.contains("Vesker") && !memory.contains("Quarn"),
        "{memory}"
    );
}

#[tokio::test]
async fn a_proposal_joins_the_file_that_a_person_made_since() {
    let world = with_two_facts().await;
    let proposed = world
        .dream_with(Request {
            review: true,
            ..request(NIGHT)
        })
        .await;
    let mut changes = proposed.changes.iter();
    let holds = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains("restart the pump"));
    let path = format!("/{}", changes.find(|change| holds(&change.after)).unwrap().path);
    let ada = || Author::user("ada");
    world.write(ada(), &path, "# Mine\n\n- Lunch is at noon\n").await;
    world
        .write(ada(), "/MEMORY.md", "# Head of mine\n\nA sentence.\n")
        .await;
    remanence_dreamer::approve(&world.store, None, "ada").await.unwrap();
    let text = world.read(&path).await.unwrap();
    assert!(
        text.starts_with("# Mine\n\n- Lunch is at noon\n- Never restart the pump"),
        "{text}"
    );
    assert!(!text.contains("---") && text.matches("# ").count() == 1, "{text}");
    let index = world.read("/MEMORY.md").await.unwrap();
    assert!(index.starts_with("# Head of mine\n\nA sentence.\n"), "{index}");
    assert!(
        index.matches("# ").count() == 1 && index.contains("(2 facts)"),
        "{index}"
    );
    let memory = world.memory().await;
    world.session("kai/d.jsonl", &[typed(DAY2, "haha, well done")]);
    world.dream(LATER).await;
    assert_eq!(world.memory().await, memory);
}

#[tokio::test]
async fn an_older_dream_is_undone_where_newer_ones_wrote_the_index_alone() {
    let world = World::new().await;
    let told = [
        ("Please remember that the greenhouse sensor reports in Kelvin.", NIGHT),
        ("My name is Eva and I live in Turku.", LATER),
        (
            "Never restart the pump by hand, it loses its calibration.",
            "2026-05-21T03:00:00Z",
        ),
    ];
    let mut ids = Vec::new();
    for (at, (words, now)) in told.into_iter().enumerate() {
        world.session(&format!("noor/{at}.jsonl"), &[typed(DAY1, words)]);
        ids.push(world.dream(now).await.record.id);
    }
    let index = world.read("/MEMORY.md").await.unwrap();
    let mine = format!("{index}\nWritten by hand.\n");
    world.write(Author::user("ada"), "/MEMORY.md", &mine).await;
    let gone = world.line_of("Kelvin").await.0;
    assert!(![world.line_of("Turku").await.0, world.line_of("restart").await.0].contains(&gone));
    remanence_dreamer::undo(&world.store, Some(&ids[0]), "ada")
        .await
        .unwrap();
    let memory = world.memory().await;
    assert!(
        !memory.contains("Kelvin") && memory.contains("Turku") && memory.contains("restart"),
        "{memory}"
    );
    let index = world.read("/MEMORY.md").await.unwrap();
    assert!(
        !index.contains(gone.trim_start_matches('/')) && index.ends_with("Written by hand.\n"),
        "{index}"
    );
    world.session("kai/d.jsonl", &[typed(DAY2, "haha, well done")]);
    world.dream("2026-05-22T03:00:00Z").await;
    assert_eq!(world.memory().await, memory);
}

#[tokio::test]
async fn what_can_t_be_approved_says_what_to_do() {
    let world = with_two_facts().await;
    world.dream(NIGHT).await;
    let words = "The greenhouse sensor reports in Celsius now.";
    world.session("noor/c.jsonl", &[typed("2026-05-19T09:00:00Z", words)]);
    let proposed = world
        .dream_with(Request {
            review: true,
            ..request(LATER)
        })
        .await;
    assert_eq!(proposed.record.phase, Phase::Proposed, "{:?}", proposed.record);
    let (path, _) = world.line_of("Kelvin").await;
    let edited = world.read(&path).await.unwrap().replace("Kelvin", "Kelvin, says Petra");
    world.write(Author::user("ada"), &path, &edited).await;
    let error = remanence_dreamer::approve(&world.store, None, "ada").await.unwrap_err();
    assert!(error.to_string().contains("dream again"), "{error}");
}
