//! A transcript as a row of lines, zipped or not, with the bytes by which a cursor is known again.

use std::io::{BufRead, BufReader, ErrorKind, Read};

use flate2::read::MultiGzDecoder;
use memchr::memchr;

use super::{CHECK, DIGITS, MAX_LINE};
use crate::ledger::short_hash;

pub(super) const GZIP: [u8; 2] = [0x1f, 0x8b];
/// A longer line is nobody's words, whatever is left out of it.
pub(super) const MOST_LINE: u64 = 64 << 20;
/// So many letters and digits without a space or a mark between them are the data of a picture or a document.
const DATA: usize = 16 << 10;

/// Leaves the data of pictures and documents out, but for how it begins: words stand beside it.
#[derive(Default)]
pub(super) struct WithoutData {
    run: usize,
}

impl WithoutData {
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for byte in bytes {
            let is_data = byte.is_ascii_alphanumeric() || b"+/=_-".contains(byte);
            self.run = if is_data { self.run + 1 } else { 0 };
            if self.run <= DATA {
                out.push(*byte);
            }
        }
    }
}

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
        let mut without_data: Option<WithoutData> = None;
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
            if !line.cut && without_data.is_none() && line.bytes.len() + part > MAX_LINE {
                let whole = std::mem::take(&mut line.bytes);
                without_data
                    .insert(WithoutData::default())
                    .push(&whole, &mut line.bytes);
            }
            match &mut without_data {
                _ if line.cut => {}
                Some(without) => without.push(&buffer[..part], &mut line.bytes),
                None => line.bytes.extend_from_slice(&buffer[..part]),
            }
            if line.bytes.len() > MAX_LINE || line.length > MOST_LINE {
                line.cut = true;
                line.bytes = Vec::new();
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
