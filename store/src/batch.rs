//! Batches: the header lines of 64 slots as one object, for readers that are behind. Bodies stay in their slots.

use std::io::Read as _;

use crate::id::Seq;
use crate::slot::{Slot, SlotError};

/// Slots in a batch.
pub const SLOTS: u64 = 64;

/// Headers are much alike, so a quick level does.
const LEVEL: i32 = 3;

/// The last slot of the batch that holds `seq`.
pub fn last_of(seq: Seq) -> Seq {
    seq.div_ceil(SLOTS) * SLOTS
}

/// Key of the batch that ends with slot `last` (a multiple of 64) below the store's id.
pub fn key(last: Seq) -> String {
    format!("batch/{last:020}")
}

/// Encodes 64 slots.
pub fn encode(slots: &[Slot]) -> Vec<u8> {
    let lines: Vec<u8> = slots.iter().flat_map(|s| s.stored_header().line()).collect();
    zstd::encode_all(lines.as_slice(), LEVEL).expect("memory takes it")
}

/// Decodes the batch that ends with slot `last`.
///
/// # Errors
/// When it is damaged.
pub fn decode(last: Seq, bytes: &[u8]) -> Result<Vec<Slot>, SlotError> {
    let damaged = |why: String| SlotError::of(last, why);
    let mut lines = Vec::new();
    zstd::Decoder::new(bytes)
        .and_then(|mut d| d.read_to_end(&mut lines))
        .map_err(|e| damaged(format!("is in a damaged batch ({e})")))?;
    let slots: Vec<Slot> = lines
        .split(|b| *b == b'\n')
        .filter(|l| !l.is_empty())
        .zip(last + 1 - SLOTS..)
        .map(|(line, seq)| Slot::from_line(seq, line))
        .collect::<Result<_, _>>()?;
    if slots.len() as u64 != SLOTS {
        return Err(damaged(format!(
            "is in a batch of {} slots instead of {SLOTS}",
            slots.len()
        )));
    }
    Ok(slots)
}
