//! A file system in memory that does as little as FUSE allows: the limit that the mount is measured against.
//!
//! Nothing is checked, kept or shared. The kernel is told to cache all it can, and a close costs no answer.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use fuser::{
    BackgroundSession, BsdFileFlags, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation,
    INodeNo, InitFlags, KernelConfig, LockOwner, MountOption, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate,
    ReplyData, ReplyDirectory, ReplyDirectoryPlus, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyWrite, Request, TimeOrNow,
    WriteFlags,
};
use parking_lot::Mutex;

const TTL: Duration = Duration::from_hours(24);
const MAX_WRITE: u32 = 1 << 20;
const FILE: FopenFlags = FopenFlags::FOPEN_KEEP_CACHE.union(FopenFlags::FOPEN_NOFLUSH);
const FOLDER: FopenFlags = FopenFlags::FOPEN_KEEP_CACHE.union(FopenFlags::FOPEN_CACHE_DIR);

/// Mounts an empty one at `at`; it is unmounted when the answer is dropped.
///
/// # Errors
/// When the kernel refuses the mount.
pub fn mount(at: &Path) -> io::Result<BackgroundSession> {
    let mut config = Config::default();
    config.mount_options = vec![
        MountOption::FSName("minimal".to_owned()),
        MountOption::DefaultPermissions,
        MountOption::NoAtime,
    ];
    fuser::spawn_mount(MinimalFs::new(), at, &config)
}

struct MinimalFs {
    nodes: Mutex<Vec<Node>>,
}

struct Node {
    attr: FileAttr,
    data: Vec<u8>,
    /// Entries in the order they were made; a removed one leaves a gap, so that offsets stay true.
    entries: Vec<Option<(OsString, INodeNo)>>,
    places: HashMap<OsString, usize>,
}

impl Node {
    fn new(ino: u64, kind: FileType, perm: u16, owner: (u32, u32)) -> Self {
        let now = SystemTime::now();
        let attr = FileAttr {
            ino: INodeNo(ino),
            size: 0,
            blocks: 0,
            atime: now,
            mtime: now,
            ctime: now,
            crtime: now,
            kind,
            perm,
            nlink: 1,
            uid: owner.0,
            gid: owner.1,
            rdev: 0,
            blksize: 4096,
            flags: 0,
        };
        Self {
            attr,
            data: Vec::new(),
            entries: Vec::new(),
            places: HashMap::new(),
        }
    }

    fn child(&self, name: &OsStr) -> Option<INodeNo> {
        let place = *self.places.get(name)?;
        self.entries[place].as_ref().map(|(_, ino)| *ino)
    }

    fn insert(&mut self, name: &OsStr, ino: INodeNo) {
        self.remove(name);
        self.places.insert(name.to_owned(), self.entries.len());
        self.entries.push(Some((name.to_owned(), ino)));
    }

    fn remove(&mut self, name: &OsStr) -> Option<INodeNo> {
        let place = self.places.remove(name)?;
        self.entries[place].take().map(|(_, ino)| ino)
    }
}

impl MinimalFs {
    fn new() -> Self {
        let owner = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
        // Node ids index the table; the kernel has no node 0.
        let nodes = [0, 1].map(|ino| Node::new(ino, FileType::Directory, 0o755, owner));
        Self {
            nodes: Mutex::new(nodes.into()),
        }
    }

    fn with<T>(&self, ino: INodeNo, work: impl FnOnce(&mut Node) -> T) -> T {
        work(&mut self.nodes.lock()[ino.0 as usize])
    }

    fn add(&self, parent: INodeNo, name: &OsStr, kind: FileType, mode: u32, request: &Request) -> FileAttr {
        let mut nodes = self.nodes.lock();
        let node = Node::new(
            nodes.len() as u64,
            kind,
            (mode & 0o7777) as u16,
            (request.uid(), request.gid()),
        );
        let attr = node.attr;
        nodes.push(node);
        nodes[parent.0 as usize].insert(name, attr.ino);
        attr
    }

    fn unlink_any(&self, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        match self.with(parent, |folder| folder.remove(name)) {
            Some(_) => reply.ok(),
            None => reply.error(Errno::ENOENT),
        }
    }
}

impl Filesystem for MinimalFs {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> io::Result<()> {
        let wanted = InitFlags::FUSE_DO_READDIRPLUS
            | InitFlags::FUSE_PARALLEL_DIROPS
            | InitFlags::FUSE_ATOMIC_O_TRUNC
            | InitFlags::FUSE_HANDLE_KILLPRIV_V2
            | InitFlags::FUSE_MAX_PAGES;
        // What an older kernel lacks makes this slower, not wrong.
        let known = wanted & config.capabilities();
        config.add_capabilities(known).ok();
        config.set_max_write(MAX_WRITE).ok();
        Ok(())
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let nodes = self.nodes.lock();
        match nodes[parent.0 as usize].child(name) {
            Some(ino) => reply.entry(&TTL, &nodes[ino.0 as usize].attr, Generation(0)),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        self.with(ino, |node| reply.attr(&TTL, &node.attr));
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        _uid: Option<u32>,
        _gid: Option<u32>,
        size: Option<u64>,
        _atime: Option<TimeOrNow>,
        _mtime: Option<TimeOrNow>,
        _ctime: Option<SystemTime>,
        _: Option<FileHandle>,
        _crtime: Option<SystemTime>,
        _chgtime: Option<SystemTime>,
        _bkuptime: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        self.with(ino, |node| {
            if let Some(mode) = mode {
                node.attr.perm = (mode & 0o7777) as u16;
            }
            if let Some(size) = size {
                node.data.resize(size as usize, 0);
                node.attr.size = size;
            }
            reply.attr(&TTL, &node.attr);
        });
    }

    fn mkdir(&self, request: &Request, parent: INodeNo, name: &OsStr, mode: u32, _umask: u32, reply: ReplyEntry) {
        let attr = self.add(parent, name, FileType::Directory, mode, request);
        reply.entry(&TTL, &attr, Generation(0));
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        self.unlink_any(parent, name, reply);
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        self.unlink_any(parent, name, reply);
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        newparent: INodeNo,
        newname: &OsStr,
        _: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let mut nodes = self.nodes.lock();
        match nodes[parent.0 as usize].remove(name) {
            Some(ino) => {
                nodes[newparent.0 as usize].insert(newname, ino);
                reply.ok();
            }
            None => reply.error(Errno::ENOENT),
        }
    }

    fn create(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        _umask: u32,
        _flags: i32,
        reply: ReplyCreate,
    ) {
        let attr = self.add(parent, name, FileType::RegularFile, mode, request);
        reply.created(&TTL, &attr, Generation(0), FileHandle(0), FILE);
    }

    fn open(&self, _: &Request, ino: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        if flags.0 & rustix::fs::OFlags::TRUNC.bits() as i32 != 0 {
            self.with(ino, |node| {
                node.data.clear();
                node.attr.size = 0;
            });
        }
        reply.opened(FileHandle(0), FILE);
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        self.with(ino, |node| {
            let start = node.data.len().min(offset as usize);
            let end = node.data.len().min(start + size as usize);
            reply.data(&node.data[start..end]);
        });
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        self.with(ino, |node| {
            let (start, end) = (offset as usize, offset as usize + data.len());
            if node.data.len() < end {
                node.data.resize(end, 0);
                node.attr.size = end as u64;
            }
            node.data[start..end].copy_from_slice(data);
        });
        reply.written(data.len() as u32);
    }

    fn fsync(&self, _: &Request, _: INodeNo, _: FileHandle, _datasync: bool, reply: ReplyEmpty) {
        reply.ok();
    }

    fn opendir(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        reply.opened(FileHandle(0), FOLDER);
    }

    fn readdir(&self, _: &Request, ino: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let nodes = self.nodes.lock();
        let entries = &nodes[ino.0 as usize].entries;
        for (at, entry) in entries.iter().enumerate().skip(offset as usize) {
            let Some((name, child)) = entry else { continue };
            if reply.add(*child, at as u64 + 1, nodes[child.0 as usize].attr.kind, name) {
                break;
            }
        }
        reply.ok();
    }

    fn readdirplus(&self, _: &Request, ino: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectoryPlus) {
        let nodes = self.nodes.lock();
        let entries = &nodes[ino.0 as usize].entries;
        for (at, entry) in entries.iter().enumerate().skip(offset as usize) {
            let Some((name, child)) = entry else { continue };
            let attr = &nodes[child.0 as usize].attr;
            if reply.add(*child, at as u64 + 1, name, &TTL, attr, Generation(0)) {
                break;
            }
        }
        reply.ok();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::io::Write;

    #[test]
    fn it_is_a_file_system() {
        let folder = tempfile::tempdir().unwrap();
        let mounted = super::mount(folder.path()).unwrap();
        let (notes, file) = (folder.path().join("notes"), folder.path().join("notes/a.md"));
        fs::create_dir(&notes).unwrap();
        fs::write(&file, "one\n").unwrap();
        let mut append = fs::OpenOptions::new().append(true).open(&file).unwrap();
        append.write_all(b"two\n").unwrap();
        drop(append);
        assert_eq!(fs::read_to_string(&file).unwrap(), "one\ntwo\n");
        assert_eq!(fs::metadata(&file).unwrap().len(), 8);
        fs::rename(&file, notes.join("b.md")).unwrap();
        let names: Vec<_> = fs::read_dir(&notes).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["b.md"]);
        fs::remove_file(notes.join("b.md")).unwrap();
        fs::remove_dir(&notes).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        mounted.umount_and_join().unwrap();
    }
}
