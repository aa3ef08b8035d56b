//! Hashes short enough for names and annotations.

use sha2::{Digest, Sha256};

/// The first hexadecimal digits, at most 16, of the text's SHA-256.
pub(crate) fn short_hash(text: impl AsRef<[u8]>, digits: usize) -> String {
    let hash = Sha256::digest(text);
    let number = hash[..8].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let mut hex = format!("{number:016x}");
    hex.truncate(digits);
    hex
}
