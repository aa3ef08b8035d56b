//! Where a cluster keeps its files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cache;
use crate::service::tail;

/// A cluster's name and folder.
pub(crate) struct Place {
    pub(crate) name: String,
    root: PathBuf,
}

impl Place {
    pub(crate) fn of(name: &str) -> Result<Self> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > 40 || !name.chars().all(fits) || name.starts_with('-') || name.ends_with('-')
        {
            bail!("--name {name}: is the node's name too: lower case letters, digits and `-`, 40 at most");
        }
        Ok(Self {
            name: name.to_owned(),
            root: cache::root()?.join("clusters").join(name),
        })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    /// A flag that names a file here.
    pub(crate) fn flag(&self, name: &str, file: &str) -> String {
        format!("--{name}={}", self.path(file).display())
    }

    /// The log of a part.
    pub(crate) fn log(&self, part: &str) -> PathBuf {
        self.root.join("log").join(format!("{part}.log"))
    }

    pub(crate) fn make(&self) -> Result<()> {
        for folder in ["log", "containerd", "kubelet", "etcd", "cni", "bin"] {
            let path = self.path(folder);
            fs::create_dir_all(&path).with_context(|| format!("making {}", path.display()))?;
        }
        Ok(())
    }

    pub(crate) fn write(&self, file: &str, text: &str) -> Result<()> {
        let path = self.path(file);
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
    }

    pub(crate) fn read(&self, file: &str) -> Result<String> {
        let path = self.path(file);
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    }

    /// The end of each log, for whoever must find out why something does not start.
    pub(crate) fn last_words(&self, parts: &[&str]) -> String {
        let end = |part: &&str| {
            let path = self.log(part);
            let log = fs::read_to_string(&path).unwrap_or_else(|error| error.to_string());
            let end = tail(&log, 12);
            format!("-- {part}, {}\n{end}\n", path.display())
        };
        parts.iter().map(end).collect::<Vec<_>>().concat()
    }

    pub(crate) fn remove(&self) -> Result<()> {
        match fs::remove_dir_all(&self.root) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("removing {}", self.root.display()))
            }
            _ => Ok(()),
        }
    }
}
