//! One process's way to the object store: slow, faulty, and cut off once the process is dead.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use remanence_store::backend::{Append, Backend, BackendError, Created, Listed, Maintain, ObjectVersion, Read, Result};

use super::faults::{Course, Fate};
use super::trace::digest;
use super::world::World;

/// A process's connection.
pub(super) struct Client {
    world: Arc<World>,
    name: String,
    dead: AtomicBool,
    /// GETs of an object in a row that ended early.
    cut: Mutex<BTreeMap<String, u32>>,
}

/// Most GETs of an object in a row that end early: what is short five times counts as damaged.
const CUT_MOST: u32 = 4;

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Something that changes the store, to be done once or later.
#[derive(Clone)]
enum Change {
    Create(String, Bytes),
    Put(String, Bytes),
    Delete(String),
    DeleteVersion(ObjectVersion),
}

impl Client {
    pub(super) fn new(world: &Arc<World>, name: String) -> Arc<Self> {
        Arc::new(Self {
            world: world.clone(),
            name,
            dead: AtomicBool::new(false),
            cut: Mutex::default(),
        })
    }

    /// The process is gone: what it sent may still arrive, but it hears and says nothing any more.
    pub(super) fn kill(&self) {
        self.dead.store(true, Ordering::Relaxed);
        self.world.note(&format!("{} killed", self.name));
    }

    /// A backend over this connection; `maintain` grants overwriting and deleting.
    pub(super) fn backend(self: &Arc<Self>, maintain: bool) -> Backend {
        Backend {
            url: format!("sim://{}", self.name),
            read: self.clone(),
            append: Some(self.clone()),
            maintain: maintain.then(|| self.clone() as Arc<dyn Maintain>),
        }
    }

    async fn alive(&self) {
        if self.dead.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    fn unknown<T>(what: &str, cause: &str) -> Result<T> {
        Err(BackendError::Unknown {
            what: what.to_owned(),
            cause: cause.to_owned(),
        })
    }

    async fn back(&self, course: &Course) {
        tokio::time::sleep(course.back).await;
        self.alive().await;
    }

    /// Sends a request that reads.
    async fn ask<T>(&self, what: &str, course: &Course, look: impl FnOnce(&World) -> T) -> Result<T> {
        self.alive().await;
        tokio::time::sleep(course.there).await;
        let answer = match course.fate {
            Fate::Fine => Ok(look(&self.world)),
            Fate::Before(error) => Self::unknown(what, error),
            Fate::Lost | Fate::Late(_) => Self::unknown(what, "timed out"),
        };
        self.back(course).await;
        answer
    }

    /// Sends a request that changes; `true` when it did something.
    async fn change(&self, what: &str, change: Change) -> Result<bool> {
        self.alive().await;
        let course = self.world.course(true);
        tokio::time::sleep(course.there).await;
        let answer = match course.fate {
            Fate::Fine => Ok(self.arrive(&change, what, "")),
            Fate::Before(error) => {
                self.world.note(&format!("{} {what}: {error}", self.name));
                Self::unknown(what, error)
            }
            Fate::Lost => {
                self.arrive(&change, what, " (answer lost)");
                Self::unknown(what, "timed out")
            }
            Fate::Late(after) => {
                let late = Self {
                    world: self.world.clone(),
                    name: self.name.clone(),
                    dead: AtomicBool::new(false),
                    cut: Mutex::default(),
                };
                let what_late = what.to_owned();
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    late.arrive(&change, &what_late, " (late)");
                });
                self.world
                    .note(&format!("{} {what}: under way for {after:?}", self.name));
                Self::unknown(what, "timed out")
            }
        };
        self.back(&course).await;
        answer
    }

    /// A GET's answer, which may end early.
    fn answer(&self, key: &str, course: &Course, body: Bytes) -> Bytes {
        let mut cut = self.cut.lock();
        let times = cut.entry(key.to_owned()).or_default();
        if let Some(part) = course.part.filter(|_| *times < CUT_MOST) {
            *times += 1;
            return body.slice(..body.len() * part as usize / 1000);
        }
        *times = 0;
        body
    }

    fn arrive(&self, change: &Change, what: &str, how: &str) -> bool {
        let done = match change {
            Change::Create(key, body) => self.world.create(key, body),
            Change::Put(key, body) => {
                self.world.put(key, body);
                true
            }
            Change::Delete(key) => {
                self.world.delete(key);
                true
            }
            Change::DeleteVersion(object) => {
                self.world.delete_version(object);
                true
            }
        };
        let body = match change {
            Change::Create(_, body) | Change::Put(_, body) => digest(body),
            _ => 0,
        };
        self.world
            .note(&format!("{} {what}: {done} {body:016x}{how}", self.name));
        done
    }
}

#[async_trait]
impl Read for Client {
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>> {
        let what = format!("GET {key}");
        let course = self.world.course(false);
        let got = self.ask(&what, &course, |world| world.get(key, range)).await?;
        Ok(got.map(|body| self.answer(key, &course, body)))
    }

    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<Listed>> {
        let what = format!("LIST {prefix}");
        let course = self.world.course(false);
        self.ask(&what, &course, |world| world.list(prefix, after, max)).await
    }
}

#[async_trait]
impl Append for Client {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Created> {
        let change = Change::Create(key.to_owned(), body);
        let created = self.change(&format!("CREATE {key}"), change).await?;
        Ok(if created { Created::Yes } else { Created::Exists })
    }
}

#[async_trait]
impl Maintain for Client {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        let change = Change::Put(key.to_owned(), body);
        self.change(&format!("PUT {key}"), change).await.map(drop)
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let change = Change::Delete(key.to_owned());
        self.change(&format!("DELETE {key}"), change).await.map(drop)
    }

    async fn versions(&self, prefix: &str) -> Result<Vec<ObjectVersion>> {
        let course = self.world.course(false);
        self.ask(&format!("VERSIONS {prefix}"), &course, |w| w.versions(prefix))
            .await
    }

    async fn get_version(&self, object: &ObjectVersion) -> Result<Option<Bytes>> {
        let course = self.world.course(false);
        let what = format!("GET {} of {:?}", object.key, object.version);
        let got = self.ask(&what, &course, |w| w.get_version(object)).await?;
        Ok(got.map(|body| self.answer(&object.key, &course, body)))
    }

    async fn delete_version(&self, object: &ObjectVersion) -> Result<()> {
        let what = format!("DELETE {} of {:?}", object.key, object.version);
        self.change(&what, Change::DeleteVersion(object.clone()))
            .await
            .map(drop)
    }
}
