//! A file of records that outlives its process: appended by `write(2)`, read back up to a torn tail.
//!
//! One record: length, checksum, length of the JSON part (each `u32`, little endian), JSON, raw bytes. No fsync: it has to
//! survive a killed process, and an emptyDir offers no more.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::replace::replace;

const HEADER: usize = 12;

/// An open log.
#[derive(Debug)]
pub struct RecordLog {
    file: File,
    path: PathBuf,
    len: u64,
    scratch: Vec<u8>,
}

/// A record read back.
pub type Record<T> = (T, Bytes);

impl RecordLog {
    /// Opens the log at `path` (made if missing) and reads what it holds. What a killed process left half written at
    /// its end is cut off.
    ///
    /// # Errors
    /// When the file can't be read, or holds a whole record that is not one of these.
    pub fn open<T: DeserializeOwned>(path: &Path) -> io::Result<(Self, Vec<Record<T>>)> {
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let mut all = Vec::new();
        file.read_to_end(&mut all)?;
        let all = Bytes::from(all);
        let (records, len) = decode(&all, path)?;
        if len < all.len() as u64 {
            tracing::warn!(file = %path.display(), cut = all.len() as u64 - len, "a half-written record was cut off");
            file.set_len(len)?;
        }
        file.seek(SeekFrom::Start(len))?;
        Ok((
            Self {
                file,
                path: path.to_owned(),
                len,
                scratch: Vec::new(),
            },
            records,
        ))
    }

    /// Reads what the log at `path` holds, which stays as it is: it may be another process's.
    ///
    /// # Errors
    /// As [`RecordLog::open`], and when there is none.
    pub fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Vec<Record<T>>> {
        let all = Bytes::from(std::fs::read(path)?);
        Ok(decode(&all, path)?.0)
    }

    /// Appends a record.
    ///
    /// # Errors
    /// When the disk is full or broken; the log is then as it was before.
    pub fn append<T: Serialize>(&mut self, record: &T, bytes: &[u8]) -> io::Result<()> {
        self.scratch.clear();
        encode(&mut self.scratch, record, bytes)?;
        if let Err(error) = self.file.write_all(&self.scratch) {
            self.cut(self.len)?;
            return Err(error);
        }
        self.len += self.scratch.len() as u64;
        if self.scratch.capacity() > 256 * 1024 {
            self.scratch = Vec::new();
        }
        Ok(())
    }

    /// Replaces all records by these, at once.
    ///
    /// # Errors
    /// When the new file can't be written; the old one stays.
    pub fn rewrite<T: Serialize>(&mut self, records: &[(T, Vec<u8>)]) -> io::Result<()> {
        let mut all = Vec::new();
        for (record, bytes) in records {
            encode(&mut all, record, bytes)?;
        }
        self.file = replace(&self.path, &all)?;
        self.len = all.len() as u64;
        Ok(())
    }

    /// Takes all records away, which needs no room.
    ///
    /// # Errors
    /// When the disk is broken.
    pub fn clear(&mut self) -> io::Result<()> {
        self.cut(0)
    }

    /// Takes all records but the first away, at once, which needs no room.
    ///
    /// # Errors
    /// When the disk is broken.
    pub fn keep_first(&mut self) -> io::Result<()> {
        if self.len == 0 {
            return Ok(());
        }
        let mut payload = [0; 4];
        self.file.read_exact_at(&mut payload, 0)?;
        self.cut(HEADER as u64 + u64::from(u32::from_le_bytes(payload)))
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.file.set_len(len)?;
        self.file.seek(SeekFrom::Start(len))?;
        self.len = len;
        Ok(())
    }

    /// How many bytes its disk still takes, as far as it says.
    pub fn room(&self) -> u64 {
        match rustix::fs::fstatvfs(&self.file) {
            // One without a limit says that it has no blocks at all.
            Ok(disk) if disk.f_blocks > 0 => {
                // What is kept for root is root's.
                let is_root = rustix::process::geteuid().is_root();
                let blocks = if is_root { disk.f_bfree } else { disk.f_bavail };
                blocks.saturating_mul(disk.f_frsize)
            }
            _ => u64::MAX,
        }
    }

    /// Its length in bytes.
    pub fn size(&self) -> u64 {
        self.len
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The whole records, and the length of all of them.
fn decode<T: DeserializeOwned>(all: &Bytes, path: &Path) -> io::Result<(Vec<Record<T>>, u64)> {
    let mut records = Vec::new();
    let mut at = 0;
    while let Some((payload, json_len)) = frame(all, at) {
        let json = &all[payload.start..payload.start + json_len];
        let record = serde_json::from_slice(json).map_err(|e| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{}: byte {at}: {e}", path.display()),
            )
        })?;
        records.push((record, all.slice(payload.start + json_len..payload.end)));
        at = payload.end;
    }
    Ok((records, at as u64))
}

/// The payload's place and the length of its JSON, if a whole record starts at `at`.
fn frame(all: &[u8], at: usize) -> Option<(std::ops::Range<usize>, usize)> {
    let word = |i: usize| -> Option<u32> {
        let bytes = all.get(at + i * 4..at + i * 4 + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    let (len, sum, json) = (word(0)? as usize, word(1)?, word(2)? as usize);
    let payload = at + HEADER..at + HEADER + len;
    let bytes = all.get(payload.clone())?;
    // No record is without JSON: zeros are a disk's, after a loss of power.
    (json > 0 && json <= len && checksum(bytes) == sum).then_some((payload, json))
}

fn encode<T: Serialize>(out: &mut Vec<u8>, record: &T, bytes: &[u8]) -> io::Result<()> {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER]);
    serde_json::to_writer(&mut *out, record)?;
    let json = out.len() - start - HEADER;
    out.extend_from_slice(bytes);
    let payload = &out[start + HEADER..];
    let words = [payload.len() as u32, checksum(payload), json as u32];
    for (i, word) in words.iter().enumerate() {
        out[start + i * 4..start + i * 4 + 4].copy_from_slice(&word.to_le_bytes());
    }
    Ok(())
}

/// Good enough to tell a torn record from a whole one, and quick.
fn checksum(bytes: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut sum = bytes.len() as u64;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let word = u64::from_le_bytes([word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7]]);
        sum = (sum.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    }
    for byte in words.remainder() {
        sum = (sum.rotate_left(5) ^ u64::from(*byte)).wrapping_mul(FACTOR);
    }
    (sum >> 32) as u32
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn records_come_back_and_a_torn_tail_is_cut() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let (mut log, old) = RecordLog::open::<String>(&path).unwrap();
        assert!(old.is_empty());
        log.append(&"one", b"1").unwrap();
        log.append(&"two", b"").unwrap();
        let whole = log.size();
        log.append(&"three", &[7; 1000]).unwrap();
        for cut in whole + 1..log.size() {
            File::options().write(true).open(&path).unwrap().set_len(cut).unwrap();
            let (mut again, records) = RecordLog::open::<String>(&path).unwrap();
            let seen: Vec<_> = records.iter().map(|(r, b)| (r.as_str(), &b[..])).collect();
            assert_eq!(seen, [("one", &b"1"[..]), ("two", b"")]);
            assert_eq!(again.size(), whole);
            again.append(&"three", &[7; 1000]).unwrap();
        }
    }

    #[test]
    fn zeros_at_the_end_are_no_record() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let (mut log, _) = RecordLog::open::<String>(&path).unwrap();
        log.append(&"one", b"1").unwrap();
        let whole = log.size();
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(whole + 4096)
            .unwrap();
        let (again, records) = RecordLog::open::<String>(&path).unwrap();
        assert_eq!((records.len(), again.size()), (1, whole));
    }

    #[test]
    fn what_is_taken_away_is_gone_and_the_rest_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let texts = |path: &Path| -> Vec<String> {
            let records = RecordLog::read::<String>(path).unwrap();
            records.into_iter().map(|(text, _)| text).collect()
        };
        let (mut log, _) = RecordLog::open::<String>(&path).unwrap();
        log.keep_first().unwrap();
        for text in ["one", "two", "three"] {
            log.append(&text, b"bytes").unwrap();
        }
        log.keep_first().unwrap();
        assert_eq!(texts(&path), ["one"]);
        log.append(&"four", b"4").unwrap();
        assert_eq!(texts(&path), ["one", "four"]);
        assert_eq!(log.size(), std::fs::metadata(&path).unwrap().len());
        log.clear().unwrap();
        log.append(&"five", b"").unwrap();
        assert_eq!(texts(&path), ["five"]);
    }

    #[test]
    fn a_rewrite_replaces_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let (mut log, _) = RecordLog::open::<String>(&path).unwrap();
        log.append(&"one", b"1").unwrap();
        log.rewrite(&[("two", b"2".to_vec())]).unwrap();
        log.append(&"three", b"").unwrap();
        let (_, records) = RecordLog::open::<String>(&path).unwrap();
        assert_eq!(
            records.iter().map(|(r, _)| r.as_str()).collect::<Vec<_>>(),
            ["two", "three"]
        );
    }
}
