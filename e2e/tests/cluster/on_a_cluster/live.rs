//! While pods run: stores come and go, Jobs end, Deployments are rolled.

use remanence_e2e::manifest::{IDLE, agent, deployment, entry, list, pod, spec, store};
use remanence_e2e::{Space, together, until};
use serde_json::json;

#[test]
fn an_agent_gains_and_loses_a_store_while_its_pod_runs() {
    let _turn = together();
    let space = Space::plain();
    space.apply(&list([
        store("project", &json!({})),
        store("extra", &json!({})),
        agent("one", &json!({"stores": [entry("project")]})),
    ]));
    space.start(&pod("one", "one", IDLE));
    space.sh(
        "one",
        "echo a > /mnt/memory/project/a.md && test ! -e /mnt/memory/extra",
    );
    space.apply(&agent("one", &json!({"stores": [entry("project"), entry("extra")]})));
    space.sees(
        "one",
        "echo b > /mnt/memory/extra/b.md && cat /mnt/memory/extra/b.md",
        "b",
    );
    space.apply(&agent("one", &json!({"stores": [entry("project")]})));
    space.sees("one", "ls -d /mnt/memory/extra 2>/dev/null || echo gone", "gone");
    // What it had all along went on.
    space.sees("one", "cat /mnt/memory/project/a.md", "a");
}

#[test]
fn each_customer_has_a_store_by_the_label_of_the_pod() {
    let _turn = together();
    let space = Space::plain();
    let by_label = json!({"name": "customer", "storeRef": {"fromPodLabel": "example.com/customer"}, "create": true});
    space.apply(&agent("support", &json!({"stores": [by_label]})));
    for (name, customer) in [("one", "acme"), ("two", "acme"), ("three", "globex")] {
        let mut pod = pod(name, "support", IDLE);
        pod["metadata"]["labels"]["example.com/customer"] = customer.into();
        space.apply(&pod);
    }
    for name in ["one", "two", "three"] {
        space.wait(&format!("pod/{name}"), "Ready");
    }
    space.sh("one", "echo likes-trains > /mnt/memory/customer/a.md");
    space.sees("two", "cat /mnt/memory/customer/a.md", "likes-trains");
    space.sees("three", "ls /mnt/memory/customer | wc -l", "0");
    let stores = space.kubectl(&["get", "memorystores", "--output=name"]);
    assert_eq!(
        stores,
        "memorystore.remanence.dev/acme\nmemorystore.remanence.dev/globex\n"
    );
}

#[test]
fn a_job_completes_and_what_it_wrote_stays() {
    let _turn = together();
    let space = Space::plain();
    space.apply(&agent("worker", &json!({"memory": {}})));
    let mut pod = spec("echo done > /mnt/memory/worker/report.md");
    pod["restartPolicy"] = "Never".into();
    let template = json!({"metadata": {"labels": remanence_e2e::manifest::labels("worker")}, "spec": pod});
    space.apply(&json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "nightly"}, "spec": {"template": template},
    }));
    space.wait("job/nightly", "Complete");
    space.start(&remanence_e2e::manifest::pod("reader", "worker", IDLE));
    space.sees("reader", "cat /mnt/memory/worker/report.md", "done");
}

/// Counts what was written as long as it runs; a signal may come between a write and its count.
const WRITER: &str = "cd /mnt/memory/project; i=0; trap 'echo $i > $HOSTNAME.count; exit' TERM; \
                      while :; do echo $i >> $HOSTNAME.log || exit 1; i=$((i+1)); done";

#[test]
fn a_rolling_update_under_writes_loses_nothing() {
    let _turn = together();
    let space = Space::plain();
    space.apply(&list([
        store("project", &json!({})),
        agent("writer", &json!({"stores": [entry("project")]})),
    ]));
    let mut writers = deployment("writer", "writer", 2, WRITER);
    // What the trap counts has to be committed, too, while other pods write.
    writers["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 30.into();
    space.apply(&writers);
    space.wait("deployment/writer", "Available");
    // Both are past the point from which on they hear the signal.
    space.sees(
        "deploy/writer",
        "ls /mnt/memory/project | grep -c '[.]log$' || true",
        "2",
    );
    space.kubectl(&["rollout", "restart", "deployment/writer"]);
    space.kubectl(&["rollout", "status", "deployment/writer", "--timeout=120s"]);
    let counted = until("what the first two pods counted", || {
        let script =
            "cd /mnt/memory/project; for f in *.count; do n=${f%.count}; echo $(cat $f) $(wc -l < $n.log); done";
        let text = space.try_sh("deploy/writer", script)?;
        let numbers = |line: &str| line.split(' ').map(|n| n.parse().ok()).collect::<Option<Vec<i64>>>();
        let counted: Vec<_> = text.lines().filter_map(numbers).collect();
        if counted.len() == 2 { Ok(counted) } else { Err(text) }
    });
    for pair in counted {
        assert!(
            (0..=1).contains(&(pair[1] - pair[0])),
            "{} were written, {} are there",
            pair[0],
            pair[1]
        );
        assert!(pair[0] > 0, "nothing was written");
    }
}
