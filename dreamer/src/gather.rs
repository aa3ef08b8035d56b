//! Gather: new transcript spans, line by line, in order. Nothing in a log can make this fail.

use std::io::{self, BufRead, BufReader, Read, Write};

use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use memchr::{memchr, memchr_iter};
use serde::{Deserialize, Serialize};

use crate::format::{self, Entry};
use crate::ledger::short_hash;

/// Lines longer than this hold dumps, not words: they are passed over without being kept.
const MAX_LINE: usize = 4 << 20;
/// How many bytes before a cursor are compared to notice that a transcript is another one: enough to hold some words of
/// it, not only the frame that all lines share.
const CHECK: usize = 512;
/// So many they were in ledgers whose check has fewer digits.
const SHORT_CHECK: usize = 64;
const DIGITS: usize = 20;

/// Names one transcript: where it is and which bytes of it a Dream reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionName {
    /// The session store or folder the transcript is in.
    pub store: String,
    /// The agent whose session it is.
    pub agent: String,
    /// The path in that store.
    pub path: String,
    /// The file's id, where a store knows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The version that is read, where a store knows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// How far a transcript was used; it moves only with the commit that used it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Uncompressed bytes that were used, whole lines only.
    pub bytes: u64,
    /// Hash of the last bytes before that point.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub check: String,
    /// Stored size of the file when it was read, compressed or not.
    #[serde(default)]
    pub size: u64,
    /// The newest time seen so far, for lines without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// Another agent, not a person, typed in this transcript.
    #[serde(default, skip_serializing_if = "crate::fact::is_false")]
    pub by_agent: bool,
}

/// One entry of a transcript with the bytes it stands in.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Byte range of the line, uncompressed.
    pub span: (u64, u64),
    /// When it was said.
    pub time: Timestamp,
    /// What was said or done.
    pub entry: Entry,
}

/// What reading a transcript came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Where the next Dream starts.
    pub cursor: Cursor,
    /// Lines that were used.
    pub lines: u64,
    /// Lines that were kept out: not JSON, unknown, too long.
    pub skipped: u64,
    /// First byte that was new.
    pub from: u64,
    /// Why reading ended before the end, where it did (a damaged archive).
    pub broken: Option<String>,
}

/// Reads a transcript from its cursor and hands every entry to `each`. Broken lines are counted and passed over; only
/// opening it can fail. A transcript that was rewritten since (the bytes before the cursor differ) is read anew.
/// `open` opens it at a byte; lines that begin at or after `until` are left for another Dream.
pub fn read<R: Read>(
    mut open: impl FnMut(u64) -> io::Result<R>,
    size: u64,
    cursor: &Cursor,
    start: Timestamp,
    until: u64,
    mut each: impl FnMut(Turn),
) -> io::Result<Reading> {
    let mut reader = match resume(&mut open, cursor)? {
        Some(reader) => reader,
        None => LineReader::new(unzipped(open(0)?)),
    };
    let from = reader.at;
    let mut reading = Reading {
        from,
        ..Reading::default()
    };
    let mut time = if from > 0 { cursor.time } else { None };
    let mut newest = time;
    let mut by_agent = from > 0 && cursor.by_agent;
    let mut used = from;
    while reader.at < until
        && let Some(line) = reader.next_line()
    {
        let parsed = if line.cut {
            Vec::new()
        } else {
            format::parse(&line.bytes)
        };
        // Half a last line waits for its end.
        if !line.ended && parsed.is_empty() {
            if reader.lines_only != Some(false) {
                break;
            }
            // It only began like a document.
            reader = LineReader::new(unzipped(open(0)?));
            reader.lines_only = Some(true);
            continue;
        }
        used = line.start + line.length;
        if parsed.is_empty() {
            reading.skipped += u64::from(!line.blank);
            continue;
        }
        reading.lines += 1;
        by_agent |= format::is_sub_agent(&line.bytes);
        for parsed in parsed {
            if let Some(said) = parsed.time {
                time = Some(said);
                newest = Some(newest.map_or(said, |old| old.max(said)));
            }
            let said = time.unwrap_or(start);
            for entry in parsed
                .entries
                .into_iter()
                .filter(|e| !by_agent || !matches!(e, Entry::Typed(_)))
            {
                each(Turn {
                    span: (line.start, used),
                    time: said,
                    entry,
                });
            }
        }
    }
    reading.broken = reader.broken.take();
    reading.cursor = Cursor {
        bytes: used,
        check: reader.check_at(used),
        size,
        time: newest,
        by_agent,
    };
    Ok(reading)
}

/// The uncompressed bytes `span` of a transcript, and the number of the line they begin in, from 1.
pub fn bytes<R: Read>(mut open: impl FnMut(u64) -> io::Result<R>, span: (u64, u64)) -> io::Result<(u64, Vec<u8>)> {
    let mut input = unzipped(open(0)?);
    let mut ends = LineEnds(0);
    io::copy(&mut (&mut input).take(span.0), &mut ends)?;
    let mut out = Vec::new();
    input
        .take((span.1 - span.0).min(MAX_LINE as u64))
        .read_to_end(&mut out)?;
    Ok((ends.0 + 1, out))
}

/// Counts line ends.
struct LineEnds(u64);

impl Write for LineEnds {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += memchr_iter(b'\n', bytes).count() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A reader at the cursor, if the bytes before it are the ones that were read.
fn resume<'a, R: Read + 'a>(
    open: &mut impl FnMut(u64) -> io::Result<R>,
    cursor: &Cursor,
) -> io::Result<Option<LineReader<'a>>> {
    if cursor.bytes == 0 {
        return Ok(None);
    }
    let mut magic = [0; 2];
    let zipped = open(0)?.read_exact(&mut magic).is_ok() && magic == GZIP;
    let from = if zipped {
        0
    } else {
        cursor.bytes.saturating_sub(CHECK as u64)
    };
    let input: Box<dyn Read + 'a> = if zipped {
        unzipped(open(0)?)
    } else {
        Box::new(open(from)?)
    };
    let mut reader = LineReader::new(input);
    reader.at = from;
    Ok(reader.skip_to(cursor).then_some(reader))
}

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Undoes gzip where the first two bytes say so.
fn unzipped<'a>(input: impl Read + 'a) -> Box<dyn Read + 'a> {
    let mut input = BufReader::with_capacity(64 << 10, input);
    let zipped = input.fill_buf().is_ok_and(|bytes| bytes.starts_with(&GZIP));
    if zipped {
        Box::new(MultiGzDecoder::new(input))
    } else {
        Box::new(input)
    }
}

struct Line {
    start: u64,
    /// Bytes of the line with its end.
    length: u64,
    bytes: Vec<u8>,
    /// It ended with a newline.
    ended: bool,
    /// It was longer than is kept.
    cut: bool,
    blank: bool,
}

struct LineReader<'a> {
    inner: BufReader<Box<dyn Read + 'a>>,
    at: u64,
    /// The last bytes that were passed, for the check of the next cursor.
    tail: Vec<u8>,
    /// The tail as it was before a last, unfinished line.
    before: (u64, Vec<u8>),
    broken: Option<String>,
    /// Whether each line is a piece of its own; not known before the first.
    lines_only: Option<bool>,
}

impl<'a> LineReader<'a> {
    fn new(inner: Box<dyn Read + 'a>) -> Self {
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

    /// Passes over what an earlier Dream used; false where those bytes are no longer the same.
    fn skip_to(&mut self, cursor: &Cursor) -> bool {
        while self.at < cursor.bytes {
            let Ok(buffer) = self.inner.fill_buf() else {
                return false;
            };
            let take = buffer
                .len()
                .min(usize::try_from(cursor.bytes - self.at).unwrap_or(usize::MAX));
            if take == 0 {
                return false;
            }
            push_tail(&mut self.tail, &buffer[..take]);
            self.inner.consume(take);
            self.at += take as u64;
        }
        let checked = if cursor.check.len() < DIGITS {
            SHORT_CHECK
        } else {
            CHECK
        };
        let tail = &self.tail[self.tail.len().saturating_sub(checked)..];
        cursor.bytes == 0 || (!cursor.check.is_empty() && digest(tail).starts_with(&cursor.check))
    }

    fn next_line(&mut self) -> Option<Line> {
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

    fn check_at(&self, used: u64) -> String {
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

fn digest(bytes: &[u8]) -> String {
    short_hash(bytes, DIGITS / 2)
}
