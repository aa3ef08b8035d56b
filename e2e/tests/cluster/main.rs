//! The story of a cluster: what a user does, and what comes of it.
#![allow(clippy::unwrap_used)]

/// Runs without a cluster leave it out by this name.
mod on_a_cluster {
    mod agents;
    mod confined;
    mod dreams;
    mod egress;
    mod examples;
    mod invalid_input;
    mod isolation;
    mod keys;
    mod live;
    mod logs;
    mod maintenance;
    mod models;
    mod order;
    mod outage;
    mod people;
    mod release;
    mod sessions;
    mod sharing;
    mod tutorial;
    mod two_schedules;
    mod ui;
}
