//! `cargo xtask`: the project's own tasks.

mod base_image;
mod bench;
mod build;
mod buildah;
mod cache;
mod cargo_test;
mod cluster;
mod crds;
mod demo;
mod eval;
mod image;
mod install;
mod keeper;
mod manifests;
mod run;
mod s3_servers;
mod service;
mod suite;
mod table;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tasks of the Remanence repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run everything that is tested; installs what is missing and closes with "N passed, M failed".
    Test(test::Args),
    /// Measure the mount and the commits beside the limit of FUSE, local file systems and the raw request.
    Bench(bench::Args),
    /// Write what follows from the types of the custom resources: CRDs and reference.
    Crds(crds::Args),
    /// Tell the whole story with three agents on this machine: share, record, dream.
    Demo(demo::Args),
    /// Dream over scenarios and check what memory holds afterwards.
    Eval(eval::Args),
    /// Look for what is wrong with the charts and the examples.
    Manifests,
    /// Build the container image that holds all programs, without a daemon.
    Image(image::Args),
    /// A real Kubernetes of one node on this machine, for the tests and to try things out; needs root.
    #[command(subcommand)]
    Cluster(cluster::Task),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Test(args) => test::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::Crds(args) => crds::run(&args),
        Task::Demo(args) => demo::run(&args),
        Task::Eval(args) => eval::run(&args),
        Task::Manifests => manifests::run(),
        Task::Image(args) => image::run(&args),
        Task::Cluster(task) => cluster::run(&task),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
