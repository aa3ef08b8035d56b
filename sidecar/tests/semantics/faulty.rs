//! An object store that can be switched off.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use remanence_store::backend::{Append, Backend, BackendError, Created, Listed, Read, Result};

/// The switch.
#[derive(Clone, Default)]
pub(crate) struct Switch {
    off: Arc<AtomicBool>,
    refuses: Arc<AtomicBool>,
}

impl Switch {
    /// Nothing answers from now on.
    pub(crate) fn off(&self) {
        self.off.store(true, Ordering::SeqCst);
    }

    /// It answers again.
    pub(crate) fn on(&self) {
        self.off.store(false, Ordering::SeqCst);
    }

    /// Whether it takes nothing more, though it answers.
    pub(crate) fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }

    fn check(&self, what: &str) -> Result<()> {
        if self.off.load(Ordering::SeqCst) {
            return Err(BackendError::Unknown {
                what: what.into(),
                cause: "switched off".into(),
            });
        }
        Ok(())
    }

    /// The same object store, behind this switch.
    pub(crate) fn before(&self, backend: Backend) -> Backend {
        let behind = Arc::new(Behind {
            switch: self.clone(),
            backend: backend.clone(),
        });
        Backend {
            read: behind.clone(),
            append: backend.append.is_some().then_some(behind as Arc<dyn Append>),
            ..backend
        }
    }
}

struct Behind {
    switch: Switch,
    backend: Backend,
}

#[async_trait]
impl Read for Behind {
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Bytes>> {
        self.switch.check(key)?;
        self.backend.read.get(key, range).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>, max: usize) -> Result<Vec<Listed>> {
        self.switch.check(prefix)?;
        self.backend.read.list(prefix, after, max).await
    }
}

#[async_trait]
impl Append for Behind {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Created> {
        self.switch.check(key)?;
        if self.switch.refuses.load(Ordering::SeqCst) {
            return Err(BackendError::Refused {
                what: format!("PUT {key}"),
                cause: "these keys may only read".into(),
            });
        }
        let append = self.backend.append.as_ref().expect("it may append");
        append.put_if_absent(key, body).await
    }
}
