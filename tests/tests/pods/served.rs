//! What agents see of their stores.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use remanence_proto::broker::attachment::Access::{ReadOnly, ReadWrite};
use remanence_store::Author;
use remanence_store::history::{LogQuery, log};

use crate::pod::{Pod, apart, eventually};
use crate::stream::endpoint;
use remanence_operator::broker::{Grant, Keys, Sts};
use remanence_operator::certificates::{Served, next};
use remanence_tests::cluster::{Bucket, Cluster, keys};
use remanence_tests::prerequisites::{minio_url, seaweedfs_url};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_pods_share_a_store_on_seaweedfs_and_hear_of_each_other_at_once() {
    let (cluster, shared) = (Cluster::start().await, Bucket::new(&seaweedfs_url()).await);
    for pod in ["one", "two"] {
        cluster.grant(pod, vec![shared.granted("project", ReadWrite)]);
    }
    let (one, two) = (Pod::start(&cluster, "one").await, Pod::start(&cluster, "two").await);
    at_once(&one, &two).await;
    assert!(one.stop().await.left.is_empty());
    let store = shared.open().await;
    let entries = log(&store, &LogQuery::of("/0-3.md")).await.unwrap();
    let Author::Agent(author) = &entries[0].author else {
        panic!("an agent wrote: {entries:?}")
    };
    assert_eq!(author.agent, "agent-of-one");
    assert_eq!(
        (
            author.namespace.as_deref(),
            author.pod.as_deref(),
            author.service_account.as_deref()
        ),
        (Some("team-a"), Some("one"), Some("default"))
    );
}

/// By polling alone it would be half of 50 ms.
const AT_ONCE: Duration = Duration::from_millis(15);

/// Writes of the one are seen by the other at once: soon, since replicas of a broker look for one another every two
/// seconds, and other tests take the processors.
async fn at_once(one: &Pod, two: &Pod) {
    let deadline = Instant::now() + Duration::from_mins(1);
    for round in 0.. {
        let median = visible_in(one, two, &format!("{round}-")).await;
        if median <= AT_ONCE {
            return;
        }
        assert!(Instant::now() < deadline, "rings are not passed on: {median:?}");
    }
}

/// How long it takes (the median) until a write of the one is seen by the other.
async fn visible_in(one: &Pod, two: &Pod, prefix: &str) -> Duration {
    let mut times = Vec::new();
    for n in 0..40 {
        let name = format!("project/{prefix}{n}.md");
        let (from, to) = (one.path(&name), two.path(&name));
        apart(move || std::fs::write(from, format!("note {n}\n")).unwrap()).await;
        times.push(eventually("seen in the other pod", move || to.exists()).await);
    }
    times.sort_unstable();
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    println!("write to visible in another pod: median {median:?}, worst {worst:?}");
    median
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pods_at_two_replicas_of_the_broker_hear_of_each_other_on_seaweedfs() {
    let dir = tempfile::tempdir().unwrap();
    let shared = Bucket::new(&seaweedfs_url()).await;
    let (first, second) = Cluster::start_two(dir.path().join("token")).await;
    for pod in ["one", "two"] {
        first.grant(pod, vec![shared.granted("project", ReadWrite)]);
    }
    let (one, two) = (Pod::start(&first, "one").await, Pod::start(&second, "two").await);
    at_once(&one, &two).await;
    one.stop().await;
    two.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_pod_that_is_lent_a_session_writes_on_minio() {
    let (cluster, shared) = (Cluster::start().await, Bucket::new(&minio_url()).await);
    let grant = Grant {
        keys: Keys::Session(keys(), Sts::default()),
        ..shared.granted("project", ReadWrite)
    };
    cluster.grant("one", vec![grant]);
    let pod = Pod::start(&cluster, "one").await;
    let file = pod.path("project/a.md");
    apart(move || {
        std::fs::write(&file, "by a session\n").unwrap();
        // Too large for a slot, so an object of its own.
        std::fs::write(file.with_file_name("b.md"), vec![b'x'; 90_000]).unwrap();
    })
    .await;
    assert!(pod.stop().await.left.is_empty());
    let tree = shared.open().await.tree();
    assert!(tree.lookup("/a.md").is_some() && tree.lookup("/b.md").is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_broker_that_dies_and_comes_back_costs_nothing_on_seaweedfs() {
    let (mut cluster, shared) = (Cluster::start().await, Bucket::new(&seaweedfs_url()).await);
    for pod in ["one", "two"] {
        cluster.grant(pod, vec![shared.granted("project", ReadWrite)]);
    }
    let (one, two) = (Pod::start(&cluster, "one").await, Pod::start(&cluster, "two").await);
    let writers: Vec<_> = [&one, &two]
        .into_iter()
        .enumerate()
        .map(|(writer, pod)| {
            let folder = pod.path("project");
            tokio::task::spawn_blocking(move || {
                let started = Instant::now();
                let mut written = 0;
                while started.elapsed() < Duration::from_secs(6) {
                    let path = folder.join(format!("{writer}-{written}.md"));
                    std::fs::write(&path, format!("{writer} {written}\n")).unwrap();
                    written += 1;
                }
                written
            })
        })
        .collect();
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        cluster.kill_broker().await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        cluster.revive_broker().await;
    }
    let mut files = 0;
    for (writer, task) in writers.into_iter().enumerate() {
        let written: usize = task.await.unwrap();
        println!("writer {writer} wrote {written} files");
        assert!(written > 20, "the broker's absence stops nobody: {written}");
        files += written;
    }
    assert!(one.stop().await.left.is_empty() && two.stop().await.left.is_empty());
    let store = shared.open().await;
    let tree = store.tree();
    assert_eq!(tree.nodes().filter(|node| !node.is_dir()).count(), files);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_broker_whose_certificate_ran_out_is_trusted_again_with_the_next_one_on_seaweedfs() {
    let names = ["localhost", "127.0.0.1"].map(str::to_owned);
    // In another order they have one issued before it is due.
    let others = ["127.0.0.1", "localhost"].map(str::to_owned);
    let now = Timestamp::now();
    let then = now - SignedDuration::from_hours(24 * 200);
    let good = next(None, &names, now).unwrap().unwrap();
    let expired = next(Some(&good), &others, then).unwrap().unwrap();
    let served = Served::default();
    served.set(&good).unwrap();
    let mut cluster = Cluster::start_serving(&served).await;
    let (shared, later) = (Bucket::new(&seaweedfs_url()).await, Bucket::new(&seaweedfs_url()).await);
    cluster.grant("one", vec![shared.granted("project", ReadWrite)]);
    let pod = Pod::start(&cluster, "one").await;
    let file = pod.path("project/a.md");
    apart(move || std::fs::write(&file, "kept\n").unwrap()).await;

    served.set(&expired).unwrap();
    cluster.kill_broker().await;
    cluster.revive_broker().await;
    let refused = endpoint(&cluster).connect().await.unwrap_err();
    assert!(format!("{refused:?}").contains("Expired"), "{refused:?}");
    cluster.grant(
        "one",
        vec![shared.granted("project", ReadWrite), later.granted("later", ReadWrite)],
    );
    let file = pod.path("project/a.md");
    let kept = apart(move || std::fs::read_to_string(&file).unwrap()).await;
    assert_eq!(kept, "kept\n");

    served.set(&good).unwrap();
    let folder = pod.path("later");
    eventually("the store that it got meanwhile", move || folder.is_dir()).await;
    for name in ["project/b.md", "later/b.md"] {
        let file = pod.path(name);
        apart(move || std::fs::write(&file, "more\n").unwrap()).await;
    }
    assert!(pod.stop().await.left.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_a_new_broker_can_not_lend_stays_and_goes_once_less_may_be_done_with_it_on_seaweedfs() {
    let (mut cluster, shared) = (Cluster::start().await, Bucket::new(&seaweedfs_url()).await);
    let handbook = Bucket::new(&seaweedfs_url()).await;
    cluster.grant("one", vec![shared.granted("project", ReadWrite)]);
    let pod = Pod::start(&cluster, "one").await;
    let file = pod.path("project/a.md");
    let held = apart(move || {
        std::fs::write(&file, "mine\n").unwrap();
        std::fs::File::open(file).unwrap()
    })
    .await;

    cluster.kill_broker().await;
    let unlent = |grant: Grant| Grant {
        keys: Keys::Unavailable("the Secret does not exist".to_owned()),
        ..grant
    };
    let mut lost = unlent(shared.granted("project", ReadWrite));
    lost.attachment.instructions = "Write in verse.".into();
    // As where the class is gone.
    lost.attachment.place = None;
    cluster.grant("one", vec![lost, unlent(handbook.granted("handbook", ReadOnly))]);
    cluster.revive_broker().await;
    let note = pod.path("CLAUDE.md");
    eventually("the sidecar has heard of it", move || {
        std::fs::read_to_string(&note).is_ok_and(|text| text.contains("Write in verse."))
    })
    .await;
    let (file, late) = (pod.path("project/a.md"), pod.path("handbook"));
    apart(move || {
        assert_eq!(std::io::read_to_string(held).unwrap(), "mine\n");
        assert!(file.exists());
        assert!(!late.exists(), "nothing opens it yet");
    })
    .await;

    cluster.grant(
        "one",
        vec![
            shared.granted("project", ReadWrite),
            handbook.granted("handbook", ReadOnly),
        ],
    );
    let late = pod.path("handbook");
    eventually("what waited is there", move || late.is_dir()).await;
    let file = pod.path("project/b.md");
    apart(move || std::fs::write(file, "more\n").unwrap()).await;

    cluster.grant("one", vec![unlent(shared.granted("project", ReadOnly))]);
    let folder = pod.path("project");
    eventually("what may be read only is not left writable", move || !folder.exists()).await;
    pod.stop().await;
    assert!(shared.open().await.tree().lookup("/b.md").is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_pod_gains_and_loses_stores_while_it_runs_on_seaweedfs() {
    let cluster = Cluster::start().await;
    let (own, handbook) = (Bucket::new(&seaweedfs_url()).await, Bucket::new(&seaweedfs_url()).await);
    cluster.grant("one", vec![own.granted("own", ReadWrite)]);
    let pod = Pod::start(&cluster, "one").await;
    let file = pod.path("own/a.md");
    apart(move || std::fs::write(file, "mine\n").unwrap()).await;

    let store = handbook.open().await;
    store.close().await;
    cluster.grant(
        "one",
        vec![own.granted("own", ReadWrite), handbook.granted("handbook", ReadOnly)],
    );
    let folder = pod.path("handbook");
    eventually("the new store is there", move || folder.is_dir()).await;
    let file = pod.path("handbook/b.md");
    let refused = apart(move || std::fs::write(file, "x").unwrap_err()).await;
    assert_eq!(refused.raw_os_error(), Some(rustix::io::Errno::ROFS.raw_os_error()));

    // Words change in the note, and nothing else.
    let file = pod.path("own/a.md");
    let held = apart(move || std::fs::File::open(file).unwrap()).await;
    let mut instructed = own.granted("own", ReadWrite);
    instructed.attachment.instructions = "Write in verse.".into();
    cluster.grant("one", vec![instructed, handbook.granted("handbook", ReadOnly)]);
    let note = pod.path("CLAUDE.md");
    eventually("the note has the new words", move || {
        std::fs::read_to_string(&note).is_ok_and(|text| text.contains("Write in verse."))
    })
    .await;
    apart(move || std::io::read_to_string(held).unwrap()).await;

    cluster.grant("one", vec![handbook.granted("handbook", ReadOnly)]);
    let folder = pod.path("own");
    eventually("the old store is gone", move || !folder.exists()).await;
    cluster.grant("one", vec![own.granted("own", ReadWrite)]);
    let file = pod.path("own/a.md");
    eventually("it comes back with what was in it", move || {
        std::fs::read(&file).is_ok_and(|text| text == b"mine\n")
    })
    .await;
    pod.stop().await;
}
