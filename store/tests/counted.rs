//! Requests and bytes are counted by kind.
#![allow(clippy::unwrap_used)]

use remanence_store::backend::counted::{Count, Counted};
use remanence_store::backend::local::LocalDir;

#[tokio::test]
async fn each_request_is_counted_where_it_belongs() {
    let dir = tempfile::tempdir().unwrap();
    let counted = Counted::new();
    let backend = counted.wrap(LocalDir::backend(dir.path()));
    let (append, maintain) = (backend.append.unwrap(), backend.maintain.unwrap());
    append.put_if_absent("a", "12345".into()).await.unwrap();
    append.put_if_absent("a", "12345".into()).await.unwrap();
    backend.read.get("a", Some(1..3)).await.unwrap();
    backend.read.get("absent", None).await.unwrap();
    backend.read.list("", None, 10).await.unwrap();
    let before = counted.snapshot();
    maintain.put("a", "1".into()).await.unwrap();
    maintain.delete("a").await.unwrap();

    let all = counted.snapshot();
    let count = |requests, bytes| Count { requests, bytes };
    assert_eq!(all.put_if_absent, count(2, 10));
    assert_eq!(all.get, count(2, 2));
    assert_eq!(all.list, count(1, 0));
    let later = all - before;
    assert_eq!((later.put, later.delete), (count(1, 1), count(1, 0)));
    assert_eq!((all.requests(), later.requests(), all.bytes()), (7, 2, 13));
    assert_eq!(later.to_string(), "2 requests, 1 bytes; 1 put; 1 delete");
}
