//! Pods and their broker without a cluster: a real S3 server, a real broker over TLS, the sidecar on real FUSE mounts
//! that the test makes as the node plugin would. Only what Kubernetes says of a pod is made up.
#![allow(clippy::unwrap_used)]

mod binary;
mod compromised_sidecar;
mod dreams;
mod keys;
mod lending;
mod load;
mod pod;
mod served;
mod signed;
mod stream;
mod told;
mod traces;
mod versions;
