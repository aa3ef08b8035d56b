//! A pod's side of the broker, for sidecars and dreamers: one stream, kept open, by which they hear what they have, have
//! their requests signed or borrow sessions, pass on that something was committed, and report.

mod backend;
mod lender;
mod signer;
mod stream;

pub use backend::{backend, url};
pub use stream::{Away, BrokerConfig, Event, Link, Observer, connect};
