//! GETXATTR and LISTXATTR: what the store knows of a file's newest committed version.

use crate::attachment::Attachment;
use crate::errno::{FsError, Result};
use crate::node_id::NodeId;
use crate::virtual_dir;

/// The version, `SEQ.OP`.
pub const VERSION: &str = "user.remanence.version";
/// Who wrote it, e.g. `agent reviewer`.
pub const AUTHOR: &str = "user.remanence.author";

impl Attachment {
    /// GETXATTR.
    ///
    /// # Errors
    /// ENODATA where there is none: of another name, or not committed yet.
    pub fn getxattr(&self, id: NodeId, name: &str) -> Result<String> {
        if virtual_dir::holds(id) || (name != VERSION && name != AUTHOR) {
            return Err(FsError::NoAttribute);
        }
        let state = self.lock();
        let known = state.known(id)?;
        let node = state.view.tree.node(known.file).filter(|_| !known.detached);
        let node = node.ok_or(FsError::NoAttribute)?;
        Ok(if name == VERSION {
            node.version.to_string()
        } else {
            node.author.to_string()
        })
    }

    /// LISTXATTR.
    ///
    /// # Errors
    /// When the node is gone.
    pub fn listxattr(&self, id: NodeId) -> Result<Vec<&'static str>> {
        if virtual_dir::holds(id) {
            return Ok(Vec::new());
        }
        let state = self.lock();
        let known = state.known(id)?;
        let committed = !known.detached && state.view.tree.node(known.file).is_some();
        Ok(if committed { vec![VERSION, AUTHOR] } else { Vec::new() })
    }
}
