//! The content of a file that is being written: parts that are stored already, and new bytes.

use std::ops::Range;

use bytes::Bytes;
use remanence_store::content::{Content, Extent};
use remanence_store::intent::Piece;

/// A part of a body.
#[derive(Debug, Clone)]
enum Part {
    /// Stored already, whole.
    Kept(Extent),
    /// New, and shared with a commit on its way.
    Frozen(Bytes),
    /// New, and still growing.
    Growing(Vec<u8>),
}

impl Part {
    fn len(&self) -> u64 {
        match self {
            Self::Kept(extent) => extent.length,
            Self::Frozen(bytes) => bytes.len() as u64,
            Self::Growing(bytes) => bytes.len() as u64,
        }
    }
}

/// Stored extents whose bytes must be loaded (see [`Body::fill`]) before the operation can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing(pub Vec<Extent>);

/// A file's content while it is written.
#[derive(Debug, Clone, Default)]
pub struct Body {
    parts: Vec<Part>,
    len: u64,
}

impl Body {
    /// The stored content.
    pub fn kept(content: &Content) -> Self {
        let parts: Vec<Part> = content.extents.iter().map(|e| Part::Kept(*e)).collect();
        Self {
            len: content.len(),
            parts,
        }
    }

    /// From pieces, as a journal keeps them.
    pub fn of_pieces(pieces: Vec<Piece>) -> Self {
        let parts: Vec<Part> = pieces
            .into_iter()
            .map(|p| match p {
                Piece::Kept(extent) => Part::Kept(extent),
                Piece::New(bytes) => Part::Frozen(bytes),
            })
            .collect();
        Self {
            len: parts.iter().map(Part::len).sum(),
            parts,
        }
    }

    /// Length in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Freezes what grew, so that clones share it.
    pub fn freeze(&mut self) {
        for part in &mut self.parts {
            if let Part::Growing(bytes) = part {
                *part = Part::Frozen(Bytes::from(std::mem::take(bytes)));
            }
        }
    }

    /// Its pieces, for a commit.
    pub fn pieces(&mut self) -> Vec<Piece> {
        self.freeze();
        self.parts
            .iter()
            .map(|p| match p {
                Part::Kept(extent) => Piece::Kept(*extent),
                Part::Frozen(bytes) => Piece::New(bytes.clone()),
                Part::Growing(bytes) => Piece::New(Bytes::copy_from_slice(bytes)),
            })
            .collect()
    }

    /// Puts the bytes of a stored extent in its place.
    pub fn fill(&mut self, extent: &Extent, bytes: &Bytes) {
        for part in &mut self.parts {
            if matches!(part, Part::Kept(e) if e == extent) {
                *part = Part::Frozen(bytes.clone());
            }
        }
    }

    /// Replaces everything before `len` by what is stored now; `len` is the stored content's length.
    pub fn rebase(&mut self, content: &Content) {
        let len = content.len();
        let mut at = 0;
        let tail = self.parts.iter().position(|p| {
            let here = at;
            at += p.len();
            here == len
        });
        let tail = match tail {
            Some(index) => self.parts.split_off(index),
            None if at == len => Vec::new(),
            None => return,
        };
        self.parts = content.extents.iter().map(|e| Part::Kept(*e)).collect();
        self.parts.extend(tail);
    }

    /// What must be loaded before `len` bytes can be written at `offset`.
    ///
    /// # Errors
    /// The stored extents that are overwritten in part.
    pub fn check_write(&self, offset: u64, len: u64) -> Result<(), Missing> {
        self.check_whole(offset..(offset + len).min(self.len))
    }

    /// What must be loaded before it can be cut to `len`.
    ///
    /// # Errors
    /// The stored extent that is cut in the middle.
    pub fn check_truncate(&self, len: u64) -> Result<(), Missing> {
        let mut at = 0;
        for part in &self.parts {
            let here = at..at + part.len();
            at = here.end;
            match part {
                Part::Kept(extent) if here.start < len && len < here.end => return Err(Missing(vec![*extent])),
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes `data` at `offset`; a gap before it is filled with zeros.
    ///
    /// # Errors
    /// The stored extents that are overwritten in part.
    pub fn write(&mut self, offset: u64, data: &[u8]) -> Result<(), Missing> {
        let end = offset + data.len() as u64;
        self.check_write(offset, data.len() as u64)?;
        if offset > self.len {
            let gap = offset - self.len;
            self.grow(gap);
        }
        let mut at = 0;
        for part in &mut self.parts {
            let here = at..at + part.len();
            at = here.end;
            if here.end <= offset || here.start >= end {
                continue;
            }
            let from = offset.max(here.start);
            let to = end.min(here.end);
            let source = &data[(from - offset) as usize..(to - offset) as usize];
            if let Part::Growing(bytes) = part {
                bytes[(from - here.start) as usize..(to - here.start) as usize].copy_from_slice(source);
                continue;
            }
            let mut bytes = match part {
                Part::Frozen(bytes) => bytes.to_vec(),
                // Covered whole, as checked.
                Part::Kept(_) | Part::Growing(_) => vec![0; (here.end - here.start) as usize],
            };
            bytes[(from - here.start) as usize..(to - here.start) as usize].copy_from_slice(source);
            *part = Part::Growing(bytes);
        }
        if end > self.len {
            let fresh = &data[(self.len - offset) as usize..];
            self.tail().extend_from_slice(fresh);
            self.len = end;
        }
        Ok(())
    }

    /// Cuts or lengthens (with zeros) to `len`.
    ///
    /// # Errors
    /// The stored extent that is cut in the middle.
    pub fn truncate(&mut self, len: u64) -> Result<(), Missing> {
        if len >= self.len {
            let gap = len - self.len;
            self.grow(gap);
            return Ok(());
        }
        self.check_truncate(len)?;
        let (mut at, mut keep) = (0, 0);
        while at < len {
            at += self.parts[keep].len();
            keep += 1;
        }
        self.parts.truncate(keep);
        if let Some(last) = self.parts.last_mut() {
            let cut = (last.len() - (at.max(len) - len)) as usize;
            match last {
                Part::Kept(_) => {}
                Part::Frozen(bytes) => bytes.truncate(cut),
                Part::Growing(bytes) => bytes.truncate(cut),
            }
        }
        self.len = len;
        Ok(())
    }

    /// The bytes in `range`, cut to the length.
    ///
    /// # Errors
    /// The stored extents that `load` does not have.
    pub fn read(&self, range: Range<u64>, load: impl Fn(&Extent) -> Option<Bytes>) -> Result<Bytes, Missing> {
        let range = range.start.min(self.len)..range.end.min(self.len);
        let mut out = Vec::new();
        let mut missing = Vec::new();
        let mut at = 0;
        for part in &self.parts {
            let here = at..at + part.len();
            at = here.end;
            if here.end <= range.start || here.start >= range.end {
                continue;
            }
            let from = (range.start.max(here.start) - here.start) as usize;
            let to = (range.end.min(here.end) - here.start) as usize;
            let whole = range.start >= here.start && range.end <= here.end;
            match part {
                Part::Frozen(bytes) if whole => return Ok(bytes.slice(from..to)),
                Part::Frozen(bytes) => out.extend_from_slice(&bytes[from..to]),
                Part::Growing(bytes) => out.extend_from_slice(&bytes[from..to]),
                Part::Kept(extent) => match load(extent) {
                    Some(bytes) if whole => return Ok(bytes.slice(from..to)),
                    Some(bytes) => out.extend_from_slice(&bytes[from..to]),
                    None => missing.push(*extent),
                },
            }
        }
        if missing.is_empty() {
            Ok(out.into())
        } else {
            Err(Missing(missing))
        }
    }

    /// The last byte, if it is a new one.
    pub fn last_new_byte(&self) -> Option<u8> {
        match self.parts.last()? {
            Part::Kept(_) => None,
            Part::Frozen(bytes) => bytes.last().copied(),
            Part::Growing(bytes) => bytes.last().copied(),
        }
    }

    fn grow(&mut self, zeros: u64) {
        if zeros > 0 {
            let tail = self.tail();
            tail.resize(tail.len() + zeros as usize, 0);
            self.len += zeros;
        }
    }

    fn tail(&mut self) -> &mut Vec<u8> {
        if !matches!(self.parts.last(), Some(Part::Growing(_))) {
            self.parts.push(Part::Growing(Vec::new()));
        }
        match self.parts.last_mut() {
            Some(Part::Growing(bytes)) => bytes,
            _ => unreachable!("a growing part was just pushed"),
        }
    }

    /// Stored extents must be covered by `range` whole or not at all.
    fn check_whole(&self, range: Range<u64>) -> Result<(), Missing> {
        let mut at = 0;
        let mut missing = Vec::new();
        for part in &self.parts {
            let here = at..at + part.len();
            at = here.end;
            if let Part::Kept(extent) = part {
                let touched = here.start < range.end && range.start < here.end;
                if touched && (range.start > here.start || range.end < here.end) {
                    missing.push(*extent);
                }
            }
        }
        if missing.is_empty() {
            Ok(())
        } else {
            Err(Missing(missing))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use remanence_store::content::{Hash, ObjectRef};

    use super::*;

    fn extent(offset: u64, bytes: &[u8]) -> Extent {
        Extent {
            object: ObjectRef::Slot(1),
            offset,
            length: bytes.len() as u64,
            hash: Hash::of(bytes),
        }
    }

    fn retry(body: &mut Body, stored: &[(Extent, Bytes)], op: impl Fn(&mut Body) -> Result<(), Missing>) {
        while let Err(Missing(extents)) = op(body) {
            for extent in extents {
                let bytes = &stored.iter().find(|(e, _)| *e == extent).unwrap().1;
                body.fill(&extent, bytes);
            }
        }
    }

    #[test]
    fn an_append_keeps_stored_extents() {
        let stored = extent(0, b"abc");
        let mut body = Body::kept(&Content { extents: vec![stored] });
        body.write(3, b"def").unwrap();
        assert_eq!(body.pieces(), vec![Piece::Kept(stored), Piece::New("def".into())]);
    }

    #[test]
    fn after_a_commit_the_prefix_is_stored_and_the_rest_stays() {
        let mut body = Body::default();
        body.write(0, b"abc").unwrap();
        body.freeze();
        body.write(3, b"de").unwrap();
        let stored = extent(0, b"abc");
        body.rebase(&Content { extents: vec![stored] });
        assert_eq!(body.pieces(), vec![Piece::Kept(stored), Piece::New("de".into())]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn reads_what_a_plain_buffer_holds(ops in prop::collection::vec((0..3u8, 0..40u64, prop::collection::vec(any::<u8>(), 0..20)), 1..20)) {
            let stored: Vec<(Extent, Bytes)> = [&b"hello "[..], b"world", b"!"]
                .iter().enumerate().map(|(i, b)| (extent(i as u64 * 10, b), Bytes::from_static(b))).collect();
            let mut body = Body::kept(&Content { extents: stored.iter().map(|(e, _)| *e).collect() });
            let mut plain = b"hello world!".to_vec();
            for (kind, at, data) in ops {
                match kind {
                    0 => {
                        retry(&mut body, &stored, |b| b.write(at, &data));
                        if !data.is_empty() {
                            let end = at as usize + data.len();
                            if plain.len() < end { plain.resize(end, 0); }
                            plain[at as usize..end].copy_from_slice(&data);
                        } else if plain.len() < at as usize { plain.resize(at as usize, 0); }
                    }
                    1 => {
                        retry(&mut body, &stored, |b| b.truncate(at));
                        plain.resize(at as usize, 0);
                    }
                    _ => body.freeze(),
                }
                prop_assert_eq!(body.len(), plain.len() as u64);
                let load = |e: &Extent| stored.iter().find(|(s, _)| s == e).map(|(_, b)| b.clone());
                prop_assert_eq!(&body.read(0..u64::MAX, load).unwrap()[..], &plain[..]);
                let (a, b) = (at.min(plain.len() as u64), (at + 7).min(plain.len() as u64));
                prop_assert_eq!(&body.read(a..b, load).unwrap()[..], &plain[a as usize..b as usize]);
            }
        }
    }
}
