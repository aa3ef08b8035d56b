//! Files that are whole whenever this process is killed.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

/// Puts a file with these bytes in the place of the one at `path`, which stays until all is written. Until then the new one
/// has the extension `new`. Returns it, open at its end.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let new = path.with_extension("new");
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(&new)?;
    if let Err(error) = file.write_all(bytes).and_then(|()| std::fs::rename(&new, path)) {
        // The disk may be full, and what is half written takes room. What can't be removed is written over next time.
        let _ = std::fs::remove_file(&new);
        return Err(error);
    }
    Ok(file)
}
