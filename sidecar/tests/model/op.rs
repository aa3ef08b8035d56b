//! The operations, and how they are drawn.

use std::fmt;

use proptest::prelude::*;

/// Names that operations pick from; few, so that they meet. Some look temporary.
pub(crate) const NAMES: [&str; 7] = ["a", "b.md", "c~", ".d.swp", "e.tmp.12.ab", "dir", "sub"];

/// Handles that can be open at once.
pub(crate) const HANDLES: usize = 4;

#[derive(Debug, Clone)]
pub(crate) enum Op {
    Write {
        path: Path,
        data: Data,
    },
    Append {
        path: Path,
        data: Data,
    },
    Truncate {
        path: Path,
        len: u64,
    },
    Create {
        path: Path,
    },
    Unlink {
        path: Path,
    },
    Mkdir {
        path: Path,
    },
    Rmdir {
        path: Path,
    },
    Rename {
        from: Path,
        to: Path,
        no_replace: bool,
    },
    Symlink {
        path: Path,
        target: usize,
    },
    Chmod {
        path: Path,
        mode: u32,
    },
    Fsync {
        path: Path,
    },
    Open {
        slot: usize,
        path: Path,
    },
    HandleWrite {
        slot: usize,
        at: u64,
        data: Data,
    },
    HandleRead {
        slot: usize,
    },
    Close {
        slot: usize,
    },
    /// The daemon ends in good order and another takes over the folder.
    Restart,
}

/// One or two names.
#[derive(Clone, Copy)]
pub(crate) struct Path(usize, Option<usize>);

impl Op {
    pub(crate) fn write(path: Path, text: &str) -> Self {
        Self::Write {
            path,
            data: Data(text.into()),
        }
    }

    pub(crate) fn rename(from: Path, to: Path) -> Self {
        Self::Rename {
            from,
            to,
            no_replace: false,
        }
    }
}

impl Path {
    /// One of [`NAMES`] at the top.
    pub(crate) fn of(name: &str) -> Self {
        Self(NAMES.iter().position(|n| *n == name).unwrap(), None)
    }

    pub(crate) fn names(self) -> Vec<&'static str> {
        std::iter::once(self.0).chain(self.1).map(|i| NAMES[i]).collect()
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join("/"))
    }
}

/// Bytes to write.
#[derive(Clone)]
pub(crate) struct Data(pub(crate) Vec<u8>);

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

fn path() -> impl Strategy<Value = Path> {
    (0..NAMES.len(), prop::option::weighted(0.4, 0..NAMES.len())).prop_map(|(a, b)| Path(a, b))
}

fn data() -> impl Strategy<Value = Data> {
    prop::collection::vec(prop::sample::select(b"xyz\n".to_vec()), 0..60).prop_map(Data)
}

pub(crate) fn any_op() -> impl Strategy<Value = Op> {
    let slot = || 0..HANDLES;
    let modes = vec![0o600, 0o644, 0o755, 0o400];
    prop_oneof![
        5 => (path(), data()).prop_map(|(path, data)| Op::Write { path, data }),
        4 => (path(), data()).prop_map(|(path, data)| Op::Append { path, data }),
        2 => (path(), 0..200_u64).prop_map(|(path, len)| Op::Truncate { path, len }),
        2 => path().prop_map(|path| Op::Create { path }),
        3 => path().prop_map(|path| Op::Unlink { path }),
        3 => path().prop_map(|path| Op::Mkdir { path }),
        2 => path().prop_map(|path| Op::Rmdir { path }),
        5 => (path(), path(), any::<bool>()).prop_map(|(from, to, no_replace)| Op::Rename { from, to, no_replace }),
        1 => (path(), 0..NAMES.len()).prop_map(|(path, target)| Op::Symlink { path, target }),
        1 => (path(), prop::sample::select(modes)).prop_map(|(path, mode)| Op::Chmod { path, mode }),
        1 => path().prop_map(|path| Op::Fsync { path }),
        3 => (slot(), path()).prop_map(|(slot, path)| Op::Open { slot, path }),
        4 => (slot(), 0..200_u64, data()).prop_map(|(slot, at, data)| Op::HandleWrite { slot, at, data }),
        2 => slot().prop_map(|slot| Op::HandleRead { slot }),
        2 => slot().prop_map(|slot| Op::Close { slot }),
        1 => Just(Op::Restart),
    ]
}
