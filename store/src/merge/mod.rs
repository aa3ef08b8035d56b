//! Merging: intents that were made on what a mount had seen, re-executed on the tree they land on. Pure.

pub mod bodies;
mod place;
mod put;
pub mod resolve;
mod structure;
pub mod text;

pub use structure::stays_inside;
