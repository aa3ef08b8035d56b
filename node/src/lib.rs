//! The node plugin: mounts a pod's memory, and hands the mount to the pod's sidecar, which needs no privilege to serve it.
//!
//! It is the only privileged part of Remanence, and so it does little: it knows no store, no key and no apiserver. It
//! believes the kubelet and nobody else; it never follows a link and never looks into a mount.

mod authority;
mod conversation;
mod csi;
mod fuse_connection;
mod mount;
mod mountinfo;
mod pod;
mod pods;
mod recovery;
mod registration;
mod room;
pub mod server;
mod volume;

/// Generated messages and services.
#[allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::pedantic,
    reason = "generated; the .proto files have the words"
)]
pub mod messages {
    /// The kubelet's calls: `proto/csi.proto`.
    pub mod csi {
        tonic::include_proto!("csi.v1");
    }
    /// The plugin's announcement: `proto/registration.proto`.
    pub mod registration {
        tonic::include_proto!("pluginregistration");
    }
}

/// The driver's name, as in `CSIDriver` and in the volumes of pods.
pub const DRIVER: &str = "csi.remanence.dev";
