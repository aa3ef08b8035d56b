//! Makes and removes mounts.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, openat, unlinkat};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, UnmountFlags, fsconfig_create, fsconfig_set_flag,
    fsconfig_set_string, fsmount, fsopen, move_mount, unmount,
};

use crate::fuse_connection;
use crate::mountinfo::{self, SOURCE};
use crate::volume::{MOUNT, Volume};

const DEVICE: &str = "/dev/fuse";

/// A mount that nobody serves yet.
pub(crate) struct Fresh {
    /// Whoever reads and writes this serves it.
    pub(crate) descriptor: OwnedFd,
    /// The number of its FUSE connection.
    pub(crate) connection: u32,
}

/// Mounts at the target of `volume`.
pub(crate) fn make(kubelet: &Path, volume: &Volume) -> io::Result<Fresh> {
    let descriptor = rustix::fs::open(DEVICE, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    let folder = volume.folder(kubelet)?;
    match mkdirat(&folder, MOUNT, Mode::from(0o750)) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    let nofollow = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let target = openat(&folder, MOUNT, nofollow, Mode::empty())?;
    let detached = detached(&descriptor)?;
    let here = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(&detached, "", &target, "", here)?;
    let mounted = mountinfo::find(&volume.target)?.ok_or_else(|| io::Error::other("the mount is not in the list"))?;
    Ok(Fresh {
        descriptor,
        connection: mounted.connection,
    })
}

/// A mount without a place. Access is by attachment and the sidecar's to judge, so `default_permissions` is left out:
/// the agent may be any user, and the kubelet makes folders in it as root.
fn detached(device: &OwnedFd) -> io::Result<OwnedFd> {
    let context = fsopen("fuse", FsOpenFlags::FSOPEN_CLOEXEC)?;
    let descriptor = device.as_raw_fd().to_string();
    for (key, value) in [
        ("source", SOURCE),
        ("subtype", SOURCE),
        ("fd", &descriptor),
        ("rootmode", "40000"),
        ("user_id", "0"),
        ("group_id", "0"),
    ] {
        fsconfig_set_string(&context, key, value)?;
    }
    fsconfig_set_flag(&context, "allow_other")?;
    fsconfig_create(&context)?;
    let attributes =
        MountAttrFlags::MOUNT_ATTR_NODEV | MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NOATIME;
    Ok(fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)?)
}

/// Unmounts whatever lies at the target of `volume`. The mount is never looked into: nobody may be left to answer.
pub(crate) fn end(kubelet: &Path, volume: &Volume) -> io::Result<()> {
    while let Some(mounted) = mountinfo::find(&volume.target)? {
        fuse_connection::abort(mounted.connection)?;
        let folder = volume.folder(kubelet)?;
        let target = PathBuf::from(format!("/proc/self/fd/{}/{MOUNT}", folder.as_raw_fd()));
        match unmount(&target, UnmountFlags::NOFOLLOW) {
            Err(Errno::BUSY) => unmount(&target, UnmountFlags::NOFOLLOW | UnmountFlags::DETACH)?,
            other => other?,
        }
    }
    Ok(())
}

/// Removes the empty folder that was the target.
pub(crate) fn remove_target(kubelet: &Path, volume: &Volume) -> io::Result<()> {
    let folder = match volume.folder(kubelet) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        folder => folder?,
    };
    match unlinkat(&folder, MOUNT, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
