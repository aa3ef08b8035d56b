//! What is mounted, by the kernel's own list: nothing in a mount is touched to find out.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// What this plugin's mounts name as their source.
pub(crate) const SOURCE: &str = "remanence";

/// A FUSE mount of this plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mounted {
    pub(crate) target: PathBuf,
    /// The number of its FUSE connection.
    pub(crate) connection: u32,
}

/// The mount at `target`.
pub(crate) fn find(target: &Path) -> io::Result<Option<Mounted>> {
    // The last one lies on top.
    Ok(list()?.into_iter().rfind(|mounted| mounted.target == target))
}

/// All mounts of this plugin.
pub(crate) fn list() -> io::Result<Vec<Mounted>> {
    Ok(parse(&std::fs::read("/proc/self/mountinfo")?))
}

/// `36 35 0:98 / /mnt/point rw,noatime shared:1 - fuse.remanence remanence rw,…`
fn parse(list: &[u8]) -> Vec<Mounted> {
    let mut found = Vec::new();
    for line in list.split(|byte| *byte == b'\n') {
        let fields: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        let Some(end) = fields.iter().position(|field| *field == b"-") else {
            continue;
        };
        let (Some(device), Some(target)) = (fields.get(2), fields.get(4)) else {
            continue;
        };
        let (Some(kind), Some(source)) = (fields.get(end + 1), fields.get(end + 2)) else {
            continue;
        };
        let connection = std::str::from_utf8(device)
            .ok()
            .and_then(|device| device.strip_prefix("0:"))
            .and_then(|minor| minor.parse().ok());
        if let Some(connection) = connection.filter(|_| kind.starts_with(b"fuse") && *source == SOURCE.as_bytes()) {
            found.push(Mounted {
                target: PathBuf::from(OsString::from_vec(unescape(target))),
                connection,
            });
        }
    }
    found
}

/// Blanks and the like are written as `\040`.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let octal = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) if *first == b'\\' => {
                plain.push(byte);
                rest = &after[3..];
            }
            _ => {
                plain.push(*first);
                rest = after;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mounts_of_this_plugin_are_seen() {
        let list = b"22 1 0:21 / /proc rw - proc proc rw\n\
            36 35 0:98 / /pods/a\\040b/mount rw,noatime shared:1 master:2 - fuse.remanence remanence rw,user_id=0\n\
            37 35 0:99 / /pods/c/mount rw - fuse.sshfs host: rw\n\
            38 35 8:1 / /pods/d/mount rw - fuse.remanence remanence rw\n";
        let expected = Mounted {
            target: "/pods/a b/mount".into(),
            connection: 98,
        };
        assert_eq!(parse(list), [expected]);
    }
}
