//! Maintenance: retention, moving of contents, collection of garbage, redaction. Run by whoever holds the right to
//! overwrite and delete; everything it decides is a commit first, so that mounts never meet it unprepared.

pub mod blame;
mod condemn;
mod history;
mod landing;

pub use blame::{blame, blame_all};
pub use condemn::condemnable;
pub use landing::land;
