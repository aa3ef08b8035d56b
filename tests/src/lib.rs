//! What the workspace-wide tests share: prerequisites, a broker without a cluster, the built binary and its mounts, and a scripted model.

pub mod agent_home;
pub mod aggregated;
pub mod cluster;
pub mod command;
pub mod cuttable_proxy;
pub mod eventually;
pub mod metric_names;
pub mod minimal_fs;
pub mod model_server;
pub mod mounted;
pub mod prerequisites;
pub mod process;
pub mod proxied_url;
pub mod sim;
