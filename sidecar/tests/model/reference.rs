//! What the answers should be: files, folders and links as maps in memory, errors as Linux gives them.

use std::collections::{BTreeMap, HashMap};

use rustix::io::Errno;

use crate::Answer;
use crate::op::{NAMES, Op, Path};

enum Kind {
    Dir(BTreeMap<&'static str, usize>),
    File(Vec<u8>),
    Link(&'static str),
}

struct Node {
    kind: Kind,
    mode: u32,
}

pub(crate) struct Reference {
    nodes: Vec<Node>,
    handles: HashMap<usize, usize>,
}

const ROOT: usize = 0;

impl Default for Reference {
    fn default() -> Self {
        let root = Node {
            kind: Kind::Dir(BTreeMap::new()),
            mode: 0o755,
        };
        Self {
            nodes: vec![root],
            handles: HashMap::new(),
        }
    }
}

impl Reference {
    pub(crate) fn run(&mut self, op: &Op) -> Answer {
        self.try_run(op).map_err(Errno::raw_os_error)
    }

    /// Everything that can be seen: path, kind, mode, bytes.
    pub(crate) fn tree(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        self.walk(ROOT, "", &mut all);
        all
    }

    fn walk(&self, folder: usize, path: &str, all: &mut BTreeMap<String, String>) {
        let Kind::Dir(children) = &self.nodes[folder].kind else {
            return;
        };
        for (name, child) in children {
            let path = format!("{path}/{name}");
            let node = &self.nodes[*child];
            let what = match &node.kind {
                Kind::Dir(_) => format!("folder {:o}", node.mode),
                Kind::File(bytes) => format!("file {:o} {}", node.mode, bytes.escape_ascii()),
                Kind::Link(target) => format!("link {target}"),
            };
            all.insert(path.clone(), what);
            self.walk(*child, &path, all);
        }
    }

    fn try_run(&mut self, op: &Op) -> Result<Vec<u8>, Errno> {
        match op {
            Op::Write { path, data } => {
                let file = self.open_or_make(*path)?;
                self.bytes(file).clone_from(&data.0);
            }
            Op::Append { path, data } => {
                let file = self.open_or_make(*path)?;
                self.bytes(file).extend(&data.0);
            }
            Op::Truncate { path, len } => {
                let file = self.file(*path)?;
                self.bytes(file).resize(*len as usize, 0);
            }
            Op::Create { path } => {
                let (folder, name) = self.parent(*path)?;
                if self.child(folder, name).is_some() {
                    return Err(Errno::EXIST);
                }
                self.make(folder, name, Kind::File(Vec::new()), 0o644);
            }
            Op::Unlink { path } => {
                let (folder, name) = self.parent(*path)?;
                if self.is_dir(self.child(folder, name).ok_or(Errno::NOENT)?) {
                    return Err(Errno::ISDIR);
                }
                self.children(folder).remove(name);
            }
            Op::Mkdir { path } => {
                let (folder, name) = self.parent(*path)?;
                if self.child(folder, name).is_some() {
                    return Err(Errno::EXIST);
                }
                self.make(folder, name, Kind::Dir(BTreeMap::new()), 0o755);
            }
            Op::Rmdir { path } => {
                let (folder, name) = self.parent(*path)?;
                let child = self.child(folder, name).ok_or(Errno::NOENT)?;
                if !self.is_dir(child) {
                    return Err(Errno::NOTDIR);
                }
                if !self.children(child).is_empty() {
                    return Err(Errno::NOTEMPTY);
                }
                self.children(folder).remove(name);
            }
            Op::Rename { from, to, no_replace } => self.rename(*from, *to, *no_replace)?,
            Op::Symlink { path, target } => {
                let (folder, name) = self.parent(*path)?;
                if self.child(folder, name).is_some() {
                    return Err(Errno::EXIST);
                }
                self.make(folder, name, Kind::Link(NAMES[*target]), 0o777);
            }
            Op::Chmod { path, mode } => {
                let node = self.at(*path)?;
                if matches!(self.nodes[node].kind, Kind::Link(_)) {
                    return Err(Errno::OPNOTSUPP);
                }
                self.nodes[node].mode = *mode;
            }
            Op::Fsync { path } => {
                self.file(*path)?;
            }
            Op::Open { slot, path } => {
                let file = self.file(*path)?;
                self.handles.insert(*slot, file);
            }
            Op::HandleWrite { slot, at, data } => {
                if let Some(file) = self.handles.get(slot).copied() {
                    let (start, end) = (*at as usize, *at as usize + data.0.len());
                    let bytes = self.bytes(file);
                    if !data.0.is_empty() {
                        bytes.resize(bytes.len().max(end), 0);
                        bytes[start..end].copy_from_slice(&data.0);
                    }
                }
            }
            Op::HandleRead { slot } => {
                if let Some(file) = self.handles.get(slot).copied() {
                    return Ok(self.bytes(file).clone());
                }
            }
            Op::Close { slot } => drop(self.handles.remove(slot)),
            Op::Restart => self.handles.clear(),
        }
        Ok(Vec::new())
    }

    fn rename(&mut self, from: Path, to: Path, no_replace: bool) -> Result<(), Errno> {
        let (old_folder, old_name) = self.parent(from)?;
        let (folder, name) = self.parent(to)?;
        let node = self.child(old_folder, old_name).ok_or(Errno::NOENT)?;
        let there = self.child(folder, name);
        if no_replace && there.is_some() {
            return Err(Errno::EXIST);
        }
        if node == folder {
            return Err(Errno::INVAL);
        }
        if there == Some(old_folder) {
            return Err(Errno::NOTEMPTY);
        }
        if let Some(there) = there.filter(|t| *t != node) {
            match (self.is_dir(node), self.is_dir(there)) {
                (true, false) => return Err(Errno::NOTDIR),
                (false, true) => return Err(Errno::ISDIR),
                (true, true) if !self.children(there).is_empty() => return Err(Errno::NOTEMPTY),
                _ => {}
            }
        }
        self.children(old_folder).remove(old_name);
        self.children(folder).insert(name, node);
        Ok(())
    }

    fn open_or_make(&mut self, path: Path) -> Result<usize, Errno> {
        let (folder, name) = self.parent(path)?;
        match self.child(folder, name) {
            None => Ok(self.make(folder, name, Kind::File(Vec::new()), 0o644)),
            Some(_) => self.file(path),
        }
    }

    fn make(&mut self, folder: usize, name: &'static str, kind: Kind, mode: u32) -> usize {
        self.nodes.push(Node { kind, mode });
        let made = self.nodes.len() - 1;
        self.children(folder).insert(name, made);
        made
    }

    fn at(&self, path: Path) -> Result<usize, Errno> {
        let (folder, name) = self.parent(path)?;
        self.child(folder, name).ok_or(Errno::NOENT)
    }

    /// A file to open; links are not followed.
    fn file(&self, path: Path) -> Result<usize, Errno> {
        let node = self.at(path)?;
        match self.nodes[node].kind {
            Kind::File(_) => Ok(node),
            Kind::Dir(_) => Err(Errno::ISDIR),
            Kind::Link(_) => Err(Errno::LOOP),
        }
    }

    fn parent(&self, path: Path) -> Result<(usize, &'static str), Errno> {
        let names = path.names();
        let [first, second] = names[..] else {
            return Ok((ROOT, names[0]));
        };
        let folder = self.child(ROOT, first).ok_or(Errno::NOENT)?;
        if self.is_dir(folder) {
            Ok((folder, second))
        } else {
            Err(Errno::NOTDIR)
        }
    }

    fn child(&self, folder: usize, name: &str) -> Option<usize> {
        match &self.nodes[folder].kind {
            Kind::Dir(children) => children.get(name).copied(),
            _ => None,
        }
    }

    fn is_dir(&self, node: usize) -> bool {
        matches!(self.nodes[node].kind, Kind::Dir(_))
    }

    fn children(&mut self, folder: usize) -> &mut BTreeMap<&'static str, usize> {
        match &mut self.nodes[folder].kind {
            Kind::Dir(children) => children,
            _ => panic!("node {folder} is no folder"),
        }
    }

    fn bytes(&mut self, file: usize) -> &mut Vec<u8> {
        match &mut self.nodes[file].kind {
            Kind::File(bytes) => bytes,
            _ => panic!("node {file} is no file"),
        }
    }
}
