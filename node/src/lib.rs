//! The CSI node plugin.
