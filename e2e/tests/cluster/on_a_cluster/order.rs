//! The order of `apply` does not matter, and whoever waits says for what.

use remanence_e2e::manifest::{IDLE, agent, deployment, entry, labels, pod, spec, store};
use remanence_e2e::{Space, together, until};
use serde_json::json;

#[test]
fn the_quickstart_works_as_it_is_written() {
    let _turn = together();
    let space = Space::plain();
    space.apply_example("quickstart.yaml");
    space.wait("deployment/greeter", "Available");
    space.sees("deploy/greeter", "cat /mnt/memory/project/visitors.md | wc -l", "3");
    // The other commands of its first lines.
    let read = ["exec", "deploy/greeter", "--", "sh", "-c", "cat /mnt/memory/project/*"];
    assert_eq!(space.kubectl(&read).matches("was here").count(), 3);
    until("kubectl get remanence tells of all", || {
        let told = space.try_kubectl(&["get", "remanence"])?;
        let rows: Vec<Vec<&str>> = told.lines().map(|line| line.split_whitespace().collect()).collect();
        let has = |row: &[&str]| rows.iter().any(|found| found.starts_with(row));
        let all = has(&["NAME", "READY", "STORES", "PODS", "LAST-SESSION", "AGE"])
            && has(&["agent.remanence.dev/greeter", "True", "2", "3"])
            && has(&[
                "NAME",
                "READY",
                "FILES",
                "SIZE",
                "HEAD",
                "LAST-WRITE",
                "LAST-DREAM",
                "AGE",
            ])
            && has(&["memorystore.remanence.dev/greeter", "True"])
            && has(&["memorystore.remanence.dev/project", "True"])
            && has(&["memorystoreclass.remanence.dev/embedded"]);
        if all { Ok(()) } else { Err(told) }
    });
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
    let first = until("a pod", || {
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
