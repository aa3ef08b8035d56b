//! The keys of a class are changed while its pods write.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use remanence_operator::broker::{Grant, Keys, S3Keys};
use remanence_proto::broker::attachment::Access::ReadWrite;
use remanence_tests::cluster::{Bucket, Cluster, keys};
use remanence_tests::prerequisites::seaweedfs_url;

use crate::pod::{Pod, eventually};

/// More than a sidecar has signed for ahead.
const FILES: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keys_that_the_object_store_no_longer_takes_hold_writes_until_there_are_others_on_seaweedfs() {
    let (cluster, shared) = (Cluster::start().await, Bucket::new(&seaweedfs_url()).await);
    let with = |keys: S3Keys| Grant {
        keys: Keys::Presigned(keys),
        ..shared.granted("project", ReadWrite)
    };
    cluster.grant("one", vec![with(keys())]);
    let pod = Pod::start(&cluster, "one").await;

    // To the object store it is the same whether keys were taken away or never were.
    let gone = S3Keys {
        access_key_id: "taken-away".to_owned(),
        ..keys()
    };
    cluster.grant("one", vec![with(gone)]);
    let (folder, done) = (pod.path("project"), Arc::new(AtomicUsize::new(0)));
    let counted = done.clone();
    let writing = tokio::task::spawn_blocking(move || {
        for n in 0..FILES {
            std::fs::write(folder.join(format!("{n}.md")), format!("{n}\n")).unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let status = pod.path("project/.memory/status");
    eventually("a write waits, and the store says why", move || {
        std::fs::read_to_string(&status).is_ok_and(|text| text.contains("check the keys of the store's class"))
    })
    .await;
    let before = done.load(Ordering::Relaxed);
    assert!(before < FILES, "nothing was refused");

    cluster.grant("one", vec![with(keys())]);
    writing.await.unwrap();
    assert!(pod.stop().await.left.is_empty());
    let tree = shared.open().await.tree();
    for n in 0..FILES {
        assert!(tree.lookup(&format!("/{n}.md")).is_some(), "{n} is lost");
    }
}
