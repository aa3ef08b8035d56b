//! The custom resources of Remanence: what users write, and what is told them back. No input or output.

// The schema derive repeats each type inside a function, where `pub` reaches nobody.
#![allow(unreachable_pub)]
// Printer columns have types and paths each.
#![allow(clippy::duplicated_attributes)]

pub mod agent;
pub mod class;
pub mod conditions;
mod cron;
mod dns;
pub mod dream;
pub mod dream_schedule;
pub mod dreaming;
pub mod duration;
pub mod names;
pub mod size;
pub mod store;
mod url;

pub use agent::{Agent, AgentSpec, AgentStatus};
pub use class::{MemoryStoreClass, MemoryStoreClassSpec, MemoryStoreClassStatus};
pub use dream::{Dream, DreamSpec, DreamStatus};
pub use dream_schedule::{DreamSchedule, DreamScheduleSpec, DreamScheduleStatus};
pub use duration::Duration;
pub use size::Size;
pub use store::{MemoryStore, MemoryStoreSpec, MemoryStoreStatus};
