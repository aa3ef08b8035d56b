//! The folder of a pod in which the sidecar finds the plugin's socket.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, chmodat, mkdirat, openat, statat, unlinkat};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen, socket_with};

use crate::volume::{MOUNT, Volume};

/// The socket's name.
const SOCKET: &str = "s";

/// Makes the folder and listens in it.
pub(crate) fn open(kubelet: &Path, volume: &Volume) -> io::Result<OwnedFd> {
    let parent = volume.folder(kubelet)?;
    match mkdirat(&parent, MOUNT, Mode::from(0o755)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    let folder = inside(&parent)?;
    // One that a predecessor left.
    remove_socket(&folder)?;
    let socket = socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    // A pod's paths are longer than a socket's may be.
    bind(
        &socket,
        &SocketAddrUnix::new(format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd()))?,
    )?;
    // The sidecar may be any user; who is in this pod may speak for this pod.
    chmodat(&folder, SOCKET, Mode::from(0o666), AtFlags::empty())?;
    listen(&socket, 4)?;
    Ok(socket)
}

/// Whether a predecessor listened in the folder, on which nothing may be mounted.
pub(crate) fn was_open(kubelet: &Path, volume: &Volume) -> bool {
    let socket = volume
        .folder(kubelet)
        .and_then(|parent| inside(&parent))
        .and_then(|folder| Ok(statat(&folder, SOCKET, AtFlags::SYMLINK_NOFOLLOW)?));
    socket.is_ok_and(|socket| FileType::from_raw_mode(socket.st_mode) == FileType::Socket)
}

/// Removes the socket, so that the folder is empty.
pub(crate) fn close(kubelet: &Path, volume: &Volume) -> io::Result<()> {
    let folder = match volume.folder(kubelet).and_then(|parent| inside(&parent)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        folder => folder?,
    };
    remove_socket(&folder)
}

fn inside(parent: &OwnedFd) -> io::Result<OwnedFd> {
    let nofollow = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(parent, MOUNT, nofollow, Mode::empty())?)
}

fn remove_socket(folder: &OwnedFd) -> io::Result<()> {
    match unlinkat(folder, SOCKET, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
