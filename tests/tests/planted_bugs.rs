//! The simulation finds mistakes: each known one shows within a few hundred seeds, on a seed that holds without it.

use std::sync::atomic::{AtomicUsize, Ordering};

use remanence_store::planted::{Bug, plant};
use remanence_tests::sim::{Report, run};

/// Seeds that each mistake has to show.
const SEEDS: u64 = 400;

fn run_with_bug(seed: u64, bug: Option<Bug>) -> Report {
    plant(bug);
    let report = run(seed);
    plant(None);
    report
}

/// The first seed that fails with the mistake and holds without it, and what it says.
fn found(bug: Bug) -> Option<(u64, String)> {
    (1..=SEEDS).find_map(|seed| {
        let wrong = run_with_bug(seed, Some(bug)).wrongs.into_iter().next()?;
        run(seed).wrongs.is_empty().then_some((seed, wrong))
    })
}

#[test]
fn the_simulation_finds_every_planted_bug() {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut results = Vec::new();
        while let Some(bug) = Bug::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
            results.push((*bug, found(*bug)));
        }
        results
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let results: Vec<(Bug, Option<(u64, String)>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let all = threads
            .into_iter()
            .flat_map(|t| t.join().expect("a run does not panic"));
        all.collect()
    });
    let mut missed = Vec::new();
    for (bug, found) in &results {
        match found {
            Some((seed, wrong)) => println!("{bug:?}: seed {seed}: {wrong}"),
            None => missed.push(*bug),
        }
    }
    assert_eq!(results.len(), Bug::ALL.len());
    assert!(missed.is_empty(), "not found within {SEEDS} seeds: {missed:?}");
}
