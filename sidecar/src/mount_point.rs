//! The folder that is mounted on: whether it may be, and how a mount is ended from outside.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::mount::UnmountFlags;
use rustix::process::{Pid, Signal};

use crate::fuse::PID_ATTRIBUTE;

/// What mounts of this program call their source.
pub const SOURCE: &str = "remanence";

/// Longest chain of links that is followed, as in Linux.
const LINKS: usize = 40;

/// Why a folder can't be mounted on, or a mount not be ended.
#[derive(Debug, thiserror::Error)]
pub enum MountPointError {
    /// It is not there.
    #[error("{}: no such folder; make it with `mkdir -p {}`", .0.display(), .0.display())]
    Missing(PathBuf),
    /// It is a file.
    #[error("{}: is not a folder", .0.display())]
    NotDir(PathBuf),
    /// There are files in it, which the mount would hide.
    #[error("{}: is not empty; mount on an empty folder, or move away what is in it", .0.display())]
    NotEmpty(PathBuf),
    /// Something is mounted there.
    #[error("{}: {what} is mounted there already; unmount it or mount elsewhere", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
        /// What is mounted.
        what: String,
    },
    /// Nothing of ours is mounted there.
    #[error("{}: no mount of this program", .0.display())]
    NotMounted(PathBuf),
    /// The process that serves it does not end.
    #[error("{}: process {pid} has not ended the mount after {} s; see its log", path.display(), waited.as_secs())]
    StillThere {
        /// The folder.
        path: PathBuf,
        /// The process.
        pid: i32,
        /// How long was waited.
        waited: Duration,
    },
    /// The system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Checks that a folder can be mounted on. A mount of this program whose process is gone is cleaned up first. Returns
/// the folder's absolute path.
///
/// # Errors
/// A sentence that says what is in the way.
pub fn prepare(at: &Path) -> Result<PathBuf, MountPointError> {
    let path = absolute(at)?;
    if let Some(source) = mounted(&path)? {
        if source != SOURCE || !is_dead(&path) {
            let what = if source == SOURCE {
                "a live mount of this program".into()
            } else {
                format!("`{source}`")
            };
            return Err(MountPointError::Busy { path, what });
        }
        tracing::warn!(at = %path.display(), "a mount whose process is gone was left here; cleaning it up");
        detach(&path)?;
    }
    let io = |source: io::Error| MountPointError::Io {
        path: path.clone(),
        source,
    };
    match std::fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(MountPointError::Missing(path)),
        Err(error) => return Err(io(error)),
        Ok(meta) if !meta.is_dir() => return Err(MountPointError::NotDir(path)),
        Ok(_) => {}
    }
    if std::fs::read_dir(&path).map_err(io)?.next().is_some() {
        return Err(MountPointError::NotEmpty(path));
    }
    Ok(path)
}

/// Ends the mount at `at`: its process writes what is left, unmounts and exits. One whose process is gone is cleaned up.
///
/// # Errors
/// When nothing of ours is mounted there, or it is not gone after `patience`.
pub fn unmount(at: &Path, patience: Duration) -> Result<(), MountPointError> {
    let path = absolute(at)?;
    if mounted(&path)?.is_none_or(|source| source != SOURCE) {
        return Err(MountPointError::NotMounted(path));
    }
    if is_dead(&path) {
        return detach(&path);
    }
    let io = |source: io::Error| MountPointError::Io {
        path: path.clone(),
        source,
    };
    let mut value = [0; 32];
    let len = rustix::fs::getxattr(&path, PID_ATTRIBUTE, &mut value).map_err(|e| io(e.into()))?;
    let pid = std::str::from_utf8(&value[..len])
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| io(io::ErrorKind::InvalidData.into()))?;
    let started = Instant::now();
    if let Some(process) = Pid::from_raw(pid) {
        rustix::process::kill_process(process, Signal::TERM).map_err(|e| io(e.into()))?;
    }
    while mounted(&path)?.is_some_and(|source| source == SOURCE) {
        if started.elapsed() > patience {
            return Err(MountPointError::StillThere {
                path,
                pid,
                waited: patience,
            });
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Takes a mount away at once; what still uses it keeps it until it is done.
///
/// # Errors
/// When the system refuses.
pub fn detach(path: &Path) -> Result<(), MountPointError> {
    let error = match rustix::mount::unmount(path, UnmountFlags::DETACH) {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    if error == Errno::PERM {
        // Who is not root mounted by this helper and unmounts by it.
        let helped = std::process::Command::new("fusermount3")
            .args(["-u", "-z", "--"])
            .arg(path)
            .status();
        if helped.is_ok_and(|status| status.success()) {
            return Ok(());
        }
    }
    Err(MountPointError::Io {
        path: path.to_owned(),
        source: error.into(),
    })
}

/// What is mounted at `path`: its source.
///
/// # Errors
/// When the system's list of mounts can't be read.
pub fn mounted(path: &Path) -> Result<Option<String>, MountPointError> {
    let list = std::fs::read_to_string("/proc/self/mountinfo").map_err(|source| MountPointError::Io {
        path: "/proc/self/mountinfo".into(),
        source,
    })?;
    // The last one is on top.
    Ok(list.lines().rev().find_map(|line| {
        let (mount, rest) = line.split_once(" - ")?;
        let point = unescape(mount.split(' ').nth(4)?);
        (Path::new(&point) == path).then(|| rest.split(' ').nth(1).map(unescape))?
    }))
}

/// Whether a mount's process is gone.
fn is_dead(path: &Path) -> bool {
    std::fs::metadata(path).is_err_and(|e| e.raw_os_error() == Some(Errno::NOTCONN.raw_os_error()))
}

/// The path without links, `.` and `..`, under which the system lists a mount. The folder itself is not asked, nor is one
/// that a `..` leaves again: it may be a dead mount.
///
/// # Errors
/// When there is no such place.
pub fn absolute(at: &Path) -> Result<PathBuf, MountPointError> {
    let io = |source: io::Error| MountPointError::Io {
        path: at.to_owned(),
        source,
    };
    let whole = std::path::absolute(at).map_err(io)?;
    let parts = |path: &Path| -> Vec<OsString> { path.iter().rev().map(OsStr::to_owned).collect() };
    // What is still to go, the next part last.
    let mut rest = parts(&whole);
    let (mut path, mut links) = (PathBuf::new(), 0);
    while let Some(part) = rest.pop() {
        if part == "." {
            continue;
        }
        if part == ".." {
            path.pop();
            continue;
        }
        // The root takes the place of what was before it.
        path.push(&part);
        match path.read_link() {
            Ok(_) if links == LINKS => return Err(io(Errno::LOOP.into())),
            Ok(target) => {
                links += 1;
                path.pop();
                rest.extend(parts(&target));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && !rest.is_empty() => {
                return Err(MountPointError::Missing(whole));
            }
            // It is no link, or what is wrong with it shows when it is used.
            Err(_) => {}
        }
    }
    Ok(path)
}

/// mountinfo writes blanks and backslashes in octal.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let code = rest
            .get(at + 1..at + 4)
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        out.push(code.map_or('\\', char::from));
        rest = &rest[at + if code.is_some() { 4 } else { 1 }..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_is_in_the_way_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir(at("empty")).unwrap();
        std::fs::create_dir(at("full")).unwrap();
        std::fs::write(at("full/file"), "x").unwrap();
        std::fs::write(at("file"), "x").unwrap();
        assert_eq!(prepare(&at("empty")).unwrap(), at("empty").canonicalize().unwrap());
        assert!(prepare(&at("missing")).unwrap_err().to_string().contains("mkdir -p"));
        assert!(
            prepare(&at("missing/deeper"))
                .unwrap_err()
                .to_string()
                .contains("mkdir -p")
        );
        assert!(prepare(&at("full")).unwrap_err().to_string().contains("not empty"));
        assert!(prepare(&at("file")).unwrap_err().to_string().contains("not a folder"));
        assert!(
            prepare(Path::new("/proc"))
                .unwrap_err()
                .to_string()
                .contains("mounted there already")
        );
        assert!(
            unmount(&at("empty"), Duration::ZERO)
                .unwrap_err()
                .to_string()
                .contains("no mount")
        );
    }

    #[test]
    fn a_folder_is_the_same_by_whatever_path_it_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().canonicalize().unwrap();
        std::fs::create_dir_all(dir.join("real/at")).unwrap();
        symlink("real/at", dir.join("link")).unwrap();
        symlink(dir.join("link"), dir.join("real/again")).unwrap();
        symlink("../real/./at/..", dir.join("real/up")).unwrap();
        for path in [
            "real/at",
            "link",
            "real/again",
            "real/at/../at",
            "./real/up/at/",
            "link/../again",
        ] {
            assert_eq!(absolute(&dir.join(path)).unwrap(), dir.join("real/at"), "{path}");
        }
        assert_eq!(absolute(Path::new("/")).unwrap(), Path::new("/"));
        assert_eq!(absolute(&dir.join("none")).unwrap(), dir.join("none"));
        symlink("circle", dir.join("circle")).unwrap();
        assert!(absolute(&dir.join("circle")).is_err());
        assert!(matches!(
            absolute(&dir.join("none/at")),
            Err(MountPointError::Missing(_))
        ));
    }

    #[test]
    fn blanks_in_mount_points_are_read() {
        assert_eq!(unescape(r"/mnt/my\040memory\134x"), r"/mnt/my memory\x");
    }
}
