//! `store/<n>`: which store lies under a prefix. The highest n counts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::backend::{Backend, BackendError, Created};
use crate::error::{Result, StoreError};
use crate::id::StoreId;
use crate::slot::FORMAT;

/// What `store/<n>` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format version of the store.
    pub format: u32,
    /// The store's id: everything of it lies below `<id>/`.
    pub id: StoreId,
    /// When it was made.
    pub created: Timestamp,
    /// Who it belongs to (a cluster and object), if anybody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// It was deleted; a store made again gets a new id.
    #[serde(default)]
    pub deleted: bool,
}

/// The newest manifest and its number; `None` where no store ever was.
///
/// # Errors
/// When it can't be read, is damaged or newer than this program.
pub async fn newest(backend: &Backend) -> Result<Option<(u64, Manifest)>> {
    let mut found = None;
    let mut after = None;
    loop {
        let listed = backend.read.list("store/", after.as_deref(), 1000).await?;
        let more = listed.len() == 1000;
        let numbers = listed
            .iter()
            .filter_map(|o| o.key.strip_prefix("store/")?.parse::<u64>().ok());
        found = numbers.max().max(found);
        match listed.last().filter(|_| more) {
            Some(last) => after = Some(last.key.clone()),
            None => break,
        }
    }
    let Some(n) = found else { return Ok(None) };
    match read(backend, n).await? {
        Some(manifest) => Ok(Some((n, manifest))),
        None => Err(StoreError::Damaged {
            url: backend.url.clone(),
            key: format!("store/{n}"),
            why: "it vanished".into(),
        }),
    }
}

/// Manifest `n`; `None` where there is none.
///
/// # Errors
/// When it can't be read, is damaged or newer than this program.
pub async fn read(backend: &Backend, n: u64) -> Result<Option<Manifest>> {
    let key = format!("store/{n}");
    let Some(bytes) = backend.read.get(&key, None).await? else {
        return Ok(None);
    };
    let damaged = |error: serde_json::Error| StoreError::Damaged {
        url: backend.url.clone(),
        key: key.clone(),
        why: error.to_string(),
    };
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(damaged)?;
    let format = value.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0) as u32;
    if format > FORMAT {
        return Err(StoreError::Newer {
            url: backend.url.clone(),
            found: format,
            known: FORMAT,
        });
    }
    serde_json::from_value(value).map(Some).map_err(damaged)
}

/// Writes manifest `n` unless another was quicker; says which.
///
/// # Errors
/// When the object store can't be written, or the first would hide the data of a store whose manifests are lost.
pub async fn create(backend: &Backend, n: u64, manifest: &Manifest) -> Result<Created> {
    let Some(append) = &backend.append else {
        return Err(StoreError::ReadOnly {
            url: backend.url.clone(),
        });
    };
    if n == 1
        && let Some(id) = data(backend).await
    {
        // Another may just have made it.
        return match newest(backend).await? {
            Some(_) => Ok(Created::Exists),
            None => Err(StoreError::Orphaned {
                url: backend.url.clone(),
                id,
            }),
        };
    }
    let body = serde_json::to_vec(manifest).expect("a manifest serialises");
    let key = format!("store/{n}");
    match append.put_if_absent(&key, body.into()).await {
        Ok(created) => Ok(created),
        // Whoever created it, ours or another's, the caller reads it next.
        Err(BackendError::Unknown { .. }) if backend.read.get(&key, None).await?.is_some() => Ok(Created::Exists),
        Err(error) => Err(error.into()),
    }
}

/// How many keys and folders are looked at for lost data.
const LOOKS: usize = 64;

/// A store that has data below the prefix, as far as a short look finds one. Other stores, too, may lie there, each below a
/// prefix of its own, and whatever else. Where it can't look, nothing is known to be lost.
async fn data(backend: &Backend) -> Option<StoreId> {
    let mut after: Option<String> = None;
    for _ in 0..LOOKS {
        let listed = match backend.read.list("", after.as_deref(), 1).await {
            Ok(listed) => listed,
            Err(error) => {
                tracing::debug!(url = backend.url, %error, "no look for data whose manifest is lost");
                return None;
            }
        };
        // Ids begin with a digit or a letter up to `f`.
        let key = listed.into_iter().next().map(|o| o.key);
        let key = key.filter(|key| key.as_str() < "g")?;
        after = Some(match key.split_once('/') {
            Some((folder, rest)) => {
                let id = folder.parse::<StoreId>().ok().filter(|id| id.to_string() == folder);
                if let Some(id) = id.filter(|_| is_data(rest)) {
                    return Some(id);
                }
                // What follows all that lies in the folder: `0` comes after `/`.
                format!("{folder}0")
            }
            None => key,
        });
    }
    None
}

/// Whether a store has such a key below its id.
fn is_data(key: &str) -> bool {
    let digits = |name: &str, count| name.len() == count && name.bytes().all(|b| b.is_ascii_hexdigit());
    match key.split_once('/') {
        Some(("log" | "batch" | "index", name)) => digits(name, 20),
        Some(("data", name)) => digits(name, 32),
        Some(("proposal", name)) => !name.contains('/'),
        _ => false,
    }
}
