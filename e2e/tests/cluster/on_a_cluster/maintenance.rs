//! Once a day what is past its retention goes, and nothing else does.
#![allow(clippy::unwrap_used)]

use std::thread;
use std::time::Duration;

use remanence_e2e::manifest::{IDLE, agent, entry, list, pod, store};
use remanence_e2e::{Plugin, Space, together, until};
use serde_json::{Value, json};

/// More than a day before this is told.
const LONG_AGO: &str = "2020-01-01T00:00:00Z";
/// What is kept where it is said so, and a time after which that is over.
const RETENTION: &str = "1s";
const OVER_BY_THEN: Duration = Duration::from_secs(2);

/// Has the operator look after a store as it does once a day.
fn maintain(space: &Space, store: &str) {
    let object = format!("memorystore/{store}");
    let long_ago = json!({"status": {"lastMaintenance": LONG_AGO}}).to_string();
    space.kubectl(&[
        "patch",
        &object,
        "--subresource=status",
        "--type=merge",
        "--patch",
        &long_ago,
    ]);
    let mut looks = 0;
    until(&format!("the store {store} is maintained"), || {
        let status = space.get(&object)?["status"].clone();
        if status["lastMaintenance"] != LONG_AGO {
            return Ok(());
        }
        // Stores are maintained one at a time; one whose turn it was not is looked at again when it changes.
        looks += 1;
        space.try_kubectl(&["annotate", "--overwrite", &object, &format!("example.com/look={looks}")])?;
        Err(status.to_string())
    });
}

/// Who did what to a file, newest first.
fn log(admin: &Plugin, file: &str) -> Vec<Value> {
    let text = admin.says(&["log", file, "-o", "json"], "");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn maintenance_takes_what_is_past_its_retention_and_nothing_else() {
    let _turn = together();
    let space = Space::plain();
    let sessions = |retention: Value| json!({"mountPath": "/sessions", "retention": retention});
    space.apply(&list([
        store("short", &json!({"history": {"retention": RETENTION}})),
        store("long", &json!({})),
        agent(
            "brief",
            &json!({"stores": [entry("short"), entry("long")], "sessions": sessions(RETENTION.into())}),
        ),
        agent("lasting", &json!({"sessions": sessions("30d".into())})),
    ]));
    let admin = Plugin::admin(&space);
    for name in ["brief", "lasting"] {
        space.start(&pod(name, name, IDLE));
        space.sh(name, r#"echo '{"role": "user"}' > /sessions/monday.jsonl"#);
        until(&format!("what {name} said is stored"), || {
            let found = admin.run(&["ls", &format!("{name}-sessions")], "")?;
            if found.contains("monday.jsonl") {
                Ok(())
            } else {
                Err(found)
            }
        });
    }
    for store in ["short", "long"] {
        admin.says(&["put", &format!("{store}/a.md")], "old words\n");
        admin.says(&["put", &format!("{store}/a.md")], "new words\n");
        admin.says(&["put", &format!("{store}/b.md")], "other words\n");
    }
    let first = |store: &str| log(&admin, &format!("{store}/a.md"))[1]["version"].clone();
    let was = |store: &str, version: &Value| {
        let file = format!("{store}/a.md");
        admin.run(&["cat", &file, "--at", version.as_str().unwrap()], "")
    };
    let versions = ["short", "long"].map(|store| (store, first(store)));
    for (store, version) in &versions {
        assert_eq!(was(store, version).unwrap(), "old words\n", "{store}");
    }
    // It is time itself that is waited for.
    thread::sleep(OVER_BY_THEN);

    for store in ["short", "long", "brief-sessions", "lasting-sessions"] {
        maintain(&space, store);
    }
    let [(_, of_short), (_, of_long)] = &versions;
    let gone = was("short", of_short).unwrap_err();
    assert!(gone.contains("past its retention"), "{gone}");
    assert_eq!(was("long", of_long).unwrap(), "old words\n");
    for store in ["short", "long"] {
        space.sees(
            "brief",
            &format!("cat /mnt/memory/{store}/*.md"),
            "new words\nother words",
        );
        // Who did what stays.
        assert_eq!(log(&admin, &format!("{store}/a.md")).len(), 2, "{store}");
    }
    space.sees("brief", "ls /sessions | wc -l", "0");
    space.sees("lasting", "ls /sessions", "monday.jsonl");
    // The next session is written as ever.
    space.sh("brief", r#"echo '{"role": "user"}' > /sessions/tuesday.jsonl"#);
    space.sees("brief", "ls /sessions", "tuesday.jsonl");
}
