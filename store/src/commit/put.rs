//! Requests of a commit, repeated until the object store answers.

use std::sync::Arc;

use super::Committer;
use crate::backend::Created;
use crate::error::{Result, StoreError};
use crate::id::{Seq, WriteId};
use crate::planted::{self, Bug};
use crate::shared::Shared;
use crate::trouble::Trouble;

impl Committer {
    /// Creates an object, until it is known whether it is ours: the same bytes at the same key. A slot that exists is
    /// ours if it bears our stamp.
    #[tracing::instrument(name = "put", skip_all, fields(key))]
    pub(super) async fn put<F, P>(&self, key: &str, put: P, stamp: Option<(Seq, WriteId)>) -> Result<Created>
    where
        P: Fn() -> F,
        F: Future<Output = crate::backend::Result<Created>>,
    {
        let mut trouble = Trouble::new(&self.shared);
        loop {
            match put().await {
                Ok(Created::Yes) => return Ok(trouble.over(Created::Yes)),
                Ok(Created::Exists) => {
                    // A data object's name is random: one that exists is ours, from a try whose answer was lost.
                    let Some((seq, write)) = stamp else {
                        return Ok(trouble.over(Created::Exists));
                    };
                    if planted::is(Bug::ExistingSlotIsOurs) {
                        return Ok(Created::Yes);
                    }
                    match self.shared.log.header(seq).await {
                        Ok(Some(slot)) if slot.header.write == write => return Ok(trouble.over(Created::Yes)),
                        Ok(Some(_)) => return Ok(trouble.over(Created::Exists)),
                        Ok(None) => trouble.wait(format!("{key}: exists, but can't be read")).await?,
                        Err(StoreError::Backend(error)) => trouble.backend(error).await?,
                        Err(error) => return Err(error),
                    }
                }
                Err(_) if stamp.is_some() && planted::is(Bug::AckOnTimeout) => return Ok(Created::Yes),
                Err(error) => trouble.backend(error).await?,
            }
        }
    }

    /// Repeats a read until the object store answers.
    pub(super) async fn retrying<T, F>(&self, call: impl Fn(Arc<Shared>) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut trouble = Trouble::new(&self.shared);
        loop {
            match call(self.shared.clone()).await {
                Ok(value) => return Ok(trouble.over(value)),
                Err(StoreError::Backend(error)) => trouble.backend(error).await?,
                Err(error) => return Err(error),
            }
        }
    }
}
