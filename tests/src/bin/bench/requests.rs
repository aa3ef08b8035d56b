//! Requests that a burst of small files costs when the store may follow later.

use std::fs;

use anyhow::{Context, Result};

use crate::counting_proxy::CountingProxy;
use crate::daemon::Daemon;
use crate::samples::{Spread, Unit};
use crate::servers::Servers;
use crate::table::{Row, Table, Target};

const FILES: usize = 1000;

pub(crate) fn measure(table: &mut Table, servers: &Servers) {
    let what = "store requests for 1,000 small creates in a burst, `Local`, SeaweedFS";
    table.row(what, burst(what, servers));
}

fn burst(what: &str, servers: &Servers) -> Result<Row> {
    let proxy = CountingProxy::before(&servers.seaweedfs.new_store()?)?;
    let mount = Daemon::remanence("bench", &[("project", proxy.url())], &["--durability", "local"])?;
    let folder = mount.at().join("project");
    // The first write tests the store, once.
    fs::write(folder.join("first.md"), "first\n").context("writing the first file")?;
    fs::File::open(folder.join("first.md"))
        .and_then(|file| file.sync_all())
        .context("waiting for the first file")?;
    let before = proxy.requests();
    for i in 0..FILES {
        fs::write(folder.join(format!("note-{i:04}.md")), format!("note {i}\n")).context("writing a small file")?;
    }
    mount.stop()?;
    let took = proxy.requests().since(before);
    let all = Spread::once(took.all() as f64, Unit::Count);
    Ok(Row::alone(what, all, Target::AtMost(20.0, "≤ 20")).beside(format!("{}, until all is stored", took.kinds())))
}
