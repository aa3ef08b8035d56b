//! A mount and the agent on it, which reads, thinks and writes; killed now and then, and taken over by a successor.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use parking_lot::Mutex;
use remanence_store::error::StoreError;
use remanence_store::id::{FileId, MountId};
use remanence_store::index;
use remanence_store::intent::{Base, Conflicts, Entry, Intent};
use remanence_store::store::Committed;
use remanence_store::{Author, Options, Store};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::client::Client;
use super::clock::SimClock;
use super::history::{Effect, History, OperationId, Reading, Snapshot, Status};
use super::journal::Journal;
use super::rng::Rng;
use super::text::{Pen, mount_of};
use super::trace::digest;
use super::world::World;

/// How a mount is set up.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub(super) name: String,
    pub(super) number: u32,
    /// Callers are told "done" before the commit.
    pub(super) local: bool,
    /// Conflicts are refused instead of kept beside.
    pub(super) refuse: bool,
    /// The longest the agent thinks, in milliseconds.
    pub(super) think: u64,
    /// Bytes of contents the process keeps in memory.
    pub(super) memory: usize,
    /// Deaths, in a thousand steps.
    pub(super) kill: u64,
    /// How wrong its clock is.
    pub(super) skew: SignedDuration,
}

/// What the mount last showed the agent of a file.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) base: Base,
    pub(super) text: Vec<u8>,
    /// The number of the write under way that made it.
    pub(super) write: Option<u64>,
    /// Others changed it since, and the agent has not looked.
    pub(super) stale: bool,
}

/// Everything the mount last showed.
pub(super) type Served = Arc<Mutex<BTreeMap<FileId, Seen>>>;

/// A write that the agent plans.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) what: String,
    pub(super) intents: Vec<Intent>,
    pub(super) effect: Effect,
    /// Files and what the agent sees in them from now on.
    pub(super) texts: Vec<(FileId, Vec<u8>)>,
    /// Files that are gone for the agent.
    pub(super) gone: Vec<FileId>,
    /// Paths that look different from the tree until it is answered.
    pub(super) paths: Vec<String>,
    /// A file that is made, and its path.
    pub(super) made: Option<(FileId, String)>,
}

/// Names under way, by the number of the write: a mount shows them over its tree, agents here just wait.
#[derive(Debug, Default)]
pub(super) struct Under {
    pub(super) paths: BTreeMap<u64, Vec<String>>,
    pub(super) made: BTreeMap<FileId, String>,
}

/// A mount.
pub(super) struct Mount {
    pub(super) config: Config,
    pub(super) rng: Rng,
    pub(super) pen: Pen,
    pub(super) served: Served,
    pub(super) under: Arc<Mutex<Under>>,
    pub(super) store: Option<Store>,
    id: MountId,
    world: Arc<World>,
    history: Arc<History>,
    journal: Journal,
    client: Option<Arc<Client>>,
    lives: u32,
    next_counter: u64,
    writes: u64,
    steps: u64,
}

impl Mount {
    pub(super) fn new(config: Config, rng: Rng, world: &Arc<World>, history: &Arc<History>) -> Self {
        Self {
            pen: Pen::new(config.number, rng.clone()),
            id: mount_of(config.number),
            config,
            rng,
            served: Served::default(),
            under: Arc::default(),
            store: None,
            world: world.clone(),
            history: history.clone(),
            journal: Journal::default(),
            client: None,
            lives: 0,
            next_counter: 1,
            writes: 0,
            steps: 0,
        }
    }

    /// Lives for so many steps, deaths and returns included, and stays mounted.
    pub(super) async fn live(mut self, steps: u64) -> Self {
        self.start().await;
        self.steps = steps;
        loop {
            let average = 1_000_000_u64.checked_div(self.config.kill);
            let life = average.map_or(Duration::from_hours(24), |steps| {
                let average = steps * self.config.think.max(50) / 1000;
                self.rng.millis(50, 2 * average.max(100))
            });
            tokio::select! {
                biased;
                () = self.work() => return self,
                () = tokio::time::sleep(life) => {}
            }
            self.die();
            tokio::time::sleep(self.rng.millis(1, 2000)).await;
            self.start().await;
        }
    }

    async fn work(&mut self) {
        while self.steps > 0 {
            tokio::time::sleep(self.rng.millis(0, self.config.think)).await;
            self.steps -= 1;
            self.step().await;
        }
    }

    /// Dies without a word.
    fn die(&mut self) {
        if let Some(client) = self.client.take() {
            client.kill();
        }
        self.store = None;
        self.served = Served::default();
        self.under = Arc::default();
    }

    /// Mounts, as successor of whoever was there before, and finishes what the journal holds.
    async fn start(&mut self) {
        self.lives += 1;
        let client = Client::new(&self.world, format!("{}.{}", self.config.name, self.lives));
        let options = Options {
            clock: Arc::new(SimClock::new(self.world.start(), self.config.skew)),
            random: Arc::new(self.rng.random()),
            mount: Some(self.id),
            next_counter: self.next_counter,
            follow: true,
            give_up: None,
            probe: false,
            poll_active: Duration::from_millis(100),
            poll_idle: Duration::from_secs(2),
            memory_cache: self.config.memory,
            disk_cache: None,
            ring: None,
        };
        let store = loop {
            match Store::open(client.backend(false), options.clone()).await {
                Ok(store) => break store,
                Err(error) => {
                    self.world.note(&format!("{} not mounted: {error}", self.config.name));
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        };
        self.watch(&store);
        self.client = Some(client);
        self.store = Some(store.clone());
        for (counter, mut entry, operation) in self.journal.open() {
            entry.counter = Some(counter);
            // Whoever wanted it is gone.
            entry.late = true;
            self.history.restarted(operation);
            let answer = store.enqueue(entry.clone());
            self.await_answer(entry, counter, operation, answer, (0, Vec::new()));
        }
    }

    /// Records trees as they come, now and then.
    fn watch(&self, store: &Store) {
        let mut updates = store.updates();
        let (history, rng) = (self.history.clone(), self.rng.clone());
        let rng = Rng::new(u64::from(self.config.number), rng.below(u64::MAX));
        tokio::spawn(async move {
            while let Some(update) = updates.recv().await {
                if rng.in_1000(100) {
                    history.saw(Snapshot {
                        seq: update.tree.seq,
                        digest: digest(&index::encode(&update.tree)),
                    });
                }
            }
        });
    }

    /// The handle of the mounted store.
    pub(super) fn store(&self) -> &Store {
        self.store.as_ref().expect("the agent works while it is mounted")
    }

    /// What the mount shows of a file now: its own writes under way, or what is in the tree.
    pub(super) async fn serve(&self, file: FileId) -> Option<Seen> {
        let known = self.served.lock().get(&file).cloned();
        if let Some(seen) = known.filter(|s| s.write.is_some()) {
            return Some(seen);
        }
        let tree = self.store().tree();
        let node = tree.node(file)?;
        let (file, version, content) = (node.id, node.version, node.content()?.clone());
        match self.store().read_all(&content).await {
            Ok(bytes) => {
                self.history.read(Reading {
                    file,
                    version,
                    digest: digest(&bytes),
                });
                let seen = Seen {
                    base: Base::Version { version, content },
                    text: bytes.to_vec(),
                    write: None,
                    stale: false,
                };
                let mut served = self.served.lock();
                // A write that began meanwhile is what the mount shows.
                let entry = served.entry(file).or_insert_with(|| seen.clone());
                if entry.write.is_none() {
                    *entry = seen;
                }
                Some(entry.clone())
            }
            Err(StoreError::Backend(_) | StoreError::Redacted { .. }) => None,
            Err(error) => {
                let now = self.store().tree();
                let live = now.node(file).is_some_and(|n| n.version == version);
                if live && self.world.overwritten().is_empty() {
                    let name = &self.config.name;
                    self.world
                        .wrong(format!("{name} can't read {file} {version}, which is live: {error}"));
                }
                None
            }
        }
    }

    /// Journals a planned write and enqueues it. Await the handle to be as durable as a close.
    pub(super) fn enqueue(&mut self, plan: Plan) -> JoinHandle<bool> {
        self.writes += 1;
        let number = self.writes;
        let mut entry = Entry::new(Author::agent(&self.config.name), plan.intents);
        entry.late = self.config.local;
        if self.config.refuse {
            entry.conflicts = Conflicts::Refuse;
        }
        let count = entry.intents.len() as u64;
        let counter = self.store().reserve_counters(count);
        self.next_counter = counter + count;
        entry.counter = Some(counter);
        let what = format!("{}: {}", self.config.name, plan.what);
        self.world.note(&format!("#{counter} {what}"));
        let operation = self.history.asked(
            what,
            self.id,
            (counter, counter + count - 1),
            plan.effect,
            self.config.local,
            false,
        );
        self.journal.write(counter, &entry, operation);
        let mut written = Vec::new();
        {
            let mut served = self.served.lock();
            for file in &plan.gone {
                served.remove(file);
            }
            for (file, text) in plan.texts {
                written.push((file, number));
                served.insert(
                    file,
                    Seen {
                        base: Base::Own,
                        text,
                        write: Some(number),
                        stale: false,
                    },
                );
            }
        }
        {
            let mut under = self.under.lock();
            under.paths.insert(number, plan.paths);
            under.made.extend(plan.made);
            for intent in &entry.intents {
                if let Intent::Rename { file, .. } | Intent::Remove { file, .. } = intent {
                    under.made.remove(file);
                }
            }
        }
        let answer = self.store().enqueue(entry.clone());
        self.await_answer(entry, counter, operation, answer, (number, written))
    }

    fn await_answer(
        &self,
        entry: Entry,
        counter: u64,
        operation: OperationId,
        answer: oneshot::Receiver<Committed>,
        (number, written): (u64, Vec<(FileId, u64)>),
    ) -> JoinHandle<bool> {
        let handler = AnswerHandler {
            name: self.config.name.clone(),
            world: self.world.clone(),
            history: self.history.clone(),
            journal: self.journal.clone(),
            served: self.served.clone(),
            under: self.under.clone(),
            store: self.store().clone(),
        };
        tokio::spawn(async move {
            // A process that dies keeps its sender to the end; one that is closed drops it.
            match answer.await {
                Ok(answer) => {
                    handler.shown(&entry, number);
                    handler.take(&entry, counter, operation, answer, &written)
                }
                Err(_) => false,
            }
        })
    }

    /// Waits until the follower had time to notice everything, then looks at the head.
    pub(super) async fn settle(&self) {
        if let Err(error) = self.store().sync().await {
            self.world
                .wrong(format!("{} can't look at the head: {error}", self.config.name));
        }
    }

    /// Whether every entry was answered.
    pub(super) fn unanswered(&self) -> Vec<u64> {
        self.journal.open().into_iter().map(|(counter, ..)| counter).collect()
    }
}

/// Where answers arrive.
struct AnswerHandler {
    name: String,
    world: Arc<World>,
    history: Arc<History>,
    journal: Journal,
    served: Served,
    under: Arc<Mutex<Under>>,
    store: Store,
}

impl AnswerHandler {
    /// The tree shows its names now.
    fn shown(&self, entry: &Entry, number: u64) {
        let mut under = self.under.lock();
        under.paths.remove(&number);
        for intent in &entry.intents {
            if let Intent::Put {
                file, create: Some(_), ..
            } = intent
            {
                under.made.remove(file);
            }
        }
    }

    fn take(
        &self,
        entry: &Entry,
        counter: u64,
        operation: OperationId,
        answer: Committed,
        written: &[(FileId, u64)],
    ) -> bool {
        let results = match answer {
            Ok(results) => results,
            Err(error) => {
                self.world.wrong(format!("{} #{counter} failed: {error}", self.name));
                self.history.answered(operation, Status::Unknown);
                return false;
            }
        };
        self.journal.strike(counter);
        let refused = results.iter().find_map(|r| r.as_ref().err());
        let status = if refused.is_some() {
            Status::Refused
        } else {
            Status::Done
        };
        self.history.answered(operation, status);
        match refused {
            None => self.world.note(&format!("#{counter} {} done", self.name)),
            Some(why) => self.world.note(&format!("#{counter} {} refused: {why}", self.name)),
        }
        if let Some(why) = refused.filter(|_| self.history.operation(operation).early) {
            let what = self.history.operation(operation).what;
            self.world
                .wrong(format!("#{counter} {what}: was told done, then refused: {why}"));
        }
        self.settle_served(entry, &results, written);
        refused.is_none()
    }

    fn settle_served(
        &self,
        entry: &Entry,
        results: &[Result<remanence_store::intent::Outcome, remanence_store::intent::Refused>],
        written: &[(FileId, u64)],
    ) {
        let tree = self.store.tree();
        let mut served = self.served.lock();
        for (file, number) in written {
            let Some(seen) = served.get_mut(file).filter(|s| s.write == Some(*number)) else {
                continue;
            };
            // The last intent of an entry is the one that writes.
            let outcome = results.last().and_then(|r| r.as_ref().ok());
            match outcome {
                Some(outcome) if outcome.file == *file || entry.intents.len() > 1 => {
                    seen.write = None;
                    let node = tree.node(*file).filter(|n| n.version == outcome.version);
                    match node.and_then(|n| n.content()).filter(|_| outcome.ours) {
                        Some(content) => {
                            seen.base = Base::Version {
                                version: outcome.version,
                                content: content.clone(),
                            };
                        }
                        None => seen.stale = true,
                    }
                }
                // Refused, or another's file from now on: the agent has to look again.
                _ => {
                    served.remove(file);
                }
            }
        }
    }
}
