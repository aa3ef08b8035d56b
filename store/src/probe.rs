//! Whether an object store keeps the one promise that a store stands on: of many who create one key, one succeeds.
//!
//! Two tests: `double-create` (what is there is not created again, nor changed) and `race` (of eight who create at once
//! one is told so, and his bytes are there). A store remembers per address that both were passed, since a race needs
//! fresh keys and mounts may not delete: the objects are
//!
//! ```text
//! probe/<address>/double          created by whoever comes first; everybody tries to create it again
//! probe/<address>/race/<random>   five for the first who comes through this address, deleted if he may
//! probe/<address>/passed          created when both tests were passed
//! ```
//!
//! where `<address>` is a hash of the backend's URL: another gateway to the same bucket is another address. So the first
//! writer pays some fifty small requests, each later one two, and nothing grows. Deleting `probe/` tests anew. A promise
//! broken later is found by the chain of commits.

use std::fmt::Write;

use bytes::Bytes;
use futures::future::join_all;
use sha2::{Digest, Sha256};

use crate::backend::{Append, Backend, BackendError, Created};
use crate::random::Random;

const RIVALS: usize = 8;
const ROUNDS: usize = 5;
/// How often one step is tried while its outcome stays unknown.
const TRIES: usize = 5;

/// Why no store may be written here.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ProbeError {
    /// The object store broke the promise.
    #[error(
        "{url}: failed the test `{test}`: {found}. Two agents who write at once would lose what one of them wrote, so \
         nothing is written here: use an object store (or a gateway to it) that honours `If-None-Match: *`"
    )]
    Failed {
        /// Where.
        url: String,
        /// The test: `double-create` or `race`.
        test: &'static str,
        /// What happened.
        found: String,
    },
    /// The test could not be carried out.
    #[error("{url}: cannot test whether it is safe to write here: {cause}")]
    Backend {
        /// Where.
        url: String,
        /// What stood in the way.
        cause: BackendError,
    },
}

/// Tests `backend`, unless it was passed through the same address before. A read-only one needs no test.
pub async fn probe(backend: &Backend, random: &dyn Random) -> Result<(), ProbeError> {
    let Some(append) = backend.append.as_deref() else {
        return Ok(());
    };
    let probe = Probe {
        backend,
        append,
        random,
        base: format!("probe/{}", address(&backend.url)),
    };
    // An object that is there already: a double create in one request.
    let double = format!("{}/double", probe.base);
    let first = probe.create(&double, &probe.body()).await?;
    let passed = format!("{}/passed", probe.base);
    if first == Created::Exists && probe.get(&passed).await?.is_some() {
        return Ok(());
    }
    probe.double_create(&double).await?;
    probe.race().await?;
    probe.create(&passed, &probe.body()).await?;
    Ok(())
}

/// A name for the address `url`.
fn address(url: &str) -> String {
    let hash = Sha256::digest(url.as_bytes());
    hash[..8].iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

struct Probe<'a> {
    backend: &'a Backend,
    append: &'a dyn Append,
    random: &'a dyn Random,
    base: String,
}

impl Probe<'_> {
    fn body(&self) -> Bytes {
        format!("{:032x}\n", self.random.u128()).into()
    }

    fn failed(&self, test: &'static str, found: impl Into<String>) -> ProbeError {
        ProbeError::Failed {
            url: self.backend.url.clone(),
            test,
            found: found.into(),
        }
    }

    fn broken(&self, cause: BackendError) -> ProbeError {
        ProbeError::Backend {
            url: self.backend.url.clone(),
            cause,
        }
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, ProbeError> {
        let got = self.backend.read.get(key, None).await;
        got.map_err(|cause| self.broken(cause))
    }

    /// A create, tried again while its outcome is unknown. `Exists` may then be our own.
    async fn create(&self, key: &str, body: &Bytes) -> Result<Created, ProbeError> {
        let mut tries = TRIES;
        loop {
            match self.append.put_if_absent(key, body.clone()).await {
                Ok(created) => return Ok(created),
                Err(BackendError::Unknown { .. }) if tries > 1 => tries -= 1,
                Err(cause) => return Err(self.broken(cause)),
            }
        }
    }

    /// Creates `key`, which is there, again.
    async fn double_create(&self, key: &str) -> Result<(), ProbeError> {
        const TEST: &str = "double-create";
        let Some(before) = self.get(key).await? else {
            return Err(self.failed(TEST, "an object that was just created is not there"));
        };
        let created = self.create(key, &self.body()).await?;
        let after = self.get(key).await?;
        if created == Created::Yes {
            return Err(self.failed(TEST, "an object that was there was created a second time"));
        }
        if after.as_ref() != Some(&before) {
            return Err(self.failed(TEST, "a second create was told that the object exists, but changed it"));
        }
        Ok(())
    }

    async fn race(&self) -> Result<(), ProbeError> {
        for _ in 0..ROUNDS {
            let mut tries = TRIES;
            while !self.race_once(tries == 1).await? {
                tries -= 1;
            }
        }
        Ok(())
    }

    /// One race for a new key; false when its outcome can't be told and it should be run again.
    async fn race_once(&self, last: bool) -> Result<bool, ProbeError> {
        const TEST: &str = "race";
        let key = format!("{}/race/{:032x}", self.base, self.random.u128());
        let bodies: Vec<Bytes> = (0..RIVALS).map(|_| self.body()).collect();
        let creates = bodies.iter().map(|body| self.append.put_if_absent(&key, body.clone()));
        let answers = join_all(creates).await;
        let there = self.get(&key).await?;
        if let Some(maintain) = &self.backend.maintain {
            let deleted = maintain.delete(&key).await;
            deleted.map_err(|cause| self.broken(cause))?;
        }

        let mut winners = Vec::new();
        let mut perhaps = Vec::new();
        let mut trouble = None;
        for (answer, body) in answers.into_iter().zip(&bodies) {
            match answer {
                Ok(Created::Yes) => winners.push(body),
                Ok(Created::Exists) => {}
                Err(error @ BackendError::Unknown { .. }) => {
                    perhaps.push(body);
                    trouble = Some(error);
                }
                Err(cause) => return Err(self.broken(cause)),
            }
        }
        match (winners.as_slice(), there) {
            ([winner], Some(there)) if **winner == there => Ok(true),
            ([_], _) => Err(self.failed(
                TEST,
                "one of several who created at once was told so, but his bytes are not there",
            )),
            ([], Some(there)) if perhaps.contains(&&there) => Ok(true),
            ([], _) => match trouble {
                Some(cause) if last => Err(self.broken(cause)),
                Some(_) => Ok(false),
                None => Err(self.failed(TEST, "of several who created at once none was told that he did")),
            },
            (winners, _) => Err(self.failed(
                TEST,
                format!(
                    "{} of {RIVALS} who created one object at once were all told that they did",
                    winners.len()
                ),
            )),
        }
    }
}
