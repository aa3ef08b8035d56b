//! Kernel requests in, replies out: translation and nothing else. Only this file and its folder know the FUSE library.

mod convert;
mod notify;
mod serve;

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use fuser::{
    AccessFlags, BsdFileFlags, Errno, FileAttr, FileHandle, Filesystem, FopenFlags, Generation, INodeNo, InitFlags,
    KernelConfig, LockOwner, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory,
    ReplyDirectoryPlus, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs, ReplyWrite, ReplyXattr, Request, TimeOrNow,
    WriteFlags,
};
use rustix::fs::OFlags;
use tokio::runtime::Handle;

use self::convert::{
    READ_HANDLE, WRITE_HANDLE, errno, file_type, handle, open_mode, sized, text, timestamp, ttl, with_owner,
};
pub use self::serve::Served;
use crate::answer::Answer;
use crate::attachment::Attachment;
use crate::errno::{FsError, Result};
use crate::fs::Fs;
use crate::fs::attr::{Attr, Kind, SetAttr};
use crate::fs::create::CreateMode;
use crate::fs::open::Opened;
use crate::fs::root::Room;
use crate::fs::statfs::BLOCK;
use crate::node_id::NodeId;
use crate::owner::Owner;

/// Largest write the kernel sends at once.
const MAX_WRITE: u32 = 1 << 20;

/// The process that serves a mount, as an attribute of its root: whoever wants to end the mount asks it.
pub const PID_ATTRIBUTE: &str = "user.remanence.pid";

/// The folder with the mount's journal, where it leaves word of how it ended; as [`PID_ATTRIBUTE`].
pub const JOURNAL_ATTRIBUTE: &str = "user.remanence.journal";

/// Translates for one mount.
pub struct Fuse {
    fs: Arc<Fs>,
    workers: Handle,
    owner: Arc<Owner>,
    journal: String,
}

impl Fuse {
    /// A translator for `fs`, whose journal is in the folder `journal`; what must be waited for is waited for by `workers`.
    pub fn new(fs: Arc<Fs>, workers: Handle, owner: Owner, journal: &Path) -> Self {
        Self {
            fs,
            workers,
            owner: Arc::new(owner),
            journal: journal.display().to_string(),
        }
    }

    fn file_attr(&self, attr: &Attr) -> FileAttr {
        with_owner(attr, self.owner.shown())
    }

    /// Answers now, or has a worker answer.
    fn finish<T: Send + 'static>(&self, answer: Answer<T>, reply: impl FnOnce(Result<T>) + Send + 'static) {
        match answer {
            Answer::Now(result) => reply(result),
            Answer::Later(future) => {
                self.workers.spawn(async move { reply(future.await) });
            }
        }
    }

    fn finish_empty(&self, call: &'static str, object: NodeId, answer: Answer<()>, reply: ReplyEmpty) {
        self.finish(answer, move |result| match result {
            Ok(()) => reply.ok(),
            Err(error) => reply.error(errno(&error, call, object)),
        });
    }

    fn finish_entry(&self, call: &'static str, parent: NodeId, answer: Answer<Attr>, reply: ReplyEntry) {
        let owner = self.owner.clone();
        self.finish(answer, move |result| match result {
            Ok(attr) => reply.entry(&ttl(&attr, &owner), &with_owner(&attr, owner.shown()), Generation(0)),
            Err(error) => reply.error(errno(&error, call, parent)),
        });
    }

    fn attached<T: Send + 'static>(&self, id: NodeId, call: impl FnOnce(&Arc<Attachment>) -> Answer<T>) -> Answer<T> {
        match self.fs.attached(id) {
            Ok(attachment) => call(&attachment),
            Err(error) => Answer::Now(Err(error)),
        }
    }

    /// A call on a name of a folder that changes something.
    fn named<T: Send + 'static>(
        &self,
        parent: NodeId,
        name: &OsStr,
        call: impl FnOnce(&Arc<Attachment>, &str) -> Answer<T>,
    ) -> Answer<T> {
        match text(name) {
            Ok(name) => self.attached(parent, |attachment| call(attachment, name)),
            Err(error) => Answer::Now(Err(error)),
        }
    }

    fn lookup_name(&self, parent: NodeId, name: &OsStr) -> Result<Attr> {
        let name = text(name).map_err(|_| FsError::NotFound)?;
        match self.fs.room(parent)? {
            Room::Root => self.fs.lookup_root(name),
            Room::Attached(attachment) => attachment.lookup(parent, name),
            Room::Note => Err(FsError::NotDir),
            Room::NoSessions => Err(FsError::NotFound),
        }
    }

    fn attributes(&self, id: NodeId) -> Result<Attr> {
        match self.fs.room(id)? {
            Room::Attached(attachment) => attachment.getattr(id),
            _ => Ok(self.fs.root_attr(id)),
        }
    }

    fn list(
        &self,
        id: NodeId,
        offset: u64,
        plus: bool,
        add: &mut dyn FnMut(&crate::fs::dir::DirEntry<'_>) -> bool,
    ) -> Result<()> {
        match self.fs.room(id)? {
            Room::Attached(attachment) => attachment.readdir(id, offset, plus, add),
            Room::Note => Err(FsError::NotDir),
            Room::Root | Room::NoSessions => {
                self.fs.readdir_root(id, offset, add);
                Ok(())
            }
        }
    }

    fn xattr(&self, id: NodeId, name: &OsStr) -> Result<String> {
        let name = text(name).map_err(|_| FsError::NoAttribute)?;
        match self.fs.room(id)? {
            Room::Attached(attachment) => attachment.getxattr(id, name),
            Room::Root if name == PID_ATTRIBUTE => Ok(std::process::id().to_string()),
            Room::Root if name == JOURNAL_ATTRIBUTE => Ok(self.journal.clone()),
            _ => Err(FsError::NoAttribute),
        }
    }
}

impl Filesystem for Fuse {
    fn init(&mut self, _req: &Request, config: &mut KernelConfig) -> io::Result<()> {
        // Without CACHE_SYMLINKS: whether a link may be followed depends on where it is, and that changes.
        let wanted = [
            InitFlags::FUSE_DO_READDIRPLUS,
            InitFlags::FUSE_READDIRPLUS_AUTO,
            InitFlags::FUSE_PARALLEL_DIROPS,
            InitFlags::FUSE_ATOMIC_O_TRUNC,
            InitFlags::FUSE_ASYNC_DIO,
            // There are no set-uid bits to kill, so the kernel need not ask for capabilities at each write.
            InitFlags::FUSE_HANDLE_KILLPRIV_V2,
            InitFlags::FUSE_NO_EXPORT_SUPPORT,
        ];
        for flag in wanted {
            if config.add_capabilities(flag).is_err() {
                tracing::debug!(?flag, "not offered by this kernel");
            }
        }
        if config.set_max_write(MAX_WRITE).is_err() {
            tracing::debug!("the kernel keeps its own write size");
        }
        Ok(())
    }

    fn lookup(&self, req: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        self.owner.looked_at_by(req.uid(), req.gid());
        let parent = NodeId(parent.0);
        match self.lookup_name(parent, name) {
            Ok(attr) => reply.entry(&ttl(&attr, &self.owner), &self.file_attr(&attr), Generation(0)),
            Err(error) => reply.error(errno(&error, "lookup", parent)),
        }
    }

    fn forget(&self, _req: &Request, ino: INodeNo, nlookup: u64) {
        let id = NodeId(ino.0);
        if let Ok(Room::Attached(attachment)) = self.fs.room(id) {
            attachment.forget(id, nlookup);
        }
    }

    fn getattr(&self, req: &Request, ino: INodeNo, _fh: Option<FileHandle>, reply: ReplyAttr) {
        self.owner.looked_at_by(req.uid(), req.gid());
        let id = NodeId(ino.0);
        match self.attributes(id) {
            Ok(attr) => reply.attr(&ttl(&attr, &self.owner), &self.file_attr(&attr)),
            Err(error) => reply.error(errno(&error, "getattr", id)),
        }
    }

    fn setattr(
        &self,
        _req: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        atime: Option<TimeOrNow>,
        mtime: Option<TimeOrNow>,
        _ctime: Option<SystemTime>,
        fh: Option<FileHandle>,
        _crtime: Option<SystemTime>,
        _chgtime: Option<SystemTime>,
        _bkuptime: Option<SystemTime>,
        _flags: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let id = NodeId(ino.0);
        let shown = self.owner.shown();
        let chowned = uid.is_some_and(|uid| uid != shown.0) || gid.is_some_and(|gid| gid != shown.1);
        let set = SetAttr {
            mode,
            size,
            atime: atime.map(timestamp),
            mtime: mtime.map(timestamp),
            through_handle: fh == Some(WRITE_HANDLE),
        };
        let answer = if chowned {
            Answer::Now(Err(FsError::NotPermitted(
                "the owner shown is the mount's and can't be changed",
            )))
        } else {
            self.attached(id, |attachment| attachment.setattr(id, set))
        };
        let owner = self.owner.clone();
        self.finish(answer, move |result| match result {
            Ok(attr) => reply.attr(&ttl(&attr, &owner), &with_owner(&attr, owner.shown())),
            Err(error) => reply.error(errno(&error, "setattr", id)),
        });
    }

    fn readlink(&self, _req: &Request, ino: INodeNo, reply: ReplyData) {
        let id = NodeId(ino.0);
        match self.fs.attached(id).and_then(|attachment| attachment.readlink(id)) {
            Ok(target) => reply.data(target.as_bytes()),
            Err(error) => reply.error(errno(&error, "readlink", id)),
        }
    }

    fn mknod(
        &self,
        _req: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        _umask: u32,
        _rdev: u32,
        reply: ReplyEntry,
    ) {
        let parent = NodeId(parent.0);
        let kind = rustix::fs::FileType::from_raw_mode(mode);
        let answer = if kind == rustix::fs::FileType::RegularFile {
            self.named(parent, name, |attachment, name| attachment.mknod(parent, name, mode))
        } else {
            Answer::Now(Err(FsError::NotPermitted(
                "devices, sockets and pipes are not kept here",
            )))
        };
        self.finish_entry("mknod", parent, answer, reply);
    }

    fn mkdir(&self, _req: &Request, parent: INodeNo, name: &OsStr, mode: u32, _umask: u32, reply: ReplyEntry) {
        let parent = NodeId(parent.0);
        let answer = self.named(parent, name, |attachment, name| attachment.mkdir(parent, name, mode));
        self.finish_entry("mkdir", parent, answer, reply);
    }

    fn unlink(&self, _req: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let parent = NodeId(parent.0);
        let answer = self.named(parent, name, |attachment, name| attachment.unlink(parent, name));
        self.finish_empty("unlink", parent, answer, reply);
    }

    fn rmdir(&self, _req: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let parent = NodeId(parent.0);
        let answer = if text(name).is_ok_and(|name| self.fs.is_attached_folder(parent, name)) {
            Answer::Now(Err(FsError::Busy))
        } else {
            self.named(parent, name, |attachment, name| attachment.rmdir(parent, name))
        };
        self.finish_empty("rmdir", parent, answer, reply);
    }

    fn symlink(&self, _req: &Request, parent: INodeNo, link_name: &OsStr, target: &Path, reply: ReplyEntry) {
        let parent = NodeId(parent.0);
        let answer = match text(target.as_os_str()) {
            Ok(target) => self.named(parent, link_name, |attachment, name| {
                attachment.symlink(parent, name, target)
            }),
            Err(error) => Answer::Now(Err(error)),
        };
        self.finish_entry("symlink", parent, answer, reply);
    }

    fn rename(
        &self,
        _req: &Request,
        parent: INodeNo,
        name: &OsStr,
        newparent: INodeNo,
        newname: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let (parent, newparent) = (NodeId(parent.0), NodeId(newparent.0));
        let no_replace = flags.contains(RenameFlags::RENAME_NOREPLACE);
        let busy = |id, name| text(name).is_ok_and(|name| self.fs.is_attached_folder(id, name));
        let answer = if flags.intersects(!RenameFlags::RENAME_NOREPLACE) {
            Answer::Now(Err(FsError::Invalid(
                "of rename's flags only RENAME_NOREPLACE is known here",
            )))
        } else if busy(parent, name) || busy(newparent, newname) {
            Answer::Now(Err(FsError::Busy))
        } else if parent.slot() != newparent.slot() {
            Answer::Now(Err(FsError::CrossStore))
        } else {
            match text(newname) {
                Ok(newname) => self.named(parent, name, |attachment, name| {
                    attachment.rename(parent, name, newparent, newname, no_replace)
                }),
                Err(error) => Answer::Now(Err(error)),
            }
        };
        self.finish_empty("rename", parent, answer, reply);
    }

    fn link(&self, _req: &Request, ino: INodeNo, _newparent: INodeNo, _newname: &OsStr, reply: ReplyEntry) {
        let error = FsError::NotPermitted("a file has one name here; hard links are not kept");
        reply.error(errno(&error, "link", NodeId(ino.0)));
    }

    fn open(&self, req: &Request, ino: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        self.owner.opened_by(req.uid(), req.gid());
        let id = NodeId(ino.0);
        let mode = open_mode(flags.0);
        let answer = match self.fs.room(id) {
            Ok(Room::Attached(attachment)) => attachment.open(id, mode),
            Ok(_) if mode.write || mode.truncate => {
                Answer::Now(Err(FsError::ReadOnly("the mount's root is read-only")))
            }
            Ok(_) => Answer::Now(Ok(Opened {
                writable: false,
                made_anew: true,
            })),
            Err(error) => Answer::Now(Err(error)),
        };
        self.finish(answer, move |result| match result {
            Ok(opened) => {
                let (handle, flags) = handle(opened);
                reply.opened(handle, flags);
            }
            Err(error) => reply.error(errno(&error, "open", id)),
        });
    }

    fn read(
        &self,
        _req: &Request,
        ino: INodeNo,
        _fh: FileHandle,
        offset: u64,
        size: u32,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let id = NodeId(ino.0);
        let answer = match self.fs.room(id) {
            Ok(Room::Attached(attachment)) => attachment.read(id, offset, size),
            Ok(Room::Note) => Answer::Now(Ok(self.fs.read_note(offset, size))),
            Ok(Room::Root | Room::NoSessions) => Answer::Now(Err(FsError::IsDir)),
            Err(error) => Answer::Now(Err(error)),
        };
        self.finish(answer, move |result| match result {
            Ok(bytes) => reply.data(&bytes),
            Err(error) => reply.error(errno(&error, "read", id)),
        });
    }

    fn write(
        &self,
        _req: &Request,
        ino: INodeNo,
        _fh: FileHandle,
        offset: u64,
        data: &[u8],
        write_flags: WriteFlags,
        flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let id = NodeId(ino.0);
        // Pages of a mapping know their place, whatever handle carries them.
        let mapped = write_flags.contains(WriteFlags::FUSE_WRITE_CACHE);
        let append = !mapped && flags.0 & OFlags::APPEND.bits() as i32 != 0;
        let answer = self.attached(id, |attachment| attachment.write(id, offset, data, append));
        self.finish(answer, move |result| match result {
            Ok(size) => reply.written(size),
            Err(error) => reply.error(errno(&error, "write", id)),
        });
    }

    fn flush(&self, _req: &Request, ino: INodeNo, fh: FileHandle, _lock_owner: LockOwner, reply: ReplyEmpty) {
        let id = NodeId(ino.0);
        if fh != WRITE_HANDLE {
            reply.ok();
            return;
        }
        let answer = self.attached(id, |attachment| attachment.flush(id));
        self.finish_empty("close", id, answer, reply);
    }

    fn release(
        &self,
        _req: &Request,
        ino: INodeNo,
        fh: FileHandle,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        _flush: bool,
        reply: ReplyEmpty,
    ) {
        let id = NodeId(ino.0);
        if let Ok(Room::Attached(attachment)) = self.fs.room(id) {
            attachment.release(id, fh == WRITE_HANDLE);
        }
        reply.ok();
    }

    fn fsync(&self, _req: &Request, ino: INodeNo, _fh: FileHandle, _datasync: bool, reply: ReplyEmpty) {
        let id = NodeId(ino.0);
        let answer = self.attached(id, |attachment| attachment.fsync(id));
        self.finish_empty("fsync", id, answer, reply);
    }

    fn opendir(&self, _req: &Request, ino: INodeNo, _flags: OpenFlags, reply: ReplyOpen) {
        let id = NodeId(ino.0);
        match self.fs.room(id) {
            Ok(Room::Attached(attachment)) => match attachment.opendir(id) {
                Ok(()) => {
                    let cached = FopenFlags::FOPEN_CACHE_DIR | FopenFlags::FOPEN_KEEP_CACHE;
                    reply.opened(READ_HANDLE, cached);
                }
                Err(error) => reply.error(errno(&error, "opendir", id)),
            },
            Ok(Room::Note) => reply.error(errno(&FsError::NotDir, "opendir", id)),
            Ok(Room::Root | Room::NoSessions) => reply.opened(READ_HANDLE, FopenFlags::empty()),
            Err(error) => reply.error(errno(&error, "opendir", id)),
        }
    }

    fn readdir(&self, _req: &Request, ino: INodeNo, _fh: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let id = NodeId(ino.0);
        let listed = self.list(id, offset, false, &mut |entry| {
            reply.add(INodeNo(entry.id.0), entry.next, file_type(entry.kind), entry.name)
        });
        match listed {
            Ok(()) => reply.ok(),
            Err(error) => reply.error(errno(&error, "readdir", id)),
        }
    }

    fn readdirplus(&self, _req: &Request, ino: INodeNo, _fh: FileHandle, offset: u64, mut reply: ReplyDirectoryPlus) {
        let id = NodeId(ino.0);
        let listed = self.list(id, offset, true, &mut |entry| {
            // The kernel shows no name whose node is 0, so the root's folders, `.` and `..` come with attributes, too.
            let Some(attr) = entry.attr.or_else(|| self.attributes(entry.id).ok()) else {
                return false;
            };
            let id = INodeNo(entry.id.0);
            reply.add(
                id,
                entry.next,
                entry.name,
                &ttl(&attr, &self.owner),
                &self.file_attr(&attr),
                Generation(0),
            )
        });
        match listed {
            Ok(()) => reply.ok(),
            Err(error) => reply.error(errno(&error, "readdirplus", id)),
        }
    }

    fn fsyncdir(&self, _req: &Request, ino: INodeNo, _fh: FileHandle, _datasync: bool, reply: ReplyEmpty) {
        let id = NodeId(ino.0);
        let answer = match self.fs.room(id) {
            Ok(Room::Attached(attachment)) => attachment.fsyncdir(),
            Ok(_) => Answer::Now(Ok(())),
            Err(error) => Answer::Now(Err(error)),
        };
        self.finish_empty("fsyncdir", id, answer, reply);
    }

    fn statfs(&self, _req: &Request, ino: INodeNo, reply: ReplyStatfs) {
        let usage = match self.fs.room(NodeId(ino.0)) {
            Ok(Room::Attached(attachment)) => attachment.usage(),
            _ => self.fs.usage(),
        };
        let blocks = usage.bytes / BLOCK;
        let free = usage.bytes.saturating_sub(usage.bytes_used) / BLOCK;
        let files_free = usage.files.saturating_sub(usage.files_used);
        let name_max = remanence_store::name::NAME_MAX as u32;
        reply.statfs(
            blocks,
            free,
            free,
            usage.files,
            files_free,
            BLOCK as u32,
            name_max,
            BLOCK as u32,
        );
    }

    fn setxattr(
        &self,
        _req: &Request,
        ino: INodeNo,
        _name: &OsStr,
        _value: &[u8],
        _flags: i32,
        _position: u32,
        reply: ReplyEmpty,
    ) {
        reply.error(errno(&FsError::AttributesNotKept, "setxattr", NodeId(ino.0)));
    }

    fn getxattr(&self, _req: &Request, ino: INodeNo, name: &OsStr, size: u32, reply: ReplyXattr) {
        let id = NodeId(ino.0);
        match self.xattr(id, name) {
            Ok(value) => sized(value.as_bytes(), size, reply),
            Err(error) => reply.error(errno(&error, "getxattr", id)),
        }
    }

    fn listxattr(&self, _req: &Request, ino: INodeNo, size: u32, reply: ReplyXattr) {
        let id = NodeId(ino.0);
        let names = match self.fs.room(id) {
            Ok(Room::Attached(attachment)) => attachment.listxattr(id),
            Ok(_) => Ok(Vec::new()),
            Err(error) => Err(error),
        };
        match names {
            Ok(names) => {
                let list: Vec<u8> = names.iter().flat_map(|n| n.bytes().chain([0])).collect();
                sized(&list, size, reply);
            }
            Err(error) => reply.error(errno(&error, "listxattr", id)),
        }
    }

    fn removexattr(&self, _req: &Request, ino: INodeNo, _name: &OsStr, reply: ReplyEmpty) {
        reply.error(errno(&FsError::AttributesNotKept, "removexattr", NodeId(ino.0)));
    }

    fn access(&self, _req: &Request, ino: INodeNo, mask: AccessFlags, reply: ReplyEmpty) {
        let id = NodeId(ino.0);
        let writes = mask.contains(AccessFlags::W_OK);
        let result = match self.fs.room(id) {
            Ok(Room::Attached(attachment)) if writes => attachment.access_write(id),
            Ok(Room::Attached(_)) => Ok(()),
            Ok(_) if writes => Err(FsError::ReadOnly("the mount's root is read-only")),
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        let is_file = || {
            self.attributes(id)
                .is_ok_and(|a| a.kind == Kind::File && a.mode & 0o111 == 0)
        };
        match result {
            Ok(()) if mask.contains(AccessFlags::X_OK) && is_file() => reply.error(Errno::EACCES),
            Ok(()) => reply.ok(),
            Err(error) => reply.error(errno(&error, "access", id)),
        }
    }

    fn create(
        &self,
        req: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        _umask: u32,
        flags: i32,
        reply: ReplyCreate,
    ) {
        self.owner.opened_by(req.uid(), req.gid());
        let parent = NodeId(parent.0);
        let how = CreateMode {
            mode,
            exclusive: flags & OFlags::EXCL.bits() as i32 != 0,
            open: open_mode(flags),
        };
        let answer = self.named(parent, name, |attachment, name| attachment.create(parent, name, how));
        let owner = self.owner.clone();
        self.finish(answer, move |result| match result {
            Ok((attr, opened)) => {
                let (handle, flags) = handle(opened);
                reply.created(
                    &ttl(&attr, &owner),
                    &with_owner(&attr, owner.shown()),
                    Generation(0),
                    handle,
                    flags,
                );
            }
            Err(error) => reply.error(errno(&error, "create", parent)),
        });
    }
}
