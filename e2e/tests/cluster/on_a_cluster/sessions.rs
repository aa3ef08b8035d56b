//! What an agent said is there in its next pod.

use remanence_e2e::manifest::{IDLE, agent, pod};
use remanence_e2e::{Space, together};
use serde_json::json;

#[test]
fn sessions_are_there_in_the_next_pod_and_removing_them_breaks_nothing() {
    let _turn = together();
    let space = Space::plain();
    space.apply(&agent(
        "talker",
        &json!({"sessions": {"mountPath": "/home/agent/sessions"}}),
    ));
    space.start(&pod("first", "talker", IDLE));
    space.sh(
        "first",
        "cd /home/agent/sessions && mkdir p && echo '{\"role\":\"user\"}' > p/monday.jsonl",
    );
    space.stop("first");
    space.start(&pod("second", "talker", IDLE));
    space.sees(
        "second",
        "cat /home/agent/sessions/p/monday.jsonl",
        "{\"role\":\"user\"}",
    );
    // The folder itself is a mount and stays; what is in it goes.
    space.sh("second", "rm -rf /home/agent/sessions 2>/dev/null; true");
    space.sees("second", "ls /home/agent/sessions | wc -l", "0");
    space.sh("second", "echo again > /home/agent/sessions/tuesday.jsonl");
    space.stop("second");
    space.start(&pod("third", "talker", IDLE));
    space.sees("third", "cat /home/agent/sessions/tuesday.jsonl", "again");
}

#[test]
fn a_pod_whose_agent_ignores_the_end_goes_in_time() {
    let _turn = together();
    let space = Space::plain();
    space.apply(&agent(
        "deaf",
        &json!({"memory": {}, "sessions": {"mountPath": "/sessions"}}),
    ));
    space.start(&pod(
        "deaf",
        "deaf",
        "trap '' TERM; while :; do echo x >> /sessions/s.jsonl; sleep 0.1; done",
    ));
    // Three seconds of grace, and what the kubelet and the sidecar need.
    space.kubectl(&["delete", "pod", "deaf", "--timeout=50s"]);
}
