//! Where sessions are: a folder, a session store, or plain logs under a prefix.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::future::Future;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use async_trait::async_trait;
use bytes::{Buf, Bytes};
use jiff::Timestamp;
use remanence_store::backend::Backend;
use remanence_store::content::Content;
use remanence_store::tree::{Node, Tree};
use remanence_store::url::StoreUrl;
use remanence_store::{Author, Options, Store, StoreError};
use tokio::runtime::Handle;

use super::error::DreamError;
use crate::gather::SessionName;
use crate::reading::Session;

/// How much of a transcript is fetched at once.
const CHUNK: u64 = 1 << 20;
/// Objects that are listed at once.
const PAGE: usize = 1000;

/// A place with sessions in it.
#[derive(Debug, Clone)]
pub enum Sessions {
    /// A folder of `<agent>/<session>.jsonl[.gz]`.
    Folder(PathBuf),
    /// A session store.
    Store {
        /// It.
        store: Store,
        /// See [`Session::strangers`].
        strangers: bool,
    },
    /// Plain logs under a prefix.
    Logs(Backend),
}

/// Finds the sessions at a place that a ledger names.
#[async_trait]
pub trait FindSessions: Send + Sync {
    /// # Errors
    /// When they can't be reached.
    async fn find(&self, place: &str) -> Result<Sessions, DreamError>;
}

/// Where they are said to be, with the keys that the environment has.
pub struct ByAddress;

#[async_trait]
impl FindSessions for ByAddress {
    async fn find(&self, place: &str) -> Result<Sessions, DreamError> {
        Sessions::at(place).await
    }
}

/// A transcript that was found.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) name: SessionName,
    pub(super) size: u64,
    strangers: bool,
    start: Timestamp,
    source: Source,
}

#[derive(Clone)]
enum Source {
    File(PathBuf),
    Content(Store, Content),
    Object(Backend, String),
}

impl Sessions {
    /// What an address or a folder names: a store if a store is there, else the files in it.
    ///
    /// # Errors
    /// When nothing is there, or it cannot be reached.
    pub async fn at(place: &str) -> Result<Self, DreamError> {
        let missing = || DreamError::NoSessions {
            place: place.to_owned(),
        };
        let url = if place.contains("://") {
            place.parse::<StoreUrl>().map_err(|e| DreamError::Address {
                place: place.to_owned(),
                why: e.to_string(),
            })?
        } else {
            let path = Path::new(place).canonicalize().map_err(|_| missing())?;
            StoreUrl::of_directory(&path)
        };
        let folder = url.directory().map(Path::to_owned);
        if folder.as_ref().is_some_and(|folder| !folder.is_dir()) {
            return Err(missing());
        }
        let backend = url.connect().await?.read_only();
        match Store::open(backend.clone(), Options::default()).await {
            Ok(store) => Ok(Self::Store {
                store,
                strangers: false,
            }),
            Err(StoreError::Absent { .. }) => Ok(folder.map_or(Self::Logs(backend), Self::Folder)),
            Err(error) => Err(error.into()),
        }
    }

    /// All transcripts, by path.
    pub(super) async fn list(&self) -> Result<Vec<Found>, DreamError> {
        let mut found = match self {
            Self::Folder(folder) => in_folder(folder)?,
            Self::Store { store, strangers } => {
                store.sync().await?;
                in_store(store, &store.tree(), *strangers)
            }
            Self::Logs(backend) => in_logs(backend).await?,
        };
        found.sort_by(|a, b| a.name.path.cmp(&b.name.path));
        Ok(found)
    }
}

impl Found {
    /// To be read on a thread that may block.
    pub(super) fn session(self, handle: &Handle) -> Session<'static> {
        let (size, source, handle) = (self.size, self.source, handle.clone());
        let open = Box::new(move |at| source.open(at, size, &handle));
        Session {
            name: self.name,
            size: self.size,
            start: self.start,
            strangers: self.strangers,
            open,
        }
    }
}

impl Source {
    fn open(&self, at: u64, size: u64, handle: &Handle) -> io::Result<Box<dyn Read>> {
        match self {
            Self::File(path) => {
                let named = |e: io::Error| io::Error::new(e.kind(), format!("{}: {e}", path.display()));
                let mut file = File::open(path).map_err(named)?;
                file.seek(SeekFrom::Start(at)).map_err(named)?;
                Ok(Box::new(file))
            }
            _ => Ok(Box::new(Fetching {
                source: self.clone(),
                handle: handle.clone(),
                at,
                size,
                held: Bytes::new(),
            })),
        }
    }

    fn fetch(&self, range: Range<u64>) -> Pin<Box<dyn Future<Output = io::Result<Bytes>> + Send + '_>> {
        Box::pin(async move {
            match self {
                Self::File(path) => Err(io::Error::other(format!("{}: is read directly", path.display()))),
                Self::Content(store, content) => store.read(content, range).await.map_err(io::Error::other),
                Self::Object(backend, key) => {
                    let got = backend.read.get(key, Some(range)).await.map_err(io::Error::other)?;
                    Ok(got.unwrap_or_default())
                }
            }
        })
    }
}

/// Reads a transcript of a store or bucket piece by piece.
struct Fetching {
    source: Source,
    handle: Handle,
    at: u64,
    size: u64,
    held: Bytes,
}

impl Read for Fetching {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.held.is_empty() && self.at < self.size {
            let end = (self.at + CHUNK).min(self.size);
            self.held = self.handle.block_on(self.source.fetch(self.at..end))?;
            self.at = end;
        }
        let count = buffer.len().min(self.held.len());
        self.held.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}

fn is_transcript(path: &str) -> bool {
    let path = path.strip_suffix(".gz").unwrap_or(path);
    [".jsonl", ".ndjson", ".json"].iter().any(|end| path.ends_with(end))
        && !path.split('/').any(|part| part.starts_with(".dream"))
}

/// The agent is the first folder of the path.
fn first_folder(path: &str) -> Option<&str> {
    path.split_once('/').map(|(agent, _)| agent)
}

fn in_folder(folder: &Path) -> Result<Vec<Found>, DreamError> {
    let store = StoreUrl::of_directory(folder).to_string();
    let mut out = Vec::new();
    let mut todo = list_one(folder, folder, &store, &mut out)?;
    while let Some(next) = todo.pop() {
        match there(list_one(&next, folder, &store, &mut out)) {
            Ok(folders) => todo.extend(folders.into_iter().flatten()),
            // It costs no other, and is named where it is read.
            Err(_) => out.push(Found {
                name: named(&store, relative(&next, folder), None),
                size: 0,
                strangers: false,
                start: Timestamp::UNIX_EPOCH,
                source: Source::File(next),
            }),
        }
    }
    Ok(out)
}

/// Takes in the transcripts that lie in a folder itself; the folders in it.
fn list_one(of: &Path, folder: &Path, store: &str, out: &mut Vec<Found>) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(of)? {
        let entry = entry?;
        let Some(kind) = there(entry.file_type())? else {
            continue;
        };
        let path = entry.path();
        if kind.is_dir() {
            folders.push(path);
            continue;
        }
        let relative = relative(&path, folder);
        if !kind.is_file() || !is_transcript(&relative) {
            continue;
        }
        let Some(meta) = there(entry.metadata())? else { continue };
        let changed = meta
            .modified()
            .ok()
            .and_then(|t| t.duration_since(UNIX_EPOCH).ok())
            .unwrap_or_default();
        let version = format!("{}-{}", meta.len(), changed.as_nanos());
        out.push(Found {
            name: named(store, relative, Some(version)),
            size: meta.len(),
            strangers: false,
            start: Timestamp::from_second(changed.as_secs() as i64).unwrap_or(Timestamp::UNIX_EPOCH),
            source: Source::File(path),
        });
    }
    Ok(folders)
}

/// Nothing where it went while others were listed.
fn there<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn relative(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned()
}

fn named(store: &str, path: String, version: Option<String>) -> SessionName {
    SessionName {
        store: store.to_owned(),
        agent: first_folder(&path).unwrap_or("agent").to_owned(),
        path,
        file: None,
        version,
    }
}

fn in_store(store: &Store, tree: &Arc<Tree>, strangers: bool) -> Vec<Found> {
    let found = |node: &Arc<Node>| {
        let content = node.content()?.clone();
        let path = tree.path(node.id)?.trim_start_matches('/').to_owned();
        if !is_transcript(&path) {
            return None;
        }
        let agent = match &*node.author {
            Author::Agent(agent) => agent.agent.clone(),
            other => first_folder(&path).unwrap_or(other.name()).to_owned(),
        };
        let name = SessionName {
            store: store.url().to_owned(),
            agent,
            path,
            file: Some(node.id.to_string()),
            version: Some(node.version.to_string()),
        };
        let size = content.len();
        Some(Found {
            name,
            size,
            strangers,
            start: node.time,
            source: Source::Content(store.clone(), content),
        })
    };
    tree.nodes().filter_map(found).collect()
}

async fn in_logs(backend: &Backend) -> Result<Vec<Found>, DreamError> {
    let mut out = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = backend.read.list("", after.as_deref(), PAGE).await?;
        let full = page.len() == PAGE;
        after = page.last().map(|listed| listed.key.clone());
        for listed in page.into_iter().filter(|l| is_transcript(&l.key)) {
            let agent = first_folder(&listed.key).unwrap_or("agent").to_owned();
            let version = match &listed.etag {
                Some(etag) => format!("{}-{etag}", listed.size),
                None => listed.size.to_string(),
            };
            let name = SessionName {
                store: backend.url.clone(),
                agent,
                path: listed.key.clone(),
                file: None,
                version: Some(version),
            };
            let start = listed.modified.unwrap_or(Timestamp::UNIX_EPOCH);
            let source = Source::Object(backend.clone(), listed.key);
            out.push(Found {
                name,
                size: listed.size,
                strangers: false,
                start,
                source,
            });
        }
        if !full {
            return Ok(out);
        }
    }
}

/// The transcripts at places that a ledger names; each place is listed once.
pub(super) struct Listed<'a> {
    places: &'a dyn FindSessions,
    of: BTreeMap<String, Result<Vec<Found>, String>>,
}

impl<'a> Listed<'a> {
    pub(super) fn of(places: &'a dyn FindSessions) -> Self {
        Self {
            places,
            of: BTreeMap::new(),
        }
    }

    /// The bytes of a span of a transcript and the number of its line, for showing the words a fact rests on; or why they
    /// can't be read.
    pub(super) async fn span(
        &mut self,
        name: &SessionName,
        span: (u64, u64),
    ) -> Result<Option<(u64, Vec<u8>)>, String> {
        if !self.of.contains_key(&name.store) {
            let listed = found(&name.store, self.places).await;
            let listed = listed.map_err(|error| error.to_string());
            self.of.insert(name.store.clone(), listed);
        }
        match self.of.get(&name.store) {
            Some(Ok(found)) => span_in(found, name, span).await.map_err(|error| error.to_string()),
            Some(Err(why)) => Err(why.clone()),
            None => Ok(None),
        }
    }
}

/// All transcripts at a place that a ledger names, by path.
pub(super) async fn found(place: &str, places: &dyn FindSessions) -> Result<Vec<Found>, DreamError> {
    places.find(place).await?.list().await
}

/// Which of these transcripts it is: the same file, whatever its path is now, or what has its path.
pub(super) fn position(all: &[Found], name: &SessionName) -> Option<usize> {
    let by_id = |f: &Found| name.file.is_some() && f.name.file == name.file;
    all.iter()
        .position(by_id)
        .or_else(|| all.iter().position(|f| f.name.path == name.path))
}

/// The bytes of a span of one of the transcripts that were found at its place, and the number of its line.
pub(super) async fn span_in(
    all: &[Found],
    name: &SessionName,
    span: (u64, u64),
) -> Result<Option<(u64, Vec<u8>)>, DreamError> {
    let Some(found) = position(all, name).map(|at| all[at].clone()) else {
        return Ok(None);
    };
    let handle = Handle::current();
    let read = tokio::task::spawn_blocking(move || -> io::Result<(u64, Vec<u8>)> {
        let mut session = found.session(&handle);
        crate::gather::bytes(&mut session.open, span)
    });
    Ok(Some(read.await??))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::fs::symlink;

    use super::*;

    #[tokio::test]
    async fn a_folder_that_cannot_be_listed_costs_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("sessions");
        // One so deep in others that no path leads to it.
        let name = "x".repeat(200);
        let mut deep = root.join("kai");
        while deep.as_os_str().len() < 3700 {
            deep.push(&name);
        }
        fs::create_dir_all(&deep).unwrap();
        let short = dir.path().join("short");
        symlink(&deep, &short).unwrap();
        fs::create_dir_all(short.join(&name).join(&name).join(&name)).unwrap();
        fs::create_dir_all(root.join("lin")).unwrap();
        fs::write(root.join("lin/a.jsonl"), "{}\n").unwrap();
        let found = Sessions::Folder(root).list().await.unwrap();
        let (files, folders): (Vec<&Found>, Vec<&Found>) = found.iter().partition(|f| f.name.path == "lin/a.jsonl");
        assert_eq!((files.len(), folders.len()), (1, 1));
        let mut session = folders[0].clone().session(&Handle::current());
        assert!((session.open)(0).is_err());
    }

    #[test]
    fn what_went_in_the_meantime_is_not_there() {
        let dir = tempfile::tempdir().unwrap();
        assert!(there(fs::read_dir(dir.path().join("gone"))).unwrap().is_none());
        assert!(there(fs::read_dir(dir.path())).unwrap().is_some());
    }
}
