//! Opening an attachment: its journal, the store, and what a predecessor left to finish.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use remanence_store::backend::Backend;
use remanence_store::cache::budget::CacheBudget;
use remanence_store::intent::Entry;
use remanence_store::ring::Ring;
use remanence_store::settings::Settings;
use remanence_store::{Author, Options, Store, StoreError, StoreId};
use tokio::sync::mpsc;

use crate::aside;
use crate::attachment::Attachment;
use crate::engine::Engine;
use crate::journal::{Journal, Left, NAME};
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
    /// Held while journals that were set aside are brought in.
    bringing_in: Arc<tokio::sync::Mutex<()>>,
    /// The stores that are attached to be written to, by their folders.
    written: Arc<Mutex<BTreeMap<String, (StoreId, AttachmentConfig)>>>,
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
            bringing_in: Arc::default(),
            written: Arc::default(),
            kernel: Arc::new(Kernel::default()),
        }
    }

    /// Takes note that nothing is attached any more as a folder.
    pub(crate) fn detached(&self, name: &str) {
        self.written.lock().remove(name);
    }
}

/// Opens a store for a slot of a mount.
///
/// # Errors
/// When the store or the cache folder can't be used.
pub async fn open(config: AttachmentConfig, slot: u8, common: &Common) -> Result<Arc<Attachment>, AttachError> {
    let name = config.name.clone();
    common.detached(&name);
    let folder = common.folder.join(&name);
    std::fs::create_dir_all(&folder).map_err(|e| config.cache(&folder, e))?;
    let read_only = config.settings.access == Access::ReadOnly || config.backend.append.is_none();
    let (store, journal) = if read_only {
        (open_store(&config, &Left::default(), common, true).await?, None)
    } else {
        let (store, journal) = open_to_write(&config, &folder.join(NAME), common).await?;
        (store, Some(journal))
    };
    let mut updates = store.updates();
    let tree = store.tree();
    while updates.try_recv().is_ok() {
        // Older than the tree.
    }
    let (nodes, served) = NodeTable::open(slot, &folder, &tree).map_err(|e| config.cache(&folder.join("nodes"), e))?;
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

impl AttachmentConfig {
    fn cache(&self, path: &Path, source: std::io::Error) -> AttachError {
        AttachError::Cache {
            name: self.name.clone(),
            path: path.to_owned(),
            source,
        }
    }

    fn store(&self, source: StoreError) -> AttachError {
        AttachError::Store {
            name: self.name.clone(),
            source,
        }
    }
}

/// Opens a store to be written to, and its journal at `path`; brings there what earlier mounts left for it.
async fn open_to_write(
    config: &AttachmentConfig,
    path: &Path,
    common: &Common,
) -> Result<(Store, Journal), AttachError> {
    let open = || Journal::open(path, common.contents.clone()).map_err(|e| config.cache(path, e));
    let (mut journal, mut left) = open()?;
    let mut store = open_store(config, &left, common, false).await?;
    let attached = (store.id(), config.clone());
    common.written.lock().insert(config.name.clone(), attached);
    if let Some(other) = left.store.filter(|id| *id != store.id() && !left.is_empty()) {
        let aside = aside::set(path, other).map_err(|e| config.cache(path, e))?;
        tracing::error!(
            attachment = config.name,
            items = left.len(),
            kept = %aside.display(),
            "the journal is of a store that is no longer here; it is kept aside until that one is"
        );
        (journal, left) = open()?;
        // The op counters of that mount go on in the other store.
        store.close_within(Duration::ZERO).await;
        store = open_store(config, &left, common, false).await?;
        bring_over(other, common).await;
    }
    match bring_in(config, store.id(), common).await {
        Ok(false) => {}
        Ok(true) => {
            // Op counters go on behind those that were brought in.
            store.close_within(Duration::ZERO).await;
            store = open_store(config, &left, common, false).await?;
        }
        Err(error) => {
            store.close_within(Duration::ZERO).await;
            return Err(error);
        }
    }
    if let Err(error) = take_up(config, &store, &mut journal, left, common).await {
        store.close_within(Duration::ZERO).await;
        return Err(error);
    }
    Ok((store, journal))
}

/// Finishes what earlier mounts left, and starts the journal.
async fn take_up(
    config: &AttachmentConfig,
    store: &Store,
    journal: &mut Journal,
    left: Left,
    common: &Common,
) -> Result<(), AttachError> {
    finish(&config.name, journal, left, store, common).await?;
    let next = store.reserve_counters(1);
    journal
        .start(store.id(), store.mount(), next)
        .map_err(|e| config.cache(journal.path(), e))
}

/// Finishes what was set aside while the store was not attached here, whatever its folder was called then; says whether
/// there was any.
async fn bring_in(config: &AttachmentConfig, id: StoreId, common: &Common) -> Result<bool, AttachError> {
    // Not what another attachment of the same store brings in just now.
    let _alone = common.bringing_in.lock().await;
    let journals = aside::of(&common.folder, id).map_err(|e| config.cache(&common.folder, e))?;
    for path in &journals {
        let opened = Journal::open(path, common.contents.clone());
        let (mut journal, left) = opened.map_err(|e| config.cache(path, e))?;
        // As the mount that accepted it, so that the store knows what it has.
        let store = open_store(config, &left, common, false).await?;
        let finished = finish(&config.name, &mut journal, left, &store, common).await;
        store.close_within(Duration::ZERO).await;
        finished?;
        std::fs::remove_file(path).map_err(|e| config.cache(path, e))?;
    }
    Ok(!journals.is_empty())
}

/// Finishes what was just set aside where its store is attached under another name: that may have looked before.
async fn bring_over(other: StoreId, common: &Common) {
    let attached = common.written.lock().values().find(|(id, _)| *id == other).cloned();
    let Some((_, config)) = attached else { return };
    match bring_in(&config, other, common).await {
        Ok(_) => {
            // A bell that both heard may have told the other one.
            if let Some(ring) = &config.ring {
                ring.hear(None);
            }
        }
        Err(error) => tracing::error!(%error, "the journal that was set aside waits for the next mount"),
    }
}

async fn open_store(
    config: &AttachmentConfig,
    left: &Left,
    common: &Common,
    read_only: bool,
) -> Result<Store, AttachError> {
    let contents = common.folder.join(&config.name).join(CONTENTS);
    let options = Options {
        mount: left.mount,
        next_counter: left.next.max(1),
        follow: true,
        give_up: None,
        memory_cache: MEMORY_CACHE,
        disk_cache: Some((contents, common.contents.clone())),
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
    opened.map_err(|e| config.store(e))
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
