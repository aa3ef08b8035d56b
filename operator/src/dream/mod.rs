//! Dreams in the cluster: which stores are dreamt and from which sessions, the dreamer's pods and where they may
//! connect to, what a dreamer is told, and the records of what it reports.

mod contribute;
mod duty;
mod egress;
mod lately;
mod metrics;
mod name;
mod origin;
pub mod pod;
mod report;
mod select;
mod task;

pub use contribute::{Reading, reading};
pub(crate) use duty::is_of_day;
pub use duty::{Duty, duties};
pub use egress::{Egress, network_policy, policy_name};
pub use lately::{Lately, lately};
pub use metrics::DreamMetrics;
pub use name::is_id;
pub use origin::{Origin, origin};
pub use pod::{Dreamer, Surroundings};
pub use report::{Writer, changes};
pub(crate) use report::{bounded, dollars};
pub use select::{Unselectable, selected};
pub(crate) use task::{called, endpoint};
