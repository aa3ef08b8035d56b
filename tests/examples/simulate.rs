//! Runs many seeds of the simulation by hand:
//! `cargo run --release -p remanence-tests --example simulate -- 1..100000`.

use std::ops::Range;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use remanence_tests::sim::{Report, Scale, run_with};

/// Runs seeds of the simulation and shows those that fail.
#[derive(Parser)]
struct Args {
    /// Seeds: one, or FROM..TO (TO left out).
    #[arg(value_parser = seeds, default_value = "1..1000")]
    seeds: Range<u64>,
    /// No faults.
    #[arg(long)]
    fair: bool,
    /// No maintenance and no redactions.
    #[arg(long)]
    unkept: bool,
    /// Show every run, and the whole trace of one that fails.
    #[arg(long)]
    verbose: bool,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: u64,
    /// Stop after so many failures.
    #[arg(long, default_value_t = 5)]
    failures: u64,
}

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let number = |t: &str| t.parse::<u64>().map_err(|e| format!("`{t}`: {e}"));
    match text.split_once("..") {
        Some((from, to)) => Ok(number(from)?..number(to)?),
        None => number(text).map(|n| n..n + 1),
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let scale = Scale {
        faults: !args.fair,
        keepers: !args.unkept,
        whole_trace: args.verbose,
        ..Scale::default()
    };
    let started = Instant::now();
    let next = AtomicU64::new(args.seeds.start);
    let failed = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..args.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= args.seeds.end || failed.load(Ordering::Relaxed) >= args.failures {
                        return;
                    }
                    show(&run_with(seed, scale), args.verbose, &failed);
                }
            });
        }
    });
    let failed = failed.load(Ordering::Relaxed);
    let done = next.load(Ordering::Relaxed).min(args.seeds.end) - args.seeds.start;
    println!("{done} seeds, {failed} failed, {:.1?}", started.elapsed());
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn show(report: &Report, verbose: bool, failed: &AtomicU64) {
    if !report.wrongs.is_empty() {
        failed.fetch_add(1, Ordering::Relaxed);
        println!("{report}");
    } else if verbose {
        println!("{report}");
    }
}
