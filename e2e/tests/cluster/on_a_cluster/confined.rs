//! What is around the agent, and what it can't reach.

use remanence_e2e::manifest::{IDLE, agent, list, pod};
use remanence_e2e::{Space, together};
use serde_json::json;

#[test]
fn a_namespace_that_enforces_restricted_admits_it() {
    let _turn = together();
    let space = Space::new(&json!({"pod-security.kubernetes.io/enforce": "restricted"}));
    let mut loose = pod("loose", "careful", IDLE);
    loose["metadata"]["labels"] = json!({});
    loose["spec"]["containers"][0]["securityContext"] = json!({});
    let refused = space.try_apply(&loose).unwrap_err();
    assert!(refused.contains("violates PodSecurity"), "{refused}");
    let all = json!({"memory": {}, "sessions": {"mountPath": "/sessions"}, "notes": ["/etc/notes.md"]});
    space.apply(&agent("careful", &all));
    space.start(&pod("careful", "careful", IDLE));
    space.sh(
        "careful",
        "grep -q /mnt/memory /etc/notes.md && echo kept | tee /sessions/s.jsonl > /mnt/memory/careful/a.md",
    );
    space.stop("careful");
    space.start(&pod("careful", "careful", IDLE));
    space.sees(
        "careful",
        "cat /mnt/memory/careful/a.md /sessions/s.jsonl",
        "kept\nkept",
    );
}

#[test]
fn from_the_agents_container_there_is_no_key_no_token_no_socket_and_no_device() {
    let _turn = together();
    let space = Space::plain();
    space.apply(&agent(
        "curious",
        &json!({"memory": {}, "sessions": {"mountPath": "/sessions"}}),
    ));
    // As an image has it that says nothing of its user: root, with what a runtime lets root do.
    let mut root = pod("root", "curious", IDLE);
    let spec = root["spec"].as_object_mut().unwrap();
    spec.remove("securityContext");
    spec["containers"][0]["securityContext"] = json!({});
    space.apply(&list([pod("curious", "curious", IDLE), root]));
    let looks = [
        ("ls /dev/fuse 2>/dev/null; true", ""),
        // By which a mount could be ended.
        ("ls /sys/fs/fuse/connections 2>/dev/null; true", ""),
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
    for (pod, user) in [("curious", "1000"), ("root", "0")] {
        space.wait(&format!("pod/{pod}"), "Ready");
        assert_eq!(space.sh(pod, "id -u").trim_end(), user);
        for (look, found) in looks {
            assert_eq!(space.sh(pod, look).trim_end(), found, "{pod}: {look}");
        }
    }
}
