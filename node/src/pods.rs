//! All pods of this node that have volumes here.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::fuse_connection;
use crate::pod::{Limits, Pod};
use crate::volume::{Role, Volume};

const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(crate) struct Pods {
    kubelet: PathBuf,
    limits: Limits,
    known: Mutex<HashMap<String, Arc<Pod>>>,
}

impl Pods {
    pub(crate) fn new(kubelet: PathBuf, limits: Limits) -> Self {
        Self {
            kubelet,
            limits,
            known: Mutex::default(),
        }
    }

    /// The kubelet's folder.
    pub(crate) fn kubelet(&self) -> &Path {
        &self.kubelet
    }

    pub(crate) fn publish(&self, volume: Volume, role: Role) -> io::Result<()> {
        let pod = self.pod(&volume.pod);
        match role {
            Role::Memory => pod.publish_memory(volume),
            Role::Handover => pod.publish_room(volume),
        }
    }

    pub(crate) fn unpublish(&self, volume: &Volume) -> io::Result<()> {
        // A pod that a predecessor knew is as good.
        if self.pod(&volume.pod).unpublish(volume)? {
            self.known.lock().remove(&volume.pod);
        }
        Ok(())
    }

    /// Ends mounts that nobody serves in time, for ever.
    pub(crate) fn watch(self: &Arc<Self>) -> io::Result<()> {
        let pods = self.clone();
        thread::Builder::new().name("deadlines".into()).spawn(move || {
            loop {
                thread::sleep(LOOK_EVERY);
                let all: Vec<_> = pods.known.lock().values().cloned().collect();
                for pod in all {
                    if let Err(error) = pod.enforce_deadline(Instant::now(), fuse_connection::abort) {
                        tracing::error!(pod = pod.uid, %error, "the mount can't be ended");
                    }
                }
            }
        })?;
        Ok(())
    }

    fn pod(&self, uid: &str) -> Arc<Pod> {
        let new = || Arc::new(Pod::new(uid.to_owned(), self.kubelet.clone(), self.limits));
        self.known.lock().entry(uid.to_owned()).or_insert_with(new).clone()
    }
}
