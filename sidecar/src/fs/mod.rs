//! The filesystem's semantics, without a kernel: each call finds its attachment by the node's slot.

pub mod attr;
pub mod create;
pub mod dir;
pub mod open;
pub mod read;
pub mod remove;
pub mod rename;
pub mod root;
pub mod statfs;
pub mod write;
pub mod xattr;

mod lookup;

pub use root::Fs;
