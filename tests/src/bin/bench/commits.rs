//! The commit path: a close that returns once its commit is in the store, beside the raw PUT of the same bytes.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};

use crate::Effort;
use crate::command::remanence;
use crate::daemon::Daemon;
use crate::files::BODY;
use crate::placement::Placement;
use crate::put::Putter;
use crate::samples::{Spread, Unit};
use crate::servers::{Server, Servers};
use crate::table::{Row, Table, Target};

/// Writers at once, and the share of `writers ÷ PUT` to reach.
const MANY: [(usize, f64); 2] = [(8, 0.8), (32, 0.36)];
/// Files that each of many writes in one turn.
const EACH: usize = 5;

/// The raw PUT and the mount, on one server.
struct Pair {
    url: String,
    putter: Putter,
    mount: Daemon,
    folder: std::path::PathBuf,
    written: usize,
}

pub(crate) fn measure(table: &mut Table, effort: Effort, servers: &Servers) {
    for server in servers.both() {
        let what = format!("durable close of 4 KB, {}", server.name);
        let mut pair = match Pair::start(server) {
            Ok(pair) => pair,
            Err(error) => {
                table.row(&what, Err(error));
                continue;
            }
        };
        for placement in Placement::BOTH {
            table.rows(&what, pair.measure(server, placement, effort));
        }
        if let Err(error) = pair.all_in_store() {
            table.row(&what, Err(error));
        }
    }
}

impl Pair {
    fn start(server: &Server) -> Result<Self> {
        let url = server.new_store()?;
        remanence(&["init", "--store", &url, "--files", "10000000"])?;
        let mount = Daemon::remanence("bench", &[("project", &url)], &[])?;
        let folder = mount.at().join("project");
        for (writers, _) in MANY {
            for writer in 0..writers {
                fs::create_dir_all(folder.join(format!("{writer}"))).context("making a folder")?;
            }
        }
        Ok(Self {
            putter: Putter::new(&server.new_store()?)?,
            url,
            mount,
            folder,
            written: 0,
        })
    }

    fn measure(&mut self, server: &Server, placement: Placement, effort: Effort) -> Result<Vec<Row>> {
        let mount = &self.mount;
        let (folder, putter) = (&self.folder, &self.putter);
        let mut written = self.written;
        let rows = placement.during(&[mount], || {
            let (mut puts, mut closes) = (Vec::new(), Vec::new());
            let mut rates = MANY.map(|_| Vec::new());
            // The first round warms up.
            for round in 0..=effort.rounds {
                let (mut put, mut close) = (Vec::new(), Vec::new());
                for _ in 0..effort.operations.div_ceil(10) {
                    put.push(putter.put(&BODY)?);
                    close.push(durable_close(folder, written)?);
                    written += 1;
                }
                let mut rate = Vec::new();
                for (writers, _) in MANY {
                    rate.push(many(folder, writers, written)?);
                    written += writers * EACH;
                }
                if round > 0 {
                    puts.append(&mut put);
                    closes.append(&mut close);
                    rates.iter_mut().zip(rate).for_each(|(rates, rate)| rates.push(rate));
                }
            }
            Ok(rows(server, placement, puts, closes, rates))
        });
        self.written = written;
        rows
    }

    /// Every close that returned must be in the store, read by another client.
    fn all_in_store(&self) -> Result<()> {
        let listed = remanence(&["export", "--store", &self.url, &self.copy()])?;
        let found = count_files(Path::new(&self.copy()))?;
        if found != self.written {
            bail!(
                "{} closes returned, {found} files are in the store ({listed})",
                self.written
            );
        }
        Ok(())
    }

    fn copy(&self) -> String {
        self.mount.at().with_file_name("copy").display().to_string()
    }
}

fn rows(server: &Server, placement: Placement, puts: Vec<f64>, closes: Vec<f64>, rates: [Vec<f64>; 2]) -> Vec<Row> {
    let (name, placement) = (server.name, placement.name());
    let put = Spread::of(puts, Unit::Seconds);
    let mut rows = vec![Row {
        what: format!("durable close of 4 KB, 1 writer, {name}"),
        placement,
        ours: Spread::of(closes, Unit::Seconds),
        against: Some(("PUT", put)),
        target: Target::RatioAtMost(1.15),
        beside: String::new(),
    }];
    for ((writers, share), rates) in MANY.into_iter().zip(rates) {
        let limit = Spread::once(writers as f64 / put.p50, Unit::PerSecond);
        let label = if writers == 8 { "8 ÷ PUT" } else { "32 ÷ PUT" };
        rows.push(Row {
            what: format!("durable closes, {writers} writers on one mount, {name}"),
            placement,
            ours: Spread::of(rates, Unit::PerSecond),
            against: Some((label, limit)),
            target: Target::RatioAtLeast(share),
            beside: String::new(),
        });
    }
    rows
}

/// Seconds from creating a file until its close returned.
fn durable_close(folder: &Path, number: usize) -> Result<f64> {
    let path = folder.join("0").join(format!("note-{number:06}.md"));
    let start = Instant::now();
    write_durably(&path).with_context(|| format!("writing {}", path.display()))?;
    Ok(start.elapsed().as_secs_f64())
}

fn write_durably(path: &Path) -> io::Result<()> {
    // What close says is lost here; that all is in the store is checked at the end.
    File::create(path)?.write_all(&BODY)
}

/// Closes per second of `writers` threads that start together.
fn many(folder: &Path, writers: usize, first: usize) -> Result<f64> {
    let barrier = Barrier::new(writers + 1);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..writers)
            .map(|writer| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    (0..EACH).try_for_each(|i| {
                        let number = first + writer * EACH + i;
                        write_durably(&folder.join(writer.to_string()).join(format!("note-{number:06}.md")))
                    })
                })
            })
            .collect();
        barrier.wait();
        let start = Instant::now();
        for thread in threads {
            let outcome = thread.join().map_err(|_| anyhow!("a writer panicked"))?;
            outcome.with_context(|| format!("one of {writers} writers"))?;
        }
        Ok((writers * EACH) as f64 / start.elapsed().as_secs_f64())
    })
}

fn count_files(folder: &Path) -> Result<usize> {
    let mut found = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))? {
        let entry = entry.context("listing the store")?;
        if entry.file_type().context("listing the store")?.is_dir() {
            found += count_files(&entry.path())?;
        } else {
            found += 1;
        }
    }
    Ok(found)
}
