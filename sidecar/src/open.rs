//! Opening an attachment: its journal, the store, and what a predecessor left to finish.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use remanence_store::backend::Backend;
use remanence_store::cache::budget::CacheBudget;
use remanence_store::intent::Entry;
use remanence_store::ring::Ring;
use remanence_store::settings::Settings;
use remanence_store::{Author, Options, Store, StoreError};
use tokio::sync::mpsc;

use crate::attachment::Attachment;
use crate::engine::Engine;
use crate::journal::{Journal, Left};
use crate::kernel::Kernel;
use crate::node_table::NodeTable;
use crate::settings::{Access, AttachmentSettings, Timing};
use crate::state::State;

/// Longest wait for what a predecessor left.
const FINISH: Duration = Duration::from_mins(1);

/// How often it is looked whether it is refused.
const LOOK: Duration = Duration::from_millis(100);

/// In an attachment's folder: contents that can be had again.
const CONTENTS: &str = "contents";

/// Contents kept in memory, in bytes.
const MEMORY_CACHE: usize = 4 << 20;

/// A store to attach.
#[derive(Debug, Clone)]
pub struct AttachmentConfig {
    /// Its folder in the mount.
    pub name: String,
    /// Where it lies, with the rights to it.
    pub backend: Backend,
    /// How it is attached.
    pub settings: AttachmentSettings,
    /// What it is made with if it does not exist; `None`: then it must exist.
    pub init: Option<Settings>,
    /// Who passes rings on, where that is somebody else than this machine: whoever lends the store, who also has seen to
    /// it that the object store can be written safely.
    pub ring: Option<Arc<Ring>>,
}

/// Why a store can't be attached.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// The store.
    #[error("{name}: {source}")]
    Store {
        /// The attachment.
        name: String,
        /// Why.
        source: StoreError,
    },
    /// The cache folder.
    #[error("{name}: {}: {source}; give another folder with --cache, or remove this one", path.display())]
    Cache {
        /// The attachment.
        name: String,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What a predecessor left can't be finished now.
    #[error("{name}: {left} changes of an earlier mount are in the journal, and the store does not take them: {why}")]
    Unfinished {
        /// The attachment.
        name: String,
        /// How many.
        left: usize,
        /// Why.
        why: String,
    },
}

/// What all attachments of a mount share.
#[derive(Debug, Clone)]
pub struct Common {
    /// Who writes.
    pub author: Author,
    /// The mount's folder in the cache.
    pub folder: PathBuf,
    /// Bounds of waiting.
    pub timing: Timing,
    /// What their contents on disk may take together.
    contents: Arc<CacheBudget>,
    /// The kernel.
    pub(crate) kernel: Arc<Kernel>,
}

impl Common {
    /// For a mount that keeps its journals in `folder`, and beside them at most `contents` bytes of contents.
    pub fn new(author: Author, folder: PathBuf, timing: Timing, contents: u64) -> Self {
        let contents = CacheBudget::new(contents);
        // What is left of stores that are attached no more takes room, too.
        for attached in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            contents.count(&attached.path().join(CONTENTS));
        }
        Self {
            author,
            folder,
            timing,
            contents: Arc::new(contents),
            kernel: Arc::new(Kernel::default()),
        }
    }
}

/// Opens a store for a slot of a mount.
///
/// # Errors
/// When the store or the cache folder can't be used.
pub async fn open(config: AttachmentConfig, slot: u8, common: &Common) -> Result<Arc<Attachment>, AttachError> {
    let name = config.name.clone();
    let folder = common.folder.join(&name);
    let cache = |path: &Path, source| AttachError::Cache {
        name: name.clone(),
        path: path.to_owned(),
        source,
    };
    std::fs::create_dir_all(&folder).map_err(|e| cache(&folder, e))?;
    let read_only = config.settings.access == Access::ReadOnly || config.backend.append.is_none();
    let (mut journal, mut left) = (None, Left::default());
    if !read_only {
        let opened = Journal::open(&folder, common.contents.clone());
        let (opened, found) = opened.map_err(|e| cache(&folder.join("journal"), e))?;
        (journal, left) = (Some(opened), found);
    }
    let disk_cache = (folder.join(CONTENTS), common.contents.clone());
    let store = open_store(&config, &left, disk_cache, read_only).await?;
    if let Some(journal) = &mut journal {
        if left.store.is_some_and(|id| id != store.id()) && !left.is_empty() {
            set_aside(&name, journal.path(), &left).map_err(|e| cache(&folder, e))?;
            let opened = Journal::open(&folder, common.contents.clone());
            (*journal, left) = opened.map_err(|e| cache(&folder.join("journal"), e))?;
        }
        if let Err(error) = finish(&name, journal, left, &store, common).await {
            store.close_within(Duration::ZERO).await;
            return Err(error);
        }
        let next = store.reserve_counters(1);
        journal
            .start(store.id(), store.mount(), next)
            .map_err(|e| cache(journal.path(), e))?;
    }
    let mut updates = store.updates();
    let tree = store.tree();
    while updates.try_recv().is_ok() {
        // Older than the tree.
    }
    let (nodes, served) = NodeTable::open(slot, &folder, &tree).map_err(|e| cache(&folder.join("nodes"), e))?;
    let mut state = State::new(tree.clone(), nodes, journal);
    for (file, version, content) in served {
        // What a killed process committed last it could not record; its agent knows it all the same.
        let own = tree
            .node(file)
            .filter(|n| n.mount == store.mount() && n.version > version)
            .and_then(|n| Some((n.version, n.content()?.clone())));
        let (version, content) = own.unwrap_or((version, content));
        state.served.restore(file, version, content);
    }
    let (engine, orders) = mpsc::unbounded_channel();
    let attachment = Arc::new(Attachment {
        name,
        slot,
        store,
        instructions: Mutex::new(config.settings.instructions.clone()),
        settings: config.settings,
        author: common.author.clone(),
        timing: common.timing,
        kernel: common.kernel.clone(),
        engine,
        state: Mutex::new(state),
        due: Mutex::new(None),
        log_shown: Mutex::default(),
    });
    tokio::spawn(Engine::new(&attachment, orders, updates).run());
    Ok(attachment)
}

async fn open_store(
    config: &AttachmentConfig,
    left: &Left,
    disk_cache: (PathBuf, Arc<CacheBudget>),
    read_only: bool,
) -> Result<Store, AttachError> {
    let options = Options {
        mount: left.mount,
        next_counter: left.next.max(1),
        follow: true,
        give_up: None,
        memory_cache: MEMORY_CACHE,
        disk_cache: Some(disk_cache),
        probe: config.ring.is_none(),
        ring: config.ring.clone(),
        ..Options::default()
    };
    let backend = config.backend.clone().without_maintain();
    let opened = match &config.init {
        _ if read_only => Store::open(backend.read_only(), options).await,
        None => Store::open(backend, options).await,
        Some(settings) => Store::open_or_init(backend, settings, options).await,
    };
    opened.map_err(|source| AttachError::Store {
        name: config.name.clone(),
        source,
    })
}

/// A journal of another store than the one that is here now is kept, since it may hold the only copy of something.
fn set_aside(name: &str, journal: &Path, left: &Left) -> std::io::Result<()> {
    let id = left.store.map(|id| id.to_string()).unwrap_or_default();
    let aside = journal.with_extension(format!("of-{id}"));
    tracing::error!(
        attachment = name,
        items = left.len(),
        kept = %aside.display(),
        "the journal is of a store that is no longer here; it is kept aside"
    );
    std::fs::rename(journal, aside)
}

/// Hands the store what a predecessor accepted, and waits until it is known what became of it.
async fn finish(
    name: &str,
    journal: &mut Journal,
    left: Left,
    store: &Store,
    common: &Common,
) -> Result<(), AttachError> {
    if left.is_empty() {
        return Ok(());
    }
    let count = left.len();
    let unfinished = |why: String| AttachError::Unfinished {
        name: name.to_owned(),
        left: count,
        why,
    };
    tracing::info!(
        attachment = name,
        items = count,
        "finishing what an earlier mount accepted"
    );
    let rest = left.intents(store).await.map_err(|e| unfinished(e.to_string()))?;
    let mut answers = Vec::new();
    for (id, intents, counter) in rest {
        let counter = if let Some(counter) = counter {
            counter
        } else {
            let counter = store.reserve_counters(intents.len() as u64);
            journal.sent(vec![id], counter).map_err(|e| unfinished(e.to_string()))?;
            counter
        };
        let entry = Entry {
            late: true,
            counter: Some(counter),
            ..Entry::new(common.author.clone(), intents)
        };
        answers.push(store.enqueue(entry));
    }
    let all = async {
        for answer in answers {
            for fate in answer
                .await
                .map_err(|_| "the store was closed".to_owned())?
                .map_err(|e| e.to_string())?
            {
                if let Err(refused) = fate {
                    tracing::warn!(attachment = name, "left by an earlier mount, and refused: {refused}");
                }
            }
        }
        Ok(())
    };
    // Keys that may not write stay so: nobody need wait for them.
    let refused = async {
        loop {
            if let Some(why) = store.health().refused {
                return why;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        finished = tokio::time::timeout(FINISH, all) => match finished {
            Ok(result) => result.map_err(unfinished),
            Err(_) => Err(unfinished(store.health().trouble.unwrap_or_else(|| "no answer".into()))),
        },
        why = refused => Err(unfinished(why)),
    }
}
