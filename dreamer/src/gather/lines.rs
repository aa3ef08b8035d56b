//! A transcript as a row of lines, zipped or not, with the bytes by which a cursor is known again.

use std::io::{BufRead, BufReader, ErrorKind, Read};

use flate2::read::MultiGzDecoder;
use memchr::memchr;

use super::{CHECK, DIGITS, MAX_LINE};
use crate::ledger::short_hash;

pub(super) const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Undoes gzip where the first two bytes say so.
pub(super) fn unzipped<'a>(input: impl Read + 'a) -> Box<dyn Read + 'a> {
    let mut input = BufReader::with_capacity(64 << 10, input);
    let zipped = input.fill_buf().is_ok_and(|bytes| bytes.starts_with(&GZIP));
    if zipped {
        Box::new(MultiGzDecoder::new(input))
    } else {
        Box::new(input)
    }
}

/// One line, or a whole document that goes over many.
pub(super) struct Line {
    pub(super) start: u64,
    /// Bytes of the line with its end.
    pub(super) length: u64,
    pub(super) bytes: Vec<u8>,
    /// It ended with a newline.
    pub(super) ended: bool,
    /// It was longer than is kept.
    pub(super) cut: bool,
    pub(super) blank: bool,
}

/// Reads lines.
pub(super) struct LineReader<'a> {
    inner: BufReader<Box<dyn Read + 'a>>,
    pub(super) at: u64,
    /// The last bytes that were passed, for the check of the next cursor.
    tail: Vec<u8>,
    /// The tail as it was before a last, unfinished line.
    before: (u64, Vec<u8>),
    pub(super) broken: Option<String>,
    /// Whether each line is a piece of its own; not known before the first.
    pub(super) lines_only: Option<bool>,
}

impl<'a> LineReader<'a> {
    pub(super) fn new(inner: Box<dyn Read + 'a>) -> Self {
        let inner = BufReader::with_capacity(256 << 10, inner);
        Self {
            inner,
            at: 0,
            tail: Vec::new(),
            before: (0, Vec::new()),
            broken: None,
            lines_only: None,
        }
    }

    /// Goes on at `at`, behind the bytes `before`.
    pub(super) fn behind(before: &[u8], at: u64, inner: Box<dyn Read + 'a>) -> Self {
        let mut reader = Self::new(inner);
        reader.at = at;
        push_tail(&mut reader.tail, before);
        reader
    }

    pub(super) fn next_line(&mut self) -> Option<Line> {
        let start = self.at;
        self.before = (start, self.tail.clone());
        let mut line = Line {
            start,
            length: 0,
            bytes: Vec::new(),
            ended: false,
            cut: false,
            blank: true,
        };
        loop {
            let buffer = match self.inner.fill_buf() {
                Ok([]) => break,
                Ok(buffer) => buffer,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.broken = Some(error.to_string());
                    break;
                }
            };
            let end = memchr(b'\n', buffer);
            // A document over many lines is one piece.
            let first = end.filter(|_| start == 0 && line.length == 0 && self.lines_only.is_none());
            if let Some(at) = first {
                self.lines_only = Some(!matches!(buffer[..at].trim_ascii(), b"[" | b"{"));
            }
            let end = end.filter(|_| self.lines_only != Some(false));
            let part = end.unwrap_or(buffer.len());
            line.blank &= buffer[..part].iter().all(u8::is_ascii_whitespace);
            if line.bytes.len() + part > MAX_LINE {
                line.cut = true;
                line.bytes = Vec::new();
            }
            if !line.cut {
                line.bytes.extend_from_slice(&buffer[..part]);
            }
            let taken = part + usize::from(end.is_some());
            push_tail(&mut self.tail, &buffer[..taken]);
            self.inner.consume(taken);
            self.at += taken as u64;
            line.length += taken as u64;
            if end.is_some() {
                line.ended = true;
                break;
            }
        }
        (line.length > 0).then_some(line)
    }

    pub(super) fn check_at(&self, used: u64) -> String {
        if used == 0 {
            String::new()
        } else if used == self.before.0 {
            digest(&self.before.1)
        } else {
            digest(&self.tail)
        }
    }
}

fn push_tail(tail: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.len() >= CHECK {
        tail.clear();
        tail.extend_from_slice(&bytes[bytes.len() - CHECK..]);
    } else {
        tail.extend_from_slice(bytes);
        let over = tail.len().saturating_sub(CHECK);
        tail.drain(..over);
    }
}

pub(super) fn digest(bytes: &[u8]) -> String {
    short_hash(bytes, DIGITS / 2)
}
