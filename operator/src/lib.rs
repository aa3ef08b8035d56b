//! The operator: it makes stores, admits pods, lifts their gates, and lends them what they may use.

pub mod admission;
#[cfg(test)]
mod apiserver;
pub mod args;
pub mod broker;
pub mod bucket;
pub mod certificates;
pub mod cluster;
mod container;
pub mod content;
pub mod directory;
pub mod dream;
pub mod events;
#[cfg(test)]
mod fixtures;
pub mod health;
mod https;
pub mod keys;
pub mod leader;
pub mod metrics;
mod objects;
pub mod plan;
pub mod reconcile;
pub mod run;
mod short_hash;
pub mod uninstall;
mod write_status;
