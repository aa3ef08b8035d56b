//! Looks up which words that facts rest on were redacted since: those facts lose their ground.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use remanence_store::content::Content;
use remanence_store::tree::Tree;
use remanence_store::{At, FileId, Store, StoreError, Version, history};
use tokio::runtime::Handle;

use super::error::DreamError;
use super::sessions::{self, ByAddress, FindSessions, Found, Listed, Sessions};
use super::why;
use crate::consolidate::source_key;
use crate::fact::{Source, Trust};
use crate::ledger::{Ledger, hash};
use crate::memory_file::fact_lines;
use crate::orient::MemoryFile;
use crate::render::without_suffix;
use crate::text::words::{akin, features};
use crate::unfounded::{self, Place, Unfounded};

/// The session stores in which something was redacted since the last Dream, with how many stretches are redacted now.
/// The places were listed just now.
pub(super) fn seen(places: &[Sessions], ledger: &Ledger) -> BTreeMap<String, u64> {
    let stores = places.iter().filter_map(|place| match place {
        Sessions::Store { store, .. } => Some((store.url().to_owned(), store.tree().redacted.len() as u64)),
        _ => None,
    });
    stores
        .filter(|(url, count)| ledger.redactions.get(url).copied().unwrap_or(0) != *count)
        .collect()
}

/// What redactions in these session stores leave without ground. The places were listed just now; `files` are the
/// memory's.
pub(super) async fn unfounded(
    places: &[Sessions],
    ledger: &Ledger,
    files: &[MemoryFile],
) -> Result<Unfounded, DreamError> {
    let mut out = Unfounded {
        seen: seen(places, ledger),
        ..Unfounded::default()
    };
    for place in places {
        let Sessions::Store { store, .. } = place else { continue };
        if !out.seen.contains_key(store.url()) {
            continue;
        }
        let mut then = Contents::default();
        let mut redacted = Vec::new();
        let facts = ledger.facts.iter().flat_map(|known| &known.sources);
        for source in facts.filter(|s| s.session.store == store.url()) {
            if then.is_redacted(store, source).await? {
                redacted.push(source.clone());
            }
        }
        let keys: Vec<String> = redacted.iter().map(source_key).collect();
        if !redacted.is_empty() {
            out.moved.extend(still_said(redacted, &place.list().await?).await?);
        }
        out.sources
            .extend(keys.into_iter().filter(|key| !out.moved.contains_key(key)));
    }
    if out.sources.is_empty() {
        return Ok(out);
    }
    let lines = lines(files);
    let opened = Opened(places);
    let mut transcripts = Listed::of(&opened);
    for known in &ledger.facts {
        let (gone, left): (Vec<&Source>, Vec<&Source>) =
            known.sources.iter().partition(|s| out.sources.contains(&source_key(s)));
        let id = (known.file.clone(), known.line.clone());
        if gone.is_empty() {
            continue;
        }
        let text = lines.get(&id).map_or("", String::as_str);
        let mut borne = false;
        for source in left {
            let mut source = source.clone();
            if let Some((session, span)) = out.moved.get(&source_key(&source)) {
                (source.session, source.span) = (Arc::clone(session), *span);
            }
            borne = borne || bears_out(&source, text, &mut transcripts).await;
        }
        if !borne {
            out.lines.insert(id);
        }
    }
    Ok(out)
}

/// Where the words of sources stand in the transcripts as these are now: one that was cleaned holds all others.
async fn still_said(sources: Vec<Source>, found: &[Found]) -> Result<BTreeMap<String, Place>, DreamError> {
    let mut by_transcript: BTreeMap<usize, Vec<Source>> = BTreeMap::new();
    for source in sources {
        if let Some(at) = sessions::position(found, &source.session) {
            by_transcript.entry(at).or_default().push(source);
        }
    }
    let mut out = BTreeMap::new();
    for (at, sources) in by_transcript {
        let (found, handle) = (found[at].clone(), Handle::current());
        let read = tokio::task::spawn_blocking(move || -> io::Result<BTreeMap<String, Place>> {
            unfounded::still_said(&mut found.session(&handle), &sources)
        });
        out.extend(read.await??);
    }
    Ok(out)
}

/// The texts of the memory's lines, by file and hash.
fn lines(files: &[MemoryFile]) -> BTreeMap<(String, String), String> {
    let all = files.iter().flat_map(|file| {
        fact_lines(&file.text).map(|(_, line)| ((file.path.clone(), hash(line)), without_suffix(line).to_owned()))
    });
    all.collect()
}

/// What transcripts held at the versions that were read.
#[derive(Default)]
struct Contents {
    of: HashMap<(FileId, Version), Option<Content>>,
    /// The oldest tree that retention keeps.
    oldest: Option<Tree>,
}

impl Contents {
    async fn is_redacted(&mut self, store: &Store, source: &Source) -> Result<bool, DreamError> {
        let session = &source.session;
        let id = session.file.as_ref().and_then(|id| id.parse::<FileId>().ok());
        let version = session.version.as_ref().and_then(|v| v.parse::<Version>().ok());
        let (Some(id), Some(version)) = (id, version) else {
            return Ok(false);
        };
        if let Entry::Vacant(entry) = self.of.entry((id, version)) {
            let content = match store.tree_at(version.into()).await {
                Ok(then) => then.node(id).and_then(|node| node.content().cloned()),
                Err(StoreError::NoVersion { .. }) => {
                    let oldest = match &mut self.oldest {
                        Some(oldest) => oldest,
                        none => none.insert(oldest(store).await?),
                    };
                    // What was replaced before that nobody can say; the fact stays.
                    let node = oldest.node(id).filter(|node| node.version == version);
                    node.and_then(|node| node.content().cloned())
                }
                Err(error) => return Err(error.into()),
            };
            entry.insert(content);
        }
        let Some(content) = self.of.get(&(id, version)).and_then(Option::as_ref) else {
            return Ok(false);
        };
        // Bytes of an archive stand elsewhere than the words in them.
        let zipped = session.path.rsplit_once('.').is_some_and(|(_, end)| end == "gz");
        let now = store.tree();
        let mut at = 0;
        Ok(content.extents.iter().any(|extent| {
            let (from, to) = (at, at + extent.length);
            at = to;
            (zipped || (from < source.span.1 && source.span.0 < to)) && now.is_redacted(extent)
        }))
    }
}

async fn oldest(store: &Store) -> Result<Tree, DreamError> {
    let seq = store.tree().horizon;
    Ok(history::tree_at(store, At { seq, op: None }).await?)
}

/// Whether the words of another source say all that the fact says. Words that can't be read now say nothing: what was
/// redacted goes.
async fn bears_out(source: &Source, text: &str, transcripts: &mut Listed<'_>) -> bool {
    if source.trust == Trust::Seen {
        return false;
    }
    let bytes = match transcripts.span(&source.session, source.span).await {
        Ok(Some((_, bytes))) => bytes,
        Ok(None) => return false,
        Err(error) => {
            tracing::warn!(store = source.session.store, %error, "another source of a redacted fact can't be read");
            return false;
        }
    };
    let Some(words) = why::words(&bytes, source.trust, text) else {
        return false;
    };
    let none = BTreeSet::new();
    let (fact, said) = (features(text, &none), features(&words, &none));
    let stands = |stem: &String| said.stems.iter().any(|s| akin(s, stem));
    let values = fact.values.values().flatten().all(|v| said.stems.contains(v));
    let met = fact.stems.iter().filter(|s| stands(s)).count();
    values && met * 5 >= fact.stems.len() * 4
}

/// The places that the Dream reads; a pod has no keys to others.
struct Opened<'a>(&'a [Sessions]);

#[async_trait]
impl FindSessions for Opened<'_> {
    async fn find(&self, place: &str) -> Result<Sessions, DreamError> {
        let is_it = |sessions: &&Sessions| matches!(sessions, Sessions::Store { store, .. } if store.url() == place);
        match self.0.iter().find(is_it) {
            Some(sessions) => Ok(sessions.clone()),
            None => ByAddress.find(place).await,
        }
    }
}
