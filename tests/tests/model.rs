//! Random POSIX operations on a mount and on a plain local folder: both answer the same and look the same afterwards,
//! and what the store holds in the end is that tree.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use common::Mounted;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use remanence_sidecar::{AttachmentSettings, Durability};
use rustix::fs::RenameFlags;

/// Names that operations pick from; few, so that they meet. Some look temporary.
const NAMES: [&str; 7] = ["a", "b.md", "c~", ".d.swp", "e.tmp.12.ab", "dir", "sub"];

#[derive(Debug, Clone)]
enum Op {
    Write { path: Path2, data: Data },
    Append { path: Path2, data: Data },
    Patch { path: Path2, at: u64, data: Data },
    Truncate { path: Path2, len: u64 },
    Create { path: Path2 },
    Unlink { path: Path2 },
    Mkdir { path: Path2 },
    Rmdir { path: Path2 },
    Rename { from: Path2, to: Path2, no_replace: bool },
    Save { path: Path2, data: Data },
    Symlink { path: Path2, target: usize },
    Chmod { path: Path2, mode: u32 },
    Utimes { path: Path2, seconds: u64 },
    Fsync { path: Path2 },
    Open { slot: usize, path: Path2, append: bool },
    HandleWrite { slot: usize, data: Data },
    HandlePatch { slot: usize, at: u64, data: Data },
    HandleTruncate { slot: usize, len: u64 },
    HandleRead { slot: usize },
    Close { slot: usize },
}

/// One or two names.
#[derive(Clone, Copy)]
struct Path2(usize, Option<usize>);

impl fmt::Debug for Path2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAMES[self.0])?;
        self.1.map_or(Ok(()), |name| write!(f, "/{}", NAMES[name]))
    }
}

/// Bytes to write.
#[derive(Clone)]
struct Data(Vec<u8>);

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

fn path() -> impl Strategy<Value = Path2> {
    (0..NAMES.len(), prop::option::weighted(0.4, 0..NAMES.len())).prop_map(|(a, b)| Path2(a, b))
}

fn data() -> impl Strategy<Value = Data> {
    prop::collection::vec(prop::sample::select(b"xyz\n".to_vec()), 0..60).prop_map(Data)
}

fn op() -> impl Strategy<Value = Op> {
    let slot = || 0..4_usize;
    prop_oneof![
        4 => (path(), data()).prop_map(|(path, data)| Op::Write { path, data }),
        4 => (path(), data()).prop_map(|(path, data)| Op::Append { path, data }),
        3 => (path(), 0..200_u64, data()).prop_map(|(path, at, data)| Op::Patch { path, at, data }),
        2 => (path(), 0..200_u64).prop_map(|(path, len)| Op::Truncate { path, len }),
        2 => path().prop_map(|path| Op::Create { path }),
        3 => path().prop_map(|path| Op::Unlink { path }),
        3 => path().prop_map(|path| Op::Mkdir { path }),
        2 => path().prop_map(|path| Op::Rmdir { path }),
        5 => (path(), path(), any::<bool>()).prop_map(|(from, to, no_replace)| Op::Rename { from, to, no_replace }),
        3 => (path(), data()).prop_map(|(path, data)| Op::Save { path, data }),
        1 => (path(), 0..NAMES.len()).prop_map(|(path, target)| Op::Symlink { path, target }),
        1 => (path(), prop::sample::select(vec![0o600, 0o644, 0o755, 0o400])).prop_map(|(path, mode)| Op::Chmod { path, mode }),
        1 => (path(), 1..2_000_000_000_u64).prop_map(|(path, seconds)| Op::Utimes { path, seconds }),
        1 => path().prop_map(|path| Op::Fsync { path }),
        3 => (slot(), path(), any::<bool>()).prop_map(|(slot, path, append)| Op::Open { slot, path, append }),
        3 => (slot(), data()).prop_map(|(slot, data)| Op::HandleWrite { slot, data }),
        2 => (slot(), 0..200_u64, data()).prop_map(|(slot, at, data)| Op::HandlePatch { slot, at, data }),
        1 => (slot(), 0..200_u64).prop_map(|(slot, len)| Op::HandleTruncate { slot, len }),
        2 => slot().prop_map(|slot| Op::HandleRead { slot }),
        2 => slot().prop_map(|slot| Op::Close { slot }),
    ]
}

/// One of the two folders, and the handles open in it.
struct Side {
    root: PathBuf,
    handles: HashMap<usize, File>,
}

type Answer = Result<Vec<u8>, i32>;

impl Side {
    fn new(root: PathBuf) -> Self {
        Self {
            root,
            handles: HashMap::new(),
        }
    }

    fn at(&self, path: Path2) -> PathBuf {
        let first = self.root.join(NAMES[path.0]);
        path.1.map_or(first.clone(), |name| first.join(NAMES[name]))
    }

    fn run(&mut self, op: &Op) -> Answer {
        self.try_run(op).map_err(|e| e.raw_os_error().unwrap_or(-1))
    }

    fn try_run(&mut self, op: &Op) -> io::Result<Vec<u8>> {
        let none = Vec::new();
        match op {
            Op::Write { path, data } => fs::write(self.at(*path), &data.0)?,
            Op::Append { path, data } => {
                let mut file = OpenOptions::new().append(true).create(true).open(self.at(*path))?;
                file.write_all(&data.0)?;
            }
            Op::Patch { path, at, data } => {
                let file = OpenOptions::new().write(true).open(self.at(*path))?;
                file.write_all_at(&data.0, *at)?;
            }
            Op::Truncate { path, len } => OpenOptions::new().write(true).open(self.at(*path))?.set_len(*len)?,
            Op::Create { path } => {
                OpenOptions::new().write(true).create_new(true).open(self.at(*path))?;
            }
            Op::Unlink { path } => fs::remove_file(self.at(*path))?,
            Op::Mkdir { path } => fs::create_dir(self.at(*path))?,
            Op::Rmdir { path } => fs::remove_dir(self.at(*path))?,
            Op::Rename { from, to, no_replace } => {
                let flags = if *no_replace {
                    RenameFlags::NOREPLACE
                } else {
                    RenameFlags::empty()
                };
                let cwd = rustix::fs::CWD;
                rustix::fs::renameat_with(cwd, self.at(*from), cwd, self.at(*to), flags)?;
            }
            Op::Save { path, data } => {
                let target = self.at(*path);
                let temp = target.with_extension("tmp.7.cd");
                fs::write(&temp, &data.0)?;
                let renamed = fs::rename(&temp, &target);
                if renamed.is_err() {
                    fs::remove_file(&temp)?;
                }
                renamed?;
            }
            Op::Symlink { path, target } => symlink(NAMES[*target], self.at(*path))?,
            Op::Chmod { path, mode } => fs::set_permissions(self.at(*path), fs::Permissions::from_mode(*mode))?,
            Op::Utimes { path, seconds } => {
                let time = SystemTime::UNIX_EPOCH + Duration::from_secs(*seconds);
                File::open(self.at(*path))?.set_modified(time)?;
            }
            Op::Fsync { path } => File::open(self.at(*path))?.sync_all()?,
            Op::Open { slot, path, append } => {
                let file = OpenOptions::new()
                    .read(true)
                    .write(true)
                    .append(*append)
                    .open(self.at(*path))?;
                self.handles.insert(*slot, file);
            }
            Op::HandleWrite { slot, data } => {
                if let Some(file) = self.handles.get_mut(slot) {
                    file.write_all(&data.0)?;
                }
            }
            Op::HandlePatch { slot, at, data } => {
                if let Some(file) = self.handles.get(slot) {
                    file.write_all_at(&data.0, *at)?;
                }
            }
            Op::HandleTruncate { slot, len } => {
                if let Some(file) = self.handles.get(slot) {
                    file.set_len(*len)?;
                }
            }
            Op::HandleRead { slot } => {
                if let Some(file) = self.handles.get_mut(slot) {
                    let mut all = Vec::new();
                    let at = file.stream_position()?;
                    file.seek(SeekFrom::Start(0))?;
                    file.read_to_end(&mut all)?;
                    file.seek(SeekFrom::Start(at))?;
                    let meta = file.metadata()?;
                    all.extend(format!("{} {}", meta.len(), meta.nlink()).bytes());
                    return Ok(all);
                }
            }
            Op::Close { slot } => drop(self.handles.remove(slot)),
        }
        Ok(none)
    }

    /// Everything that can be seen: kind, mode, size and bytes of each path; a time that was set.
    fn seen(&self) -> Vec<(PathBuf, String)> {
        let mut all = Vec::new();
        walk(&self.root, &self.root, &mut all);
        all.sort();
        all
    }
}

fn walk(root: &Path, folder: &Path, all: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let meta = fs::symlink_metadata(&path).unwrap();
        let short = path.strip_prefix(root).unwrap().to_owned();
        let mode = meta.mode() & 0o777;
        let what = if meta.is_dir() {
            walk(root, &path, all);
            format!("folder {mode:o}")
        } else if meta.is_symlink() {
            format!("link {}", fs::read_link(&path).unwrap().display())
        } else {
            // Times of writes differ by what the writes took; only those set by hand are compared.
            let age = SystemTime::now()
                .duration_since(meta.modified().unwrap())
                .unwrap_or_default();
            let set = if age > Duration::from_hours(1) { meta.mtime() } else { 0 };
            let bytes = fs::read(&path).unwrap();
            assert_eq!(bytes.len() as u64, meta.len(), "{}: size", short.display());
            format!("file {mode:o} {set} {:?}", String::from_utf8_lossy(&bytes))
        };
        all.push((short, what));
    }
}

fn check(ops: &[Op], durability: Durability) {
    let mut mounted = Mounted::new(AttachmentSettings {
        durability,
        ..AttachmentSettings::default()
    });
    let plain = tempfile::tempdir().unwrap();
    let mut ours = Side::new(mounted.root());
    let mut theirs = Side::new(plain.path().to_owned());
    for (step, op) in ops.iter().enumerate() {
        let (a, b) = (ours.run(op), theirs.run(op));
        assert_eq!(a, b, "{durability:?}: step {step}: {op:?} of {:?}", &ops[..=step]);
        let (a, b) = (ours.seen(), theirs.seen());
        assert_eq!(
            a,
            b,
            "{durability:?}: after step {step}: {op:?} of {:#?}",
            &ops[..=step]
        );
    }
    ours.handles.clear();
    theirs.handles.clear();
    let seen = theirs.seen();
    let stopped = mounted.stop();
    assert!(stopped.left.is_empty(), "{stopped:?}");
    let stored: Vec<String> = mounted.stored().into_iter().map(|(path, _)| path).collect();
    let mut expected: Vec<String> = seen
        .iter()
        .map(|(path, what)| {
            format!(
                "/{}{}",
                path.display(),
                if what.starts_with("folder") { "/" } else { "" }
            )
        })
        .collect();
    expected.sort();
    assert_eq!(stored, expected, "{durability:?}: the store after {ops:?}");
    for (path, bytes) in mounted.stored() {
        let local = plain.path().join(&path[1..]);
        if fs::symlink_metadata(&local).unwrap().is_file() {
            assert_eq!(
                bytes,
                fs::read(local).unwrap(),
                "{durability:?}: {path} in the store after {ops:?}"
            );
        }
    }
}

/// `MODEL_CASES` and `MODEL_SEED` run more, or others, by hand.
fn run(durability: Durability, cases: u32, seed: u8) {
    let by_hand = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u32>().ok());
    let cases = by_hand("MODEL_CASES").unwrap_or(cases);
    let seed = by_hand("MODEL_SEED").map_or(seed, |s| s as u8);
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let ops = prop::collection::vec(op(), 1..60);
    runner
        .run(&ops, |ops| {
            check(&ops, durability);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_mount_with_durable_closes_is_a_local_folder() {
    run(Durability::Store, 40, 1);
}

#[test]
fn a_mount_with_local_durability_is_a_local_folder() {
    run(Durability::Local, 60, 2);
}
