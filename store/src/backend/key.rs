//! Keys: which names an object may have.

/// Longest key that every object store takes.
const MAX_KEY: usize = 1024;
/// Longest part between two `/` that a file system takes.
const MAX_PART: usize = 255;

/// What stands before each key of a store at `prefix` (with no `/` at either end) of a bucket.
pub fn base(prefix: &str) -> String {
    if prefix.is_empty() {
        String::new()
    } else {
        format!("{prefix}/")
    }
}

/// Says why `key` cannot name an object, if so.
pub fn check(key: &str) -> Result<(), String> {
    if key.is_empty() {
        return Err("the key is empty".to_owned());
    }
    if key.len() > MAX_KEY {
        return Err(format!("the key is {} bytes long; {MAX_KEY} is the most", key.len()));
    }
    key.split('/').try_for_each(|part| check_part(key, part))
}

/// Says why `prefix` cannot begin a key, if so. An empty prefix, and one that ends inside a part, is fine.
pub fn check_prefix(prefix: &str) -> Result<(), String> {
    match prefix.rsplit_once('/') {
        Some((folder, _)) => check(folder),
        None => Ok(()),
    }
}

fn check_part(key: &str, part: &str) -> Result<(), String> {
    if part.is_empty() || part == "." || part == ".." {
        Err(format!("key `{key}` has a part `{part}`"))
    } else if part.contains('\0') {
        Err(format!("key `{}` has a NUL in it", key.escape_debug()))
    } else if part.len() > MAX_PART {
        Err(format!("key `{key}` has a part longer than {MAX_PART} bytes"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_cannot_leave_its_store() {
        for bad in ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a\0b"] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
        for good in ["store/1", "a/log/00000000000000000001", "..a", "a.b/c..d"] {
            assert_eq!(check(good), Ok(()), "{good:?}");
        }
        assert!(check_prefix("../").is_err());
        assert!(check_prefix("a/../b").is_err());
        assert_eq!(check_prefix(""), Ok(()));
        assert_eq!(check_prefix("a/log/000"), Ok(()));
    }
}
