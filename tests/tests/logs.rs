//! What the programs in a cluster say when they can't begin: a log of JSON to its last line, which has the reason.

#![allow(clippy::unwrap_used)]

use std::process::Command;

use remanence_tests::prerequisites::binary;
use serde_json::Value;

/// A program, how it is started in vain, and what it says of it.
struct Vain {
    program: &'static str,
    args: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
    reason: &'static str,
}

const ALL: [Vain; 4] = [
    Vain {
        program: "remanence-sidecar",
        args: &["--listen", "127.0.0.1:0"],
        env: &[],
        reason: "no broker is named; set REMANENCE_BROKER",
    },
    Vain {
        program: "remanence-operator",
        args: &["may-uninstall"],
        env: &[("KUBECONFIG", "/nowhere")],
        reason: "no way to the apiserver: ",
    },
    Vain {
        program: "remanence-dreamer",
        args: &["--broker", "https://127.0.0.1:9", "--run", "one"],
        env: &[("OTEL_EXPORTER_OTLP_ENDPOINT", "not a URL")],
        reason: "traces can't be sent to not a URL",
    },
    Vain {
        program: "remanence-node",
        args: &["--node-name", "one", "--kubelet-dir", "/dev/null"],
        env: &[],
        reason: "the node plugin: ",
    },
];

impl Vain {
    /// What it writes to standard error, with this filter.
    fn said(&self, filter: &str) -> String {
        let mut command = Command::new(binary().with_file_name(self.program));
        command.env_clear().args(self.args).envs(self.env.iter().copied());
        let output = command.env("REMANENCE_LOG", filter).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", self.program);
        String::from_utf8(output.stderr).unwrap()
    }

    /// All lines are JSON, and the last one is an error with the reason.
    fn check(&self, log: &str) {
        let parsed = log
            .lines()
            .map(serde_json::from_str::<Value>)
            .collect::<Result<Vec<_>, _>>();
        let lines = parsed.unwrap_or_else(|error| panic!("{}: {error}: {log}", self.program));
        let last = lines.last().unwrap_or_else(|| panic!("{} says nothing", self.program));
        assert_eq!(last["level"], "ERROR", "{}: {log}", self.program);
        let message = last["fields"]["message"].as_str().unwrap();
        assert!(message.contains(self.reason), "{}: {log}", self.program);
    }
}

#[test]
fn the_last_line_of_a_log_is_json_and_says_what_ended_the_program() {
    for vain in ALL {
        vain.check(&vain.said(""));
    }
}

#[test]
fn a_part_of_the_filter_that_makes_no_sense_is_named_and_the_rest_holds() {
    for vain in ALL {
        let said = vain.said("info,remanence_store=loud");
        let (first, log) = said.split_once('\n').unwrap();
        assert!(
            first.contains("ignoring `remanence_store=loud`"),
            "{}: {said}",
            vain.program
        );
        vain.check(log);
    }
}
