//! Proposals: what a dream would write, kept beside the log until somebody approves it. `<id>/proposal/<dream>`,
//! created if absent: one JSON line, then the new bytes.

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::author::Author;
use crate::backend::{BackendError, Created};
use crate::content::Extent;
use crate::error::{Result, StoreError};
use crate::id::Seq;
use crate::intent::{Intent, Piece};
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
    /// Who proposes, and will be the author once it is approved.
    pub author: Author,
    /// What it would write.
    pub intents: Vec<Intent>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    dream: String,
    base: Seq,
    time: Timestamp,
    author: Author,
    changes: Vec<Change>,
}

#[derive(Serialize, Deserialize)]
struct Change {
    #[serde(flatten)]
    intent: Intent,
    /// Its content in order; new bytes follow the line one behind the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    content: Vec<Part>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Kept(Extent),
    New(u64),
}

impl Proposal {
    fn encode(&self) -> Bytes {
        let mut bodies = Vec::new();
        let changes = self.intents.iter().map(|intent| Change {
            content: parts(intent, &mut bodies),
            intent: intent.clone(),
        });
        let head = Head {
            format: FORMAT,
            dream: self.dream.clone(),
            base: self.base,
            time: self.time,
            author: self.author.clone(),
            changes: changes.collect(),
        };
        // Plain types of our own, written to memory.
        let mut out = BytesMut::from(&serde_json::to_vec(&head).expect("a proposal serialises")[..]);
        out.extend_from_slice(b"\n");
        for body in &bodies {
            out.extend_from_slice(body);
        }
        out.freeze()
    }

    fn decode(object: &Bytes) -> std::result::Result<Self, String> {
        let (line, mut rest) = cut(object).ok_or("it has no header line")?;
        let value: serde_json::Value = serde_json::from_slice(&line).map_err(|e| e.to_string())?;
        let format = value.get("format").and_then(serde_json::Value::as_u64).unwrap_or(0);
        if format > u64::from(FORMAT) {
            return Err(format!(
                "it has format {format}, newer than this program's {FORMAT}: update remanence"
            ));
        }
        let head: Head = serde_json::from_value(value).map_err(|e| e.to_string())?;
        let mut intents = Vec::with_capacity(head.changes.len());
        for change in head.changes {
            let mut intent = change.intent;
            let mut pieces = Vec::with_capacity(change.content.len());
            for part in change.content {
                pieces.push(match part {
                    Part::Kept(extent) => Piece::Kept(extent),
                    Part::New(length) if length <= rest.len() as u64 => Piece::New(rest.split_to(length as usize)),
                    Part::New(_) => return Err("it is truncated".into()),
                });
            }
            fill(&mut intent, pieces)?;
            intents.push(intent);
        }
        Ok(Self {
            dream: head.dream,
            base: head.base,
            time: head.time,
            author: head.author,
            intents,
        })
    }
}

fn parts(intent: &Intent, bodies: &mut Vec<Bytes>) -> Vec<Part> {
    let mut new = |bytes: &Bytes| {
        bodies.push(bytes.clone());
        Part::New(bytes.len() as u64)
    };
    match intent {
        Intent::Put { content, .. } => content
            .iter()
            .map(|piece| match piece {
                Piece::Kept(extent) => Part::Kept(*extent),
                Piece::New(bytes) => new(bytes),
            })
            .collect(),
        Intent::Append { bytes, .. } => vec![new(bytes)],
        _ => Vec::new(),
    }
}

fn fill(intent: &mut Intent, mut pieces: Vec<Piece>) -> std::result::Result<(), String> {
    match intent {
        Intent::Put { content, .. } => *content = pieces,
        Intent::Append { bytes, .. } => match (pieces.pop(), pieces.is_empty()) {
            (Some(Piece::New(new)), true) => *bytes = new,
            _ => return Err("an append without its bytes".into()),
        },
        _ if pieces.is_empty() => {}
        _ => return Err("content where none belongs".into()),
    }
    Ok(())
}

/// The header line without its newline, and what follows it.
fn cut(object: &Bytes) -> Option<(Bytes, Bytes)> {
    let end = object.iter().position(|b| *b == b'\n')?;
    Some((object.slice(..end), object.slice(end + 1..)))
}

/// The commit a proposal was made on.
pub(crate) fn base(object: &Bytes) -> Option<Seq> {
    let value: serde_json::Value = serde_json::from_slice(&cut(object)?.0).ok()?;
    value.get("base")?.as_u64()
}

/// What redaction leaves in place of a proposal or a data object, so that the name stays taken.
pub(crate) fn tombstone() -> Bytes {
    let mut line = serde_json::json!({"format": FORMAT, "redacted": true}).to_string();
    line.push('\n');
    line.into()
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

/// Writes a proposal; one of that dream that is there already stays as it is.
///
/// # Errors
/// When the store can't be written, or the dream's id is no plain name.
pub async fn create(store: &Store, proposal: &Proposal) -> Result<Created> {
    let key = key(store, &proposal.dream)?;
    let append = store.backend().append.clone().ok_or_else(|| StoreError::ReadOnly {
        url: store.url().into(),
    })?;
    let object = proposal.encode();
    let mut tries = 1;
    loop {
        match append.put_if_absent(&key, object.clone()).await {
            // It may be ours, from a try whose answer was lost.
            Ok(Created::Exists)
                if tries > 1 && store.backend().read.get(&key, None).await?.as_ref() == Some(&object) =>
            {
                return Ok(Created::Yes);
            }
            Ok(created) => return Ok(created),
            Err(BackendError::Unknown { .. }) if tries < TRIES => tries += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Reads a proposal; `None` where that dream made none.
///
/// # Errors
/// When it can't be read, is damaged, newer than this program, or was redacted.
pub async fn read(store: &Store, dream: &str) -> Result<Option<Proposal>> {
    let key = key(store, dream)?;
    let Some(object) = store.backend().read.get(&key, None).await? else {
        return Ok(None);
    };
    if object == tombstone() {
        return Err(StoreError::Redacted {
            url: store.url().into(),
        });
    }
    Proposal::decode(&object).map(Some).map_err(|why| StoreError::Damaged {
        url: store.url().into(),
        key: format!("{PREFIX}{dream}"),
        why,
    })
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
