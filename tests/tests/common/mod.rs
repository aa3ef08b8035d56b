//! Real mounts over a directory, for tests of the whole: own temporary folders, unmounted at the end whatever happens.

#![allow(clippy::unwrap_used, dead_code)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use remanence_sidecar::mount::{Mount, MountConfig, Stopped};
use remanence_sidecar::{AttachmentConfig, AttachmentSettings, Timing};
use remanence_store::settings::Settings;
use remanence_store::url::StoreUrl;
use remanence_store::{Options, Store};

/// Settings of a store that takes what tests write.
pub(crate) fn roomy() -> Settings {
    Settings {
        file_size: 64 << 20,
        files: 1_000_000,
        ..Settings::memory()
    }
}

/// What to mount: one store, `memory`, at `dir/mnt`, with the journal in `dir/cache`.
pub(crate) async fn config(dir: &Path, settings: AttachmentSettings) -> MountConfig {
    assert!(
        Path::new("/dev/fuse").exists(),
        "/dev/fuse is missing: run `modprobe fuse`"
    );
    let at = dir.join("mnt");
    std::fs::create_dir_all(&at).unwrap();
    let url = StoreUrl::of_directory(&dir.join("store"));
    MountConfig {
        attachments: vec![AttachmentConfig {
            name: "memory".into(),
            backend: url.connect().await.unwrap(),
            settings,
            init: Some(roomy()),
            ring: None,
        }],
        sessions: None,
        at,
        agent: "tester".into(),
        cache: dir.join("cache"),
        contents: MountConfig::CONTENTS,
        uid: None,
        gid: None,
        grace: Duration::from_secs(10),
        timing: Timing::default(),
    }
}

/// A mount of one store, served by this process.
pub(crate) struct Mounted {
    runtime: tokio::runtime::Runtime,
    mount: Option<Mount>,
    pub(crate) dir: tempfile::TempDir,
}

impl Mounted {
    pub(crate) fn new(settings: AttachmentSettings) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mount = runtime.block_on(async {
            let config = config(dir.path(), settings).await;
            Mount::start(config).await.unwrap()
        });
        Self {
            runtime,
            mount: Some(mount),
            dir,
        }
    }

    /// The store's folder in the mount.
    pub(crate) fn root(&self) -> PathBuf {
        self.dir.path().join("mnt/memory")
    }

    /// Ends the mount.
    pub(crate) fn stop(&mut self) -> Stopped {
        self.runtime.block_on(self.mount.take().unwrap().stop())
    }

    /// Every path of the store and its bytes; folders end in `/`, links hold their target.
    pub(crate) fn stored(&self) -> Vec<(String, Vec<u8>)> {
        self.runtime.block_on(stored(&self.dir.path().join("store")))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if let Some(mount) = self.mount.take() {
            self.runtime.block_on(mount.stop());
        }
    }
}

/// Every path of a store and its bytes; folders end in `/`, links hold their target.
pub(crate) async fn stored(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let backend = StoreUrl::of_directory(folder).connect().await.unwrap();
    let store = Store::open(backend, Options::default()).await.unwrap();
    let tree = store.tree();
    let mut all = Vec::new();
    for node in tree.nodes() {
        let path = tree.path(node.id).unwrap();
        all.push(match &node.kind {
            remanence_store::tree::NodeKind::Dir => (format!("{path}/"), Vec::new()),
            remanence_store::tree::NodeKind::Symlink { target } => (path, target.as_bytes().to_vec()),
            remanence_store::tree::NodeKind::File { content, .. } => {
                (path, store.read_all(content).await.unwrap().to_vec())
            }
        });
    }
    all.sort();
    all
}
