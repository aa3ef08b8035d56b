//! The link between this machine and a cluster's: two addresses that nobody else uses.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cache::Cache;
use crate::cluster::machine::Machine;
use crate::cluster::place::Place;
use crate::run;

const LIMIT: Duration = Duration::from_secs(10);
/// Of the range for benchmarks (198.18.0.0/15): it is nobody's home network.
const NETWORK: [u8; 3] = [198, 19, 255];

/// The node's address.
pub(crate) fn node(place: &Place) -> Result<Ipv4Addr> {
    place.read("address")?.parse().context("reading the node's address")
}

pub(crate) fn make(place: &Place, machine: &Machine) -> Result<()> {
    // Held while an address is chosen.
    let _lock = Cache::lock()?;
    let taken = output(ip().args(["-4", "-oneline", "address", "show"]))?;
    let [a, b, c] = NETWORK;
    let near = (0..64)
        .map(|index| Ipv4Addr::new(a, b, c, index * 4 + 1))
        .find(|address| !taken.contains(&format!("{address}/")))
        .context("all 64 addresses for clusters are taken; run: cargo xtask cluster down --name …")?;
    let far = Ipv4Addr::new(a, b, c, near.octets()[3] + 1);
    place.write("address", &far.to_string())?;
    let link = name(place);
    let near_name = ["link", "add", &link, "type", "veth", "peer", "name", "eth0", "netns"];
    output(ip().args(near_name).arg(machine.first()))?;
    output(ip().args(["address", "add", &format!("{near}/30"), "dev", &link]))?;
    output(ip().args(["link", "set", &link, "up"]))?;
    let inside = |words: &[&str]| output(machine.enter(LIMIT, "ip").args(words));
    inside(&["address", "add", &format!("{far}/30"), "dev", "eth0"])?;
    inside(&["link", "set", "eth0", "up"])?;
    inside(&["route", "add", "default", "via", &near.to_string()])?;
    Ok(())
}

/// It goes with the machine, but a moment later.
pub(crate) fn remove(place: &Place) -> Result<()> {
    let link = name(place);
    let (status, words) = run::captured(ip().args(["link", "delete", &link]))?;
    if status.success() || !interface(place).exists() {
        return Ok(());
    }
    bail!("removing the link {link}: {words}");
}

/// Where the kernel shows it.
pub(crate) fn interface(place: &Place) -> PathBuf {
    Path::new("/sys/class/net").join(name(place))
}

/// At most 15 letters.
fn name(place: &Place) -> String {
    let mut hasher = DefaultHasher::new();
    place.root().hash(&mut hasher);
    format!("rem-{:010x}", hasher.finish() & 0xff_ffff_ffff)
}

fn ip() -> Command {
    run::bounded(LIMIT, "ip")
}

fn output(command: &mut Command) -> Result<String> {
    let what = run::describe(command);
    run::output(command, &what)
}
