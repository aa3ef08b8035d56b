//! Most tests run side by side; one that takes a part of the installation away runs alone.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

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

/// Waits for a turn alone.
pub fn alone() -> Turn {
    Turn::Alone(TURN.write().unwrap_or_else(PoisonError::into_inner))
}
