//! Certificates of the webhook and the broker, made and renewed by the operator itself. They lie in one Secret that all
//! replicas share; whoever looks first after a renewal is due, renews.

mod issue;
mod keep;
mod resolver;

pub use issue::{Bundle, IssueError, next};
pub use keep::{KeepError, Keeper};
pub use resolver::Served;
