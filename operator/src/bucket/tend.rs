//! Keeps a store's settings as its object says, and looks how full it is.

use jiff::Timestamp;
use remanence_api::MemoryStoreSpec;
use remanence_api::store::Purpose as ApiPurpose;
use remanence_store::backend::Backend;
use remanence_store::intent::{Entry, Intent};
use remanence_store::ring::Ring;
use remanence_store::settings::{Purpose, Settings};
use remanence_store::store::Options;
use remanence_store::{Author, Seq, Store, StoreError, StoreId};

use super::claim::Claimed;

/// What is seen of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Its newest commit.
    pub head: Seq,
    /// Number of files.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// When the newest commit was made.
    pub last_write: Option<Timestamp>,
}

/// Whether a store has a commit after `head`: one request.
///
/// # Errors
/// When the object store can't be read.
pub async fn has_news(backend: &Backend, id: StoreId, head: Seq) -> Result<bool, StoreError> {
    let after = format!("{id}/log/{head:020}");
    let listed = backend.read.list(&format!("{id}/log/"), Some(&after), 1).await?;
    Ok(!listed.is_empty())
}

/// Opens the store that its object has just claimed, sets what the object says, looks at it.
///
/// # Errors
/// When it can't be opened or written.
pub async fn tend(backend: &Backend, claimed: Claimed, spec: &MemoryStoreSpec) -> Result<Look, StoreError> {
    let store = if claimed.is_new {
        Store::open_made(backend.clone(), claimed.id, options())
    } else {
        Store::open_known(backend.clone(), claimed.id, options()).await?
    };
    let wanted = settings(spec);
    if *store.tree().settings != wanted {
        let author = Author::Maintenance {
            maintenance: "operator".to_owned(),
        };
        store
            .commit_all(Entry::new(author, vec![Intent::Settings { settings: wanted }]))
            .await?;
    }
    let tree = store.tree();
    let look = Look {
        head: tree.seq,
        files: tree.files,
        bytes: tree.bytes,
        last_write: (tree.seq > 0).then_some(tree.time),
    };
    store.close().await;
    Ok(look)
}

/// How the operator opens stores: the endpoint was probed with the class, contents are not read, and nobody on this
/// machine listens.
pub fn options() -> Options {
    Options {
        probe: false,
        memory_cache: 0,
        ring: Some(Ring::through(|_| {})),
        ..Options::default()
    }
}

/// What the log is to say of the store.
pub fn settings(spec: &MemoryStoreSpec) -> Settings {
    let base = match spec.purpose {
        ApiPurpose::Memory => Settings::memory(),
        ApiPurpose::Sessions => Settings::sessions(),
    };
    let mut pinned = spec.pinned.clone();
    pinned.sort();
    Settings {
        file_size: spec
            .limits
            .file_size
            .as_ref()
            .map_or(base.file_size, remanence_api::Size::bytes),
        files: spec.limits.files.map_or(base.files, u64::from),
        size: spec.limits.size.as_ref().map(remanence_api::Size::bytes),
        description: spec.description.clone(),
        pinned,
        purpose: match spec.purpose {
            ApiPurpose::Memory => Purpose::Memory,
            ApiPurpose::Sessions => Purpose::Sessions,
        },
        archived: spec.archived,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use remanence_store::url::StoreUrl;

    use super::*;
    use crate::bucket::claim::{Owner, claim};

    #[tokio::test]
    async fn settings_follow_the_object_and_are_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let place = StoreUrl::of_directory(folder.path()).connect().await.unwrap();
        let owner = Owner {
            cluster: "c".into(),
            namespace: "n".into(),
            name: "s".into(),
            uid: "u".into(),
        };
        let claimed = claim(&place, &owner, false, None, &|_| false, Timestamp::now())
            .await
            .unwrap();
        let mut spec = MemoryStoreSpec {
            description: "What everyone knows.".to_owned(),
            pinned: vec!["b.md".to_owned(), "a.md".to_owned()],
            ..MemoryStoreSpec::default()
        };
        let id = claimed.id;
        assert_eq!(tend(&place, claimed, &spec).await.unwrap().head, 1);
        let claimed = Claimed {
            is_new: false,
            ..claimed
        };
        assert_eq!(tend(&place, claimed, &spec).await.unwrap().head, 1);
        assert!(!has_news(&place, id, 1).await.unwrap() && has_news(&place, id, 0).await.unwrap());
        spec.archived = true;
        assert_eq!(tend(&place, claimed, &spec).await.unwrap().head, 2);
        let store = Store::open(place, Options::default()).await.unwrap();
        assert!(store.tree().settings.archived);
        assert_eq!(store.tree().settings.pinned, ["a.md", "b.md"]);
    }
}
