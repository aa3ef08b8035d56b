//! The story of a cluster: what a user does, and what comes of it.
#![allow(clippy::unwrap_used)]

mod agents;
mod apart;
mod confined;
mod dreams;
mod egress;
mod examples;
mod keys;
mod live;
mod logs;
mod maintenance;
mod order;
mod outage;
mod people;
mod release;
mod sessions;
mod sharing;
mod tutorial;
mod two_schedules;
mod ui;
mod wrong;
