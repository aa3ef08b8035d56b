//! Which objects a pod may touch.

use remanence_proto::broker::request;
use remanence_store::backend::key;

use crate::broker::directory::Access;

/// Where the manifests lie, by which a store is opened.
pub(in crate::broker) const MANIFESTS: &str = "store";
/// What a commit is made of, below the store's id.
pub(in crate::broker) const WRITABLE: [&str; 5] = ["log", "batch", "index", "data", "proposal"];

/// Why a request is not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key is none.
    #[error("{0}")]
    Bad(String),
    /// Below the same prefix may lie what a deleted store has left.
    #[error("`{0}` is no part of the store, which lies below its id")]
    Elsewhere(String),
    /// It may not be created by pods.
    #[error("`{0}` is not for pods to create: only {WRITABLE:?} below the store's id")]
    NotWritable(String),
    /// The attachment is read-only.
    #[error("`{0}` can't be created: the store is attached read-only")]
    ReadOnly(String),
    /// Not a request of this protocol version.
    #[error("the request is empty")]
    Empty,
}

/// Checks a request against what the pod may do with the store `id`.
///
/// # Errors
/// Why it may not.
pub fn check(request: Option<&request::Request>, id: &str, access: Access) -> Result<(), KeyError> {
    match request.ok_or(KeyError::Empty)? {
        request::Request::Get(key) => {
            key::check(key).map_err(KeyError::Bad)?;
            check_readable(key, id)
        }
        request::Request::List(list) => {
            key::check_prefix(&list.prefix).map_err(KeyError::Bad)?;
            check_readable(&list.prefix, id)
        }
        request::Request::Put(key) => {
            key::check(key).map_err(KeyError::Bad)?;
            if access == Access::ReadOnly {
                return Err(KeyError::ReadOnly(key.clone()));
            }
            let below = key.strip_prefix(id).and_then(|rest| rest.strip_prefix('/'));
            let room = below.and_then(|rest| rest.split_once('/')).map(|(room, _)| room);
            match room {
                Some(room) if !id.is_empty() && WRITABLE.contains(&room) => Ok(()),
                _ => Err(KeyError::NotWritable(key.clone())),
            }
        }
    }
}

/// Checks a key, or what keys are to begin with, against what the store `id` is made of.
///
/// # Errors
/// When it may be another store's below the same prefix.
pub(crate) fn check_readable(key: &str, id: &str) -> Result<(), KeyError> {
    let is_below = |folder: &str| key.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    if is_below(MANIFESTS) || (!id.is_empty() && is_below(id)) {
        return Ok(());
    }
    Err(KeyError::Elsewhere(key.to_owned()))
}

#[cfg(test)]
mod tests {
    use remanence_proto::broker::List;
    use remanence_proto::broker::request::Request::{self, Get, Put};

    use super::*;

    const ID: &str = "0123";

    fn checked(request: &Request, access: Access) -> Result<(), KeyError> {
        check(Some(request), ID, access)
    }

    #[test]
    fn commits_may_be_created_and_nothing_else() {
        for good in [
            "0123/log/00000000000000000001",
            "0123/data/x",
            "0123/proposal/d/y",
            "0123/index/1",
            "0123/batch/2",
        ] {
            assert_eq!(checked(&Put(good.into()), Access::ReadWrite), Ok(()), "{good}");
            assert!(
                matches!(checked(&Put(good.into()), Access::ReadOnly), Err(KeyError::ReadOnly(_))),
                "{good}"
            );
        }
        for bad in [
            "store/2",
            "probe/x/double",
            "0123",
            "0123/log",
            "0123/other/x",
            "01234/log/1",
            "4567/log/1",
            "log/1",
        ] {
            assert!(
                matches!(
                    checked(&Put(bad.into()), Access::ReadWrite),
                    Err(KeyError::NotWritable(_))
                ),
                "{bad}"
            );
        }
        assert!(
            check(Some(&Put("/log/1".into())), "", Access::ReadWrite).is_err(),
            "a store without an id"
        );
    }

    #[test]
    fn no_key_leaves_the_store() {
        for bad in [
            "../other/log/1",
            "0123/log/../../../x",
            "/x",
            "a//b",
            "",
            "0123/./log/1",
            "a/",
        ] {
            assert!(
                matches!(checked(&Get(bad.into()), Access::ReadOnly), Err(KeyError::Bad(_))),
                "{bad}"
            );
            assert!(
                matches!(checked(&Put(bad.into()), Access::ReadWrite), Err(KeyError::Bad(_))),
                "{bad}"
            );
        }
        let list = |prefix: &str| {
            Request::List(List {
                prefix: prefix.into(),
                ..List::default()
            })
        };
        for bad in ["../", "a/../b", "/"] {
            assert!(checked(&list(bad), Access::ReadOnly).is_err(), "{bad}");
        }
        for good in ["store/", "0123/", "0123/log/000"] {
            assert_eq!(checked(&list(good), Access::ReadOnly), Ok(()), "{good}");
        }
        for good in ["store/2", "0123/log/1", "0123/data/x"] {
            assert_eq!(checked(&Get(good.into()), Access::ReadOnly), Ok(()), "{good}");
        }
        // What a deleted store of the same name has left.
        for bad in [
            "4567/log/1",
            "01234/log/1",
            "log/1",
            "store",
            "stores/1",
            "probe/x/passed",
        ] {
            for access in [Access::ReadOnly, Access::ReadWrite] {
                let elsewhere = Err(KeyError::Elsewhere(bad.to_owned()));
                assert_eq!(checked(&Get(bad.into()), access), elsewhere, "{bad}");
                assert_eq!(checked(&list(bad), access), elsewhere, "{bad}");
            }
        }
        for bad in ["", "s", "store", "0", "0123", "01234"] {
            let elsewhere = Err(KeyError::Elsewhere(bad.to_owned()));
            assert_eq!(checked(&list(bad), Access::ReadOnly), elsewhere, "{bad}");
        }
        assert_eq!(check(None, ID, Access::ReadWrite), Err(KeyError::Empty));
    }
}
