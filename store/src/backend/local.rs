//! A directory as the bucket.
//!
//! An object is a file; its key is its path. Creation is by `link(2)`, which fails when the name is there, on any file
//! system and between any processes of any machines that share it. Nothing is acknowledged before file and folder are
//! synced. A directory that does not exist yet is like an empty prefix and made by the first write, with the folders above
//! it; one that vanishes while in use is not made again.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use self::fault::{During, Fault, Step};
use self::folder::Root;
use super::{Append, Backend, BackendError, Created, Listed, Maintain, ObjectVersion, Read, Result, key};

mod fault;
mod folder;
mod list;
mod write;

/// A directory that serves as the bucket.
#[derive(Debug, Clone)]
pub struct LocalDir {
    root: Arc<Root>,
}

impl LocalDir {
    /// The directory `path`, absolute. It is looked at only when used.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            root: Arc::new(Root::new(path.into())),
        }
    }

    /// A backend with all rights on the directory `path`.
    pub fn backend(path: impl AsRef<Path>) -> Backend {
        let path = path.as_ref();
        let local = Arc::new(Self::new(path));
        Backend {
            url: crate::url::StoreUrl::of_directory(path).to_string(),
            read: local.clone(),
            append: Some(local.clone()),
            maintain: Some(local),
        }
    }

    /// Runs `step` where it may wait for the disk.
    async fn run<T, F>(&self, verb: &str, key: &str, step: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Root, &str) -> Step<T> + Send + 'static,
    {
        let root = self.root.clone();
        let owned = key.to_owned();
        let done = tokio::task::spawn_blocking(move || step(&root, &owned)).await;
        let what = || format!("{verb} {key}");
        match done {
            Ok(done) => done.map_err(|fault| fault.of(what())),
            // The runtime is shutting down, or the step panicked: whether it was carried out is not known.
            Err(error) => Err(BackendError::Unknown {
                what: what(),
                cause: error.to_string(),
            }),
        }
    }
}

/// The folder and the name of a valid key.
fn split(key: &str) -> Step<(&str, &str)> {
    key::check(key).map_err(Fault::Key)?;
    let (folder, name) = key.rsplit_once('/').unwrap_or(("", key));
    if key == write::TEMP || key.starts_with(".tmp/") {
        return Err(Fault::Key(format!(
            "key `{key}` lies in the folder of half-written files"
        )));
    }
    Ok((folder, name))
}

/// The file at `key`, opened for reading, with its size.
fn open(root: &Root, key: &str) -> Step<Option<(std::os::fd::OwnedFd, u64)>> {
    let (folder, name) = split(key)?;
    let Some(dir) = root.folder(folder)? else {
        return Ok(None);
    };
    // NONBLOCK: a pipe in a file's place must not hold us up.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match rustix::fs::openat(&dir, name, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP | Errno::NXIO) => return Err(Fault::Foreign(root.path_of(key))),
        Err(errno) => return Err(errno).during("open", root.path_of(key)),
    };
    let stat = rustix::fs::fstat(&file).during("look at", root.path_of(key))?;
    if !rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file() {
        return Err(Fault::Foreign(root.path_of(key)));
    }
    Ok(Some((file, stat.st_size as u64)))
}

/// The object's bytes within `range`.
fn read(root: &Root, key: &str, range: Option<Range<u64>>) -> Step<Option<Bytes>> {
    let Some((file, size)) = open(root, key)? else {
        return Ok(None);
    };
    let range = range.unwrap_or(0..size);
    let end = range.end.min(size);
    let mut offset = range.start.min(end);
    let mut bytes = Vec::with_capacity((end - offset) as usize);
    while bytes.capacity() > bytes.len() && offset < end {
        match rustix::io::pread(&file, rustix::buffer::spare_capacity(&mut bytes), offset) {
            // Cut short since we looked; files here are replaced whole, so somebody else did it.
            Ok(0) => break,
            Ok(n) => offset += n as u64,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno).during("read", root.path_of(key)),
        }
    }
    Ok(Some(bytes.into()))
}

#[async_trait]
impl Read for LocalDir {
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>> {
        self.run("GET", key, move |root, key| read(root, key, range)).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<Listed>> {
        let after = after.map(str::to_owned);
        self.run("LIST", prefix, move |root, prefix| {
            key::check_prefix(prefix).map_err(Fault::Key)?;
            list::list(root, prefix, after.as_deref(), max)
        })
        .await
    }
}

#[async_trait]
impl Append for LocalDir {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Created> {
        self.run("PUT", key, move |root, key| {
            let (folder, name) = split(key)?;
            write::create(root, folder, name, &body)
        })
        .await
    }
}

#[async_trait]
impl Maintain for LocalDir {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        self.run("PUT", key, move |root, key| {
            let (folder, name) = split(key)?;
            write::replace(root, folder, name, &body)
        })
        .await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.run("DELETE", key, |root, key| {
            let (folder, name) = split(key)?;
            write::remove(root, folder, name)
        })
        .await
    }

    async fn versions(&self, prefix: &str) -> Result<Vec<ObjectVersion>> {
        let listed = self.list(prefix, None, usize::MAX).await?;
        Ok(listed
            .into_iter()
            .map(|object| ObjectVersion {
                key: object.key,
                version: None,
                current: true,
                size: object.size,
            })
            .collect())
    }

    async fn get_version(&self, object: &ObjectVersion) -> Result<Option<Bytes>> {
        self.get(&object.key, None).await
    }

    async fn delete_version(&self, object: &ObjectVersion) -> Result<()> {
        self.delete(&object.key).await
    }
}
