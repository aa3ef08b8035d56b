//! READ.

use std::sync::Arc;

use bytes::Bytes;
use remanence_store::content::{Content, Extent};

use crate::answer::Answer;
use crate::attachment::Attachment;
use crate::body::{Body, Missing};
use crate::errno::{FsError, Result};
use crate::node_id::NodeId;
use crate::state::Source;
use crate::virtual_dir;

/// Contents up to this size are looked up whole in the caches.
const WHOLE_MAX: u64 = 1 << 20;

impl Attachment {
    /// READ: up to `size` bytes at `offset`.
    pub fn read(self: &Arc<Self>, id: NodeId, offset: u64, size: u32) -> Answer<Bytes> {
        if virtual_dir::holds(id) {
            return self.virtual_read(id, offset, size);
        }
        let range = offset..offset + u64::from(size);
        let state = self.lock();
        let known = match state.known(id) {
            Ok(known) => known,
            Err(error) => return Answer::Now(Err(error)),
        };
        let body = match state.source(&known) {
            Source::Stored(content) if range.start >= content.len() => return Answer::Now(Ok(Bytes::new())),
            Source::Stored(content) if content.len() <= WHOLE_MAX => match self.store.cached(content) {
                Some(all) => return Answer::Now(Ok(cut(&all, offset, size))),
                None => Body::kept(content),
            },
            Source::Stored(content) => Body::kept(content),
            Source::Body(body) => match body.read(range.clone(), |extent| self.cached(extent)) {
                Ok(bytes) => return Answer::Now(Ok(bytes)),
                Err(_) => Body::clone(body),
            },
        };
        drop(state);
        if let Ok(bytes) = body.read(range.clone(), |extent| self.cached(extent)) {
            return Answer::Now(Ok(bytes));
        }
        let this = self.clone();
        Answer::later(async move { this.read_body(body, range).await })
    }

    async fn read_body(&self, mut body: Body, range: std::ops::Range<u64>) -> Result<Bytes> {
        loop {
            let needs = match body.read(range.clone(), |extent| self.cached(extent)) {
                Ok(bytes) => return Ok(bytes),
                Err(Missing(needs)) => needs,
            };
            for extent in needs {
                let reading = self.store.read_extent(&extent);
                match tokio::time::timeout(self.timing.unknown_after, reading).await {
                    Ok(bytes) => body.fill(&extent, &bytes?),
                    Err(_) => return Err(FsError::Unreadable("the store does not answer".into())),
                }
            }
        }
    }

    fn cached(&self, extent: &Extent) -> Option<Bytes> {
        self.store.cached(&Content { extents: vec![*extent] })
    }
}

/// A part of `all`, as far as there is one.
pub(crate) fn cut(all: &Bytes, offset: u64, size: u32) -> Bytes {
    let from = (offset as usize).min(all.len());
    let to = (from + size as usize).min(all.len());
    all.slice(from..to)
}
