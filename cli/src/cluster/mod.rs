//! Stores as objects of a cluster, reached through its content API: the caller's own identity, no key.

mod access;
mod content;
mod dreams;
mod dreamt;
mod namespace;
mod object_url;
mod objects;
mod sessions;

pub(crate) use content::Content;
pub(crate) use dreams::{Dreams, Wanted, phase};
pub(crate) use dreamt::Changes;
pub(crate) use namespace::Namespace;
pub(crate) use object_url::{Kind, ObjectUrl, is_name};
pub(crate) use sessions::ClusterSessions;
