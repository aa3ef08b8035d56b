//! The kernel's words for what the filesystem says, and the other way round.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, SystemTime};

use fuser::{
    Errno, FileAttr, FileHandle, FileType, FopenFlags, INodeNo, OpenAccMode, OpenFlags, ReplyXattr, TimeOrNow,
};
use jiff::Timestamp;
use rustix::fs::OFlags;

use crate::errno::{FsError, Result, to_errno};
use crate::fs::attr::{Attr, Kind};
use crate::fs::open::{OpenMode, Opened};
use crate::fs::statfs::BLOCK;
use crate::node_id::NodeId;
use crate::owner::Owner;

/// Handles carry no state but this: whether they may write.
pub(super) const READ_HANDLE: FileHandle = FileHandle(0);
pub(super) const WRITE_HANDLE: FileHandle = FileHandle(1);

pub(super) fn errno(error: &FsError, call: &'static str, object: NodeId) -> Errno {
    Errno::from_i32(to_errno(error, call, object))
}

pub(super) fn text(name: &OsStr) -> Result<&str> {
    std::str::from_utf8(name.as_bytes()).map_err(|_| FsError::NotUtf8)
}

pub(super) fn handle(opened: Opened) -> (FileHandle, FopenFlags) {
    match (opened.made_anew, opened.writable) {
        (true, _) => (READ_HANDLE, FopenFlags::FOPEN_DIRECT_IO | FopenFlags::FOPEN_NOFLUSH),
        (false, true) => (WRITE_HANDLE, FopenFlags::FOPEN_KEEP_CACHE),
        // Nothing to be told at a reader's close.
        (false, false) => (READ_HANDLE, FopenFlags::FOPEN_KEEP_CACHE | FopenFlags::FOPEN_NOFLUSH),
    }
}

pub(super) fn open_mode(flags: i32) -> OpenMode {
    let access = OpenFlags(flags).acc_mode();
    OpenMode {
        read: access != OpenAccMode::O_WRONLY,
        write: access != OpenAccMode::O_RDONLY,
        truncate: flags & OFlags::TRUNC.bits() as i32 != 0,
    }
}

pub(super) fn sized(value: &[u8], size: u32, reply: ReplyXattr) {
    match size as usize {
        0 => reply.size(value.len() as u32),
        room if room < value.len() => reply.error(Errno::ERANGE),
        _ => reply.data(value),
    }
}

pub(super) fn file_type(kind: Kind) -> FileType {
    match kind {
        Kind::Dir => FileType::Directory,
        Kind::File => FileType::RegularFile,
        Kind::Symlink => FileType::Symlink,
    }
}

/// How long the kernel may keep attributes: not at all while the owner may still change.
pub(super) fn ttl(attr: &Attr, owner: &Owner) -> Duration {
    if owner.is_known() { attr.ttl } else { Duration::ZERO }
}

pub(super) fn with_owner(attr: &Attr, (uid, gid): (u32, u32)) -> FileAttr {
    FileAttr {
        ino: INodeNo(attr.id.0),
        size: attr.size,
        blocks: attr.size.div_ceil(512),
        atime: system_time(attr.atime),
        mtime: system_time(attr.mtime),
        ctime: system_time(attr.ctime),
        crtime: SystemTime::UNIX_EPOCH,
        kind: file_type(attr.kind),
        perm: attr.mode as u16,
        nlink: attr.nlink,
        uid,
        gid,
        rdev: 0,
        blksize: BLOCK as u32,
        flags: 0,
    }
}

fn system_time(time: Timestamp) -> SystemTime {
    SystemTime::from(time)
}

pub(super) fn timestamp(time: TimeOrNow) -> Timestamp {
    match time {
        TimeOrNow::Now => Timestamp::now(),
        TimeOrNow::SpecificTime(time) => Timestamp::try_from(time).unwrap_or(Timestamp::UNIX_EPOCH),
    }
}
