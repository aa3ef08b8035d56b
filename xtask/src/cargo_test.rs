//! Reads what `cargo test` prints: counts, and the output of what failed.

/// What one `cargo test` came to.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    /// Tests that did not pass, as `binary: test`.
    pub(crate) failures: Vec<String>,
    /// Tests that were not run, with the reason they give.
    pub(crate) left_out: Vec<String>,
}

/// Follows the output of one `cargo test`, one line at a time.
#[derive(Default)]
pub(crate) struct Parser {
    counts: Counts,
    /// The test binary that is running; before the first one, cargo is compiling.
    binary: Option<Binary>,
}

#[derive(Default)]
struct Binary {
    name: String,
    output: Vec<String>,
    failed: Vec<String>,
    finished: bool,
}

impl Parser {
    /// Takes a line and answers what is worth showing of it.
    pub(crate) fn line(&mut self, line: &str) -> Vec<String> {
        if let Some(name) = binary_name(line) {
            let shown = self.close();
            self.binary = Some(Binary {
                name,
                ..Binary::default()
            });
            return shown;
        }
        let Some(binary) = &mut self.binary else {
            return if is_progress(line) {
                Vec::new()
            } else {
                vec![line.to_owned()]
            };
        };
        if let Some((name, outcome)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ")) {
            if outcome.starts_with("FAILED") {
                binary.failed.push(format!("{}: {name}", binary.name));
            } else if let Some(why) = outcome.strip_prefix("ignored") {
                let why = why.trim_start_matches([',', ' ']);
                let why = if why.is_empty() { "no reason given" } else { why };
                self.counts.left_out.push(format!("{}: {name} ({why})", binary.name));
            } else if !outcome.starts_with("ok") {
                binary.output.push(line.to_owned());
            }
            return Vec::new();
        }
        if line.ends_with("has been running for over 60 seconds") {
            return vec![format!("  {}: {line}", binary.name)];
        }
        if let Some(result) = line.strip_prefix("test result: ") {
            binary.finished = true;
            let (passed, failed) = (number_before(result, " passed"), number_before(result, " failed"));
            self.counts.passed += passed;
            self.counts.failed += failed;
            self.counts.failures.append(&mut binary.failed);
            if failed > 0 {
                let mut shown = std::mem::take(&mut binary.output);
                shown.push(format!("  {}: {passed} passed, {failed} FAILED", binary.name));
                return shown;
            }
            if passed > 0 {
                let seconds = result.rsplit_once("finished in ").map_or("", |(_, seconds)| seconds);
                return vec![format!("  {}: {passed} passed ({seconds})", binary.name)];
            }
            return Vec::new();
        }
        if !is_progress(line) {
            binary.output.push(line.to_owned());
        }
        Vec::new()
    }

    /// Ends the output; `success` is how cargo itself ended.
    pub(crate) fn finish(mut self, success: bool, why: &str) -> (Counts, Vec<String>) {
        let shown = self.close();
        if !success && self.counts.failed == 0 {
            self.counts.failed += 1;
            self.counts.failures.push(format!("cargo test: {why}"));
        }
        (self.counts, shown)
    }

    /// A binary without a result died, or was stopped, in the middle of a test.
    fn close(&mut self) -> Vec<String> {
        let Some(binary) = self.binary.take().filter(|binary| !binary.finished) else {
            return Vec::new();
        };
        self.counts.failed += 1;
        self.counts.failures.extend(binary.failed);
        self.counts
            .failures
            .push(format!("{}: ended without a result", binary.name));
        let mut shown = binary.output;
        shown.push(format!("  {}: ended without a result", binary.name));
        shown
    }
}

/// `Running tests/fsx.rs (target/…/fsx-1f)`, `Running unittests src/lib.rs (target/…/store-2a)`, `Doc-tests store`.
fn binary_name(line: &str) -> Option<String> {
    let line = line.trim_start();
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(format!("{name} examples"));
    }
    let (source, path) = line.strip_prefix("Running ")?.strip_suffix(')')?.split_once(" (")?;
    if !source.starts_with("unittests ") {
        return Some(source.to_owned());
    }
    let file = path.rsplit_once('/').map_or(path, |(_, file)| file);
    Some(file.rsplit_once('-').map_or(file, |(name, _)| name).to_owned())
}

fn is_progress(line: &str) -> bool {
    let line = line.trim_start();
    let words = [
        "Compiling ",
        "Finished ",
        "Blocking ",
        "Executable ",
        "Downloading ",
        "Downloaded ",
        "Fresh ",
    ];
    line.is_empty() || words.iter().any(|word| line.starts_with(word)) || line.starts_with("running ")
}

fn number_before(text: &str, word: &str) -> usize {
    let Some(end) = text.find(word) else { return 0 };
    let digits = text[..end].rsplit(|c: char| !c.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(output: &str, success: bool) -> (Counts, String) {
        let mut parser = Parser::default();
        let mut shown: Vec<_> = output.lines().flat_map(|line| parser.line(line)).collect();
        let (counts, rest) = parser.finish(success, "exit status: 101");
        shown.extend(rest);
        (counts, shown.join("\n"))
    }

    #[test]
    fn counts_add_up_and_only_failures_show_their_output() {
        let (counts, shown) = parse(
            "   Compiling remanence-store v0.1.0\n\
             \x20    Running unittests src/lib.rs (target/debug/deps/remanence_store-9f)\n\
             running 2 tests\n\
             test a ... ok\n\
             test b ... ignored, by hand\n\
             chatter\n\
             test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s\n\
             \x20    Running tests/fsx.rs (target/debug/deps/fsx-1f)\n\
             test c ... FAILED\n\
             assertion failed: it holds\n\
             test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.20s\n",
            false,
        );
        assert_eq!((counts.passed, counts.failed), (1, 1));
        assert_eq!(counts.failures, ["tests/fsx.rs: c"]);
        assert_eq!(counts.left_out, ["remanence_store: b (by hand)"]);
        assert!(shown.contains("remanence_store: 1 passed (0.10s)"));
        assert!(shown.contains("assertion failed: it holds"));
        assert!(!shown.contains("chatter"));
    }

    #[test]
    fn a_binary_that_dies_counts_as_failed() {
        let (counts, shown) = parse(
            "     Running tests/kill.rs (target/debug/deps/kill-1f)\nSIGSEGV\n",
            false,
        );
        assert_eq!((counts.passed, counts.failed), (0, 1));
        assert_eq!(counts.failures, ["tests/kill.rs: ended without a result"]);
        assert!(shown.contains("SIGSEGV"));
    }

    #[test]
    fn code_that_does_not_compile_counts_as_failed() {
        let (counts, shown) = parse("error[E0425]: cannot find value `x`\n", false);
        assert_eq!((counts.passed, counts.failed), (0, 1));
        assert!(shown.contains("E0425"));
    }
}
