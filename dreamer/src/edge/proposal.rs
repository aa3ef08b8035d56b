//! A proposal: an object beside the log with what a Dream would write. It waits for a person.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;
use remanence_store::{Seq, Store, StoreError, Version};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::DreamError;
use super::memory::Memory;
use crate::propose::Write;
use crate::record::Record;

const FOLDER: &str = "proposal/";
const PAGE: usize = 1000;

/// What a Dream proposes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proposal {
    /// Its record.
    pub record: Record,
    /// The commit it was made on.
    pub base: Seq,
    /// The ledger's version then.
    pub ledger_version: Option<Version>,
    /// Files by path; none where one goes.
    pub files: BTreeMap<String, Option<String>>,
    /// The ledger to go with them.
    pub ledger: String,
    /// `sha256:…` of the whole as it lies in the store.
    #[serde(skip)]
    pub digest: String,
}

impl Proposal {
    /// The files as writes.
    pub fn writes(&self) -> Vec<Write> {
        self.files
            .iter()
            .map(|(path, text)| Write {
                path: path.clone(),
                text: text.clone(),
            })
            .collect()
    }
}

pub(super) async fn propose(
    store: &Store,
    memory: &Memory,
    writes: &[Write],
    ledger: &str,
    record: &Record,
) -> Result<String, DreamError> {
    let proposal = Proposal {
        record: record.clone(),
        base: memory.tree.seq,
        ledger_version: memory.ledger_at.as_ref().map(|at| at.version),
        files: writes.iter().map(|w| (w.path.clone(), w.text.clone())).collect(),
        ledger: ledger.to_owned(),
        digest: String::new(),
    };
    let body = Bytes::from(serde_json::to_vec_pretty(&proposal).map_err(std::io::Error::other)?);
    let digest = digest(&body);
    let append = store.backend().append.as_ref().ok_or_else(|| StoreError::ReadOnly {
        url: store.url().to_owned(),
    })?;
    append
        .put_if_absent(&store.key(&format!("{FOLDER}{}", record.id)), body)
        .await?;
    Ok(digest)
}

fn digest(body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    hash.iter().fold("sha256:".to_owned(), |mut out, byte| {
        // Writing into a string does not fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// All proposals, oldest first.
pub(super) async fn all(store: &Store) -> Result<Vec<Proposal>, DreamError> {
    let folder = store.key(FOLDER);
    let mut out = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = store.backend().read.list(&folder, after.as_deref(), PAGE).await?;
        for listed in &page {
            let Some(body) = store.backend().read.get(&listed.key, None).await? else {
                continue;
            };
            match serde_json::from_slice::<Proposal>(&body) {
                Ok(proposal) => out.push(Proposal {
                    digest: digest(&body),
                    ..proposal
                }),
                Err(error) => {
                    tracing::warn!(store = store.url(), key = listed.key, %error, "a proposal that does not parse is passed over");
                }
            }
        }
        if page.len() < PAGE {
            break;
        }
        after = page.last().map(|l| l.key.clone());
    }
    out.sort_by(|a, b| (a.record.time, &a.record.id).cmp(&(b.record.time, &b.record.id)));
    Ok(out)
}
