//! What the mount costs beside an agent: memory, processor and requests when nothing happens, time to be there.

use std::fs;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::Effort;
use crate::counting_proxy::{CountingProxy, Requests};
use crate::daemon::Daemon;
use crate::large;
use crate::samples::{MIB, Spread, Unit};
use crate::servers::Servers;
use crate::table::{Row, Table, Target};

/// A mount that nobody uses, watched by a thread of its own.
pub(crate) struct Idle {
    _mount: Daemon,
    watch: JoinHandle<Result<Watched>>,
}

struct Watched {
    processor: f64,
    requests: Requests,
    resident: f64,
}

/// Starting is over by then.
const SETTLED_AFTER: Duration = Duration::from_secs(5);

impl Idle {
    pub(crate) fn start(servers: &Servers, effort: Effort) -> Result<Self> {
        let proxy = CountingProxy::before(&servers.seaweedfs.new_store()?)?;
        let mount = Daemon::remanence("idle", &[("project", proxy.url())], &[])?;
        let watched = mount.watcher();
        let watch = thread::spawn(move || {
            thread::sleep(SETTLED_AFTER);
            let (processor, requests) = (watched.processor_time()?, proxy.requests());
            thread::sleep(Duration::from_secs(effort.idle));
            Ok(Watched {
                processor: watched.processor_time()? - processor,
                requests: proxy.requests().since(requests),
                resident: watched.resident()?,
            })
        });
        Ok(Self { _mount: mount, watch })
    }

    fn watched(self) -> Result<Watched> {
        self.watch.join().map_err(|_| anyhow!("the watching thread panicked"))?
    }
}

pub(crate) fn measure(table: &mut Table, effort: Effort, servers: &Servers, idle: Result<Idle>) {
    let what = "an empty mount that nobody uses, SeaweedFS";
    table.rows(
        what,
        idle.and_then(Idle::watched).map(|watched| idle_rows(&watched, effort)),
    );
    table.row("resident memory on 10,000 files", resident(servers));
    table.row("mount served after", served_after(effort, servers));
}

fn idle_rows(watched: &Watched, effort: Effort) -> Vec<Row> {
    let seconds = effort.idle as f64;
    vec![
        Row::alone(
            "resident memory, empty store, SeaweedFS",
            Spread::once(watched.resident, Unit::Bytes),
            Target::AtMost(15.0 * MIB, "≤ 15 MiB"),
        ),
        Row::alone(
            format!("processor time in {seconds} s of idleness"),
            Spread::once(watched.processor, Unit::Seconds),
            Target::AtMost(seconds / 1000.0, "≤ 0.1%"),
        ),
        Row::alone(
            format!("requests in {seconds} s of idleness"),
            Spread::once(watched.requests.all() as f64, Unit::Count),
            Target::AtMost(seconds / 2.0, "≤ 1 in 2 s"),
        )
        .beside(watched.requests.kinds()),
    ]
}

fn resident(servers: &Servers) -> Result<Row> {
    let url = servers.seaweedfs.new_store()?;
    large::fill(&url, 10_000)?;
    let mount = Daemon::remanence("bench", &[("project", &url)], &[])?;
    let mut listed = 0;
    for part in fs::read_dir(mount.at().join("project")).context("listing the store")? {
        for file in fs::read_dir(part?.path()).context("listing a folder")? {
            listed += usize::from(file?.metadata()?.is_file());
        }
    }
    let memory = Spread::once(mount.watcher().resident()?, Unit::Bytes);
    let what = "resident memory, 10,000 files after `ls -lR`, SeaweedFS";
    Ok(Row::alone(what, memory, Target::AtMost(40.0 * MIB, "≤ 40 MiB")).beside(format!("{listed} files listed")))
}

fn served_after(effort: Effort, servers: &Servers) -> Result<Row> {
    let url = servers.directory.new_store()?;
    let (mut ours, mut minimal) = (Vec::new(), Vec::new());
    for round in 0..=effort.rounds {
        let other = Daemon::minimal()?;
        let mount = Daemon::remanence("bench", &[("project", &url)], &[])?;
        // The first one makes the store.
        if round > 0 {
            minimal.push(other.served_after().as_secs_f64());
            ours.push(mount.served_after().as_secs_f64());
        }
        mount.stop()?;
    }
    Ok(Row {
        against: Some(("minimal", Spread::of(minimal, Unit::Seconds))),
        ..Row::alone(
            "process start → mount served, directory",
            Spread::of(ours, Unit::Seconds),
            Target::AtMost(0.150, "≤ 150 ms"),
        )
    })
}
