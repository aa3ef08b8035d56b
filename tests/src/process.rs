//! What the kernel knows of a process.

use std::fs;

/// Bytes of memory that are resident; none of a process that has ended.
pub fn resident(process: u32) -> Option<u64> {
    bytes(process, "VmRSS:")
}

/// The most bytes of memory that have been resident so far; none of a process that has ended.
pub fn peak(process: u32) -> Option<u64> {
    bytes(process, "VmHWM:")
}

fn bytes(process: u32, field: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib << 10)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_process_has_been_at_least_as_large_as_it_is_and_nobody_is_nothing() {
        let now = resident(std::process::id()).unwrap();
        let most = peak(std::process::id()).unwrap();
        assert!(now > 0 && most > 0);
        assert_eq!(resident(u32::MAX), None);
    }
}
