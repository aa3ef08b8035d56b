//! While pods run: stores come and go, Jobs end, Deployments are rolled.

use remanence_e2e::manifest::{IDLE, agent, entry, list, pod, spec, store};
use remanence_e2e::{Space, Writers, together};
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

#[test]
fn a_rolling_update_under_writes_loses_nothing() {
    let _turn = together();
    let space = Space::plain();
    let writers = Writers::start(&space, 2);
    space.kubectl(&["rollout", "restart", "deployment/writer"]);
    space.kubectl(&["rollout", "status", "deployment/writer", "--timeout=120s"]);
    writers.lost_nothing();
}
