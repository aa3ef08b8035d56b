//! Folders in an order that stays the same while names come and go, so that a listing can be continued from any entry
//! without a handle that remembers it: entries are ordered by the hash of their name, and the hash is the offset.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use remanence_store::FileId;

/// Offsets below this one are `.` and `..`.
pub(crate) const FIRST_OFFSET: u64 = 16;

/// How many folders' orders are kept.
const KEPT: usize = 4;

/// Orders of the folders listed last.
#[derive(Debug, Default)]
pub(crate) struct DirOrder {
    kept: VecDeque<(FileId, BTreeMap<u64, Arc<str>>)>,
}

impl DirOrder {
    /// The order of a folder, made from `names` where it is not kept.
    pub(crate) fn of(&mut self, folder: FileId, names: impl FnOnce() -> Vec<Arc<str>>) -> &BTreeMap<u64, Arc<str>> {
        if let Some(at) = self.kept.iter().position(|(f, _)| *f == folder) {
            self.kept.swap(0, at);
        } else {
            let mut order = BTreeMap::new();
            for name in names() {
                insert(&mut order, name);
            }
            self.kept.truncate(KEPT - 1);
            self.kept.push_front((folder, order));
        }
        &self.kept[0].1
    }

    /// A name came.
    pub(crate) fn add(&mut self, folder: FileId, name: &Arc<str>) {
        if let Some((_, order)) = self.kept.iter_mut().find(|(f, _)| *f == folder) {
            insert(order, name.clone());
        }
    }

    /// A name went.
    pub(crate) fn remove(&mut self, folder: FileId, name: &str) {
        if let Some((_, order)) = self.kept.iter_mut().find(|(f, _)| *f == folder) {
            let mut at = offset(name);
            while let Some(there) = order.get(&at) {
                if **there == *name {
                    order.remove(&at);
                    return;
                }
                at += 1;
            }
        }
    }

    /// Anything may have changed in a folder.
    pub(crate) fn clear(&mut self, folder: FileId) {
        self.kept.retain(|(f, _)| *f != folder);
    }
}

fn insert(order: &mut BTreeMap<u64, Arc<str>>, name: Arc<str>) {
    let mut offset = offset(&name);
    // Two names of one hash: the later one moves on.
    while order.get(&offset).is_some_and(|there| *there != name) {
        offset += 1;
    }
    order.insert(offset, name);
}

/// The offset of a name: its hash, kept to what a signed offset can hold.
fn offset(name: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in name.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (hash ^ (hash >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 2 | FIRST_OFFSET
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_offset_stays_valid_while_names_come_and_go() {
        let names = |n: u32| (0..n).map(|i| Arc::from(format!("f{i}"))).collect::<Vec<Arc<str>>>();
        let mut orders = DirOrder::default();
        let before: Vec<(u64, Arc<str>)> = orders.of(FileId(5), || names(100)).clone().into_iter().collect();
        assert_eq!(before.len(), 100);
        let (middle, _) = before[50];
        orders.clear(FileId(5));
        let after = orders.of(FileId(5), || names(200));
        let seen: Vec<&Arc<str>> = after.range(middle + 1..).map(|(_, n)| n).collect();
        assert!(before[51..].iter().all(|(_, n)| seen.contains(&n)));
    }
}
