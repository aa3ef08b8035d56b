//! What the plugin knows of one pod: its mount, and who serves it.

use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use remanence_proto::handover::Offer;
use rustix::net::{Shutdown, shutdown};

use crate::volume::Volume;
use crate::{conversation, mount, mountinfo, room};

/// How long a mount may go unserved: whoever touches it waits, and a pod with somebody waiting can't be deleted.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From the mount to the first sidecar, whose image may still have to come.
    pub start: Duration,
    /// From the offer to the first answer.
    pub serve: Duration,
    /// From a sidecar's death to its successor.
    pub takeover: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            start: Duration::from_mins(10),
            serve: Duration::from_mins(1),
            takeover: Duration::from_mins(1),
        }
    }
}

/// A pod with volumes of this plugin.
pub(crate) struct Pod {
    pub(crate) uid: String,
    kubelet: PathBuf,
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    memory: Option<Memory>,
    room: Option<Room>,
}

struct Memory {
    volume: Volume,
    connection: u32,
    /// Held from the mount to the sidecar's goodbye; without it nobody can take the mount over.
    hold: Option<Arc<OwnedFd>>,
    /// The kernel's first request, once it was answered: a successor needs it.
    init: Vec<u8>,
    served: bool,
    deadline: Option<Instant>,
}

struct Room {
    volume: Volume,
    listener: Arc<OwnedFd>,
    connection: Option<Arc<OwnedFd>>,
}

impl Room {
    /// Ends its thread, which has nothing else to wait for.
    fn end(self) {
        let _ = shutdown(&self.listener, Shutdown::Both);
        if let Some(connection) = self.connection {
            let _ = shutdown(&connection, Shutdown::Both);
        }
    }
}

impl Pod {
    pub(crate) fn new(uid: String, kubelet: PathBuf, limits: Limits) -> Self {
        Self {
            uid,
            kubelet,
            limits,
            state: Mutex::default(),
        }
    }

    /// Sees to it that the mount is there.
    pub(crate) fn publish_memory(&self, volume: Volume) -> io::Result<()> {
        let mut state = self.state.lock();
        match mountinfo::find(&volume.target)? {
            Some(mounted) if state.memory.is_none() => {
                tracing::info!(
                    pod = self.uid,
                    connection = mounted.connection,
                    "found the mount of a predecessor"
                );
                state.memory = Some(Memory {
                    volume,
                    connection: mounted.connection,
                    hold: None,
                    init: Vec::new(),
                    served: false,
                    deadline: None,
                });
            }
            Some(_) => {}
            None => state.memory = Some(self.mount(volume, self.limits.start)?),
        }
        Ok(())
    }

    /// Sees to it that the sidecar finds somebody who offers the mount.
    pub(crate) fn publish_room(self: &Arc<Self>, volume: Volume) -> io::Result<()> {
        let mut state = self.state.lock();
        // Recovery may have been wrong, but nobody connects where the sidecar can't look.
        let is_right = |room: &Room| room.volume == volume || room.connection.is_some();
        if state.room.as_ref().is_some_and(is_right) {
            return Ok(());
        }
        let listener = Arc::new(room::open(&self.kubelet, &volume)?);
        conversation::start(self.clone(), listener.clone())?;
        let room = Room {
            volume,
            listener,
            connection: None,
        };
        // Another folder was only taken for it. Its socket stays until that is unpublished: a mount may lie over it.
        if let Some(other) = state.room.replace(room) {
            other.end();
        }
        Ok(())
    }

    /// Removes what is at the target; answers whether the pod has nothing left here.
    pub(crate) fn unpublish(&self, volume: &Volume) -> io::Result<bool> {
        let mut state = self.state.lock();
        mount::end(&self.kubelet, volume)?;
        room::close(&self.kubelet, volume)?;
        mount::remove_target(&self.kubelet, volume)?;
        if state.memory.as_ref().is_some_and(|memory| memory.volume == *volume) {
            state.memory = None;
            tracing::info!(pod = self.uid, "unmounted");
        }
        if let Some(room) = state.room.take_if(|room| room.volume == *volume) {
            room.end();
        }
        Ok(state.memory.is_none() && state.room.is_none())
    }

    /// Somebody connected, or is gone.
    pub(crate) fn connected(&self, connection: Option<Arc<OwnedFd>>) {
        if let Some(room) = &mut self.state.lock().room {
            room.connection = connection;
        }
    }

    /// What to offer to a sidecar that has no mount. One that can't be taken over makes room for a new one.
    pub(crate) fn offer(&self, version: u32) -> io::Result<(Offer, Arc<OwnedFd>)> {
        let mut state = self.state.lock();
        let memory = state
            .memory
            .as_mut()
            .ok_or_else(|| io::Error::other("the pod has no volume of role `memory`"))?;
        let resumable = memory.hold.is_some() && !(memory.served && memory.init.is_empty());
        if !resumable {
            tracing::warn!(
                pod = self.uid,
                "the mount lost its server and can't be taken over: mounting anew"
            );
            mount::end(&self.kubelet, &memory.volume)?;
            *memory = self.mount(memory.volume.clone(), self.limits.serve)?;
        }
        memory.deadline = Some(Instant::now() + self.limits.serve);
        let hold = memory
            .hold
            .clone()
            .ok_or_else(|| io::Error::other("the mount is not held"))?;
        let offer = Offer {
            version,
            volume: memory.volume.target.to_string_lossy().into_owned(),
            init: memory.init.clone(),
            journal: Vec::new(),
        };
        Ok((offer, hold))
    }

    /// A sidecar gave back the mount that it serves.
    pub(crate) fn given_back(&self, descriptor: OwnedFd, init: Vec<u8>) {
        if let Some(memory) = &mut self.state.lock().memory {
            memory.hold = Some(Arc::new(descriptor));
            memory.init = init;
            memory.served = true;
            memory.deadline = None;
            tracing::info!(pod = self.uid, "the sidecar gave the mount back");
        }
    }

    /// The mount answers.
    pub(crate) fn served(&self, init: Vec<u8>) {
        if let Some(memory) = &mut self.state.lock().memory {
            memory.init = init;
            memory.served = true;
            memory.deadline = None;
            tracing::info!(pod = self.uid, "served");
        }
    }

    /// The sidecar leaves on purpose: once it closes its own descriptor, the mount is over.
    pub(crate) fn goodbye(&self) {
        if let Some(memory) = &mut self.state.lock().memory {
            memory.hold = None;
            memory.deadline = None;
            tracing::info!(pod = self.uid, "goodbye");
        }
    }

    /// The sidecar is gone without a word.
    pub(crate) fn lost(&self) {
        if let Some(memory) = &mut self.state.lock().memory {
            memory.deadline = Some(Instant::now() + self.limits.takeover);
            tracing::warn!(pod = self.uid, "the sidecar died; waiting for its successor");
        }
    }

    /// Ends a mount that nobody served in time, by `abort`, which is given its FUSE connection. A failure is tried again.
    pub(crate) fn enforce_deadline(&self, now: Instant, abort: impl FnOnce(u32) -> io::Result<()>) -> io::Result<()> {
        let mut state = self.state.lock();
        let Some(memory) = state
            .memory
            .as_mut()
            .filter(|memory| memory.deadline.is_some_and(|at| at <= now))
        else {
            return Ok(());
        };
        memory.hold = None;
        abort(memory.connection)?;
        memory.deadline = None;
        tracing::error!(
            pod = self.uid,
            "nobody serves the mount: every call on it fails from now on"
        );
        Ok(())
    }

    fn mount(&self, volume: Volume, patience: Duration) -> io::Result<Memory> {
        let fresh = mount::make(&self.kubelet, &volume)?;
        tracing::info!(pod = self.uid, connection = fresh.connection, "mounted");
        Ok(Memory {
            volume,
            connection: fresh.connection,
            hold: Some(Arc::new(fresh.descriptor)),
            init: Vec::new(),
            served: false,
            deadline: Some(Instant::now() + patience),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::Path;

    use super::*;

    #[test]
    fn a_mount_that_could_not_be_ended_is_tried_again() {
        let kubelet = Path::new("/var/lib/kubelet");
        let target = "/var/lib/kubelet/pods/2b/volumes/kubernetes.io~csi/memory/mount";
        let pod = Pod::new("2b".to_owned(), kubelet.to_owned(), Limits::default());
        let due = Instant::now();
        pod.state.lock().memory = Some(Memory {
            volume: Volume::at(kubelet, target).unwrap(),
            connection: 98,
            hold: None,
            init: Vec::new(),
            served: false,
            deadline: Some(due),
        });
        let fails = pod.enforce_deadline(due, |_| Err(io::Error::other("no fusectl")));
        assert_eq!(fails.unwrap_err().to_string(), "no fusectl");
        let mut ended = Vec::new();
        for _ in 0..2 {
            pod.enforce_deadline(due, |connection| {
                ended.push(connection);
                Ok(())
            })
            .unwrap();
        }
        assert_eq!(ended, [98]);
    }
}
