//! What is around the agent, and what it can't reach.

use remanence_e2e::manifest::{IDLE, agent, pod};
use remanence_e2e::{Space, together};
use serde_json::json;

#[test]
fn a_namespace_that_enforces_restricted_admits_it() {
    let _turn = together();
    let space = Space::new(&json!({"pod-security.kubernetes.io/enforce": "restricted"}));
    space.apply(&agent("careful", &json!({"memory": {}})));
    space.start(&pod("careful", "careful", IDLE));
    space.sh("careful", "echo kept > /mnt/memory/careful/a.md");
    space.stop("careful");
    space.start(&pod("careful", "careful", IDLE));
    space.sees("careful", "cat /mnt/memory/careful/a.md", "kept");
}

#[test]
fn from_the_agents_container_there_is_no_key_no_token_no_socket_and_no_device() {
    let _turn = together();
    let space = Space::plain();
    space.apply(&agent(
        "curious",
        &json!({"memory": {}, "sessions": {"mountPath": "/sessions"}}),
    ));
    space.start(&pod("curious", "curious", IDLE));
    let looks = [
        ("ls /dev/fuse 2>/dev/null; true", ""),
        (
            "ls -d /run/remanence* /var/run/secrets/remanence* /var/cache/remanence* 2>/dev/null; true",
            "",
        ),
        // In all mounts, of which one is shown to be among them.
        (
            "find / \\( -path /proc -o -path /sys \\) -prune -o \\( -type s -o -path /etc/hosts \\) -print 2>/dev/null; true",
            "/etc/hosts",
        ),
        ("env | grep -i -E 'aws|access|secret|broker|token'; true", ""),
        // Its own mounts are all that it sees of the driver.
        (
            "grep -c fuse /proc/mounts; grep fuse /proc/mounts | cut -d' ' -f2 | sort | tr '\\n' ' '",
            "2\n/mnt/memory /sessions",
        ),
        // No process but its own.
        ("cat /proc/[0-9]*/comm | grep -c remanence; true", "0"),
        ("mount -t tmpfs t /mnt/memory 2>&1 | grep -c -i permi", "1"),
    ];
    for (look, found) in looks {
        assert_eq!(space.sh("curious", look).trim_end(), found, "{look}");
    }
}
