//! Calls the semantics as a kernel would: looks up name by name, opens, writes, flushes, releases and forgets.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;

use remanence_sidecar::attachment::Attachment;
use remanence_sidecar::errno::{FsError, Result};
use remanence_sidecar::fs::attr::{Attr, Kind, SetAttr};
use remanence_sidecar::fs::create::CreateMode;
use remanence_sidecar::fs::open::OpenMode;
use remanence_sidecar::node_id::NodeId;
use remanence_sidecar::open::{self, AttachmentConfig, Common};
use remanence_sidecar::{AttachmentSettings, Durability, MountConfig, Timing};
use remanence_store::Author;
use remanence_store::settings::Settings;
use remanence_store::url::StoreUrl;
use rustix::io::Errno;

use crate::Answer;
use crate::op::{NAMES, Op, Path};

const SLOT: u8 = 1;

pub(crate) struct Driver {
    folder: PathBuf,
    durability: Durability,
    attachment: Arc<Attachment>,
    /// Open for reading and writing.
    handles: HashMap<usize, NodeId>,
    /// Nodes looked up by the call under way, to be forgotten after it.
    looked_up: Vec<NodeId>,
}

/// What the kernel itself answers, or the filesystem.
enum Failed {
    Kernel(Errno),
    Fs(FsError),
}

impl From<FsError> for Failed {
    fn from(error: FsError) -> Self {
        Self::Fs(error)
    }
}

impl Driver {
    pub(crate) async fn start(folder: &FsPath, durability: Durability) -> Self {
        Self {
            folder: folder.to_owned(),
            durability,
            attachment: attach(folder, durability).await,
            handles: HashMap::new(),
            looked_up: Vec::new(),
        }
    }

    pub(crate) async fn run(&mut self, op: &Op) -> Answer {
        let answer = self.try_run(op).await.map_err(|failed| match failed {
            Failed::Kernel(errno) => errno.raw_os_error(),
            Failed::Fs(error) => error.errno().raw_os_error(),
        });
        for id in std::mem::take(&mut self.looked_up) {
            self.attachment.forget(id, 1);
        }
        answer
    }

    /// Everything that can be seen, through the same calls.
    pub(crate) async fn tree(&mut self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        let mut folders = vec![(NodeId::root_of(SLOT), String::new())];
        while let Some((folder, path)) = folders.pop() {
            for name in self.names(folder).unwrap() {
                let path = format!("{path}/{name}");
                let attr = self.lookup(folder, &name).unwrap();
                all.insert(path.clone(), self.seen(&attr).await);
                if attr.kind == Kind::Dir {
                    folders.push((attr.id, path));
                }
            }
        }
        for id in std::mem::take(&mut self.looked_up) {
            self.attachment.forget(id, 1);
        }
        all
    }

    /// Ends, and says what the store holds.
    pub(crate) async fn stop(mut self) -> BTreeMap<String, String> {
        self.close_all().await;
        detach(&self.attachment).await;
        let folder = tempfile::tempdir().unwrap();
        // Another reader, which has nothing but the store.
        std::fs::create_dir(folder.path().join("cache")).unwrap();
        let url = StoreUrl::of_directory(&self.folder.join("store"));
        let mut other = Self {
            attachment: open_at(&url, folder.path(), self.durability).await,
            folder: folder.path().to_owned(),
            ..self
        };
        other.tree().await
    }

    async fn seen(&self, attr: &Attr) -> String {
        match attr.kind {
            Kind::Dir => format!("folder {:o}", attr.mode),
            Kind::Symlink => format!("link {}", self.attachment.readlink(attr.id).unwrap()),
            Kind::File => {
                let bytes = self.attachment.read(attr.id, 0, 1 << 20).get().await.unwrap();
                assert_eq!(bytes.len() as u64, attr.size, "the size of {}", attr.id);
                format!("file {:o} {}", attr.mode, bytes.escape_ascii())
            }
        }
    }

    fn names(&self, folder: NodeId) -> Result<Vec<String>> {
        let mut names = Vec::new();
        self.attachment.readdir(folder, 0, false, &mut |entry| {
            if entry.name != "." && entry.name != ".." {
                names.push(entry.name.to_owned());
            }
            // Not full.
            false
        })?;
        Ok(names)
    }

    async fn try_run(&mut self, op: &Op) -> std::result::Result<Vec<u8>, Failed> {
        match op {
            Op::Write { path, data } => self.write_file(*path, true, &data.0).await?,
            Op::Append { path, data } => self.write_file(*path, false, &data.0).await?,
            Op::Truncate { path, len } => {
                let attr = self.file(*path)?;
                let set = SetAttr {
                    size: Some(*len),
                    ..SetAttr::default()
                };
                self.attachment.setattr(attr.id, set).get().await?;
            }
            Op::Create { path } => {
                let (folder, name) = self.parent(*path)?;
                if self.lookup(folder, name).is_ok() {
                    return Err(Failed::Kernel(Errno::EXIST));
                }
                let id = self.create(folder, name, true).await?;
                self.close(id).await?;
            }
            Op::Unlink { path } => {
                let (folder, name) = self.parent(*path)?;
                self.attachment.unlink(folder, name).get().await?;
            }
            Op::Mkdir { path } => {
                let (folder, name) = self.parent(*path)?;
                let made = self.attachment.mkdir(folder, name, 0o755).get().await?;
                self.looked_up.push(made.id);
            }
            Op::Rmdir { path } => {
                let (folder, name) = self.parent(*path)?;
                self.attachment.rmdir(folder, name).get().await?;
            }
            Op::Rename { from, to, no_replace } => self.rename(*from, *to, *no_replace).await?,
            Op::Symlink { path, target } => {
                let (folder, name) = self.parent(*path)?;
                let made = self.attachment.symlink(folder, name, NAMES[*target]).get().await?;
                self.looked_up.push(made.id);
            }
            Op::Chmod { path, mode } => {
                let (folder, name) = self.parent(*path)?;
                let attr = self.lookup(folder, name)?;
                if attr.kind == Kind::Symlink {
                    return Err(Failed::Kernel(Errno::OPNOTSUPP));
                }
                let set = SetAttr {
                    mode: Some(*mode),
                    ..SetAttr::default()
                };
                self.attachment.setattr(attr.id, set).get().await?;
            }
            Op::Fsync { path } => {
                let attr = self.file(*path)?;
                self.attachment.fsync(attr.id).get().await?;
            }
            Op::Open { slot, path } => {
                let attr = self.file(*path)?;
                self.attachment.open(attr.id, read_write()).get().await?;
                // The kernel keeps the node while it is open.
                self.looked_up.retain(|id| *id != attr.id);
                if let Some(before) = self.handles.insert(*slot, attr.id) {
                    self.close(before).await?;
                    self.looked_up.push(before);
                }
            }
            Op::HandleWrite { slot, at, data } => {
                if let Some(id) = self.handles.get(slot).filter(|_| !data.0.is_empty()) {
                    self.attachment.write(*id, *at, &data.0, false).get().await?;
                }
            }
            Op::HandleRead { slot } => {
                if let Some(id) = self.handles.get(slot) {
                    return Ok(self.attachment.read(*id, 0, 1 << 20).get().await?.to_vec());
                }
            }
            Op::Close { slot } => {
                if let Some(id) = self.handles.remove(slot) {
                    self.close(id).await?;
                    self.looked_up.push(id);
                }
            }
            Op::Restart => {
                self.close_all().await;
                detach(&self.attachment).await;
                self.attachment = attach(&self.folder, self.durability).await;
            }
        }
        Ok(Vec::new())
    }

    async fn write_file(&mut self, path: Path, truncate: bool, data: &[u8]) -> std::result::Result<(), Failed> {
        let (folder, name) = self.parent(path)?;
        let id = match self.lookup(folder, name) {
            Err(FsError::NotFound) => self.create(folder, name, false).await?,
            Err(error) => return Err(error.into()),
            Ok(_) => {
                let id = self.file(path)?.id;
                let mode = OpenMode {
                    truncate,
                    ..read_write()
                };
                self.attachment.open(id, mode).get().await?;
                id
            }
        };
        if !data.is_empty() {
            self.attachment.write(id, 0, data, !truncate).get().await?;
        }
        self.close(id).await
    }

    async fn create(&mut self, folder: NodeId, name: &str, exclusive: bool) -> std::result::Result<NodeId, Failed> {
        let how = CreateMode {
            mode: 0o644,
            exclusive,
            open: read_write(),
        };
        let (attr, _) = self.attachment.create(folder, name, how).get().await?;
        self.looked_up.push(attr.id);
        Ok(attr.id)
    }

    async fn close(&self, id: NodeId) -> std::result::Result<(), Failed> {
        let flushed = self.attachment.flush(id).get().await;
        self.attachment.release(id, true);
        Ok(flushed?)
    }

    async fn close_all(&mut self) {
        for id in std::mem::take(&mut self.handles).into_values() {
            assert!(self.close(id).await.is_ok(), "closing {id}");
            self.attachment.forget(id, 1);
        }
    }

    async fn rename(&mut self, from: Path, to: Path, no_replace: bool) -> std::result::Result<(), Failed> {
        let (old_folder, old_name) = self.parent(from)?;
        let (folder, name) = self.parent(to)?;
        let node = self.lookup(old_folder, old_name)?;
        let there = self.lookup(folder, name).ok();
        if no_replace && there.is_some() {
            return Err(Failed::Kernel(Errno::EXIST));
        }
        // The kernel's own checks of folders in one another.
        if node.id == folder {
            return Err(Failed::Kernel(Errno::INVAL));
        }
        if there.is_some_and(|t| t.id == old_folder) {
            return Err(Failed::Kernel(Errno::NOTEMPTY));
        }
        let renamed = self.attachment.rename(old_folder, old_name, folder, name, no_replace);
        Ok(renamed.get().await?)
    }

    fn file(&mut self, path: Path) -> std::result::Result<Attr, Failed> {
        let (folder, name) = self.parent(path)?;
        let attr = self.lookup(folder, name)?;
        match attr.kind {
            Kind::File => Ok(attr),
            Kind::Dir => Err(Failed::Kernel(Errno::ISDIR)),
            Kind::Symlink => Err(Failed::Kernel(Errno::LOOP)),
        }
    }

    fn parent(&mut self, path: Path) -> std::result::Result<(NodeId, &'static str), Failed> {
        let root = NodeId::root_of(SLOT);
        let names = path.names();
        let [first, second] = names[..] else {
            return Ok((root, names[0]));
        };
        let folder = self.lookup(root, first)?;
        if folder.kind == Kind::Dir {
            Ok((folder.id, second))
        } else {
            Err(Failed::Kernel(Errno::NOTDIR))
        }
    }

    fn lookup(&mut self, parent: NodeId, name: &str) -> Result<Attr> {
        let attr = self.attachment.lookup(parent, name)?;
        self.looked_up.push(attr.id);
        Ok(attr)
    }
}

fn read_write() -> OpenMode {
    OpenMode {
        read: true,
        write: true,
        truncate: false,
    }
}

async fn attach(folder: &FsPath, durability: Durability) -> Arc<Attachment> {
    let store = folder.join("store");
    std::fs::create_dir_all(&store).unwrap();
    open_at(&StoreUrl::of_directory(&store), folder, durability).await
}

async fn open_at(url: &StoreUrl, folder: &FsPath, durability: Durability) -> Arc<Attachment> {
    let config = AttachmentConfig {
        name: "project".into(),
        backend: url.connect().await.unwrap().without_maintain(),
        settings: AttachmentSettings {
            durability,
            ..AttachmentSettings::default()
        },
        init: Some(Settings::memory()),
        ring: None,
    };
    let (author, cache) = (Author::agent("model"), folder.join("cache"));
    let common = Common::new(author, cache, Timing::default(), MountConfig::CONTENTS);
    open::open(config, SLOT, &common).await.unwrap()
}

async fn detach(attachment: &Attachment) {
    attachment.store.nudge();
    attachment.flush_all().await;
    attachment.store.close().await;
}
