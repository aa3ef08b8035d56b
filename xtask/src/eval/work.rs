//! A session of work as a coding agent writes it down: what its person and the agent say among files that are searched,
//! read and changed, and runs of tests. The shares of words, thoughts, tools and envelope are those of real transcripts.

use std::fmt::Write as _;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::{Value, json};

/// A session is over once it is so long.
const BYTES: usize = 90_000;
/// Seconds from one line to the next: more than sessions that begin in the same hour are apart.
const STEP: usize = 30;
const FOLDER: &str = "/home/dev/depots";
const THINGS: [&str; 24] = [
    "parcel", "pallet", "route", "driver", "depot", "tariff", "label", "scan", "invoice", "carrier", "gate", "shift",
    "crate", "weight", "refund", "permit", "manifest", "tour", "stop", "queue", "ledger", "customs", "island", "dock",
];
const VERBS: [&str; 12] = [
    "load", "check", "split", "count", "merge", "weigh", "print", "close", "sort", "send", "read", "hold",
];

/// The transcript of the session with this number: some tasks, in which a person asks to remember one thing, and the
/// agent finds out another.
pub(super) fn session(number: usize, talk: &[String]) -> String {
    let mut session = Session {
        number,
        lines: 0,
        text: String::new(),
    };
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(number as u64));
    let mut tasks = 0;
    while session.text.len() < BYTES {
        session.task(tasks, &mut dice, talk);
        tasks += 1;
    }
    session.text
}

/// Throws the same for the same session each time.
struct Dice(ChaCha8Rng);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        (self.0.next_u64() % most as u64) as usize
    }

    fn thing(&mut self) -> &'static str {
        THINGS[self.below(THINGS.len())]
    }

    fn verb(&mut self) -> &'static str {
        VERBS[self.below(VERBS.len())]
    }
}

struct Session {
    number: usize,
    lines: usize,
    text: String,
}

impl Session {
    fn push(&mut self, kind: &str, message: &Value) {
        let seconds = self.number % 24 * 3600 + STEP * self.lines + self.number / 168;
        let time = format!(
            "2026-06-{:02}T{:02}:{:02}:{:02}.000Z",
            1 + self.number % 28,
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        );
        let id = |line: usize| format!("{:08x}-0000-4000-8000-{line:012x}", self.number);
        let line = json!({
            "parentUuid": id(self.lines),
            "isSidechain": false,
            "userType": "external",
            "cwd": FOLDER,
            "sessionId": id(0),
            "version": "2.1.39",
            "gitBranch": format!("task-{}", self.number),
            "message": message,
            "requestId": id(self.lines),
            "type": kind,
            "uuid": id(self.lines + 1),
            "timestamp": time,
        });
        let _ = writeln!(self.text, "{line}");
        self.lines += 1;
    }

    fn typed(&mut self, words: &str) {
        self.push("user", &json!({"role": "user", "content": words}));
    }

    /// A block of the agent's.
    fn block(&mut self, block: &Value) {
        let message = json!({
            "model": "claude",
            "id": format!("msg_{:012x}{:012x}", self.number, self.lines),
            "type": "message",
            "role": "assistant",
            "content": [block],
            "stop_reason": null,
            "stop_sequence": null,
            "usage": {
                "input_tokens": 3,
                "cache_creation_input_tokens": 4777,
                "cache_read_input_tokens": 52009,
                "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 4777},
                "output_tokens": 10,
                "service_tier": "standard",
                "inference_geo": "not_available",
            },
        });
        self.push("assistant", &message);
    }

    fn said(&mut self, words: &str) {
        self.block(&json!({"type": "text", "text": words}));
    }

    fn tool(&mut self, name: &str, input: &Value, output: &str) {
        let id = format!("toolu_{:012x}{:012x}", self.number, self.lines);
        self.block(&json!({"type": "tool_use", "id": id, "name": name, "input": input}));
        let result = json!([{"type": "tool_result", "tool_use_id": id, "content": output}]);
        self.push("user", &json!({"role": "user", "content": result}));
    }

    /// Somebody asks for something, and the agent does it.
    fn task(&mut self, at: usize, dice: &mut Dice, talk: &[String]) {
        let (thing, part, test) = (dice.thing(), dice.thing(), dice.thing());
        let path = format!("{FOLDER}/src/{thing}/{part}.py");
        self.typed(&talk[dice.below(talk.len())]);
        if at == 0 {
            let crew = self.number * 7 % 1000;
            self.typed(&format!("Remember that locker {} belongs to crew {crew}.", self.number));
        }
        let thoughts: Vec<String> = (0..6).map(|_| sentence(dice)).collect();
        self.block(&json!({"type": "thinking", "thinking": thoughts.join(" "), "signature": "c2ln"}));
        self.said(&sentence(dice));
        let found = lines(24, |_| {
            format!(
                "src/{}/{}.py:{}:{}",
                dice.thing(),
                dice.thing(),
                dice.below(400),
                code(dice)
            )
        });
        let pattern = json!({"pattern": format!("{thing}_{part}"), "output_mode": "content"});
        self.tool("Grep", &pattern, &found);
        let shown = lines(100, |line| format!("{line:6}→{}", code(dice)));
        self.tool("Read", &json!({"file_path": path}), &shown);
        self.said(&sentence(dice));
        let edit = json!({
            "file_path": path,
            "old_string": lines(8, |_| code(dice)),
            "new_string": lines(12, |_| code(dice)),
            "replace_all": false,
        });
        self.tool(
            "Edit",
            &edit,
            &format!("The file {path} has been updated successfully."),
        );
        let mut run = lines(24, |_| {
            let (of, verb, what) = (dice.thing(), dice.verb(), dice.thing());
            format!(
                "tests/{thing}/test_{of}.py::test_{verb}_{what}_{} PASSED",
                dice.below(400)
            )
        });
        let _ = writeln!(run, "{} passed in 3.21s", 10 + dice.below(90));
        let command = json!({"command": format!("python -m pytest tests/{thing} -v")});
        self.tool("Bash", &command, &run);
        self.said(&sentence(dice));
        if at == 1 {
            self.find_out(1000 + dice.below(9000));
        }
        let written = json!({"file_path": format!("{FOLDER}/tests/{thing}/test_{test}.py"), "content": lines(24, |_| code(dice))});
        self.tool("Write", &written, "File created successfully.");
        self.said(&sentence(dice));
    }

    /// What a file here bears out.
    fn find_out(&mut self, port: usize) {
        let depot = format!("depot{}", self.number);
        let settings = format!("[{depot}]\nscanner_port = {port}\nretries = 3\n");
        let command = json!({"command": format!("cat config/{depot}.toml")});
        self.tool("Bash", &command, &settings);
        self.said(&format!(
            "The scanner of {depot} listens on port {port}, as config/{depot}.toml says."
        ));
    }
}

fn lines(count: usize, mut line: impl FnMut(usize) -> String) -> String {
    (1..=count).map(|at| line(at) + "\n").collect()
}

/// A line of a program.
fn code(dice: &mut Dice) -> String {
    let (one, other, third) = (dice.thing(), dice.thing(), dice.thing());
    let (verb, number) = (dice.verb(), dice.below(400));
    match dice.below(6) {
        0 => format!("    {one}_{other} = self.{verb}_{third}({one}_id, limit={number})"),
        1 => format!("    if {one}.{other}_count > {number}: return None"),
        2 => format!("    # the {other} of a {one} is that of the {third} before it"),
        3 => format!("    for {one} in self.{other}s.values():"),
        4 => format!("        raise ValueError(f\"{one} without {other}: {{{one}!r}}\")"),
        _ => format!("    log.info(\"%s: {verb} %d {other}s\", {one}.name, len({third}s))"),
    }
}

/// What an agent says of its work.
fn sentence(dice: &mut Dice) -> String {
    let (one, other, third) = (dice.thing(), dice.thing(), dice.thing());
    let (verb, number) = (dice.verb(), dice.below(400));
    match dice.below(8) {
        0 => format!("I will look at how `{one}_{other}` is filled first."),
        1 => format!(
            "`{verb}_{one}` in src/{one}/{other}.py returns None when the {third} is empty, which explains the error."
        ),
        2 => format!("The {one} is read before the {other} is set, so I moved the call down and ran the tests again."),
        3 => format!("All {number} tests pass now."),
        4 => format!("Next I change how we {verb} a {one}, so that it no longer asks for the {other} twice."),
        5 => format!("That test was written for the old {one}. I keep it and add one for the {other}."),
        6 => format!("The two branches differ only in how they {verb} a {one}, I took the shorter one."),
        _ => format!("Done: a {one} without a {other} is left out, and the log says how many there were."),
    }
}
