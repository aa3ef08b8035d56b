//! The deterministic simulation: what a store promises holds on hundreds of seeds, with and without faults.

use std::sync::atomic::{AtomicU64, Ordering};

use remanence_tests::sim::{Scale, run, run_with};

/// Runs seeds on all processors; panics with what the first failed ones did wrong, and how to see it again.
fn all_hold(seeds: std::ops::Range<u64>, faults: bool) {
    let scale = Scale {
        faults,
        ..Scale::default()
    };
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let mut failed = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return failed;
            }
            let report = run_with(seed, scale);
            if !report.wrongs.is_empty() {
                failed.push(report);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let mut failed = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let all = threads
            .into_iter()
            .flat_map(|t| t.join().expect("a run does not panic"));
        all.collect::<Vec<_>>()
    });
    failed.sort_by_key(|report| report.seed);
    let told: Vec<String> = failed.iter().take(3).map(|report| report.failure(faults)).collect();
    assert!(failed.is_empty(), "{} seeds failed:\n{}", failed.len(), told.join("\n"));
}

#[test]
fn promises_hold_while_everything_fails() {
    all_hold(1..201, true);
}

#[test]
fn promises_hold_without_faults() {
    all_hold(1..51, false);
}

#[test]
fn a_seed_always_gives_the_same_run() {
    for seed in (1..20).chain([57, 421]) {
        let (first, second) = (run(seed), run(seed));
        assert_eq!(
            (first.trace, first.events),
            (second.trace, second.events),
            "seed {seed}"
        );
        assert!(first.events > 50, "seed {seed} does something");
    }
}

#[test]
fn a_failure_tells_how_to_see_it_again() {
    let mut report = run_with(
        3,
        Scale {
            faults: false,
            ..Scale::default()
        },
    );
    report.wrongs = vec!["a line is gone".into()];
    let told = report.failure(false);
    assert!(told.contains("seed 3: a line is gone"), "{told}");
    assert!(
        told.contains("cargo run -p remanence-tests --example simulate -- --fair --verbose 3"),
        "{told}"
    );
}
