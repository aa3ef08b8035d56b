//! Messages between a pod and what serves it, versioned; and the frames in which descriptors travel.
//!
//! A receiver ignores fields it does not know; a change that an older program would misread gets a new version, and the
//! two sides settle on the newest that both speak. Programs two releases back keep working.

pub mod frame;

/// A pod and its broker: `proto/broker.proto`.
#[allow(missing_docs, clippy::pedantic, reason = "generated; the .proto file has the words")]
pub mod broker {
    tonic::include_proto!("remanence.broker.v1");
}

/// A mount's descriptor on its way from node plugin to sidecar: `proto/handover.proto`.
#[allow(missing_docs, clippy::pedantic, reason = "generated; the .proto file has the words")]
pub mod handover {
    tonic::include_proto!("remanence.handover.v1");
}
