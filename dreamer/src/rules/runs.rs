//! Commands that an agent ran itself. One that worked after others of its kind failed bears out a sentence that says so:
//! how things are run here is seldom written down, and this is how it comes out.

use std::collections::{BTreeSet, VecDeque};
use std::sync::LazyLock;

use regex::Regex;

use super::evidence::ToolResult;
use super::tools::FAILED;
use crate::text::clean::pattern;
use crate::text::words::{Value, features};

/// Runs that a sentence may rest on.
const RUNS: usize = 8;
/// Longest output that is looked at.
const LONGEST: usize = 8 << 10;

/// Commands of one session, the newest first.
#[derive(Debug, Default)]
pub struct Runs(VecDeque<Run>);

#[derive(Debug)]
struct Run {
    /// The command line, in small letters.
    line: String,
    /// What it gave back, in small letters; nothing where others may have written it.
    output: String,
    worked: bool,
    /// How often the agent spoke since.
    age: u32,
}

/// What programs say when they cannot, beyond what a project's own tasks print.
pub(super) static REFUSED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?im)^\s*(?:FAIL(?:URE|ED)?|FATAL|ERROR|Failed!)\b|\b(?:cannot|can't|can ?not|could not|couldn't|unable to|not (?:found|configured|installed|permitted|allowed|supported)|does(?:n't| not) exist|no (?:such|matching|valid)|permission denied|access denied|unauthori[sz]ed|forbidden|refused|unreachable|timed? ?out|misconfigured|unsupported|is required|out ?of ?memory\w*|\w*exception|\w*error|fail(?:ed|ures?)|HTTP/[\d.]+ [45]\d\d)\b",
    )
});
/// "0 failed", "errors: 0": nothing did.
pub(super) static NONE_FAILED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:0|no) (?:tests? )?(?:fail(?:ed|ures?|ing)|errors?|unreachable)\b|\b(?:fail(?:ed|ures?)|errors?|unreachable)\s*[:=]?\s*0\b",
    )
});
/// A sentence that says what is needed, or how something is done.
static SAYS_HOW: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:needs?|requires?|wants?|expects?|has to|have to|must|use|run|go(?:es)? through|works?|can (?:only )?(?:be|run)|(?:is|are) (?:only |now )?(?:\w+(?:ed|en|un|ilt|ade|ound) (?:only )?(?:with|by|via|through|at|in|on|from|under|as)|enough|needed|required|reachable|at|in|on|under|behind|code)|before|first|once|instead|without|only)\b",
    )
});
/// The same where nothing failed before: that a command was run says little.
static SAYS_HOW_FIRMLY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?:is|are) (?:\w+ly )?(?:enough|needed|required|\w+(?:ed|en|un|ilt|ade) (?:only )?(?:with|by|via|through))|needs?|has to|have to|must|goes? through|suffices?|does it|it takes)\b",
    )
});
/// How a run went, which is over.
static WENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\bcode (?:now )?(?:succeeds|passes|finishes|prints|shows|reports|returns|says|outputs|lists|covers|checks|tests?)\b",
    )
});
static SPAN: LazyLock<Regex> = LazyLock::new(|| pattern(r"`([^`]+)`"));

impl Runs {
    /// Takes in a command line and what came of it. `shown`: its output is of this machine.
    pub fn ran(&mut self, line: &str, output: &str, failed: bool, shown: bool) {
        if line.len() > 400 || line.contains("<<") {
            return;
        }
        let output: String = output.chars().take(LONGEST).collect();
        let said = NONE_FAILED.replace_all(&output, "");
        self.0.truncate(RUNS - 1);
        self.0.push_front(Run {
            line: line.to_lowercase(),
            worked: !failed && !FAILED.is_match(&said) && !REFUSED.is_match(&said),
            output: if shown { output.to_lowercase() } else { String::new() },
            age: 0,
        });
    }

    /// Something was changed: what failed before and works now may do so for that.
    pub fn changed(&mut self) {
        self.0.retain(|run| run.worked);
    }

    /// The agent spoke.
    pub fn spoke(&mut self) {
        for run in &mut self.0 {
            run.age += 1;
        }
    }

    /// Whether a sentence says how something is run, and a run that worked is that. `words`: the sentence without code.
    pub(super) fn bear_out(&self, sentence: &str, words: &str, results: &[&ToolResult]) -> bool {
        let named = named(sentence);
        if WENT.is_match(words) || !named.iter().all(|code| self.known(code, results)) {
            return false;
        }
        if !self.knows_numbers(sentence, results) {
            return false;
        }
        self.0.iter().enumerate().any(|(at, run)| {
            let run_here = |code: &&String| run.worked && run.age < 3 && stands(code, &run.line);
            let mut here = named.iter().filter(run_here);
            here.clone().any(|code| self.cured(at, code)) && SAYS_HOW.is_match(words)
                || here.any(|code| code.contains(' ') && run.age == 0 && run.line.contains(code.as_str()))
                    && SAYS_HOW_FIRMLY.is_match(words)
        })
    }

    /// Whether a command of the same kind that lacked this failed before.
    fn cured(&self, at: usize, code: &str) -> bool {
        let parts = parts(&self.0[at].line);
        self.0.iter().skip(at + 1).any(|before| {
            !before.worked
                && !stands(code, &before.line)
                && self::parts(&before.line).intersection(&parts).next().is_some()
        })
    }

    /// Whether code was run, was shown, or is the bare name of a program.
    fn known(&self, code: &str, results: &[&ToolResult]) -> bool {
        let program = code.chars().all(|c| c.is_alphanumeric() || c == '-') && code.chars().any(char::is_alphabetic);
        program
            || self
                .0
                .iter()
                .any(|run| stands(code, &run.line) || run.output.contains(code))
            || results.iter().any(|result| result.holds(code))
    }

    fn knows_numbers(&self, sentence: &str, results: &[&ToolResult]) -> bool {
        let rest = SPAN.replace_all(sentence, " ");
        let found = features(&rest, &BTreeSet::new());
        found.values.iter().all(|(kind, values)| match kind {
            Value::Number(unit) => values.iter().all(|value| {
                // "one", "the two": said of anything.
                let small = !rest.contains(value.as_str()) && value.parse::<f64>().is_ok_and(|count| count < 3.0);
                small
                    || self
                        .0
                        .iter()
                        .any(|run| holds_number(&run.line, value) || holds_number(&run.output, value))
                    || results
                        .iter()
                        .any(|result| value.parse().is_ok_and(|value| result.has_number(value, unit)))
            }),
            _ => true,
        })
    }
}

/// The commands, options, paths and addresses that a sentence names.
fn named(sentence: &str) -> Vec<String> {
    let mut named: Vec<String> = SPAN
        .captures_iter(sentence)
        .map(|span| span[1].trim().to_lowercase())
        .collect();
    let rest = SPAN.replace_all(sentence, " ~ ");
    let found = features(&rest, &BTreeSet::new());
    for (kind, values) in found.values {
        if matches!(kind, Value::Code | Value::Address) {
            let telling = |value: &String| value.contains(['/', '.', '=', '_', ':', '@']);
            named.extend(values.into_iter().filter(telling));
        }
    }
    named
}

/// Every word of a command stands in a command line; what is put into brackets is anybody's.
fn stands(code: &str, line: &str) -> bool {
    let mut words = code
        .split_whitespace()
        .filter(|word| !word.starts_with(['<', '$', '…', '.']) || word.len() > 3);
    let on_line = |word: &str| {
        line.split([' ', '\'', '"', ';'])
            .any(|other| other == word || word.len() > 5 && word.contains(['/', '.']) && other.contains(word))
    };
    code.chars().any(char::is_alphanumeric) && words.all(on_line)
}

/// Words of which a command line is made, and their pieces.
fn parts(line: &str) -> BTreeSet<&str> {
    line.split(|c: char| !c.is_alphanumeric())
        .filter(|part| part.len() > 2 && !part.bytes().all(|b| b.is_ascii_digit()))
        .collect()
}

fn holds_number(text: &str, value: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map(|digits| digits.trim_matches('.'))
        .any(|digits| digits == value || digits.strip_prefix(value).is_some_and(|rest| rest.starts_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a sentence holds after these commands, each with what it gave back.
    fn holds(runs: &[(&str, &str)], sentence: &str, words: &str) -> bool {
        let mut all = Runs::default();
        for (line, output) in runs {
            all.ran(line, output, false, true);
        }
        all.bear_out(sentence, words, &[])
    }

    #[test]
    fn a_command_that_worked_after_others_failed() {
        let runs = [
            ("weave test", "Error: no loom"),
            ("weave test --loom=b2", "12 passed, 0 failed"),
        ];
        let needs = ("The tests need `--loom=b2`.", "The tests need code .");
        assert!(holds(&runs, needs.0, needs.1));
        assert!(!holds(&runs[1..], needs.0, needs.1), "nothing failed");
        assert!(!holds(&runs[..1], needs.0, needs.1), "nothing worked");
        assert!(!holds(&runs, "The tests need `--loom=c7`.", needs.1), "it was not run");
        assert!(
            !holds(&runs, "The 40 tests need `--loom=b2`.", needs.1),
            "nothing shows the number"
        );
        let mut all = Runs::default();
        all.ran(runs[0].0, runs[0].1, false, true);
        all.changed();
        all.ran(runs[1].0, runs[1].1, false, true);
        assert!(!all.bear_out(needs.0, needs.1, &[]), "something else was changed");
    }

    #[test]
    fn a_command_that_is_said_to_be_the_way() {
        let runs = [("loomctl -n mill restart vat-3", "vat-3 restarted")];
        for (sentence, words, held) in [
            (
                "Vat 3 is restarted with `loomctl -n mill restart vat-3`.",
                "Vat 3 is restarted with code .",
                true,
            ),
            (
                "Vat 3 works after `loomctl -n mill restart vat-3`.",
                "Vat 3 works after code .",
                false,
            ),
            (
                "Vat 3 is restarted with `loomctl`.",
                "Vat 3 is restarted with code .",
                false,
            ),
        ] {
            assert_eq!(holds(&runs, sentence, words), held, "{sentence}");
        }
    }

    #[test]
    fn none_that_failed_is_no_failure() {
        let worked = |output: &str| {
            let mut runs = Runs::default();
            runs.ran("weave test", output, false, true);
            runs.0.iter().all(|run| run.worked)
        };
        for output in [
            "3 passed, 0 failed",
            "Failed: 0, passed: 4",
            "vat-3: ok=2 unreachable=0 failed=0",
            "woven",
        ] {
            assert!(worked(output), "{output}");
        }
        for output in [
            "3 passed, 2 failed",
            "HTTP/1.1 404 Not Found",
            "LoomException",
            "weave: command not found",
        ] {
            assert!(!worked(output), "{output}");
        }
    }
}
