//! A real mount over a directory, for tests: its own temporary folders, unmounted at the end whatever happens.

#![allow(clippy::unwrap_used, dead_code)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use remanence_sidecar::mount::{Mount, MountConfig, Stopped};
use remanence_sidecar::{AttachmentConfig, AttachmentSettings, Timing};
use remanence_store::settings::Settings;
use remanence_store::url::StoreUrl;
use remanence_store::{Options, Store};

/// Folders of one test.
pub(crate) struct Bench {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) runtime: tokio::runtime::Runtime,
}

impl Bench {
    pub(crate) fn new() -> Self {
        assert!(
            Path::new("/dev/fuse").exists(),
            "/dev/fuse is missing: run `modprobe fuse`"
        );
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        Self {
            dir: tempfile::tempdir().unwrap(),
            runtime,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A store at `store-<name>`, attached as `name`.
    pub(crate) fn attachment(&self, name: &str, settings: AttachmentSettings) -> AttachmentConfig {
        let url = StoreUrl::of_directory(&self.path(&format!("store-{name}")));
        AttachmentConfig {
            name: name.into(),
            backend: self.runtime.block_on(url.connect()).unwrap(),
            settings,
            init: Some(Settings::memory()),
            ring: None,
        }
    }

    /// The session store, at `store-sessions`.
    pub(crate) fn sessions(&self) -> AttachmentConfig {
        let settings = AttachmentSettings {
            durability: remanence_sidecar::Durability::Local,
            ..AttachmentSettings::default()
        };
        AttachmentConfig {
            init: Some(Settings::sessions()),
            ..self.attachment("sessions", settings)
        }
    }

    /// A disk of its own that holds so many bytes.
    pub(crate) fn small_disk(&self, bytes: u64) -> Disk {
        let path = self.path("disk");
        std::fs::create_dir(&path).unwrap();
        let size = std::ffi::CString::new(format!("size={bytes}")).unwrap();
        let flags = rustix::mount::MountFlags::empty();
        rustix::mount::mount("tmpfs", &path, "tmpfs", flags, &*size).expect("mount(2) of a tmpfs: run as root");
        Disk { path }
    }

    pub(crate) fn config(&self, agent: &str, attachments: Vec<AttachmentConfig>) -> MountConfig {
        let at = self.path(&format!("mnt-{agent}"));
        std::fs::create_dir_all(&at).unwrap();
        MountConfig {
            attachments,
            sessions: None,
            at,
            agent: agent.into(),
            cache: self.path("cache"),
            contents: MountConfig::CONTENTS,
            uid: None,
            gid: None,
            grace: Duration::from_secs(5),
            timing: Timing::default(),
        }
    }

    /// Mounts one store, `memory`, for an agent.
    pub(crate) fn mount(&self, agent: &str, settings: AttachmentSettings) -> Mounted<'_> {
        self.start(self.config(agent, vec![self.attachment("memory", settings)]))
    }

    pub(crate) fn start(&self, config: MountConfig) -> Mounted<'_> {
        let at = config.at.clone();
        let mount = self.runtime.block_on(Mount::start(config)).unwrap();
        Mounted {
            bench: self,
            mount: Some(mount),
            at,
        }
    }

    /// Another handle on a store of this test.
    pub(crate) fn store(&self, name: &str) -> Store {
        let url = StoreUrl::of_directory(&self.path(&format!("store-{name}")));
        self.runtime.block_on(async {
            let options = Options {
                follow: false,
                ..Options::default()
            };
            Store::open(url.connect().await.unwrap(), options).await.unwrap()
        })
    }

    /// The bytes the store has at a path.
    pub(crate) fn stored(&self, name: &str, path: &str) -> Option<Vec<u8>> {
        let store = self.store(name);
        let tree = store.tree();
        let content = tree.lookup(path)?.content()?.clone();
        Some(self.runtime.block_on(store.read_all(&content)).unwrap().to_vec())
    }
}

/// A mount.
pub(crate) struct Mounted<'a> {
    bench: &'a Bench,
    pub(crate) mount: Option<Mount>,
    pub(crate) at: PathBuf,
}

impl Mounted<'_> {
    /// A path in the store `memory`.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.at.join("memory").join(path)
    }

    pub(crate) fn stop(mut self) -> Stopped {
        self.bench.runtime.block_on(self.mount.take().unwrap().stop())
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        if let Some(mount) = self.mount.take() {
            self.bench.runtime.block_on(mount.stop());
        }
    }
}

/// A disk of its own.
pub(crate) struct Disk {
    pub(crate) path: PathBuf,
}

impl Drop for Disk {
    fn drop(&mut self) {
        rustix::mount::unmount(&self.path, rustix::mount::UnmountFlags::DETACH).unwrap();
    }
}

/// The names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Waits until `done`, or fails after a minute.
pub(crate) fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_mins(1), "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
