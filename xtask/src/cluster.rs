//! `cargo xtask cluster`: a real Kubernetes of one node, made from package registries, with nothing left at the end.
//!
//! It runs in namespaces of its own (network, mounts, processes), so that clusters do not meet each other or the machine.

mod access;
mod agent_images;
mod borrowed;
mod certificates;
mod cgroups;
mod control_plane;
mod environment;
mod image;
mod left;
mod link;
mod machine;
mod node;
mod place;
mod policies;
mod release;
mod stand_ins;
pub(crate) mod tools;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::cache::Cache;

pub(crate) use borrowed::{Borrowed, KUBECONFIG};
use machine::Machine;
use place::Place;

#[derive(clap::Subcommand)]
pub(crate) enum Task {
    /// Start it, or finish starting it, and install Remanence as this repository has it; again after a change, for that.
    Up {
        #[command(flatten)]
        name: Name,
        /// Kubernetes alone.
        #[arg(long)]
        bare: bool,
    },
    /// Print the shell's `export` lines: KUBECONFIG, and a PATH with the kubectl and helm that fit, and remanence.
    Env(Name),
    /// Add container images from a docker or OCI archive.
    Load {
        #[command(flatten)]
        name: Name,
        /// The archives.
        #[arg(required = true, value_name = "IMAGE.tar")]
        archives: Vec<PathBuf>,
    },
    /// Add images of the real Claude Code and Codex, as examples/ name them (downloads 770 MB once).
    Agents(Name),
    /// End it and remove all that it left.
    Down(Name),
}

#[derive(clap::Args)]
pub(crate) struct Name {
    /// Clusters of different names do not meet.
    #[arg(long, default_value = "remanence")]
    name: String,
}

pub(crate) fn run(task: &Task) -> Result<ExitCode> {
    must_be_root()?;
    match task {
        Task::Up { name, bare } => {
            let (place, machine) = up(&name.name)?;
            if !bare {
                release::install(&place, &machine, None)?;
            }
            println!("next: eval $(cargo xtask cluster env --name {})", place.name);
            if !bare {
                println!("      kubectl apply -f examples/quickstart.yaml");
            }
        }
        Task::Env(name) => environment::print(&running(&name.name)?.0)?,
        Task::Load { name, archives } => {
            let (_, machine) = running(&name.name)?;
            for archive in archives {
                image::load(&machine, archive)?;
            }
        }
        Task::Agents(name) => add_agents(&name.name)?,
        Task::Down(name) => down(&name.name)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn must_be_root() -> Result<()> {
    if !rustix::process::geteuid().is_root() {
        bail!("a cluster takes root: namespaces, mounts and containers; run: sudo -E cargo xtask cluster …");
    }
    Ok(())
}

fn up(name: &str) -> Result<(Place, Machine)> {
    let start = Instant::now();
    let place = Place::of(name)?;
    let tools = {
        let cache = Cache::lock()?;
        tools::install(&cache)?
    };
    let machine = if let Some(machine) = Machine::find(&place)? {
        println!("the machine of `{}` is running", place.name);
        machine
    } else {
        clear(&place)?;
        println!("making a machine: namespaces, control groups, a link to this one");
        place.make()?;
        cgroups::make(&place)?;
        let machine = Machine::start(&place)?;
        link::make(&place, &machine)?;
        machine
    };
    environment::make(&place, &tools)?;
    control_plane::start(&place, &machine, &tools)?;
    policies::start(&place, &machine, &tools)?;
    node::start(&place, &machine, &tools)?;
    println!(
        "the cluster `{}` is ready ({:.0} s)",
        place.name,
        start.elapsed().as_secs_f64()
    );
    Ok((place, machine))
}

fn add_agents(name: &str) -> Result<()> {
    let (place, machine) = running(name)?;
    let archives = agent_images::make(&Cache::lock()?)?;
    release::load(&place, &machine, &archives)
}

fn down(name: &str) -> Result<()> {
    clear(&Place::of(name)?)
}

fn clear(place: &Place) -> Result<()> {
    if let Some(machine) = Machine::find(place)? {
        println!(
            "ending the machine of `{}` with all its processes and mounts",
            place.name
        );
        machine.stop()?;
    }
    link::remove(place)?;
    cgroups::remove(place)?;
    place.remove()
}

fn running(name: &str) -> Result<(Place, Machine)> {
    let place = Place::of(name)?;
    match Machine::find(&place)? {
        Some(machine) => Ok((place, machine)),
        None => bail!("no cluster `{name}` is running; run: cargo xtask cluster up --name {name}"),
    }
}
