//! The doorbell between mounts on one machine.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use remanence_store::backend::Backend;
use remanence_store::backend::local::LocalDir;
use remanence_store::id::StoreId;
use remanence_store::random::OsRandom;
use remanence_store::ring::Ring;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(20);

/// The next slot that is rung for, or that may have been.
async fn heard(ring: &Ring) -> Option<u64> {
    timeout(SOON, ring.heard()).await.expect("the ring is heard")
}

/// Waits until `seq` is rung for.
async fn heard_of(ring: &Ring, seq: u64) {
    while heard(ring).await != Some(seq) {}
}

/// Whether nothing more is heard.
async fn silent(ring: &Ring) -> bool {
    timeout(Duration::from_millis(100), ring.heard()).await.is_err()
}

async fn create(backend: &Backend, key: String) {
    let append = backend.append.as_ref().unwrap();
    append.put_if_absent(&key, "x".into()).await.unwrap();
}

fn bucket() -> Backend {
    Backend {
        url: "s3://bucket/prefix".to_owned(),
        ..LocalDir::backend("/nowhere")
    }
}

#[tokio::test]
async fn a_slot_in_a_directory_rings_even_when_the_log_is_new() {
    let dir = tempfile::tempdir().unwrap();
    let id = StoreId::random(&OsRandom);
    let backend = LocalDir::backend(dir.path());
    let ring = Ring::open(&backend, id).unwrap();
    create(&backend, format!("{id}/log/{:020}", 1)).await;
    assert!(
        heard(&ring).await.is_none_or(|seq| seq == 1),
        "the first is heard, by its name or the log's"
    );
    for seq in 2..=3 {
        create(&backend, format!("{id}/log/{seq:020}")).await;
        heard_of(&ring, seq).await;
    }
    create(&backend, format!("{id}/data/x")).await;
    assert!(silent(&ring).await, "other objects do not ring");
}

#[tokio::test]
async fn a_bucket_rings_by_a_file_of_the_user() {
    let runtime = tempfile::tempdir().unwrap();
    let open = |id| Ring::open_in(&bucket(), id, Some(runtime.path())).unwrap();
    let id = StoreId::random(&OsRandom);
    let (a, b, other) = (open(id), open(id), open(StoreId::random(&OsRandom)));
    a.ring(7);
    heard_of(&b, 7).await;
    a.ring(8);
    a.ring(9);
    heard_of(&b, 9).await;
    heard_of(&a, 9).await;
    assert!(silent(&other).await, "another store's bell is not ours");
}

#[tokio::test]
async fn a_ring_that_lies_wakes_once() {
    let dir = tempfile::tempdir().unwrap();
    let id = StoreId::random(&OsRandom);
    let backend = LocalDir::backend(dir.path());
    create(&backend, format!("{id}/log/{:020}", 1)).await;
    let ring = Ring::open(&backend, id).unwrap();
    std::fs::write(dir.path().join(format!("{id}/log/18446744073709551614")), "").unwrap();
    heard_of(&ring, u64::MAX - 1).await;
    while timeout(Duration::from_millis(100), ring.heard()).await.is_ok() {
        // The write of a foreign file is a ring or two of its own; it must end.
    }
    create(&backend, format!("{id}/log/{:020}", 2)).await;
    heard_of(&ring, 2).await;
}

#[tokio::test]
async fn a_bell_is_never_rung_through_a_link() {
    let runtime = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let id = StoreId::random(&OsRandom);
    std::fs::create_dir(runtime.path().join("ring")).unwrap();
    let victim = elsewhere.path().join("victim");
    std::fs::write(&victim, "precious").unwrap();
    std::os::unix::fs::symlink(&victim, runtime.path().join(format!("ring/{id}"))).unwrap();
    assert!(Ring::open_in(&bucket(), id, Some(runtime.path())).is_none());

    std::fs::remove_dir_all(runtime.path().join("ring")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), runtime.path().join("ring")).unwrap();
    assert!(Ring::open_in(&bucket(), id, Some(runtime.path())).is_none());
    assert_eq!(
        std::fs::read_dir(elsewhere.path()).unwrap().count(),
        1,
        "nothing is made behind a link"
    );
}
