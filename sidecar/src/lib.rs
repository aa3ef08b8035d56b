//! The mount: memory stores as a FUSE filesystem.
//!
//! [`fuse`] only translates kernel requests; [`fs`] and its neighbours hold the semantics and know no kernel.
//! `docs/semantics.md` states what every call does.

pub mod answer;
pub mod aside;
pub mod attachment;
pub mod body;
pub mod daemon;
mod dir_order;
pub mod ended;
mod engine;
pub mod errno;
pub mod fs;
pub mod fuse;
pub mod handover;
pub mod item;
pub mod journal;
pub mod kernel;
pub mod mount;
pub mod mount_point;
pub mod node_id;
pub mod node_table;
pub mod notes;
pub mod open;
pub mod owner;
pub mod record_log;
mod replace;
pub mod served;
pub mod settings;
mod settle;
mod state;
pub mod temp_names;
mod updates;
pub mod view;
pub mod virtual_dir;

pub use mount::{Mount, MountConfig, MountError, Stopped, serve};
pub use open::AttachmentConfig;
pub use settings::{Access, AttachmentSettings, Consistency, Durability, Timing};
