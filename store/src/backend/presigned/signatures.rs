//! Signatures at hand: those used before, and those that are wanted next.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::{Request, SignError, Signed, Signer};
use crate::id::Seq;

/// So many slots of the log are signed for ahead, once fewer than half of them are.
const AHEAD: Seq = 64;
/// Signatures kept, at most.
const KEPT: usize = 512;
/// A signature is no longer used when it is this near its end: the server's clock is another one.
const MARGIN: Duration = Duration::from_secs(10);

/// The signatures of one store.
pub(super) struct Signatures {
    signer: Arc<dyn Signer>,
    writable: bool,
    known: Mutex<Known>,
    /// Whether some are being asked for ahead.
    asking: AtomicBool,
}

#[derive(Default)]
struct Known {
    signed: HashMap<Request, Signed>,
    /// The highest slot asked for: only beyond it is it worth looking ahead.
    head: Seq,
}

impl Signatures {
    pub(super) fn new(signer: Arc<dyn Signer>, writable: bool) -> Self {
        Self {
            signer,
            writable,
            known: Mutex::default(),
            asking: AtomicBool::new(false),
        }
    }

    /// The signature for a request, and whether it was made just now.
    pub(super) async fn of(self: &Arc<Self>, request: &Request) -> Result<(Signed, bool), SignError> {
        let (known, ahead) = {
            let mut known = self.known.lock();
            let ahead = known.ahead(request, self.writable);
            (known.get(request).cloned(), ahead)
        };
        let asking = if ahead.is_empty() { None } else { Asking::begin(self) };
        if let Some(signed) = known {
            if let Some(asking) = asking {
                let signatures = self.clone();
                tokio::spawn(async move {
                    let answers = signatures.signer.sign(&ahead).await;
                    signatures.keep(&ahead, answers);
                    drop(asking);
                });
            }
            return Ok((signed, false));
        }
        let mut wanted = vec![request.clone()];
        // Of many who miss at once, one asks for what comes next.
        if asking.is_some() {
            wanted.extend(ahead);
        }
        let answers = self.signer.sign(&wanted).await?;
        let first = answers.first().cloned();
        self.keep(&wanted, Ok(answers));
        let signed = first.ok_or_else(|| SignError::Refused("the signer answered something else".to_owned()))??;
        Ok((signed, true))
    }

    /// Drops all: a signature was refused before its time.
    pub(super) fn forget(&self) {
        self.known.lock().signed.clear();
    }

    /// Keeps what was signed; what was not is asked for again when it is needed.
    fn keep(&self, requests: &[Request], answers: Result<Vec<Result<Signed, SignError>>, SignError>) {
        let answers = match answers {
            Ok(answers) => answers,
            Err(error) => {
                tracing::debug!(%error, "nothing was signed ahead");
                return;
            }
        };
        let mut known = self.known.lock();
        for (request, answer) in requests.iter().zip(answers) {
            if let Ok(signed) = answer {
                known.signed.insert(request.clone(), signed);
            }
        }
        known.bound();
    }
}

/// Somebody asks ahead, until this is dropped.
struct Asking(Arc<Signatures>);

impl Asking {
    fn begin(signatures: &Arc<Signatures>) -> Option<Self> {
        let others = signatures.asking.swap(true, Ordering::AcqRel);
        (!others).then(|| Self(signatures.clone()))
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.asking.store(false, Ordering::Release);
    }
}

impl Known {
    fn get(&self, request: &Request) -> Option<&Signed> {
        let signed = self.signed.get(request);
        signed.filter(|signed| signed.expires > Instant::now() + MARGIN)
    }

    /// What will be wanted after `request`, as far as it is not known; nothing while enough is.
    fn ahead(&mut self, request: &Request, writable: bool) -> Vec<Request> {
        let (Request::Get(key) | Request::Put(key)) = request else {
            return Vec::new();
        };
        let Some((folder, seq)) = slot(key) else {
            return Vec::new();
        };
        if seq < self.head {
            return Vec::new();
        }
        self.head = seq;
        let of = |seq: Seq| {
            let key = format!("{folder}/{seq:020}");
            [Some(Request::Get(key.clone())), writable.then_some(Request::Put(key))]
                .into_iter()
                .flatten()
        };
        if of(seq.saturating_add(AHEAD / 2)).all(|request| self.get(&request).is_some()) {
            return Vec::new();
        }
        let next = (seq..=seq.saturating_add(AHEAD)).flat_map(of);
        next.filter(|other| other != request && self.get(other).is_none())
            .collect()
    }

    /// Forgets the oldest beyond the bound.
    fn bound(&mut self) {
        if self.signed.len() <= KEPT {
            return;
        }
        let mut ends: Vec<Instant> = self.signed.values().map(|signed| signed.expires).collect();
        ends.sort_unstable();
        // A quarter at once, so that this is rare.
        let oldest = ends[self.signed.len() - KEPT * 3 / 4];
        self.signed.retain(|_, signed| signed.expires > oldest);
    }
}

/// Folder and number of a slot's key.
fn slot(key: &str) -> Option<(&str, Seq)> {
    let (folder, name) = key.rsplit_once('/')?;
    if !folder.ends_with("/log") || name.len() != 20 {
        return None;
    }
    Some((folder, name.parse().ok()?))
}
