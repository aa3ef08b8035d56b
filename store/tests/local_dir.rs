//! A directory as the bucket.
#![allow(clippy::unwrap_used)]

use std::os::unix::fs::symlink;
use std::sync::Arc;

use bytes::Bytes;
use remanence_store::backend::local::LocalDir;
use remanence_store::backend::{Append, BackendError, Created, Maintain, Read, suite};
use tempfile::TempDir;

fn directory() -> (TempDir, LocalDir) {
    let dir = tempfile::tempdir().unwrap();
    let local = LocalDir::new(dir.path().join("bucket"));
    (dir, local)
}

async fn keys(local: &LocalDir, prefix: &str, after: Option<&str>, max: usize) -> Vec<String> {
    let listed = local.list(prefix, after, max).await.unwrap();
    listed.into_iter().map(|object| object.key).collect()
}

fn refused<T: std::fmt::Debug>(result: Result<T, BackendError>) -> String {
    let error = result.unwrap_err();
    assert!(matches!(error, BackendError::Refused { .. }), "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn objects_are_plain_files_and_nothing_else_is_left() {
    let (dir, local) = directory();
    let body = Bytes::from_static(b"first");
    assert_eq!(
        local.put_if_absent("id/log/1", body.clone()).await.unwrap(),
        Created::Yes
    );
    assert_eq!(
        local.put_if_absent("id/log/1", "second".into()).await.unwrap(),
        Created::Exists
    );
    assert_eq!(std::fs::read(dir.path().join("bucket/id/log/1")).unwrap(), body);
    local.put("id/log/1", "stub".into()).await.unwrap();
    assert_eq!(local.get("id/log/1", None).await.unwrap().unwrap(), "stub");
    let temp = dir.path().join("bucket/.tmp");
    assert_eq!(std::fs::read_dir(temp).unwrap().count(), 0);
    assert_eq!(keys(&local, "", None, 10).await, ["id/log/1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_wins() {
    let (_dir, local) = directory();
    let local = Arc::new(local);
    for round in 0..20 {
        let key = format!("id/log/{round}");
        let writers: Vec<_> = (0..8)
            .map(|n| {
                let (local, key) = (local.clone(), key.clone());
                tokio::spawn(async move { (n, local.put_if_absent(&key, format!("body {n}").into()).await.unwrap()) })
            })
            .collect();
        let mut winners = Vec::new();
        for writer in writers {
            let (n, created) = writer.await.unwrap();
            if created == Created::Yes {
                winners.push(n);
            }
        }
        assert_eq!(winners.len(), 1);
        let body = local.get(&key, None).await.unwrap().unwrap();
        assert_eq!(body, format!("body {}", winners[0]));
    }
}

#[tokio::test]
async fn lists_in_the_order_of_whole_keys() {
    let (_dir, local) = directory();
    for key in ["a/x", "a.b", "a0", "a/b/c", "a/b.c", "b", "a/empty/z"] {
        local.put_if_absent(key, Bytes::new()).await.unwrap();
    }
    local.delete("a/empty/z").await.unwrap();
    let all = ["a.b", "a/b.c", "a/b/c", "a/x", "a0", "b"];
    assert_eq!(keys(&local, "", None, 100).await, all);
    for start in 0..all.len() {
        assert_eq!(keys(&local, "", Some(all[start]), 100).await, all[start + 1..]);
        assert_eq!(
            keys(&local, "", Some(all[start]), 1).await,
            all[start + 1..].iter().take(1).copied().collect::<Vec<_>>()
        );
    }
    assert_eq!(keys(&local, "a/", None, 2).await, ["a/b.c", "a/b/c"]);
    assert_eq!(keys(&local, "a/b", None, 9).await, ["a/b.c", "a/b/c"]);
    assert_eq!(keys(&local, "a/b/", Some("a"), 9).await, ["a/b/c"]);
    assert_eq!(keys(&local, "a/b/", Some("a/c"), 9).await, [""; 0]);
    assert_eq!(keys(&local, "nothing/here/", None, 9).await, [""; 0]);
    assert_eq!(keys(&local, "", None, 0).await, [""; 0]);
}

#[tokio::test]
async fn a_folder_that_is_missing_is_made_and_one_that_vanishes_is_not_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let far = LocalDir::new(dir.path().join("not/there/yet"));
    assert_eq!(far.get("store/1", None).await.unwrap(), None);
    assert_eq!(keys(&far, "", None, 9).await, [""; 0]);
    assert!(!dir.path().join("not").exists(), "reading makes nothing");
    assert_eq!(far.put_if_absent("store/1", "x".into()).await.unwrap(), Created::Yes);
    assert_eq!(keys(&far, "", None, 9).await, ["store/1"]);
    std::fs::rename(dir.path().join("not"), dir.path().join("moved")).unwrap();
    let message = refused(far.put_if_absent("store/2", Bytes::new()).await);
    assert!(message.contains("is gone"), "{message}");
    assert!(!dir.path().join("not").exists());
    let nowhere = dir.path().join("nowhere");
    symlink(dir.path().join("missing/at/all"), &nowhere).unwrap();
    let message = refused(LocalDir::new(&nowhere).put_if_absent("store/1", Bytes::new()).await);
    assert!(message.contains("a link"), "{message}");
    symlink("loop", dir.path().join("loop")).unwrap();
    let message = refused(
        LocalDir::new(dir.path().join("loop/x"))
            .put_if_absent("store/1", Bytes::new())
            .await,
    );
    assert!(message.contains("loop"), "{message}");

    let root = dir.path().join("bucket");
    let local = LocalDir::new(&root);
    assert_eq!(local.get("store/1", None).await.unwrap(), None);
    local.put_if_absent("store/1", "x".into()).await.unwrap();
    std::fs::rename(&root, dir.path().join("away")).unwrap();
    let message = refused(local.put_if_absent("store/2", Bytes::new()).await);
    assert!(message.contains("is gone"), "{message}");
    refused(local.get("store/1", None).await);
    assert!(!root.exists());
    std::fs::rename(dir.path().join("away"), &root).unwrap();
    assert_eq!(
        local.put_if_absent("store/2", Bytes::new()).await.unwrap(),
        Created::Yes
    );
}

#[tokio::test]
async fn links_are_never_followed() {
    let (dir, local) = directory();
    local.put_if_absent("id/log/1", "x".into()).await.unwrap();
    let outside = dir.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("secret"), "secret").unwrap();
    symlink(&outside, dir.path().join("bucket/id/data")).unwrap();
    symlink(outside.join("secret"), dir.path().join("bucket/id/log/2")).unwrap();

    refused(local.get("id/data/secret", None).await);
    refused(local.put_if_absent("id/data/new", Bytes::new()).await);
    refused(local.get("id/log/2", None).await);
    refused(local.put_if_absent("id/log/2", Bytes::new()).await);
    refused(local.put("id/log/2", Bytes::new()).await);
    assert_eq!(keys(&local, "", None, 9).await, ["id/log/1"]);
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1);
    refused(local.get("id/../../outside/secret", None).await);
    refused(local.put_if_absent(".tmp/x", Bytes::new()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn does_what_a_store_takes_for_granted() {
    let dir = tempfile::tempdir().unwrap();
    suite::check(&LocalDir::backend(dir.path().join("bucket"))).await;
}
