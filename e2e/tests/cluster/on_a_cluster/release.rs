//! Helm: what is installed, how it is upgraded under load, and what stays when it is uninstalled. The last runs alone.

use remanence_e2e::manifest::{IDLE, agent, entry, list, pod, store};
use remanence_e2e::{Class, S3, Space, alone, helm, kubectl, together, try_kubectl, until};
use serde_json::json;

const SYSTEM: [&str; 2] = ["--namespace", "remanence-system"];

fn release(words: &[&str]) -> Result<String, String> {
    helm(&[words, &SYSTEM].concat())
}

#[test]
fn helm_has_installed_all_that_is_needed() {
    let _turn = together();
    let releases = release(&["list", "--short"]).unwrap();
    assert_eq!(releases, "remanence\nremanence-crds\n");
    let available = "--for=condition=Available";
    kubectl(&[
        "wait",
        available,
        "--timeout=60s",
        "deployment/remanence-operator",
        SYSTEM[0],
        SYSTEM[1],
    ]);
    // The kubelet looks for new plugins by itself, after they are ready.
    until("the node plugin's registration", || {
        let drivers = "--output=jsonpath={.items[*].spec.drivers[*].name}";
        let nodes = try_kubectl(&["get", "csinodes", drivers])?;
        if nodes.contains("csi.remanence.dev") {
            Ok(())
        } else {
            Err(nodes)
        }
    });
    let kinds = kubectl(&["api-resources", "--categories=remanence", "--output=name"]);
    for kind in ["agents", "memorystoreclasses", "memorystores"] {
        assert!(kinds.contains(kind), "{kinds}");
    }
}

/// Appends numbers, as many as it says.
const WRITER: &str = "cd /mnt/memory/project; i=0; trap exit TERM; \
                      while :; do echo $i >> log.md || exit 1; i=$((i+1)); echo $i > /tmp/next; mv /tmp/next /tmp/count; sleep 0.05; done";

#[test]
fn an_upgrade_under_load_loses_nothing_and_an_uninstall_keeps_what_was_made() {
    let _turn = alone();
    let space = Space::plain();
    // The chart's own S3 server goes with the chart.
    let server = S3::start(&space);
    space.apply(&server.admit("tests"));
    let class = Class::at(&space, &server.endpoint());
    space.apply(&list([
        store("project", &json!({"className": class.name})),
        agent("writer", &json!({"stores": [entry("project")]})),
    ]));
    space.start(&pod("writer", "writer", WRITER));

    let chart = "charts/remanence";
    let log = [
        "--set",
        "operator.log=info\\,remanence_operator=debug",
        "--set",
        "node.log=debug",
    ];
    let upgrade = [
        "upgrade",
        "remanence",
        chart,
        "--reuse-values",
        "--wait",
        "--timeout",
        "3m",
    ];
    release(&[&upgrade[..], &log].concat()).unwrap();
    let counted = space.sh(
        "writer",
        "cat /tmp/count; wc -l < /mnt/memory/project/log.md && kill -0 1 && echo runs",
    );
    let words: Vec<&str> = counted.split_whitespace().collect();
    let [count, lines, "runs"] = words[..] else {
        panic!("{counted}")
    };
    let (count, lines): (u64, u64) = (count.parse().unwrap(), lines.parse().unwrap());
    assert!(count > 0 && lines >= count, "{count} were written, {lines} are there");
    // New pods get the new operator's word, old ones go on.
    space.start(&pod("reader", "writer", IDLE));
    space.sees("reader", "test -s /mnt/memory/project/log.md && echo yes", "yes");

    let refused = release(&["uninstall", "remanence", "--timeout", "2m"]).unwrap_err();
    assert!(refused.contains("uninstall"), "{refused}");
    let guard = kubectl(&["logs", "job/remanence-uninstall-guard", SYSTEM[0], SYSTEM[1]]);
    assert!(guard.contains(&format!("{}/writer", space.name)), "{guard}");
    space.sh("writer", "echo still > /mnt/memory/project/still.md");

    space.stop("writer");
    space.stop("reader");
    let values = std::env::temp_dir().join(format!("{}.json", space.name));
    std::fs::write(
        &values,
        release(&["get", "values", "remanence", "--output", "json"]).unwrap(),
    )
    .unwrap();
    release(&["uninstall", "remanence", "--wait", "--timeout", "2m"]).unwrap();
    release(&["uninstall", "remanence-crds"]).unwrap();
    let kept = space.kubectl(&["get", "agents,memorystores,memorystoreclasses", "--output=name"]);
    for object in [
        "agent.remanence.dev/writer",
        "memorystore.remanence.dev/project",
        "memorystoreclass.remanence.dev/",
    ] {
        assert!(kept.contains(object), "{kept}");
    }
    let webhook = try_kubectl(&["get", "mutatingwebhookconfiguration", "remanence"]);
    assert!(webhook.is_err(), "the webhook stayed and would hold pods");

    let file = values.display().to_string();
    let crds = ["upgrade", "--install", "remanence-crds", "charts/remanence-crds"];
    release(&crds).unwrap();
    let install = [
        "upgrade",
        "--install",
        "remanence",
        chart,
        "--values",
        &file,
        "--wait",
        "--timeout",
        "3m",
    ];
    release(&install).unwrap();
    std::fs::remove_file(&values).unwrap();
    kubectl(&[
        "wait",
        "--for=condition=Ready",
        "memorystoreclass",
        "--all",
        "--timeout=90s",
    ]);
    // The way to the webhook's Service is made a moment later.
    until("a pod after it all", || space.try_apply(&pod("later", "writer", IDLE)));
    space.wait("pod/later", "Ready");
    let counted = format!("head -n {count} /mnt/memory/project/log.md | awk '$1 != NR - 1 {{ exit 1 }}' && echo all");
    space.sees("later", &counted, "all");
    space.sees("later", "cat /mnt/memory/project/still.md", "still");
}

#[test]
fn a_second_installation_is_refused_and_leaves_nothing() {
    let _turn = together();
    let space = Space::plain();
    let chart = "charts/remanence";
    for name in ["second", "remanence"] {
        let refused = helm(&["install", name, chart, "--namespace", &space.name]).unwrap_err();
        assert!(
            refused.contains("installed in the namespace remanence-system already"),
            "{refused}"
        );
    }
    let kinds = "deployments,daemonsets,services,secrets,roles,serviceaccounts";
    let made = space.kubectl(&["get", kinds, "--output=name"]);
    assert_eq!(made, "serviceaccount/default\n");
    // The first one goes on.
    space.apply(&agent("one", &json!({"memory": {}})));
    space.start(&pod("one", "one", IDLE));
}
