//! Expiry: files that nobody wrote to for long are removed. They are history then, and go with it.

use jiff::Timestamp;
use remanence_store::intent::{Base, Entry, Expect, Intent};
use remanence_store::{Author, Store, StoreError};

/// Removals in one commit.
const AT_ONCE: usize = 500;

/// Removes the files whose newest version was committed before `since`; answers how many. A file that is written in the
/// meantime stays.
///
/// # Errors
/// When the store can't be written.
pub async fn expire(store: &Store, since: Timestamp) -> Result<usize, StoreError> {
    store.sync().await?;
    let tree = store.tree();
    let mut intents: Vec<Intent> = Vec::new();
    for node in tree.nodes().filter(|node| !node.is_dir() && node.time < since) {
        let Some(path) = tree.path(node.id) else { continue };
        intents.push(Intent::Remove {
            file: node.id,
            path,
            base: Base::Head,
            expect: Some(Expect::Version(node.version)),
        });
    }
    let mut removed = 0;
    while !intents.is_empty() {
        let rest = intents.split_off(intents.len().min(AT_ONCE));
        let author = Author::Maintenance {
            maintenance: "expiry".to_owned(),
        };
        let outcomes = store
            .commit(Entry::new(author, std::mem::replace(&mut intents, rest)))
            .await?;
        // The others were written to since.
        removed += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::SignedDuration;
    use remanence_store::intent::{Create, Piece};
    use remanence_store::op::Place;
    use remanence_store::settings::Settings;
    use remanence_store::url::StoreUrl;
    use remanence_store::{FileId, Options};

    use super::*;

    #[tokio::test]
    async fn what_is_old_goes_and_what_is_new_stays() {
        let folder = tempfile::tempdir().unwrap();
        let place = StoreUrl::of_directory(folder.path()).connect().await.unwrap();
        let store = Store::open_or_init(place, &Settings::sessions(), Options::default())
            .await
            .unwrap();
        let put = Intent::Put {
            file: FileId::random(store.random()),
            path: "/old.jsonl".to_owned(),
            create: Some(Create::at(Place {
                parent: FileId::ROOT,
                name: "old.jsonl".to_owned(),
            })),
            base: Base::Nothing,
            content: vec![Piece::New("{}\n".into())],
            mode: None,
            mtime: None,
            expect: None,
        };
        let author = Author::User { user: "ann".to_owned() };
        store.commit_all(Entry::new(author, vec![put])).await.unwrap();
        let since = store.tree().time + SignedDuration::from_nanos(1);
        assert_eq!(expire(&store, Timestamp::UNIX_EPOCH).await.unwrap(), 0);
        assert_eq!(expire(&store, since).await.unwrap(), 1);
        assert!(store.tree().lookup("/old.jsonl").is_none());
        assert_eq!(expire(&store, since).await.unwrap(), 0);
        store.close().await;
    }
}
