//! Proposals: what a dream would write, kept beside the log until somebody approves it. `<id>/proposal/<dream>`,
//! created if absent: one JSON line, then the files' bytes as they are, so that a search for bytes finds them.

use std::collections::BTreeSet;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::backend::{BackendError, Created};
use crate::content::Hash;
use crate::error::{Result, StoreError};
use crate::id::{FileId, Seq};
use crate::slot::FORMAT;
use crate::store::Store;

/// Where proposals lie below the store's id.
pub(crate) const PREFIX: &str = "proposal/";

/// Tries of a request whose outcome is unknown.
const TRIES: u32 = 6;

/// What a dream proposes.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The dream.
    pub dream: String,
    /// The commit it was made on.
    pub base: Seq,
    /// When.
    pub time: Timestamp,
    /// The files that it would write.
    pub files: Vec<Proposed>,
    /// What the dream notes beside them.
    pub note: Value,
}

/// One file as it would be.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposed {
    /// Its path.
    pub path: String,
    /// Which file that is; none where it would be made.
    pub file: Option<FileId>,
    /// Its whole content; none where it would go.
    pub content: Option<Bytes>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    dream: String,
    base: Seq,
    time: Timestamp,
    files: Vec<Entry>,
    note: Value,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<FileId>,
    /// How many of the bytes behind the line are its content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    len: Option<u64>,
}

impl Proposal {
    fn encode(&self) -> Bytes {
        let entry = |proposed: &Proposed| Entry {
            path: proposed.path.clone(),
            file: proposed.file,
            len: proposed.content.as_ref().map(|content| content.len() as u64),
        };
        let head = Head {
            format: FORMAT,
            dream: self.dream.clone(),
            base: self.base,
            time: self.time,
            files: self.files.iter().map(entry).collect(),
            note: self.note.clone(),
        };
        // Plain types of our own, written to memory.
        let mut out = BytesMut::from(&serde_json::to_vec(&head).expect("a proposal serialises")[..]);
        out.extend_from_slice(b"\n");
        for content in self.files.iter().filter_map(|file| file.content.as_ref()) {
            out.extend_from_slice(content);
        }
        out.freeze()
    }

    fn decode(object: &Bytes) -> std::result::Result<Self, String> {
        let (line, mut rest) = cut(object).ok_or("it has no header line")?;
        let value: Value = serde_json::from_slice(&line).map_err(|e| e.to_string())?;
        let format = value.get("format").and_then(Value::as_u64).unwrap_or(0);
        if format > u64::from(FORMAT) {
            return Err(format!(
                "it has format {format}, newer than this program's {FORMAT}: update remanence"
            ));
        }
        let head: Head = serde_json::from_value(value).map_err(|e| e.to_string())?;
        let mut files = Vec::with_capacity(head.files.len());
        for entry in head.files {
            let content = match entry.len {
                Some(len) if len > rest.len() as u64 => return Err("it is truncated".into()),
                Some(len) => Some(rest.split_to(len as usize)),
                None => None,
            };
            files.push(Proposed {
                path: entry.path,
                file: entry.file,
                content,
            });
        }
        Ok(Self {
            dream: head.dream,
            base: head.base,
            time: head.time,
            files,
            note: head.note,
        })
    }
}

/// The header line without its newline, and what follows it.
fn cut(object: &Bytes) -> Option<(Bytes, Bytes)> {
    let end = object.iter().position(|b| *b == b'\n')?;
    Some((object.slice(..end), object.slice(end + 1..)))
}

/// What maintenance has to know of a proposal.
#[derive(Debug)]
pub(crate) struct Made {
    /// The commit it was made on.
    pub(crate) base: Seq,
    /// When.
    pub(crate) time: Timestamp,
    /// The files that are there and that it would write or take away.
    pub(crate) files: BTreeSet<FileId>,
}

impl Made {
    /// Of an object; none where it is no proposal, or void.
    pub(crate) fn of(object: &Bytes) -> Option<Self> {
        let head: Head = serde_json::from_slice(&cut(object)?.0).ok()?;
        Some(Self {
            base: head.base,
            time: head.time,
            files: head.files.iter().filter_map(|entry| entry.file).collect(),
        })
    }
}

/// What redaction leaves in place of a proposal or a data object, so that the name stays taken.
pub(crate) fn tombstone() -> Bytes {
    let mut line = serde_json::json!({"format": FORMAT, "redacted": true}).to_string();
    line.push('\n');
    line.into()
}

/// Where the record of a dream lies once it is decided.
pub(crate) fn record(dream: &str) -> String {
    format!("/.dream/{dream}.json")
}

fn key(store: &Store, dream: &str) -> Result<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if dream.is_empty() || dream.len() > 128 || dream.starts_with('.') || !dream.chars().all(plain) {
        return Err(StoreError::Refused {
            url: store.url().into(),
            refused: crate::intent::Refused::Name {
                path: dream.into(),
                why: "a dream's id has 1 to 128 letters, digits, `-`, `_` and `.`, and does not begin with `.`".into(),
            },
        });
    }
    Ok(store.key(&format!("{PREFIX}{dream}")))
}

/// The digest by which a decision names a proposal.
fn digest(object: &[u8]) -> String {
    format!("sha256:{}", Hash::of(object))
}

/// Writes a proposal; one of that dream that is there already stays as it is. Returns the digest of the one that is there.
///
/// # Errors
/// When the store can't be written, the dream's id is no plain name, or the one that is there was redacted.
pub async fn create(store: &Store, proposal: &Proposal) -> Result<String> {
    let key = key(store, &proposal.dream)?;
    let append = store.backend().append.clone().ok_or_else(|| StoreError::ReadOnly {
        url: store.url().into(),
    })?;
    let object = proposal.encode();
    let mut tries = 1;
    loop {
        match append.put_if_absent(&key, object.clone()).await {
            Ok(Created::Yes) => return Ok(digest(&object)),
            Ok(Created::Exists) => break,
            Err(BackendError::Unknown { .. }) if tries < TRIES => tries += 1,
            Err(error) => return Err(error.into()),
        }
    }
    match store.backend().read.get(&key, None).await? {
        Some(there) if there == tombstone() => Err(StoreError::Redacted {
            url: store.url().into(),
        }),
        Some(there) => Ok(digest(&there)),
        None => Err(StoreError::Damaged {
            url: store.url().into(),
            key: format!("{PREFIX}{}", proposal.dream),
            why: "it is there and can't be read".into(),
        }),
    }
}

/// Reads a proposal, and the digest by which a decision names it; `None` where that dream made none.
///
/// # Errors
/// When it can't be read, is damaged, newer than this program, or was redacted.
pub async fn read(store: &Store, dream: &str) -> Result<Option<(Proposal, String)>> {
    let key = key(store, dream)?;
    let Some(object) = store.backend().read.get(&key, None).await? else {
        return Ok(None);
    };
    if object == tombstone() {
        return Err(StoreError::Redacted {
            url: store.url().into(),
        });
    }
    match Proposal::decode(&object) {
        Ok(proposal) => Ok(Some((proposal, digest(&object)))),
        Err(why) => Err(StoreError::Damaged {
            url: store.url().into(),
            key: format!("{PREFIX}{dream}"),
            why,
        }),
    }
}

/// The dreams that have a proposal in the store, decided or not, in order of their ids.
///
/// # Errors
/// When they can't be listed.
pub async fn list(store: &Store) -> Result<Vec<String>> {
    let prefix = store.key(PREFIX);
    let mut dreams = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = store.backend().read.list(&prefix, after.as_deref(), 1000).await?;
        let full = page.len() == 1000;
        after = page.last().map(|o| o.key.clone());
        dreams.extend(
            page.iter()
                .filter_map(|o| o.key.strip_prefix(&prefix).map(str::to_owned)),
        );
        if !full {
            return Ok(dreams);
        }
    }
}
