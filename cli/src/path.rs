//! Paths as arguments: `notes.md`, `/notes.md` and `//notes.md/` are the same.

use remanence_store::name;

/// Reads a path in a store.
pub(crate) fn parse(text: &str) -> Result<String, String> {
    let names: Vec<&str> = text.split('/').filter(|n| !n.is_empty()).collect();
    let path = format!("/{}", names.join("/"));
    match name::check_path(&path) {
        Ok(()) => Ok(path),
        Err(why) => Err(why.to_string()),
    }
}

/// The last name of a path.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path.
pub(crate) fn folder(path: &str) -> &str {
    match path.rsplit_once('/') {
        None | Some(("", _)) => "/",
        Some((folder, _)) => folder,
    }
}

/// The path of `name` in `folder`.
pub(crate) fn join(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_are_as_in_a_shell() {
        for text in ["notes/a.md", "/notes/a.md", "//notes//a.md/"] {
            assert_eq!(parse(text).as_deref(), Ok("/notes/a.md"), "{text}");
        }
        assert_eq!(parse("/").as_deref(), Ok("/"));
        assert!(parse("/a/../b").is_err_and(|e| e.contains("`..`")));
    }

    #[test]
    fn paths_come_apart_and_together() {
        assert_eq!((folder("/a/b"), name("/a/b")), ("/a", "b"));
        assert_eq!((folder("/a"), name("/a")), ("/", "a"));
        assert_eq!(join("/", "a"), "/a");
        assert_eq!(join("/a", "b"), "/a/b");
    }
}
