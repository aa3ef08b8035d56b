//! What people do with a cluster's stores: `kubectl memory`, through the content API, each in their own name.
#![allow(clippy::unwrap_used)]

use std::process::{Output, Stdio};

use axum::http::Request;
use jiff::Timestamp;
use kube::Client;
use remanence_operator::content::Verb;
use remanence_store::history::{LogQuery, log};
use remanence_store::id::{MountId, WriteId};
use remanence_store::intent::{Entry, Intent};
use remanence_store::op::{Op, Place};
use remanence_store::slot::{self, FORMAT, Header};
use remanence_store::{Author, FileId};
use remanence_tests::aggregated::{Aggregated, FRONT_PROXY, PROJECT};
use serde_json::{Value, json};

const ALICE: &[(&str, &str)] = &[("x-remote-user", "alice"), ("x-remote-group", "system:authenticated")];

/// Status and body of a request to the API itself.
async fn ask(client: &Client, method: &str, below: &str, body: &str) -> (u16, String) {
    let request = Request::builder().method(method).uri(format!("{PROJECT}{below}"));
    let request = request
        .header("if-none-match", "*")
        .body(body.as_bytes().to_vec().into())
        .unwrap();
    let answer = client.send(request).await.unwrap();
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect_bytes().await.unwrap();
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_reads_and_writes_in_their_own_name() {
    let cluster = Aggregated::start().await;
    cluster.allow("alice", &[Verb::Get, Verb::Update]);
    cluster
        .says(&["put", "project/notes/build.md"], "The build needs 8 GB.\n")
        .await;
    assert_eq!(
        cluster.says(&["cat", "project/notes/build.md"], "").await,
        "The build needs 8 GB.\n"
    );
    cluster
        .says(&["mv", "project/notes/build.md", "project/notes/ci.md"], "")
        .await;
    let listed: Value = serde_json::from_str(&cluster.says(&["ls", "project", "-R", "-o", "json"], "").await).unwrap();
    let paths: Vec<_> = listed.as_array().unwrap().iter().map(|item| &item["path"]).collect();
    assert_eq!(paths, ["/notes", "/notes/ci.md"]);
    // The same store without the API: the author is who the apiserver said.
    let store = cluster.store().await;
    let entries = log(&store, &LogQuery::of("/notes/ci.md")).await.unwrap();
    assert!(
        entries.len() >= 2 && entries.iter().all(|entry| entry.author.to_string() == "user alice"),
        "{entries:?}"
    );
    for (words, said) in [
        (&["log", "project", "--limit", "1"][..], "user alice"),
        (&["show", "project/notes/ci.md"][..], "ci.md"),
        (&["diff", "project", "--at", "1"][..], "renamed /notes/build.md"),
        (&["status", "project", "-n", "team-a"][..], "k8s://team-a/project"),
        (&["rm", "project/notes/ci.md"][..], "/notes/ci.md"),
        (&["restore", "project", "--at", "2"][..], "restored"),
        (&["export", "project", "out"][..], "exported 1 file ("),
    ] {
        let says = cluster.says(words, "").await;
        assert!(says.contains(said), "{words:?}: {says}");
    }
    let stale = cluster
        .complains(&["put", "project/notes/build.md", "--if-version", "1.1"], "x", 1)
        .await;
    assert!(stale.contains("is not at version 1.1"), "{stale}");
    let other = cluster
        .complains(&["put", "project/a.md", "--author", "carol"], "x", 2)
        .await;
    assert!(other.contains("own name"), "{other}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_imported_that_is_larger_than_one_request() {
    let cluster = Aggregated::start().await;
    cluster.allow("alice", &[Verb::Get, Verb::Update]);
    let folder = cluster.folder.path().join("many");
    std::fs::create_dir(&folder).unwrap();
    for nth in 0..300 {
        let text = format!("{nth}\n{}\n", "x".repeat(63 << 10));
        std::fs::write(folder.join(format!("{nth}.md")), text).unwrap();
    }
    let says = cluster.says(&["import", "project", "many"], "").await;
    assert!(says.contains("imported 300 files"), "{says}");
    let last = cluster.says(&["cat", "project/299.md"], "").await;
    assert!(last.starts_with("299\nxxx"), "{} bytes", last.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_right_is_told_which() {
    let cluster = Aggregated::start().await;
    cluster.allow("alice", &[Verb::Get, Verb::Update]);
    cluster.says(&["put", "project/a.md"], "one\n").await;
    let refused = cluster
        .complains(&["--context", "bob", "cat", "project/a.md"], "", 1)
        .await;
    assert!(
        refused.contains("User \"bob\" cannot get resource \"memorystores/content\""),
        "{refused}"
    );
    cluster.allow("bob", &[Verb::Get]);
    assert_eq!(
        cluster.says(&["cat", "project/a.md", "--context=bob"], "").await,
        "one\n"
    );
    for words in [&["put", "project/b.md"][..], &["rm", "project/a.md"][..]] {
        let refused = cluster
            .complains(&[words, &["--context", "bob"]].concat(), "two\n", 1)
            .await;
        assert!(refused.contains("cannot update"), "{refused}");
    }
    let refused = cluster.complains(&["redact", "project/a.md", "--at", "1"], "", 1).await;
    assert!(refused.contains("cannot delete"), "{refused}");
    assert_eq!(cluster.says(&["ls", "project"], "").await.lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redaction_is_done_for_who_may() {
    let cluster = Aggregated::start().await;
    cluster.allow("alice", &[Verb::Get, Verb::Update, Verb::Delete]);
    cluster
        .says(&["put", "project/a.md"], "the password is swordfish-9000\n")
        .await;
    let live = cluster.complains(&["redact", "project/a.md", "--at", "1"], "", 1).await;
    assert!(live.contains("a.md"), "{live}");
    cluster.says(&["put", "project/a.md"], "no password here\n").await;
    let says = cluster.says(&["redact", "project/a.md", "--at", "1"], "").await;
    assert!(says.contains("redacted /a.md"), "{says}");
    let gone = cluster.complains(&["cat", "project/a.md", "--at", "1"], "", 1).await;
    assert!(gone.contains("redacted"), "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_front_proxy_may_say_who_calls() {
    let cluster = Aggregated::start().await;
    cluster.allow("alice", &[Verb::Get]);
    let known = cluster.client(Some(FRONT_PROXY), ALICE);
    let (status, body) = ask(&known, "GET", "", "").await;
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("\"user\":\"alice\""), "{body}");
    // Forged headers without the certificate, and with another one of the same authority.
    for name in [None, Some("somebody")] {
        let forger = cluster.client(name, ALICE);
        let request = Request::get(PROJECT).body(Vec::new().into()).unwrap();
        assert!(forger.send(request).await.is_err(), "{name:?}");
    }
    let nobody = cluster.client(Some(FRONT_PROXY), &[]);
    assert_eq!(ask(&nobody, "GET", "", "").await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_but_commits_to_files_in_their_own_name() {
    let cluster = Aggregated::start().await;
    cluster.allow("alice", &[Verb::Get, Verb::Update]);
    cluster.says(&["put", "project/a.md"], "one\n").await;
    let client = cluster.client(Some(FRONT_PROXY), ALICE);
    let (_, about) = ask(&client, "GET", "", "").await;
    let about: Value = serde_json::from_str(&about).unwrap();
    let id = about["storeId"].as_str().unwrap();
    let (_, slot) = ask(&client, "GET", &format!("/objects/{id}/log/{:020}", 1), "").await;
    let next = |from: &str, to: &str| {
        let next = slot.replacen("\"seq\":1", "\"seq\":2", 1);
        assert!(next.contains(from), "{next}");
        next.replacen(from, to, 1)
    };
    let settings = r#""ops":[{"op":"settings","settings":{}},"#;
    for (key, body, said) in [
        (format!("{id}/log/{:020}", 2), next("alice", "bob"), "own name"),
        (
            format!("{id}/log/{:020}", 2),
            next(r#"{"user":"alice"}"#, r#"{"dream":"d"}"#),
            "own name",
        ),
        (format!("{id}/log/{:020}", 2), "nonsense".to_owned(), "not a"),
        (format!("{id}/log/{:020}", 3), next("alice", "alice"), "slot 2"),
        (format!("{id}/log/{:020}", 2), next("\"ops\":[", settings), "settings"),
        (format!("{id}/index/1"), "x".to_owned(), "can't be created"),
        (format!("{id}/proposal/d/1"), "x".to_owned(), "can't be created"),
        ("store/2".to_owned(), "x".to_owned(), "can't be created"),
        ("0123456789abcdef/log/1".to_owned(), "x".to_owned(), "can't be created"),
    ] {
        let (status, answer) = ask(&client, "PUT", &format!("/objects/{key}"), &body).await;
        assert!(
            (400..500).contains(&status) && answer.contains(said),
            "{key}: {status} {answer}"
        );
    }
    let exists = ask(&client, "PUT", &format!("/objects/{id}/log/{:020}", 1), &slot).await;
    assert_eq!(exists.0, 412, "{exists:?}");
    let other = ask(&client, "GET", "/objects/0123456789abcdef/log/1", "").await;
    assert_eq!(other.0, 403, "{other:?}");
    assert_eq!(cluster.says(&["cat", "project/a.md"], "").await, "one\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_what_dreams_keep_by_whatever_way() {
    let cluster = Aggregated::start().await;
    cluster.allow("alice", &[Verb::Get, Verb::Update]);
    cluster.says(&["put", "project/draft/x.json"], "{}").await;
    // Before there is any dream, and after.
    let at_first: &[&[&str]] = &[
        &["put", "project/.dream/x.json"],
        &["mv", "project/draft", "project/.dream"],
    ];
    for words in at_first {
        let refused = cluster.complains(words, "{}", 1).await;
        assert!(refused.contains("/.dream, where dreams keep"), "{words:?}: {refused}");
    }
    let store = cluster.store().await;
    let folder = Intent::Mkdir {
        file: FileId::random(store.random()),
        path: "/.dream".to_owned(),
        place: Place {
            parent: FileId::ROOT,
            name: ".dream".to_owned(),
        },
        mode: 0o755,
        exists_ok: false,
    };
    let entry = Entry::new(Author::dream("d"), vec![folder]);
    store.commit_all(entry).await.unwrap();
    let dreams = store.tree().lookup("/.dream").unwrap().id;
    store.close().await;
    let later: &[&[&str]] = &[
        &["put", "project/.dream/x.json"],
        &["mv", "project/draft/x.json", "project/.dream/x.json"],
        &["mv", "project/draft", "project/.dream/draft"],
        &["mv", "project/.dream", "project/elsewhere"],
        &["rm", "-r", "project/.dream"],
    ];
    for words in later {
        let refused = cluster.complains(words, "{}", 1).await;
        assert!(refused.contains("/.dream, where dreams keep"), "{words:?}: {refused}");
    }

    // A commit that says another path than it means.
    let client = cluster.client(Some(FRONT_PROXY), ALICE);
    let tree = cluster.store().await.tree();
    let id = cluster.store().await.id();
    for (parent, previous, answered) in [
        (dreams, tree.write, 403),
        (FileId::ROOT, WriteId(1), 409),
        (FileId::ROOT, tree.write, 201),
    ] {
        let header = Header {
            format: FORMAT,
            seq: tree.seq + 1,
            write: WriteId(2),
            previous,
            time: Timestamp::now(),
            author: Author::user("alice"),
            mount: MountId(2),
            first: 1,
            last: 1,
            ops: vec![Op::Mkdir {
                file: FileId(77),
                path: "/notes".to_owned(),
                place: Place {
                    parent,
                    name: "notes".to_owned(),
                },
                mode: 0o755,
            }],
            body: 0,
        };
        let key = slot::key(tree.seq + 1);
        let body = String::from_utf8(header.line()).unwrap();
        let (status, answer) = ask(&client, "PUT", &format!("/objects/{id}/{key}"), &body).await;
        assert_eq!(status, answered, "{answer}");
    }

    // What else there is comes back, and the rest is left alone.
    cluster.says(&["restore", "project", "--at", "1"], "").await;
    let listed = cluster.says(&["ls", "project", "-R"], "").await;
    assert!(listed.contains("x.json") && !listed.contains("notes"), "{listed}");
    assert!(cluster.store().await.tree().lookup("/.dream").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_store_is_read_and_not_written() {
    let cluster = Aggregated::with(&json!({"archived": true})).await;
    cluster.allow("alice", &[Verb::Get, Verb::Update]);
    cluster.says(&["ls", "project"], "").await;
    let refused = cluster.complains(&["put", "project/a.md"], "one\n", 1).await;
    assert!(
        refused.contains("the store project is archived: it is read-only for good"),
        "{refused}"
    );
    let client = cluster.client(Some(FRONT_PROXY), ALICE);
    let id = cluster.store().await.id();
    let (status, answer) = ask(&client, "PUT", &format!("/objects/{id}/log/{:020}", 1), "").await;
    assert!(status == 409 && answer.contains("archived"), "{status} {answer}");
    assert_eq!(cluster.store().await.tree().seq, 0);
}

/// `kubectl memory edit FILE` with that editor.
async fn edit(cluster: &Aggregated, file: &str, editor: &str) -> Output {
    let mut command = cluster.command(&["edit", file]);
    command.env("EDITOR", editor).stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_edited_in_the_persons_editor_and_committed_in_their_name() {
    let cluster = Aggregated::start().await;
    cluster.allow("alice", &[Verb::Get, Verb::Update]);
    cluster
        .says(&["put", "project/build.md"], "The build needs 8 GB.\n")
        .await;
    let edited = edit(&cluster, "project/build.md", "sed -i s/8/16/").await;
    assert!(edited.status.success(), "{edited:?}");
    let text = cluster.says(&["cat", "project/build.md"], "").await;
    assert_eq!(text, "The build needs 16 GB.\n");
    let store = cluster.store().await;
    let entries = log(&store, &LogQuery::of("/build.md")).await.unwrap();
    assert_eq!(entries.len(), 2, "{entries:?}");
    assert!(entries.iter().all(|entry| entry.author.to_string() == "user alice"));

    // One that is given up, and one that changes nothing, write nothing.
    let head = store.tree().seq;
    for (editor, well) in [("false", false), ("true", true)] {
        let output = edit(&cluster, "project/build.md", editor).await;
        assert_eq!(output.status.success(), well, "{output:?}");
    }
    assert_eq!(cluster.store().await.tree().seq, head);
    // A file that is not there is made.
    let made = edit(&cluster, "project/new.md", "echo new >").await;
    assert!(made.status.success(), "{made:?}");
    assert_eq!(cluster.says(&["cat", "project/new.md"], "").await, "new\n");
}
