//! Gather: new transcript spans, line by line, in order. Nothing in a log can make this fail.

mod lines;

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read, Write};

use jiff::Timestamp;
use memchr::{memchr, memchr_iter};
use serde::{Deserialize, Serialize};

use self::lines::{GZIP, LineReader, MOST_LINE, WithoutData, digest, unzipped};
use crate::format::{self, Copies, Entry};

/// Lines longer than this without the data of pictures in them hold dumps, not words: they are passed over without being
/// kept.
pub(crate) const MAX_LINE: usize = 4 << 20;
/// How many bytes before a cursor are read again for what they tell of the words that follow: which pages an agent had
/// read, and what it was asked for.
const LOOK_BACK: u64 = 256 << 10;
/// How many bytes before a cursor are compared to notice that a transcript is another one: enough to hold some words of
/// it, not only the frame that all lines share.
const CHECK: usize = 512;
/// So many they were in ledgers whose check has fewer digits.
const SHORT_CHECK: usize = 64;
const DIGITS: usize = 20;

const UNREADABLE: &str = "it cannot be read now";

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
    /// The fork whose copies of an earlier session's turns were read last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fork: Option<String>,
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
    /// An earlier Dream read it, or it is a copy: nothing is taken from it, but it tells what the words after it rest on.
    pub is_known: bool,
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
    /// Bytes of the longest line, or document over many lines, that was passed over because it is too long.
    pub too_long: u64,
    /// First byte that was new.
    pub from: u64,
    /// Why reading ended before the end, where it did (a damaged archive).
    pub broken: Option<String>,
    /// Where it lies could not be read, which is no damage: the rest may be read another time.
    pub failed: bool,
}

/// Notes that reading failed where a transcript lies, and not what it holds.
struct Watched<'a, R> {
    inner: R,
    failed: &'a Cell<bool>,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer);
        if read
            .as_ref()
            .is_err_and(|error| error.kind() != io::ErrorKind::Interrupted)
        {
            self.failed.set(true);
        }
        read
    }
}

/// Reads a transcript from its cursor and hands every entry to `each`, and before these the last ones before it. Broken
/// lines are counted and passed over, and one that cannot be opened is left for another Dream. A transcript that was
/// rewritten since (the bytes before the cursor differ) is read anew. `open` opens it at a byte; lines that begin at or
/// after `until` are left for another Dream.
pub fn read<R: Read>(
    mut open: impl FnMut(u64) -> io::Result<R>,
    size: u64,
    cursor: &Cursor,
    start: Timestamp,
    until: u64,
    mut each: impl FnMut(Turn),
) -> Reading {
    let failed = &Cell::new(false);
    let mut open = |at: u64| open(at).map(|inner| Watched { inner, failed });
    let unread = |why: String| Reading {
        cursor: cursor.clone(),
        from: cursor.bytes,
        broken: Some(why),
        failed: true,
        ..Reading::default()
    };
    let resumed = match resume(&mut open, cursor) {
        Ok(_) if failed.get() => return unread(UNREADABLE.to_owned()),
        Ok(resumed) => resumed,
        Err(error) => return unread(not_now(&error)),
    };
    let mut reader = match resumed {
        Some(resumed) => {
            recall(&resumed.earlier, cursor, start, &mut each);
            resumed.reader
        }
        None => match open(0) {
            Ok(input) => LineReader::new(unzipped(input)),
            Err(error) => return unread(not_now(&error)),
        },
    };
    let from = reader.at;
    let mut reading = Reading {
        from,
        ..Reading::default()
    };
    let mut time = if from > 0 { cursor.time } else { None };
    let mut newest = time;
    let mut by_agent = from > 0 && cursor.by_agent;
    let mut copies = Copies::of(cursor.fork.clone().filter(|_| from > 0));
    let mut used = from;
    while reader.at < until
        && let Some(line) = reader.next_line()
    {
        let parsed = if line.cut {
            Vec::new()
        } else {
            format::parse(&line.bytes)
        };
        if parsed.is_empty() && line.length > MAX_LINE as u64 {
            reading.too_long = reading.too_long.max(line.length);
        }
        // Half a last line waits for its end.
        if !line.ended && parsed.is_empty() {
            if failed.get() || reader.lines_only != Some(false) {
                break;
            }
            // It only began like a document.
            reader = match open(0) {
                Ok(input) => LineReader::new(unzipped(input)),
                Err(error) => return unread(not_now(&error)),
            };
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
        copies.follow(&line.bytes);
        for parsed in parsed {
            if let Some(said) = parsed.time {
                time = Some(said);
                newest = Some(newest.map_or(said, |old| old.max(said)));
            }
            let said = time.unwrap_or(start);
            for entry in heard(parsed.entries, by_agent) {
                each(Turn {
                    span: (line.start, used),
                    time: said,
                    entry,
                    is_known: copies.fork().is_some(),
                });
            }
        }
    }
    reading.broken = reader.broken.take();
    reading.failed = failed.get();
    reading.cursor = Cursor {
        bytes: used,
        check: reader.check_at(used),
        size,
        time: newest,
        by_agent,
        fork: copies.fork().cloned(),
    };
    reading
}

/// Why nothing of a transcript was read that may be read another time.
pub(crate) fn not_now(error: &io::Error) -> String {
    format!("{UNREADABLE}: {error}")
}

/// Whether a transcript is compressed, by its first bytes.
pub(crate) fn is_zipped<R: Read>(mut open: impl FnMut(u64) -> io::Result<R>) -> io::Result<bool> {
    let mut magic = [0; 2];
    Ok(open(0)?.read_exact(&mut magic).is_ok() && magic == GZIP)
}

/// The uncompressed bytes `span` of a transcript, and the number of the line they begin in, from 1.
pub fn bytes<R: Read>(mut open: impl FnMut(u64) -> io::Result<R>, span: (u64, u64)) -> io::Result<(u64, Vec<u8>)> {
    let mut input = unzipped(open(0)?);
    let mut ends = LineEnds(0);
    io::copy(&mut (&mut input).take(span.0), &mut ends)?;
    let length = span.1 - span.0;
    let mut out = Vec::new();
    if length <= MAX_LINE as u64 {
        input.take(length).read_to_end(&mut out)?;
        return Ok((ends.0 + 1, out));
    }
    // As it was read: a longer line without the data of pictures.
    let mut input = BufReader::new(input.take(length.min(MOST_LINE)));
    let mut without = WithoutData::default();
    while out.len() <= MAX_LINE {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            break;
        }
        without.push(buffer, &mut out);
        let taken = buffer.len();
        input.consume(taken);
    }
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

/// A transcript from its cursor on.
struct Resumed<'a> {
    reader: LineReader<'a>,
    /// The last lines before the cursor.
    earlier: Vec<u8>,
}

/// A reader at the cursor, if the bytes before it are the ones that were read.
fn resume<'a, R: Read + 'a>(
    open: &mut impl FnMut(u64) -> io::Result<R>,
    cursor: &Cursor,
) -> io::Result<Option<Resumed<'a>>> {
    if cursor.bytes == 0 || cursor.check.is_empty() {
        return Ok(None);
    }
    let zipped = is_zipped(&mut *open)?;
    let from = cursor.bytes.saturating_sub(LOOK_BACK);
    let mut input: Box<dyn Read + 'a> = if zipped {
        let mut input = unzipped(open(0)?);
        // One that ends before is another one, which is seen below.
        let _ = io::copy(&mut (&mut input).take(from), &mut io::sink());
        input
    } else {
        Box::new(open(from)?)
    };
    let mut earlier = Vec::new();
    let read = (&mut input).take(cursor.bytes - from).read_to_end(&mut earlier);
    let checked = if cursor.check.len() < DIGITS {
        SHORT_CHECK
    } else {
        CHECK
    };
    let tail = &earlier[earlier.len().saturating_sub(checked)..];
    let whole = read.is_ok() && earlier.len() as u64 == cursor.bytes - from;
    if !whole || !digest(tail).starts_with(&cursor.check) {
        return Ok(None);
    }
    let reader = LineReader::behind(&earlier, cursor.bytes, input);
    if from > 0 {
        // It begins within a line.
        let first = memchr(b'\n', &earlier).map_or(earlier.len(), |end| end + 1);
        earlier.drain(..first);
    }
    Ok(Some(Resumed { reader, earlier }))
}

/// The entries that count: what another agent typed is nobody's word.
fn heard(entries: Vec<Entry>, by_agent: bool) -> impl Iterator<Item = Entry> {
    let counts = move |entry: &Entry| !by_agent || !matches!(entry, Entry::Typed(_) | Entry::Replied { .. });
    entries.into_iter().filter(counts)
}

/// What an earlier Dream read last, for what it tells of the words that follow.
fn recall(earlier: &[u8], cursor: &Cursor, start: Timestamp, each: &mut impl FnMut(Turn)) {
    let mut end = cursor.bytes - earlier.len() as u64;
    for line in earlier.split_inclusive(|byte| *byte == b'\n') {
        let begin = end;
        end += line.len() as u64;
        if line.len() > MAX_LINE {
            continue;
        }
        for parsed in format::parse(line.strip_suffix(b"\n").unwrap_or(line)) {
            for entry in heard(parsed.entries, cursor.by_agent) {
                each(Turn {
                    // Nothing is taken from here alone.
                    span: (begin, end),
                    time: parsed.time.unwrap_or(start),
                    entry,
                    is_known: true,
                });
            }
        }
    }
}
