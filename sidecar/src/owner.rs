//! Whom files belong to, as far as the mount shows it: always the same user, since access is by attachment.

use std::sync::OnceLock;

/// Owner and group shown.
#[derive(Debug)]
pub struct Owner {
    shown: OnceLock<(u32, u32)>,
    /// What is known beforehand.
    given: (Option<u32>, Option<u32>),
}

impl Owner {
    /// Known.
    pub fn fixed(uid: u32, gid: u32) -> Self {
        Self {
            shown: OnceLock::from((uid, gid)),
            given: (Some(uid), Some(gid)),
        }
    }

    /// What is not given is the first caller's that is not root: the agent's, whatever user its image names.
    pub fn first_of(uid: Option<u32>, gid: Option<u32>) -> Self {
        if let Some(uid) = uid {
            return Self::fixed(uid, gid.unwrap_or(uid));
        }
        Self {
            shown: OnceLock::new(),
            given: (uid, gid),
        }
    }

    /// Somebody looks: whoever is not root is the agent; root may be the node's own programs preparing the pod.
    pub fn looked_at_by(&self, uid: u32, gid: u32) {
        if uid != 0 {
            self.opened_by(uid, gid);
        }
    }

    /// Somebody opens a file, which only an agent does.
    pub fn opened_by(&self, uid: u32, gid: u32) {
        self.shown.get_or_init(|| (uid, self.given.1.unwrap_or(gid)));
    }

    /// Owner and group; root's until they are known.
    pub fn shown(&self) -> (u32, u32) {
        self.shown.get().copied().unwrap_or((0, self.given.1.unwrap_or(0)))
    }

    /// Whether it will not change.
    pub fn is_known(&self) -> bool {
        self.shown.get().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_caller_that_is_not_root_owns_everything() {
        let owner = Owner::first_of(None, None);
        owner.looked_at_by(0, 0);
        assert!(!owner.is_known());
        owner.looked_at_by(1000, 1001);
        owner.looked_at_by(2000, 2000);
        owner.opened_by(0, 0);
        assert_eq!(owner.shown(), (1000, 1001));
        assert_eq!(Owner::first_of(Some(7), None).shown(), (7, 7));
        let root = Owner::first_of(None, None);
        root.opened_by(0, 0);
        root.looked_at_by(1000, 1000);
        assert_eq!(root.shown(), (0, 0), "an agent may be root");
    }
}
