//! Retention, moving, collection, redaction and what they must never break, on a store in a folder.
#![allow(clippy::unwrap_used, unreachable_pub, dead_code)]

#[path = "../common/mod.rs"]
mod common;

mod authorship;
mod backends;
mod crash;
mod journalled;
mod moving;
mod proposals;
mod races;
mod redaction;
mod retention;
mod shop;
