//! Probe.
/// Probe error.
#[derive(Debug, thiserror::Error)]
#[error("probe")]
pub struct ProbeError;
