//! The dreamer as it runs in a Job's pod: the program itself, with a real broker and a real S3 server.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, StreamExt};
use remanence_proto::broker::attachment::Access::{ReadOnly, ReadWrite};
use remanence_proto::broker::{Logs, Model, Report, Task, report, to_pod};
use remanence_store::history::{LogQuery, log};
use remanence_store::intent::{Base, Create, Entry, Intent, Piece};
use remanence_store::op::Place;
use remanence_store::url::StoreUrl;
use remanence_store::{Author, FileId, Store};
use remanence_tests::cluster::{Bucket, Cluster, keys};
use remanence_tests::prerequisites::{binary, quick, seaweedfs_url};
use remanence_tests::process;

use crate::pod::apart;
use crate::stream::{endpoint, hear, open};

/// What the chart gives a dreamer.
const MEMORY: u64 = 256 << 20;

/// A person's words, as Claude Code writes them.
fn typed(text: &str) -> String {
    let message = serde_json::json!({"role": "user", "content": text});
    format!(
        "{}\n",
        serde_json::json!({"type": "user", "timestamp": "2026-05-04T10:00:00Z", "message": message})
    )
}

/// Puts a transcript into a session store, as the agent's sidecar does.
async fn say(sessions: &Bucket, name: &str, text: &str) {
    let store = sessions.open().await;
    let put = Intent::Put {
        file: FileId::random(store.random()),
        path: format!("/{name}"),
        create: Some(Create::at(Place {
            parent: FileId::ROOT,
            name: name.to_owned(),
        })),
        base: Base::Nothing,
        content: vec![Piece::New(Bytes::from(typed(text)))],
        mode: None,
        mtime: None,
        expect: None,
    };
    store
        .commit_all(Entry::new(Author::agent("reviewer"), vec![put]))
        .await
        .unwrap();
    store.close().await;
}

/// All memory of a store as one text.
async fn memory(store: &Store) -> String {
    let mut text = String::new();
    let tree = store.tree();
    for node in tree.nodes() {
        let path = tree.path(node.id).unwrap();
        if let (Some(content), false) = (node.content(), path.starts_with("/.dream")) {
            text += std::str::from_utf8(&store.read_all(content).await.unwrap()).unwrap();
        }
    }
    text
}

pub(super) fn task(store: &str, sessions: &[&str]) -> Task {
    Task {
        store: format!("team-a/{store}"),
        sessions: sessions.iter().map(|name| format!("team-a/{name}")).collect(),
        memory_size: 256 << 10,
        max_loss_percent: 25,
        seconds: 60,
        ..Task::default()
    }
}

/// The memory `project` and the sessions of an agent who has said something.
pub(super) struct Scene {
    pub(super) cluster: Cluster,
    project: Bucket,
    sessions: Bucket,
}

impl Scene {
    pub(super) async fn new(said: &str) -> Self {
        let scene = Self {
            cluster: Cluster::start().await,
            project: Bucket::new(&seaweedfs_url()).await,
            sessions: Bucket::new(&seaweedfs_url()).await,
        };
        say(&scene.sessions, "one.jsonl", said).await;
        scene
    }

    /// What the pod `night` is to dream, over these sessions.
    pub(super) fn task() -> Task {
        task("project", &["reviewer-sessions"])
    }

    /// Gives the pod `night` both stores, and something to dream.
    pub(super) fn employ(&self, task: Task) {
        let granted = vec![
            self.project.granted("project", ReadWrite),
            self.sessions.granted("reviewer-sessions", ReadOnly),
        ];
        self.cluster.employ("night", granted, vec![task]);
    }
}

/// A pod of a Job.
pub(super) struct Dreamer {
    command: Command,
    _dir: tempfile::TempDir,
}

impl Dreamer {
    pub(super) fn new(cluster: &Cluster, pod: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let token: PathBuf = dir.path().join("token");
        std::fs::write(&token, format!("token-of-{pod}")).unwrap();
        let broker = cluster.config(token);
        let mut command = Command::new(binary().with_file_name("remanence-dreamer"));
        command
            .env_clear()
            .env("REMANENCE_BROKER", &broker.url)
            .env("REMANENCE_BROKER_CA", broker.ca.as_deref().unwrap())
            .env("REMANENCE_TOKEN", &broker.token)
            .env("POD_UID", format!("uid-of-{pod}"));
        Self { command, _dir: dir }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it; says whether it went well and how much memory it took at most.
    pub(super) async fn run(mut self) -> (bool, u64) {
        let mut child = self
            .command
            .stderr(Stdio::inherit())
            .spawn()
            .expect("remanence-dreamer is built");
        apart(move || {
            let mut most = 0;
            loop {
                // Of one that has ended nothing is known.
                most = most.max(process::peak(child.id()).unwrap_or_default());
                if let Some(status) = child.try_wait().unwrap() {
                    return (status.success(), most);
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        })
        .await
    }
}

fn phases(reports: &[Report], store: &str) -> Vec<report::Phase> {
    let its = reports
        .iter()
        .filter(|report| report.store == format!("team-a/{store}"));
    its.map(Report::phase).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dreamer_dreams_what_agents_said_into_the_memory_and_reports_it_on_seaweedfs() {
    let scene = Scene::new("Remember that the staging database listens on port 5433.").await;
    scene.employ(Scene::task());
    let (cluster, project) = (&scene.cluster, &scene.project);
    let (well, _) = Dreamer::new(cluster, "night").run().await;
    assert!(well);
    let reports = cluster.reports();
    assert_eq!(
        phases(&reports, "project"),
        [report::Phase::Running, report::Phase::Applied]
    );
    let last = reports.last().unwrap();
    assert_eq!((last.facts.unwrap().added, last.sessions), (1, 1), "{last:?}");
    let store = project.open().await;
    assert!(memory(&store).await.contains("5433"), "{}", memory(&store).await);
    // The commit is a dream's by what the token proved, and the record has the name that was reported.
    let entries = log(&store, &LogQuery::of(format!("/.dream/{}.json", last.dream)))
        .await
        .unwrap();
    let dream = Author::dream(last.dream.clone());
    assert!(entries.iter().any(|entry| entry.author == dream), "{entries:?}");
    assert!(entries.iter().all(|entry| entry.forged.is_none()), "{entries:?}");

    // The next night there is nothing new.
    let (well, _) = Dreamer::new(cluster, "night").run().await;
    assert!(well);
    assert_eq!(cluster.reports().last().unwrap().phase(), report::Phase::NoChange);
    assert_eq!(store.tree().seq, project.open().await.tree().seq);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pods_that_have_the_memory_attached_hear_of_a_dream_on_seaweedfs() {
    let scene = Scene::new("Remember that the staging database listens on port 5433.").await;
    scene.employ(Scene::task());
    let granted = scene.project.granted("project", ReadWrite);
    scene.cluster.grant("day", vec![granted]);
    let opened = open(&endpoint(&scene.cluster), "token-of-day", &[1]).await;
    let (_outbox, mut stream) = opened.unwrap();
    hear(
        &mut stream,
        |message| matches!(message, to_pod::Message::Attachments(told) if !told.attachments.is_empty()),
    )
    .await;
    let (well, _) = Dreamer::new(&scene.cluster, "night").run().await;
    assert!(well);
    hear(&mut stream, |message| matches!(message, to_pod::Message::Hint(_))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_to_be_reviewed_waits_and_the_report_names_its_digest_on_seaweedfs() {
    let scene = Scene::new("Remember that releases are cut on Tuesdays.").await;
    scene.employ(Task {
        review: true,
        ..Scene::task()
    });
    let (cluster, project) = (&scene.cluster, &scene.project);
    assert!(Dreamer::new(cluster, "night").run().await.0);
    let last = cluster.reports().pop().unwrap();
    assert_eq!(last.phase(), report::Phase::Proposed);
    let store = project.open().await;
    assert_eq!(memory(&store).await, "");
    let waiting = remanence_dreamer::dreams(&store).await.unwrap();
    assert_eq!(waiting[0].proposal.as_deref(), Some(last.proposal_digest.as_str()));
    let applied = remanence_dreamer::approve(&store, Some(&last.dream), "ann")
        .await
        .unwrap();
    assert_eq!(applied.proposal.as_deref(), Some(last.proposal_digest.as_str()));
    store.sync().await.unwrap();
    assert!(memory(&store).await.contains("Tuesdays"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_store_that_fails_does_not_keep_the_others_from_their_dreams_on_seaweedfs() {
    let scene = Scene::new("Remember that the staging database listens on port 5433.").await;
    let (cluster, project, sessions) = (&scene.cluster, &scene.project, &scene.sessions);
    let used_up = Task {
        model: Some(Model {
            provider: "Anthropic".to_owned(),
            name: "claude-haiku-4-5".to_owned(),
            base_url: String::new(),
        }),
        cost_micros: Some(0),
        left_micros: Some(0),
        ..task("used-up", &[])
    };
    let keyless = Task {
        cost_micros: None,
        left_micros: None,
        store: "team-a/keyless".to_owned(),
        ..used_up.clone()
    };
    cluster.employ(
        "night",
        vec![
            project.granted("keyless", ReadWrite),
            project.granted("project", ReadWrite),
            project.granted("used-up", ReadWrite),
            sessions.granted("reviewer-sessions", ReadOnly),
        ],
        vec![
            task("absent", &[]),
            keyless,
            task("project", &["reviewer-sessions", "gone-sessions"]),
            used_up,
        ],
    );
    let (well, _) = Dreamer::new(cluster, "night").run().await;
    assert!(!well, "the Job says that something failed");
    let reports = cluster.reports();
    for (store, phase, said) in [
        ("absent", report::Phase::Failed, "does not lend it"),
        ("keyless", report::Phase::Failed, "needs a key"),
        ("project", report::Phase::Applied, "gone-sessions can't be opened"),
        ("used-up", report::Phase::NoChange, "budget is used up"),
    ] {
        let last = reports
            .iter()
            .rfind(|report| report.store == format!("team-a/{store}"))
            .unwrap();
        assert_eq!(last.phase(), phase, "{store}: {last:?}");
        assert!(
            last.reasons.iter().any(|reason| reason.contains(said)),
            "{store}: {last:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn session_logs_are_read_with_their_own_key_on_seaweedfs() {
    let (cluster, project) = (Cluster::start().await, Bucket::new(&seaweedfs_url()).await);
    let logs: StoreUrl = seaweedfs_url().parse().unwrap();
    let backend = logs.connect().await.unwrap();
    let text = Bytes::from(typed("Remember that the linter runs before every commit."));
    backend
        .append
        .as_ref()
        .unwrap()
        .put_if_absent("ci/one.jsonl", text)
        .await
        .unwrap();
    let StoreUrl::S3(logs) = logs else {
        panic!("an S3 server's URL")
    };
    let place = Bucket {
        url: logs,
        id: String::new(),
    }
    .place();
    let with_logs = Task {
        logs: vec![Logs {
            place: Some(place),
            key: Some(0),
        }],
        ..task("project", &[])
    };
    cluster.employ("night", vec![project.granted("project", ReadWrite)], vec![with_logs]);
    let keyless = Dreamer::new(&cluster, "night").run().await;
    assert!(keyless.0, "what can't be read waits");
    let last = cluster.reports().pop().unwrap();
    assert!(
        last.reasons
            .iter()
            .any(|reason| reason.contains("not in the environment")),
        "{last:?}"
    );
    let key = keys();
    let dreamer = Dreamer::new(&cluster, "night")
        .with("REMANENCE_LOGS_0_ACCESS_KEY_ID", &key.access_key_id)
        .with("REMANENCE_LOGS_0_SECRET_ACCESS_KEY", &key.secret_access_key);
    assert!(dreamer.run().await.0);
    assert!(memory(&project.open().await).await.contains("linter"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_stores_are_dreamt_by_one_dreamer_one_after_the_other_on_seaweedfs() {
    let (cluster, sessions) = (Cluster::start().await, Bucket::new(&seaweedfs_url()).await);
    for session in 0..5 {
        let text = format!("Remember that machine {session} is called host-{session}.");
        say(&sessions, &format!("{session}.jsonl"), &text).await;
    }
    let count = if quick() { 10 } else { 100 };
    let made = (0..count).map(|_| async { Bucket::new(&seaweedfs_url()).await });
    let stores: Vec<Bucket> = stream::iter(made).buffered(16).collect().await;
    let named = |number: usize| format!("store-{number}");
    let granted = stores.iter().enumerate();
    let mut grants: Vec<_> = granted
        .map(|(number, store)| store.granted(&named(number), ReadWrite))
        .collect();
    let tasks = (0..count)
        .map(|number| task(&named(number), &["reviewer-sessions"]))
        .collect();
    grants.push(sessions.granted("reviewer-sessions", ReadOnly));
    cluster.employ("night", grants, tasks);
    let started = std::time::Instant::now();
    let (well, most) = Dreamer::new(&cluster, "night").run().await;
    println!(
        "{count} stores in {:?}; the dreamer's peak: {:.1} MiB",
        started.elapsed(),
        most as f64 / f64::from(1 << 20)
    );
    assert!(well);
    assert!(most <= MEMORY, "{most} bytes");
    let reports = cluster.reports();
    let told: Vec<_> = reports.iter().map(|report| report.store.clone()).collect();
    // Each begins and ends before the next begins.
    assert!(told.chunks(2).all(|pair| pair[0] == pair[1]), "{told:?}");
    let applied = reports
        .iter()
        .filter(|report| report.phase() == report::Phase::Applied)
        .count();
    assert_eq!(applied, count);
    assert!(memory(&stores[count - 1].open().await).await.contains("host-4"));
}
