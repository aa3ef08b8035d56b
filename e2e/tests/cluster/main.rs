//! The story of a cluster: what a user does, and what comes of it.

mod order;
mod people;
mod sharing;
