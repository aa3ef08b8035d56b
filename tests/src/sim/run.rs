//! One run of the simulation.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use remanence_store::settings::Settings;
use remanence_store::{Options, Store};
use tokio::task::JoinHandle;

use super::agent::{Config, Mount};
use super::check::check;
use super::client::Client;
use super::clock::SimClock;
use super::dreamer::dream;
use super::faults::Faults;
use super::history::History;
use super::keeper::Keeper;
use super::rng::Rng;
use super::world::World;

/// A run that is not over by then hangs.
const LONGEST_RUN: Duration = Duration::from_hours(2);

/// How much a run does.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Fewest and most mounts.
    pub mounts: (u64, u64),
    /// Fewest and most steps of each.
    pub steps: (u64, u64),
    /// Faults at all.
    pub faults: bool,
    /// Maintenance and redactions.
    pub keepers: bool,
    /// Keep every event of the trace, not only the last.
    pub whole_trace: bool,
}

impl Default for Scale {
    fn default() -> Self {
        Self {
            mounts: (3, 8),
            steps: (6, 18),
            faults: true,
            keepers: true,
            whole_trace: false,
        }
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// What was wrong; empty when all promises held.
    pub wrongs: Vec<String>,
    /// A number that differs where runs differ.
    pub trace: u64,
    /// How many events it had.
    pub events: u64,
    /// The last events.
    pub last: Vec<String>,
    /// The log in words.
    pub story: Vec<String>,
    /// Commits.
    pub slots: u64,
    /// Void commits.
    pub void: usize,
    /// Lines written.
    pub lines: usize,
    /// Longest time an answer took.
    pub longest_wait: Duration,
    /// Time that passed in the run.
    pub lasted: Duration,
    /// Its faults.
    pub faults: String,
}

impl Report {
    /// What was wrong, in short, and the command that shows the whole run.
    pub fn failure(&self, faults: bool) -> String {
        let seed = self.seed;
        let wrongs = self.wrongs.iter().take(5);
        let mut told: Vec<String> = wrongs.map(|wrong| format!("seed {seed}: {wrong}")).collect();
        let fair = if faults { "" } else { "--fair " };
        told.push(format!(
            "  see it: cargo run -p remanence-tests --example simulate -- {fair}--verbose {seed}"
        ));
        told.join("\n")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "seed {}: trace {:016x}, {} events, {} slots ({} void), {} lines, longest wait {:.1?}, lasted {:.0?}",
            self.seed, self.trace, self.events, self.slots, self.void, self.lines, self.longest_wait, self.lasted
        )?;
        if self.wrongs.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nfaults: {}", self.faults)?;
        for line in &self.story {
            writeln!(f, "  {line}")?;
        }
        for event in &self.last {
            writeln!(f, "  {event}")?;
        }
        for wrong in self.wrongs.iter().take(20) {
            writeln!(f, "seed {}: {wrong}", self.seed)?;
        }
        Ok(())
    }
}

/// Runs a seed.
pub fn run(seed: u64) -> Report {
    run_with(seed, Scale::default())
}

/// Runs a seed at a scale.
pub fn run_with(seed: u64, scale: Scale) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O needs nothing from the system");
    runtime.block_on(play(seed, scale))
}

async fn play(seed: u64, scale: Scale) -> Report {
    let rng = Rng::new(seed, 1);
    let faults = if scale.faults { Faults::of(&rng) } else { Faults::none() };
    let told = format!("{faults:?}");
    let kill = faults.kill;
    let world = World::new(Rng::new(seed, 2), faults, rng.in_1000(300), scale.whole_trace);
    let history = Arc::new(History::default());
    let scenario = scenario(seed, scale, &rng, kill, &world, &history);
    let found = tokio::time::timeout(LONGEST_RUN, scenario).await;
    if found.is_err() {
        world.wrong("the run hangs".into());
    }
    let found = found.ok().flatten();
    let (trace, events) = world.trace();
    Report {
        seed,
        wrongs: world.wrongs(),
        trace,
        events,
        last: world.last_events(),
        slots: found.as_ref().map_or(0, |f| f.slots),
        void: found.as_ref().map_or(0, |f| f.void),
        lines: found.as_ref().map_or(0, |f| f.lines),
        longest_wait: found.as_ref().map(|f| f.longest_wait).unwrap_or_default(),
        story: found.map(|f| f.story).unwrap_or_default(),
        lasted: world.start().elapsed(),
        faults: told,
    }
}

async fn scenario(
    seed: u64,
    scale: Scale,
    rng: &Rng,
    kill: u64,
    world: &Arc<World>,
    history: &Arc<History>,
) -> Option<super::check::Found> {
    let founder = found_store(seed, world).await?;
    let count = rng.between(scale.mounts.0, scale.mounts.1);
    let steps = rng.between(scale.steps.0, scale.steps.1);
    let think = *rng.pick(&[20, 200, 1000])?;
    let mounts = (1..=count).map(|number| {
        let rng = Rng::new(seed, 100 + number);
        let config = Config {
            name: format!("m{number}"),
            number: number as u32,
            local: rng.in_1000(400),
            refuse: rng.in_1000(100),
            think: if rng.in_1000(200) { think * 5 } else { think },
            memory: if rng.in_1000(400) { 0 } else { 1 << 20 },
            kill,
            skew: SignedDuration::from_secs(rng.between(0, 1200) as i64 - 600),
        };
        tokio::spawn(Mount::new(config, rng, world, history).live(steps))
    });
    let mounts: Vec<_> = mounts.collect();
    let dreams = rng.between(0, 5);
    let dreamer = tokio::spawn(dream(world.clone(), history.clone(), Rng::new(seed, 50), dreams));
    let keepers = keepers(seed, scale, world);
    let mut lived = Vec::new();
    for mount in mounts {
        match mount.await {
            Ok(mount) => lived.push(mount),
            Err(error) => world.wrong(format!("a mount's task ended badly: {error}")),
        }
    }
    for keeper in keepers {
        if let Err(error) = keeper.await {
            world.wrong(format!("a keeper's task ended badly: {error}"));
        }
    }
    let dreamer = dreamer.await;
    if let Err(error) = &dreamer {
        world.wrong(format!("the dreamer's task ended badly: {error}"));
    }
    let found = quiesce(seed, world, history, &founder, &lived).await;
    if let Ok(store) = dreamer {
        store.close().await;
    }
    for mount in &lived {
        mount.store().close().await;
    }
    Some(found)
}

/// Maintainers and redactors, in most runs.
fn keepers(seed: u64, scale: Scale, world: &Arc<World>) -> Vec<JoinHandle<()>> {
    let rng = Rng::new(seed, 300);
    if !scale.keepers || rng.in_1000(300) {
        return Vec::new();
    }
    world.keep();
    let mut tasks = Vec::new();
    for number in 0..rng.between(1, 2) {
        let keeper = Keeper::new("keeper", 70 + number as u32, Rng::new(seed, 310 + number), world);
        tasks.push(tokio::spawn(keeper.maintain(rng.between(1, 8))));
    }
    for number in 0..rng.between(0, 2) {
        let redactor = Keeper::new("redactor", 75 + number as u32, Rng::new(seed, 320 + number), world);
        tasks.push(tokio::spawn(redactor.redact(rng.between(1, 5))));
    }
    tasks
}

/// Makes the store; the faults wait until it is there.
async fn found_store(seed: u64, world: &Arc<World>) -> Option<Store> {
    let client = Client::new(world, "founder".into());
    let options = Options {
        clock: Arc::new(SimClock::new(world.start(), SignedDuration::ZERO)),
        random: Arc::new(Rng::new(seed, 3).random()),
        probe: false,
        ..Options::default()
    };
    for _ in 0..100 {
        match Store::open_or_init(client.backend(true), &Settings::memory(), options.clone()).await {
            Ok(store) => return Some(store),
            Err(error) => world.note(&format!("not founded: {error}")),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    world.wrong("the store could not be made".into());
    None
}

/// Faults end, everybody catches up, and the checks begin.
async fn quiesce(
    seed: u64,
    world: &Arc<World>,
    history: &History,
    founder: &Store,
    mounts: &[Mount],
) -> super::check::Found {
    world.heal();
    // What is late has arrived by then, and followers have looked at what they knew.
    tokio::time::sleep(Duration::from_mins(1)).await;
    if world.is_kept() {
        // Finishes what was cut short; what is garbage takes a generation to go.
        for number in 0..3 {
            let rng = Rng::new(seed, 400 + number);
            Keeper::new("keeper", 80, rng, world).maintain_once().await;
        }
    }
    for mount in mounts {
        mount.settle().await;
        let open = mount.unanswered();
        if !open.is_empty() {
            world.wrong(format!("{} still waits for {open:?}", mount.config.name));
        }
    }
    check(world, history, founder.id(), mounts).await
}
