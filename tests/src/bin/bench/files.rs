//! What an agent's tools do to files, timed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Instant;

/// The body of a file.
pub(crate) const BODY: [u8; 4096] = [b'm'; 4096];
const LINE: [u8; 64] = [b'a'; 64];

/// An operation, done `n` times in a folder of its own; answers the seconds that one took.
pub(crate) type Operation = fn(&Path, usize) -> io::Result<f64>;

fn each(n: usize, mut work: impl FnMut(usize) -> io::Result<()>) -> io::Result<f64> {
    let start = Instant::now();
    for i in 0..n {
        work(i)?;
    }
    Ok(start.elapsed().as_secs_f64() / n as f64)
}

fn make(folder: &Path, n: usize) -> io::Result<f64> {
    each(n, |i| File::create(name(folder, i))?.write_all(&BODY))
}

fn name(folder: &Path, i: usize) -> std::path::PathBuf {
    folder.join(format!("note-{i:05}.md"))
}

/// Creates, writes 4 KB, closes.
pub(crate) fn create(folder: &Path, n: usize) -> io::Result<f64> {
    let seconds = make(folder, n)?;
    settle(folder)?;
    Ok(seconds)
}

/// Opens, appends 64 bytes, closes.
pub(crate) fn append(folder: &Path, n: usize) -> io::Result<f64> {
    let path = folder.join("lines.md");
    File::create(&path)?;
    let seconds = each(n, |_| OpenOptions::new().append(true).open(&path)?.write_all(&LINE))?;
    settle(folder)?;
    Ok(seconds)
}

/// Opens, reads 4 KB, closes, after it was read before.
pub(crate) fn warm_read(folder: &Path, n: usize) -> io::Result<f64> {
    const FILES: usize = 20;
    make(folder, FILES)?;
    settle(folder)?;
    let mut buffer = vec![0; BODY.len() + 1];
    let mut read = |i: usize| {
        let length = File::open(name(folder, i % FILES))?.read(&mut buffer)?;
        if length == BODY.len() {
            Ok(())
        } else {
            Err(io::Error::other(format!("read {length} bytes of {}", BODY.len())))
        }
    };
    each(FILES, &mut read)?;
    each(n, &mut read)
}

/// The first stat of each file after it was written.
pub(crate) fn stat_after_create(folder: &Path, n: usize) -> io::Result<f64> {
    make(folder, n)?;
    settle(folder)?;
    each(n, |i| fs::metadata(name(folder, i)).map(|_| ()))
}

/// A stat that was answered before.
pub(crate) fn warm_stat(folder: &Path, n: usize) -> io::Result<f64> {
    make(folder, 1)?;
    settle(folder)?;
    fs::metadata(name(folder, 0))?;
    each(n, |_| fs::metadata(name(folder, 0)).map(|_| ()))
}

/// `ls -l` of 1,000 files that was done before; the seconds of one entry.
pub(crate) fn list(folder: &Path, _: usize) -> io::Result<f64> {
    const FILES: usize = 1000;
    if !name(folder, FILES - 1).exists() {
        make(folder, FILES)?;
        settle(folder)?;
        list_once(folder, FILES)?;
    }
    let start = Instant::now();
    list_once(folder, FILES)?;
    Ok(start.elapsed().as_secs_f64() / FILES as f64)
}

fn list_once(folder: &Path, expected: usize) -> io::Result<()> {
    let mut found = 0;
    for entry in fs::read_dir(folder)? {
        found += usize::from(entry?.metadata()?.is_file());
    }
    if found == expected {
        Ok(())
    } else {
        Err(io::Error::other(format!("listed {found} files of {expected}")))
    }
}

/// Waits until what was written is in the store, so that no system works in another one's turn.
fn settle(folder: &Path) -> io::Result<()> {
    let path = folder.join("settled");
    let file = File::create(&path)?;
    file.sync_all()?;
    drop(file);
    fs::remove_file(path)
}
