//! The deterministic simulation: the real store code on one thread, over a seeded object store that misbehaves, with
//! mounts that read, think and write. The same seed always gives the same run.

mod agent;
mod check;
mod client;
mod clock;
mod dreamer;
mod faults;
mod history;
mod journal;
mod keeper;
mod operations;
mod oracle;
mod rng;
mod run;
mod text;
mod trace;
mod world;

pub use run::{Report, Scale, run, run_with};
