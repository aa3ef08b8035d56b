//! Stores as objects of a cluster, reached through its content API: the caller's own identity, no key.

mod access;
mod content;
mod dreams;
mod objects;
mod place;
mod sessions;

pub(crate) use content::Content;
pub(crate) use dreams::{Dreams, Wanted, phase};
pub(crate) use place::{Kind, ObjectUrl};
pub(crate) use sessions::ClusterSessions;
