//! Looks for bytes in every object of a store, versions that a bucket keeps of overwritten and deleted ones included.

use bytes::Bytes;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use memchr::memmem::Finder;

use crate::backend::{BackendError, ObjectVersion};
use crate::content::{Extent, Hash, ObjectRef};
use crate::error::Result;
use crate::log::{TRIES, pause};
use crate::maintain::rights::Rights;
use crate::planted::{self, Bug};

/// Shorter contents are found by their place alone: as bytes they would be found everywhere.
pub(super) const SHORTEST: u64 = 16;

/// Objects read at once.
const PARALLEL: usize = 8;

/// An object that holds the bytes.
#[derive(Debug)]
pub(super) struct Hit {
    /// The stored version.
    pub(super) version: ObjectVersion,
    /// Its key below the store's id.
    pub(super) key: String,
    /// Where in it, if it holds contents that a commit may name.
    pub(super) extents: Vec<Extent>,
    /// Whether the bytes are (also) in a slot's header line: in a name, say.
    pub(super) in_header: bool,
}

impl Hit {
    /// The object as commits name it.
    pub(super) fn object(&self) -> Option<ObjectRef> {
        self.key.parse().ok()
    }
}

/// All objects that hold any of `needles`, and how many were read. Indexes and batches hold no contents.
pub(super) async fn scan(rights: &Rights, needles: &[Bytes]) -> Result<(Vec<Hit>, u64)> {
    let finders: Vec<(Finder<'_>, Hash)> = needles.iter().map(|n| (Finder::new(n), Hash::of(n))).collect();
    if finders.is_empty() || planted::is(Bug::RedactWithoutScan) {
        return Ok((Vec::new(), 0));
    }
    let below = rights.store.key("");
    let versions = rights.versions("").await?;
    let holds_contents = |key: &str| !key.starts_with("index/") && !key.starts_with("batch/");
    let wanted: Vec<(String, ObjectVersion)> = versions
        .into_iter()
        .filter_map(|v| Some((v.key.strip_prefix(&below)?.to_owned(), v)))
        .filter(|(key, v)| holds_contents(key) && (v.current || !planted::is(Bug::RedactOnlyCurrent)))
        .collect();
    let read = wanted.len() as u64;
    let finders = &finders;
    let hits: Vec<Option<Hit>> = stream::iter(wanted)
        .map(|(key, version)| async move {
            let object = whole(rights, &key, &version).await?;
            Ok::<_, crate::error::StoreError>(object.and_then(|object| search(key, version, &object, finders)))
        })
        .buffer_unordered(PARALLEL)
        .try_collect()
        .await?;
    Ok((hits.into_iter().flatten().collect(), read))
}

/// An object as it was listed: an answer that was cut short on its way must not hide anything.
pub(super) async fn whole(rights: &Rights, key: &str, version: &ObjectVersion) -> Result<Option<Bytes>> {
    for tries in 1..=TRIES {
        let object = if version.current {
            rights.get(key, None).await?
        } else {
            rights.get_version(version).await?
        };
        let Some(short) = object
            .as_ref()
            .map(Bytes::len)
            .filter(|len| (*len as u64) < version.size)
        else {
            return Ok(object);
        };
        // Others may have made a stub of it.
        let now = rights.list(key).await?.into_iter().find(|o| o.key == key);
        if version.current && now.is_none_or(|o| o.size == short as u64) {
            return Ok(object);
        }
        pause(tries).await;
    }
    // Not the object is damaged, but the way to it.
    Err(BackendError::Unknown {
        what: format!("GET {key}"),
        cause: format!("listed with {} bytes, but every answer ends before", version.size),
    }
    .into())
}

fn search(key: String, version: ObjectVersion, object: &[u8], finders: &[(Finder<'_>, Hash)]) -> Option<Hit> {
    let place: Option<ObjectRef> = key.parse().ok();
    let header = match place {
        Some(ObjectRef::Slot(_)) => object
            .iter()
            .position(|b| *b == b'\n')
            .map_or(object.len(), |end| end + 1),
        _ => 0,
    };
    let mut hit = Hit {
        version,
        key,
        extents: Vec::new(),
        in_header: false,
    };
    let mut found = false;
    for (finder, hash) in finders {
        for at in finder.find_iter(object) {
            found = true;
            match place {
                Some(_) if at < header => hit.in_header = true,
                Some(object) => hit.extents.push(Extent {
                    object,
                    offset: at as u64,
                    length: finder.needle().len() as u64,
                    hash: *hash,
                }),
                None => {}
            }
        }
    }
    found.then_some(hit)
}
