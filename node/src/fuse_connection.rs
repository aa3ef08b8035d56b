//! Ends a FUSE connection: every call that waits for an answer fails, and so does every later one.

use std::io;

use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsmount, fsopen};

/// Aborts the connection of this number; one that is gone is fine.
pub(crate) fn abort(connection: u32) -> io::Result<()> {
    // Not by way of /sys, where it may not be mounted, or not be writable.
    let context = fsopen("fusectl", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_create(&context)?;
    let root = fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty())?;
    let path = format!("{connection}/abort");
    match openat(&root, &*path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty()) {
        Ok(file) => {
            rustix::io::write(&file, b"1")?;
            Ok(())
        }
        Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
