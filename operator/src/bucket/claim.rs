//! Whose the store under a prefix is: `store/<n>` names cluster and object. A foreign one is left alone unless the
//! object says `adopt`, and always where it belongs to another object of the cluster that is there; a deleted one, or
//! one of an object that is gone, gives way to a new one with a new id, so that a stalled writer of the old one can't
//! touch it.

use std::fmt;

use jiff::Timestamp;
use remanence_store::backend::{Backend, Created};
use remanence_store::manifest::{self, Manifest};
use remanence_store::op::Op;
use remanence_store::random::{OsRandom, Random};
use remanence_store::slot::{FORMAT, Slot};
use remanence_store::{Seq, StoreError, StoreId};

/// Attempts against others who claim at once.
const TRIES: usize = 5;
/// Commits of which each is looked at; where there are more, not all of them are the operator's.
const FEW: usize = 20;

/// Whether an owner, as a manifest names it, is an object that is there.
pub type Lives<'a> = &'a (dyn Fn(&str) -> bool + Send + Sync + 'a);

/// An object of a cluster, as the manifest names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The cluster: the uid of its namespace kube-system.
    pub cluster: String,
    /// The object's namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: String,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.cluster, self.namespace, self.name, self.uid)
    }
}

impl Owner {
    /// Whether that store is of an earlier object of this one's name: deleted without a marker.
    fn is_earlier_in(&self, found: &Manifest) -> bool {
        let place = format!("{}/{}/{}/", self.cluster, self.namespace, self.name);
        let of = found.owner.as_deref();
        of.is_some_and(|of| of.starts_with(&place) && of != self.to_string())
    }
}

/// Why a store is not ours.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Somebody else's.
    #[error(
        "{url} holds a store of {owner}; set spec.adopt: true to take it over (the other one must then no longer use it), \
         or choose another prefix"
    )]
    Foreign {
        /// Where.
        url: String,
        /// Whose.
        owner: String,
    },
    /// Another object's of the same cluster, which is there: two classes lead to one place.
    #[error(
        "{url} holds the store of {owner}, a MemoryStore of this cluster that is there, so it can't be taken over: the \
         prefixes of two classes lead to one place; give this store another name or another class"
    )]
    InUse {
        /// Where.
        url: String,
        /// Whose.
        owner: String,
    },
    /// The owner's store was here, or should be, and is not.
    #[error(
        "{url} holds {found}, not the store {known} that was made for this object: let its class say again where that \
         one lies, or put back what was there; to begin with an empty store, delete this object and create it again"
    )]
    Gone {
        /// Where.
        url: String,
        /// What is there.
        found: String,
        /// The id of the owner's store.
        known: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The owner's store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    /// Its id.
    pub id: StoreId,
    /// Made just now under an id that nobody knew before: there is nothing in it yet.
    pub is_new: bool,
}

/// The owner's store; made, made again or adopted where need be. Where the owner has one already, whose id is
/// `known`, that one alone will do: an empty one in its place would hide from everybody that the data are elsewhere.
///
/// # Errors
/// When it is another's, can't be had, or is not the one that is known.
pub async fn claim(
    backend: &Backend,
    owner: &Owner,
    adopt: bool,
    known: Option<&str>,
    lives: Lives<'_>,
    now: Timestamp,
) -> Result<Claimed, ClaimError> {
    let of_owner = |id: StoreId| Manifest {
        format: FORMAT,
        id,
        created: now,
        owner: Some(owner.to_string()),
        deleted: false,
    };
    if known.is_none() {
        // Mostly nothing is there yet. Manifests are never taken away: where there is a first one, this is refused.
        let id = fresh();
        if manifest::create(backend, 1, &of_owner(id)).await? == Created::Yes {
            return Ok(Claimed { id, is_new: true });
        }
    }
    for _ in 0..TRIES {
        let newest = manifest::newest(backend).await?;
        let there = told(newest.as_ref().map(|(_, found)| found));
        let (n, id, is_new) = match newest {
            None => (1, fresh(), true),
            Some((_, found)) if !found.deleted && found.owner.as_deref() == Some(&owner.to_string()) => {
                check(backend, &there, found.id, known)?;
                return Ok(Claimed {
                    id: found.id,
                    is_new: false,
                });
            }
            Some((_, found)) if (adopt || !found.deleted) && is_of_another(&found, owner, lives) => {
                return Err(ClaimError::InUse {
                    url: backend.url.clone(),
                    owner: found.owner.unwrap_or_default(),
                });
            }
            Some((n, found)) if adopt => (n + 1, left(backend, n, &found, owner, known, lives).await?, false),
            Some((n, found)) if found.deleted || owner.is_earlier_in(&found) => (n + 1, fresh(), true),
            Some((_, found)) => {
                return Err(ClaimError::Foreign {
                    url: backend.url.clone(),
                    owner: found.owner.unwrap_or_else(|| "nobody in a cluster".to_owned()),
                });
            }
        };
        check(backend, &there, id, known)?;
        if manifest::create(backend, n, &of_owner(id)).await? == Created::Yes {
            return Ok(Claimed { id, is_new });
        }
        // Whoever was quicker, the next look says whose it is.
    }
    Err(ClaimError::Foreign {
        url: backend.url.clone(),
        owner: "several who claim it at once".to_owned(),
    })
}

/// Whether a store is that of another object that is there.
fn is_of_another(found: &Manifest, owner: &Owner, lives: Lives<'_>) -> bool {
    let of = found.owner.as_deref();
    of.is_some_and(|of| of != owner.to_string() && lives(of))
}

/// What lies under a prefix, for people.
fn told(found: Option<&Manifest>) -> String {
    match found {
        None => "no store".to_owned(),
        Some(found) if found.deleted => format!("the store {}, deleted (spec.adopt: true has it back)", found.id),
        Some(found) => format!("the store {}", found.id),
    }
}

/// That `id` is the one that is known, where one is; `there` is what lies under the prefix.
fn check(backend: &Backend, there: &str, id: StoreId, known: Option<&str>) -> Result<(), ClaimError> {
    match known {
        Some(known) if known != id.to_string() => Err(ClaimError::Gone {
            url: backend.url.clone(),
            found: there.to_owned(),
            known: known.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Marks the owner's store as deleted; one that is another's, or not there, is left as it is. Says the id.
///
/// # Errors
/// When the marker can't be written.
pub async fn mark_deleted(backend: &Backend, owner: &Owner, now: Timestamp) -> Result<Option<StoreId>, StoreError> {
    let Some((n, found)) = manifest::newest(backend).await? else {
        return Ok(None);
    };
    if found.owner.as_deref() != Some(&owner.to_string()) {
        return Ok(None);
    }
    if !found.deleted {
        let marker = Manifest {
            created: now,
            deleted: true,
            ..found.clone()
        };
        manifest::create(backend, n + 1, &marker).await?;
    }
    Ok(Some(found.id))
}

/// The store to take over where `found` is the newest, number `n`. One that came to nothing before its object was
/// deleted gives way to the newest before it that holds something.
async fn left(
    backend: &Backend,
    n: u64,
    found: &Manifest,
    owner: &Owner,
    known: Option<&str>,
    lives: Lives<'_>,
) -> Result<StoreId, StoreError> {
    let is_known = known.is_some_and(|known| known == found.id.to_string());
    let is_over = found.deleted || owner.is_earlier_in(found);
    if is_known || !is_over || holds_something(backend, found.id).await? {
        return Ok(found.id);
    }
    if let Some(id) = earlier(backend, n, found.id, owner, lives).await? {
        return Ok(id);
    }
    // Where nothing is left, the id of a deleted one is not used again.
    let gone = found.deleted && log(backend, found.id, 1).await?.is_empty();
    Ok(if gone { fresh() } else { found.id })
}

/// The newest store before manifest `n` that holds something, other than `id`.
async fn earlier(
    backend: &Backend,
    n: u64,
    id: StoreId,
    owner: &Owner,
    lives: Lives<'_>,
) -> Result<Option<StoreId>, StoreError> {
    let mut last = id;
    for n in (1..n).rev() {
        let found = match manifest::read(backend, n).await {
            Ok(Some(found)) => found,
            // One of long ago that can't be read is no reason to give up those before it.
            Ok(None) | Err(StoreError::Damaged { .. } | StoreError::Newer { .. }) => continue,
            Err(error) => return Err(error),
        };
        // Mostly two manifests speak of one store.
        if found.id == last || found.id == id || is_of_another(&found, owner, lives) {
            continue;
        }
        last = found.id;
        if holds_something(backend, found.id).await? {
            return Ok(Some(found.id));
        }
    }
    Ok(None)
}

/// The earlier store under the owner's prefix that holds something, where its own, `id`, holds nothing.
///
/// # Errors
/// When the object store can't be read.
pub async fn passed_over(
    backend: &Backend,
    id: StoreId,
    owner: &Owner,
    lives: Lives<'_>,
) -> Result<Option<StoreId>, StoreError> {
    match manifest::newest(backend).await? {
        Some((n, found)) if found.id == id && !holds_something(backend, id).await? => {
            earlier(backend, n, id, owner, lives).await
        }
        _ => Ok(None),
    }
}

/// Whether a store has a commit that does more than set what its object says.
async fn holds_something(backend: &Backend, id: StoreId) -> Result<bool, StoreError> {
    let keys = log(backend, id, FEW + 1).await?;
    if keys.len() > FEW {
        return Ok(true);
    }
    for key in keys {
        let slot = backend.read.get(&key, None).await?;
        let seq = key.rsplit('/').next().and_then(|seq| seq.parse::<Seq>().ok());
        let slot = seq.zip(slot).and_then(|(seq, slot)| Slot::decode(seq, &slot).ok());
        // What can't be read may be anything.
        let of_operator = slot.is_some_and(|slot| slot.header.ops.iter().all(|op| matches!(op, Op::Settings { .. })));
        if !of_operator {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The keys of a store's first commits.
async fn log(backend: &Backend, id: StoreId, most: usize) -> Result<Vec<String>, StoreError> {
    let listed = backend.read.list(&format!("{id}/log/"), None, most).await?;
    Ok(listed.into_iter().map(|object| object.key).collect())
}

fn fresh() -> StoreId {
    StoreId::random(&OsRandom as &dyn Random)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use remanence_store::backend::counted::Counted;
    use remanence_store::intent::{Base, Create, Entry, Intent, Piece};
    use remanence_store::op::Place;
    use remanence_store::settings::Settings;
    use remanence_store::store::Options;
    use remanence_store::url::StoreUrl;
    use remanence_store::{FileId, Store};

    use super::*;

    /// Where no other object is there.
    async fn claim(
        backend: &Backend,
        owner: &Owner,
        adopt: bool,
        known: Option<&str>,
        now: Timestamp,
    ) -> Result<StoreId, ClaimError> {
        let claimed = super::claim(backend, owner, adopt, known, &|_| false, now).await;
        claimed.map(|claimed| claimed.id)
    }

    fn owner(cluster: &str, uid: &str) -> Owner {
        Owner {
            cluster: cluster.to_owned(),
            namespace: "team-a".to_owned(),
            name: "project".to_owned(),
            uid: uid.to_owned(),
        }
    }

    async fn place() -> (tempfile::TempDir, Backend) {
        let folder = tempfile::tempdir().unwrap();
        let backend = StoreUrl::of_directory(folder.path()).connect().await.unwrap();
        (folder, backend)
    }

    #[tokio::test]
    async fn where_nothing_is_yet_two_requests_make_a_store() {
        let (_folder, backend) = place().await;
        let counted = Counted::new();
        let backend = counted.wrap(backend);
        let id = claim(&backend, &owner("c", "1"), false, None, Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
        let asked = counted.snapshot();
        assert_eq!(asked.requests(), 2, "{asked}");
        // The object's status was lost before it was written.
        let again = claim(&backend, &owner("c", "1"), false, None, Timestamp::UNIX_EPOCH).await;
        assert_eq!(again.unwrap(), id);
    }

    #[tokio::test]
    async fn a_store_is_made_once_and_found_again() {
        let (_folder, place) = place().await;
        let claim = async || super::claim(&place, &owner("c", "1"), false, None, &|_| false, Timestamp::now()).await;
        let made = claim().await.unwrap();
        assert!(made.is_new);
        let found = claim().await.unwrap();
        assert_eq!((found.id, found.is_new), (made.id, false));
    }

    #[tokio::test]
    async fn another_clusters_store_is_adopted_only_on_demand() {
        let (_folder, place) = place().await;
        let id = claim(&place, &owner("one", "1"), false, None, Timestamp::now())
            .await
            .unwrap();
        let refused = claim(&place, &owner("two", "2"), false, None, Timestamp::now())
            .await
            .unwrap_err();
        assert!(
            refused.to_string().contains("one/team-a/project/1") && refused.to_string().contains("adopt"),
            "{refused}"
        );
        assert_eq!(
            claim(&place, &owner("two", "2"), true, None, Timestamp::now())
                .await
                .unwrap(),
            id
        );
        assert!(
            claim(&place, &owner("one", "1"), false, None, Timestamp::now())
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn a_store_of_an_object_that_is_there_is_not_adopted() {
        let (_folder, place) = place().await;
        let theirs = Owner {
            namespace: "team-b".to_owned(),
            ..owner("c", "1")
        };
        let mine = owner("c", "2");
        let now = Timestamp::now();
        let id = claim(&place, &theirs, false, None, now).await.unwrap();
        let there = theirs.to_string();
        let lives = |owner: &str| owner == there;
        for adopt in [false, true] {
            let refused = super::claim(&place, &mine, adopt, None, &lives, now).await.unwrap_err();
            assert!(matches!(refused, ClaimError::InUse { .. }), "{refused:?}");
            let refused = refused.to_string();
            assert!(
                refused.contains("team-b/project") && !refused.contains("adopt"),
                "{refused}"
            );
        }
        assert_eq!(
            claim(&place, &theirs, false, None, now).await.unwrap(),
            id,
            "it is theirs"
        );
        // Nor while that object is being deleted, and its data with it; once it is gone it can be had.
        mark_deleted(&place, &theirs, now).await.unwrap();
        super::claim(&place, &mine, true, None, &lives, now).await.unwrap_err();
        claim(&place, &mine, true, None, now).await.unwrap();
    }

    #[tokio::test]
    async fn a_store_made_by_hand_is_foreign_too() {
        let (_folder, place) = place().await;
        let store = Store::open_or_init(place.clone(), &Settings::memory(), Options::default())
            .await
            .unwrap();
        assert!(
            claim(&place, &owner("c", "1"), false, None, Timestamp::now())
                .await
                .is_err()
        );
        assert_eq!(
            claim(&place, &owner("c", "1"), true, None, Timestamp::now())
                .await
                .unwrap(),
            store.id()
        );
    }

    #[tokio::test]
    async fn a_name_made_again_gets_a_new_id() {
        let (_folder, place) = place().await;
        let first = claim(&place, &owner("c", "1"), false, None, Timestamp::now())
            .await
            .unwrap();
        assert_eq!(
            mark_deleted(&place, &owner("c", "1"), Timestamp::now()).await.unwrap(),
            Some(first)
        );
        let second = claim(&place, &owner("c", "2"), false, None, Timestamp::now())
            .await
            .unwrap();
        assert_ne!(first, second);
        // Nobody marked the second one: its object was torn away.
        let third = claim(&place, &owner("c", "3"), false, None, Timestamp::now())
            .await
            .unwrap();
        assert_ne!(second, third);
        // A marker that comes late does no harm to the third.
        assert_eq!(
            mark_deleted(&place, &owner("c", "2"), Timestamp::now()).await.unwrap(),
            None
        );
        assert_eq!(
            claim(&place, &owner("c", "3"), false, None, Timestamp::now())
                .await
                .unwrap(),
            third
        );
    }

    #[tokio::test]
    async fn what_a_deleted_store_left_can_be_had_back() {
        let (_folder, place) = place().await;
        let id = claim(&place, &owner("c", "1"), false, None, Timestamp::now())
            .await
            .unwrap();
        let store = Store::open(place.clone(), Options::default()).await.unwrap();
        let settings = Settings {
            description: "kept".to_owned(),
            ..Settings::memory()
        };
        let entry = remanence_store::intent::Entry::new(
            remanence_store::Author::user("u"),
            vec![remanence_store::intent::Intent::Settings { settings }],
        );
        store.commit_all(entry).await.unwrap();
        mark_deleted(&place, &owner("c", "1"), Timestamp::now()).await.unwrap();
        // Not even for an object that knows it, unless it says so.
        let known = id.to_string();
        let deleted = claim(&place, &owner("c", "1"), false, Some(&known), Timestamp::now())
            .await
            .unwrap_err();
        assert!(deleted.to_string().contains("spec.adopt: true"), "{deleted}");
        assert_eq!(
            claim(&place, &owner("c", "2"), true, Some(&known), Timestamp::now())
                .await
                .unwrap(),
            id
        );
        let back = Store::open(place, Options::default()).await.unwrap();
        assert_eq!(back.tree().settings.description, "kept");
    }

    /// One commit that only sets what its object says, or one that makes a file.
    async fn write(place: &Backend, intent: Intent) {
        let store = Store::open(place.clone(), Options::default()).await.unwrap();
        let entry = Entry::new(remanence_store::Author::user("u"), vec![intent]);
        store.commit_all(entry).await.unwrap();
        store.close().await;
    }

    fn file() -> Intent {
        Intent::Put {
            file: FileId::random(&OsRandom as &dyn Random),
            path: "/a.md".to_owned(),
            create: Some(Create::at(Place {
                parent: FileId::ROOT,
                name: "a.md".to_owned(),
            })),
            base: Base::Nothing,
            content: vec![Piece::New("a\n".into())],
            mode: None,
            mtime: None,
            expect: None,
        }
    }

    #[tokio::test]
    async fn what_holds_something_is_had_back_though_its_name_was_made_again_since() {
        let now = Timestamp::now();
        let (_folder, place) = place().await;
        let full = claim(&place, &owner("c", "1"), false, None, now).await.unwrap();
        write(&place, file()).await;
        mark_deleted(&place, &owner("c", "1"), now).await.unwrap();
        // Made again without a word: one that is deleted, one that is torn away, each with its settings alone.
        let settings = Settings {
            description: "made again".to_owned(),
            ..Settings::memory()
        };
        for uid in ["2", "3"] {
            let again = owner("c", uid);
            let empty = claim(&place, &again, false, None, now).await.unwrap();
            assert_ne!(empty, full);
            write(
                &place,
                Intent::Settings {
                    settings: settings.clone(),
                },
            )
            .await;
            let passed = passed_over(&place, empty, &again, &|_| false).await.unwrap();
            assert_eq!(passed, Some(full), "{uid}");
            // The object's own stays its own.
            assert_eq!(claim(&place, &again, true, None, now).await.unwrap(), empty);
            if uid == "2" {
                mark_deleted(&place, &again, now).await.unwrap();
            }
        }
        let back = owner("c", "4");
        assert_eq!(claim(&place, &back, true, None, now).await.unwrap(), full);
        assert_eq!(passed_over(&place, full, &back, &|_| false).await.unwrap(), None);
        // Of two that hold something it is the newer.
        mark_deleted(&place, &back, now).await.unwrap();
        let newer = claim(&place, &owner("c", "5"), false, None, now).await.unwrap();
        write(&place, file()).await;
        mark_deleted(&place, &owner("c", "5"), now).await.unwrap();
        assert_eq!(claim(&place, &owner("c", "6"), true, None, now).await.unwrap(), newer);
    }

    #[tokio::test]
    async fn a_store_that_was_made_is_not_made_again_in_silence() {
        let mine = owner("c", "1");
        let now = Timestamp::now();
        let (_folder, first) = place().await;
        let id = claim(&first, &mine, false, None, now).await.unwrap().to_string();
        let known = Some(id.as_str());
        assert_eq!(
            claim(&first, &mine, false, known, now).await.unwrap().to_string(),
            id,
            "there it is"
        );
        // Another bucket, or another server: empty, or with another store in it.
        let (folder, second) = place().await;
        for there in ["no store", "the store "] {
            let gone = claim(&second, &mine, false, known, now).await.unwrap_err();
            assert!(matches!(gone, ClaimError::Gone { .. }), "{gone:?}");
            let gone = gone.to_string();
            assert!(gone.contains(&id) && gone.contains(&format!("holds {there}")), "{gone}");
            assert_eq!(
                folder.path().join("store").exists(),
                there != "no store",
                "nothing was made"
            );
            claim(&second, &mine, false, None, now).await.unwrap();
        }
    }
}
