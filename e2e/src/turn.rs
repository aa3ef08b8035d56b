//! Most tests run side by side; one that takes a part of the installation away runs alone.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::kubectl::try_kubectl;
use crate::until;

static TURN: RwLock<()> = RwLock::new(());

/// The right to use the installation.
pub enum Turn {
    /// With others.
    Together(RwLockReadGuard<'static, ()>),
    /// With nobody else.
    Alone(RwLockWriteGuard<'static, ()>),
}

/// Waits for a turn with others.
pub fn together() -> Turn {
    Turn::Together(TURN.read().unwrap_or_else(PoisonError::into_inner))
}

/// Waits for a turn alone, and for the pods of the tests before to be gone.
pub fn alone() -> Turn {
    let turn = TURN.write().unwrap_or_else(PoisonError::into_inner);
    until("the pods of other tests are gone", || {
        let all = try_kubectl(&[
            "get",
            "pods",
            "--all-namespaces",
            "--output=name",
            "--selector=remanence.dev/agent",
        ])?;
        if all.is_empty() { Ok(()) } else { Err(all) }
    });
    Turn::Alone(turn)
}
