//! Answers of calls: known at once, or once the store has spoken.

use std::future::Future;
use std::pin::Pin;

use crate::errno::Result;

/// What a call comes to.
pub enum Answer<T> {
    /// Known.
    Now(Result<T>),
    /// To be waited for, away from the kernel's thread.
    Later(Pin<Box<dyn Future<Output = Result<T>> + Send>>),
}

impl<T: Send + 'static> Answer<T> {
    /// To be waited for.
    pub fn later(future: impl Future<Output = Result<T>> + Send + 'static) -> Self {
        Self::Later(Box::pin(future))
    }

    /// Waits for it.
    ///
    /// # Errors
    /// The call's.
    pub async fn get(self) -> Result<T> {
        match self {
            Self::Now(result) => result,
            Self::Later(future) => future.await,
        }
    }

    /// Goes on with what it comes to.
    pub fn then<U: Send + 'static>(self, next: impl FnOnce(T) -> Result<U> + Send + 'static) -> Answer<U> {
        match self {
            Self::Now(result) => Answer::Now(result.and_then(next)),
            Self::Later(future) => Answer::later(async move { next(future.await?) }),
        }
    }
}

impl<T> From<Result<T>> for Answer<T> {
    fn from(result: Result<T>) -> Self {
        Self::Now(result)
    }
}
