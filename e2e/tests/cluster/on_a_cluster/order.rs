//! The order of `apply` does not matter, and whoever waits says for what.

use remanence_e2e::manifest::{IDLE, agent, deployment, entry, labels, pod, spec, store};
use remanence_e2e::{Space, together};
use serde_json::json;

#[test]
fn the_quickstart_works_as_it_is_written() {
    let _turn = together();
    let space = Space::plain();
    space.apply_example("quickstart.yaml");
    space.wait("deployment/greeter", "Available");
    space.sees("deploy/greeter", "cat /mnt/memory/project/visitors.md | wc -l", "3");
}

#[test]
fn a_bare_pod_waits_for_its_stores_and_says_so() {
    let _turn = together();
    let space = Space::plain();
    space.apply(&agent("reader", &json!({"stores": [entry("project")]})));
    space.apply(&pod("first", "reader", IDLE));
    space.event("first", "StoreNotFound", "project");
    let gated = space.get("pod/first").unwrap();
    assert_eq!(
        gated["spec"]["schedulingGates"][0]["name"], "remanence.dev/memory",
        "{gated:#}"
    );
    space.apply(&store("project", &json!({})));
    space.wait("pod/first", "Ready");
    space.sh("first", "echo hello > /mnt/memory/project/a.md");
}

#[test]
fn pods_of_a_deployment_may_come_before_their_agent() {
    let _turn = together();
    let space = Space::plain();
    space.apply(&deployment("early", "late", 2, IDLE));
    let first = remanence_e2e::until("a pod", || {
        let pods = space.get("pods")?;
        let name = pods["items"][0]["metadata"]["name"].as_str();
        name.map(str::to_owned).ok_or_else(|| "none yet".to_owned())
    });
    space.event(&first, "AgentNotFound", "no Agent late");
    // With sessions, which the waiting pods do not mount: they have to be made again.
    space.apply(&agent(
        "late",
        &json!({"memory": {}, "sessions": {"mountPath": "/sessions"}}),
    ));
    space.wait("deployment/early", "Available");
    space.sees(
        "deploy/early",
        "touch /sessions/s.jsonl /mnt/memory/late/a.md && echo yes",
        "yes",
    );
}

#[test]
fn a_job_that_may_not_fail_may_come_before_its_agent() {
    let _turn = together();
    let space = Space::plain();
    let mut pod = spec("touch /sessions/s.jsonl && echo done > /mnt/memory/later/report.md");
    pod["restartPolicy"] = "Never".into();
    let template = json!({"metadata": {"labels": labels("later")}, "spec": pod});
    space.apply(&json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once"},
        "spec": {"backoffLimit": 0, "template": template},
    }));
    space.event("once", "FailedCreate", "no Agent later");
    space.apply(&agent(
        "later",
        &json!({"memory": {}, "sessions": {"mountPath": "/sessions"}}),
    ));
    space.wait("job/once", "Complete");
}
