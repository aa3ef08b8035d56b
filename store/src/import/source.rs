//! What an import finds in a folder, before anything is written.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization;

use super::{ImportError, Skipped};
use crate::merge::stays_inside;
use crate::name;
use crate::settings::Settings;
use crate::tree::{Tree, is_of_dreams};

/// A folder tree as it was found. Symbolic links are taken as links, never followed.
#[derive(Debug, Default)]
pub struct Source {
    pub(super) dir: PathBuf,
    /// By path in the store; folders before what is in them.
    pub(super) found: Vec<(String, Found)>,
    pub(super) skipped: Vec<Skipped>,
    /// Paths whose last name was not in normal form NFC.
    pub(super) normalised: Vec<String>,
}

#[derive(Debug)]
pub(super) enum Found {
    Dir {
        mode: u32,
    },
    File {
        real: PathBuf,
        mode: u32,
        mtime: Option<Timestamp>,
        size: u64,
    },
    Link {
        target: String,
    },
}

impl Source {
    /// Walks `dir`.
    ///
    /// # Errors
    /// When it, or a folder in it, can't be read.
    pub fn scan(dir: &Path) -> Result<Self, ImportError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| ImportError::Io { path, source }
        };
        match dir.metadata() {
            Ok(meta) if !meta.is_dir() => return Err(ImportError::NotDir(dir.into())),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ImportError::Missing(dir.into())),
            Err(error) => return Err(io(dir)(error)),
        }
        let mut source = Self {
            dir: dir.into(),
            ..Self::default()
        };
        let mut folders = vec![(PathBuf::new(), String::new())];
        let mut seen = HashMap::new();
        while let Some((folder, path)) = folders.pop() {
            let at = dir.join(&folder);
            for entry in at.read_dir().map_err(io(&at))? {
                let entry = entry.map_err(io(&at))?;
                let real = folder.join(entry.file_name());
                let Some(child) = source.path_of(&path, &real) else {
                    continue;
                };
                if let Some(other) = seen.insert(child.clone(), real.clone()) {
                    source.skip(
                        &child,
                        format!("has the same name as {} in Unicode NFC", other.display()),
                    );
                    continue;
                }
                let meta = entry.metadata().map_err(io(&dir.join(&real)))?;
                if real.file_name() != Path::new(&child).file_name() {
                    source.normalised.push(child.clone());
                }
                source.take(child, real, &meta, &mut folders).map_err(io(&at))?;
            }
        }
        source.found.sort_by(|a, b| a.0.cmp(&b.0));
        source.normalised.sort();
        Ok(source)
    }

    /// Number of files and links.
    pub fn files(&self) -> u64 {
        self.found
            .iter()
            .filter(|(_, f)| !matches!(f, Found::Dir { .. }))
            .count() as u64
    }

    fn skip(&mut self, path: &str, why: impl Into<String>) {
        self.skipped.push(Skipped {
            path: path.into(),
            why: why.into(),
        });
    }

    /// The path in the store; names that systems write decomposed are normalised.
    fn path_of(&mut self, folder: &str, real: &Path) -> Option<String> {
        let Some(name) = real.file_name().and_then(|n| n.to_str()) else {
            self.skip(&real.display().to_string(), "the name is not UTF-8");
            return None;
        };
        let name: String = name.nfc().collect();
        let path = format!("{folder}/{name}");
        match name::check(&name).and_then(|()| name::check_path(&path)) {
            Ok(()) => Some(path),
            Err(why) => {
                self.skip(&path.escape_default().to_string(), why.to_string());
                None
            }
        }
    }

    fn take(
        &mut self,
        path: String,
        real: PathBuf,
        meta: &std::fs::Metadata,
        folders: &mut Vec<(PathBuf, String)>,
    ) -> io::Result<()> {
        use std::os::unix::fs::MetadataExt;
        let mode = meta.mode() & 0o777;
        if meta.is_dir() {
            folders.push((real, path.clone()));
            self.found.push((path, Found::Dir { mode }));
        } else if meta.is_file() {
            let mtime = Timestamp::new(meta.mtime(), meta.mtime_nsec() as i32).ok();
            let size = meta.len();
            self.found.push((
                path,
                Found::File {
                    real,
                    mode,
                    mtime,
                    size,
                },
            ));
        } else if meta.is_symlink() {
            let target = self.dir.join(&real).read_link()?;
            match target.to_str() {
                Some(target) if stays_inside(&path, target) => {
                    let target = target.to_owned();
                    self.found.push((path, Found::Link { target }));
                }
                _ => self.skip(
                    &path,
                    format!("is a link that leaves the folder (to {})", target.display()),
                ),
            }
        } else {
            self.skip(&path, "is neither a file nor a folder nor a link");
        }
        Ok(())
    }

    /// Checks the number of files against a store's limit, before anything is written.
    ///
    /// # Errors
    /// [`ImportError::Full`].
    pub fn check(&self, url: &str, tree: &Tree, settings: &Settings) -> Result<(), ImportError> {
        let new = |(path, found): &&(String, Found)| {
            !matches!(found, Found::Dir { .. }) && !is_of_dreams(path) && tree.lookup(path).is_none()
        };
        let files = self.found.iter().filter(new).count() as u64;
        let total = tree.files + files;
        if files > 0 && total > settings.files {
            return Err(ImportError::Full {
                dir: self.dir.clone(),
                url: url.into(),
                files,
                total,
                limit: settings.files,
            });
        }
        Ok(())
    }
}
