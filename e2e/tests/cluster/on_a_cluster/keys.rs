//! The keys of a class break, vanish, come back and rotate.

use remanence_e2e::manifest::{IDLE, agent, entry, list, pod, store};
use remanence_e2e::{Class, NEXT_LOOK, S3, Space, kubectl_json, together, within};
use serde_json::{Value, json};

#[test]
fn keys_that_break_or_vanish_hold_back_new_pods_and_no_other() {
    let _turn = together();
    let space = Space::plain();
    let keys = kubectl_json(&["--namespace=remanence-system", "get", "secret", "remanence-s3"]);
    let secret =
        |data: Value| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": data});
    let whole = json!({
        "accessKeyId": keys["data"]["accessKeyId"], "secretAccessKey": keys["data"]["secretAccessKey"],
    });
    space.apply(&secret(whole.clone()));
    let class = Class::embedded(&space);
    space.apply(&store("project", &json!({"className": class.name})));
    space.apply(&agent("one", &json!({"stores": [entry("project")]})));
    space.start(&pod("one", "one", IDLE));
    space.sh("one", "echo before > /mnt/memory/project/a.md");

    space.apply(&secret(json!({"accessKeyId": keys["data"]["accessKeyId"]})));
    let message = class.says("SecretMalformed");
    assert!(message.contains("secretAccessKey"), "{message}");
    space.kubectl(&["delete", "secret", "keys"]);
    let message = class.says("SecretNotFound");
    assert!(message.contains(&format!("{}/keys", space.name)), "{message}");
    within(NEXT_LOOK, "the store is not ready", || {
        let status = space.get("memorystore/project")?["status"].clone();
        let conditions = status["conditions"].as_array().into_iter().flatten();
        let mut ready = conditions.filter(|condition| condition["type"] == "Ready");
        if ready.any(|condition| condition["status"] == "False") {
            Ok(())
        } else {
            Err(status.to_string())
        }
    });
    space.sees("one", "cat /mnt/memory/project/a.md", "before");
    space.apply(&pod("two", "one", IDLE));
    space.event("two", "StoreNotReady", "project is not ready");
    let held_back = space.get("pod/two").unwrap();
    assert_eq!(
        held_back["spec"]["schedulingGates"][0]["name"], "remanence.dev/memory",
        "{held_back:#}"
    );

    space.apply(&secret(whole));
    class.says("Ready");
    space.wait("pod/two", "Ready");
    space.sees(
        "one",
        "echo after >> /mnt/memory/project/a.md; tail -n 1 /mnt/memory/project/a.md",
        "after",
    );
    space.sees("two", "head -n 1 /mnt/memory/project/a.md", "before");
}

/// Appends numbers and says how many, and which of them was refused. A close that does not know what became of a number is
/// no refusal: it follows.
const WRITER: &str = "cd /mnt/memory/project; i=0; trap exit TERM; while :; do if echo $i >> log.md; then i=$((i+1)); \
                      echo $i > /tmp/next; mv /tmp/next /tmp/count; else echo $i >> /tmp/refused; fi; sleep 0.1; done";

/// How many numbers are there, where all of them are, once each and in their order.
const WHOLE: &str = "awk '$1 != NR - 1 { exit 1 } END { if (NR > 0) print NR }' /mnt/memory/project/log.md";

fn number(space: &Space, pod: &str, script: &str) -> Result<u64, String> {
    let text = space.try_sh(pod, script)?;
    text.trim().parse().map_err(|_| format!("it prints {text:?}"))
}

#[test]
fn keys_that_rotate_are_taken_up_by_pods_that_run_and_nothing_is_lost() {
    let _turn = together();
    let space = Space::plain();
    let server = S3::start(&space);
    space.apply(&server.admit("first"));
    let class = Class::at(&space, &server.endpoint());
    space.apply(&list([
        store("project", &json!({"className": class.name})),
        agent("one", &json!({"stores": [entry("project")]})),
        pod("writer", "one", WRITER),
        pod("reader", "one", IDLE),
    ]));
    for pod in ["writer", "reader"] {
        space.wait(&format!("pod/{pod}"), "Ready");
    }
    within(NEXT_LOOK, "the first numbers", || number(&space, "reader", WHOLE));

    // Nobody waits for anybody: what a pod holds that was signed with the first keys is refused from here on, and the
    // broker may not know of the second ones yet.
    space.apply(&server.admit("second"));
    server.expel("first");
    let before = number(&space, "writer", "cat /tmp/count").unwrap();
    within(NEXT_LOOK, "numbers signed with the second keys", || {
        match number(&space, "reader", WHOLE)? {
            seen if seen > before + 1 => Ok(()),
            seen => Err(format!("{before} had been written, {seen} are there")),
        }
    });
    class.says("Ready");
    space.start(&pod("later", "one", IDLE));
    let written = number(&space, "writer", "cat /tmp/count").unwrap();
    for pod in ["reader", "later"] {
        within(NEXT_LOOK, &format!("all numbers in {pod}"), || {
            match number(&space, pod, WHOLE)? {
                seen if seen >= written => Ok(()),
                seen => Err(format!("{written} were written, {seen} are there")),
            }
        });
    }
    assert_eq!(space.sh("writer", "cat /tmp/refused 2>/dev/null; true"), "");
    let restarts = "--output=jsonpath={.items[*].status.initContainerStatuses[*].restartCount} \
                    {.items[*].status.containerStatuses[*].restartCount}";
    let restarts = space.kubectl(&["get", "pods", "--selector=remanence.dev/agent", restarts]);
    assert!(restarts.split_whitespace().all(|count| count == "0"), "{restarts}");
}
