//! Node ids as the kernel knows them: `(generation << 32) | ino`, and an ino is `(slot << 24) | index`.
//!
//! The slot says which attachment a node belongs to, so that a request finds its attachment without a table. The
//! generation goes up when others replace a file: the path then has a new node, and the old one answers ESTALE.

use std::fmt;

/// Slot of the mount's own root folder.
pub const ROOT_SLOT: u8 = 0;
/// Slot of the session store, whatever else is attached.
pub const SESSIONS_SLOT: u8 = 255;
/// First index of a node that stands for something in a store.
pub const FIRST_INDEX: u32 = 16;
/// Last index.
pub const LAST_INDEX: u32 = (1 << 24) - 1;

/// A node as the kernel knows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u64);

impl NodeId {
    /// The mount's root folder.
    pub const ROOT: Self = Self(1);

    /// A node of the slot, of generation 0.
    pub const fn of(slot: u8, index: u32) -> Self {
        Self(((slot as u64) << 24) | index as u64)
    }

    /// Root folder of an attachment.
    pub const fn root_of(slot: u8) -> Self {
        Self::of(slot, 1)
    }

    /// Its attachment's slot.
    pub const fn slot(self) -> u8 {
        (self.0 >> 24) as u8
    }

    /// Its index in the attachment.
    pub const fn index(self) -> u32 {
        self.0 as u32 & LAST_INDEX
    }

    /// How often the path's node was replaced.
    pub const fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The node that takes this one's path.
    #[must_use]
    pub const fn next_generation(self) -> Self {
        Self(self.0 + (1 << 32))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}.{}", self.slot(), self.index(), self.generation())
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_attachment_index_and_generation() {
        let id = NodeId::of(3, 77).next_generation().next_generation();
        assert_eq!((id.slot(), id.index(), id.generation()), (3, 77, 2));
        assert_eq!(id.0, 0x2_0300_004d);
        assert_eq!(NodeId::root_of(ROOT_SLOT), NodeId::ROOT);
    }
}
