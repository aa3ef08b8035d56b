//! The `remanence` command line.

fn main() {}
