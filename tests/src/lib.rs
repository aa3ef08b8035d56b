//! What the workspace-wide tests share: prerequisites, and the built binary on a real mount.

pub mod prerequisites;
