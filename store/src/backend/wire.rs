//! What requests to S3 have in common, whoever signs them: bounds, ranges, and what a GET comes to.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;

use super::Result;
use super::fault::Fault;

/// Keys in one answer to a LIST, at most, by S3's own limit.
pub(super) const PAGE: usize = 1000;
/// How long a request may take whatever its size …
const WAIT: Duration = Duration::from_secs(15);
/// … and the slowest uplink that is waited for, in bytes per second.
const SLOWEST: u64 = 64 << 10;

/// How long the answer to a request with `size` bytes is waited for: no longer than an honest network would take.
pub(super) fn patience(size: usize) -> Duration {
    WAIT + Duration::from_secs(size as u64 / SLOWEST)
}

/// The `Range` header for `range`.
pub(super) fn range_header(range: &Range<u64>) -> String {
    // HTTP cannot ask for no bytes; one is asked for and dropped, which still tells whether the object is there.
    format!("bytes={}-{}", range.start, range.end.max(range.start + 1) - 1)
}

/// The bytes of `range` in what came; some servers answer a range with the `whole` object.
pub(super) fn cut(mut bytes: Bytes, whole: bool, range: Option<&Range<u64>>) -> Bytes {
    let Some(range) = range else { return bytes };
    if whole {
        let start = range.start.min(bytes.len() as u64) as usize;
        bytes = bytes.slice(start..);
    }
    let wanted = range.end.saturating_sub(range.start);
    bytes.truncate(wanted.min(bytes.len() as u64) as usize);
    bytes
}

/// An `ETag` without the quotation marks that are part of it on the wire.
pub(super) fn unquoted(etag: &str) -> String {
    etag.trim_matches('"').to_owned()
}

/// The outcome of a GET, where a missing object and an empty range are no errors.
pub(super) fn found(got: std::result::Result<Bytes, Fault>, what: impl Fn() -> String) -> Result<Option<Bytes>> {
    match got {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Fault::Absent) => Ok(None),
        Err(Fault::BeyondEnd) => Ok(Some(Bytes::new())),
        Err(fault) => Err(fault.of(what())),
    }
}
