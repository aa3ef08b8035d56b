//! Runs steps one after another, goes on after a failure, and sums up at the end.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::cargo_test::Parser;
use crate::run;

/// The outcome of the steps so far.
#[derive(Default)]
pub(crate) struct Suite {
    passed: usize,
    failed: usize,
    failures: Vec<String>,
    left_out: Vec<String>,
}

impl Suite {
    /// Does something of its own that either works or does not, and answers what came of it.
    pub(crate) fn attempt<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        let start = Instant::now();
        match work() {
            Ok(value) => {
                println!("{name}: ready ({})", seconds(start.elapsed()));
                Some(value)
            }
            Err(error) => {
                println!("{name}: FAILED\n{error:#}");
                self.failed += 1;
                self.failures.push(name.to_owned());
                None
            }
        }
    }

    /// Runs a check that passes or fails as a whole; its output is shown when it fails.
    pub(crate) fn check(&mut self, name: &str, command: &mut Command) -> bool {
        let start = Instant::now();
        let (passed, detail) = match run::captured(command) {
            Ok((status, _)) if status.success() => (true, String::new()),
            Ok((status, output)) => (
                false,
                format!("{output}{}: {}", run::describe(command), run::reason(status)),
            ),
            Err(error) => (false, format!("{error:#}")),
        };
        if passed {
            self.passed += 1;
            println!("{name}: ok ({})", seconds(start.elapsed()));
        } else {
            self.failed += 1;
            self.failures.push(name.to_owned());
            println!("{detail}\n{name}: FAILED ({})", seconds(start.elapsed()));
        }
        passed
    }

    /// Runs a `cargo test` and counts each of its tests.
    pub(crate) fn tests(&mut self, name: &str, command: &mut Command) {
        let start = Instant::now();
        println!("{name}:");
        let mut parser = Parser::default();
        let show = |lines: Vec<String>| lines.iter().for_each(|line| println!("{line}"));
        let (success, why) = match run::lines(command, |line| show(parser.line(line))) {
            Ok(status) => (status.success(), run::reason(status)),
            Err(error) => (false, format!("{error:#}")),
        };
        let (counts, rest) = parser.finish(success, &why);
        show(rest);
        let outcome = if counts.failed == 0 { "ok" } else { "FAILED" };
        println!("{name}: {outcome} ({})", seconds(start.elapsed()));
        self.passed += counts.passed;
        self.failed += counts.failed;
        self.failures.extend(counts.failures);
        self.left_out.extend(counts.left_out);
    }

    /// Says at the end that something was not run, and why.
    pub(crate) fn left_out(&mut self, what: impl Into<String>) {
        self.left_out.push(what.into());
    }

    /// What was left out of one run and done in another was not left out.
    pub(crate) fn made_up_for(&mut self, what: &str) {
        self.left_out.retain(|left| !left.starts_with(what));
    }

    /// Prints what was left out, what failed and, alone on the last line, the counts.
    pub(crate) fn close(self) -> ExitCode {
        for what in &self.left_out {
            println!("left out: {what}");
        }
        for what in &self.failures {
            println!("failed: {what}");
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        run::exit_code(self.failed == 0)
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
