//! Who sees what.

use remanence_e2e::manifest::{IDLE, agent, entry, list, pod, store};
use remanence_e2e::{Space, together};
use serde_json::json;

#[test]
fn three_agents_share_one_store_and_keep_their_own() {
    let _turn = together();
    let space = Space::plain();
    let names = ["planner", "coder", "reviewer"];
    let mut objects = vec![store("project", &json!({}))];
    objects.extend(names.map(|name| agent(name, &json!({"memory": {}, "stores": [entry("project")]}))));
    space.apply(&list(objects));
    space.apply(&list(names.map(|name| pod(name, name, IDLE))));
    for name in names {
        space.wait(&format!("pod/{name}"), "Ready");
        space.sh(
            name,
            &format!("cd /mnt/memory && echo {name} > project/{name}.md && echo mine > {name}/own.md"),
        );
    }
    for name in names {
        space.sees(name, "cat /mnt/memory/project/*.md", "coder\nplanner\nreviewer");
        space.sees(
            name,
            "cd /mnt/memory && echo *",
            &format!("AGENTS.md CLAUDE.md {}", sorted(name, "project")),
        );
        space.sees(name, &format!("cat /mnt/memory/{name}/*"), "mine");
    }
}

fn sorted(one: &str, other: &str) -> String {
    let mut names = [one, other];
    names.sort_unstable();
    names.join(" ")
}

#[test]
fn read_only_is_read_only() {
    let _turn = together();
    let space = Space::plain();
    let mut wish = entry("handbook");
    wish["access"] = "ReadOnly".into();
    space.apply(&list([
        store("handbook", &json!({})),
        agent("writer", &json!({"stores": [entry("handbook")]})),
        agent("reader", &json!({"stores": [wish]})),
        pod("writer", "writer", IDLE),
        pod("reader", "reader", IDLE),
    ]));
    space.wait("pod/writer", "Ready");
    space.wait("pod/reader", "Ready");
    space.sh("writer", "echo rule > /mnt/memory/handbook/rules.md");
    space.sees("reader", "cat /mnt/memory/handbook/rules.md", "rule");
    for attempt in [
        "echo x > new.md",
        "echo x >> rules.md",
        "rm rules.md",
        "mkdir d",
        "mv rules.md other.md",
    ] {
        let refused = space
            .try_sh("reader", &format!("cd /mnt/memory/handbook && {attempt}"))
            .unwrap_err();
        assert!(refused.contains("Read-only file system"), "{attempt}: {refused}");
    }
}

#[test]
fn a_store_is_shared_with_the_namespaces_it_names_and_no_further() {
    let _turn = together();
    let owner = Space::plain();
    let friend = Space::new(&json!({"team": "b"}));
    let stranger = Space::plain();
    owner.apply(&store(
        "handbook",
        &json!({"sharing": [
            {"namespaces": {"from": "Same"}, "maxAccess": "ReadWrite"},
            {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"team": "b"}}}, "maxAccess": "ReadOnly"},
        ]}),
    ));
    let wish = json!({"stores": [
        {"name": "handbook", "storeRef": {"name": "handbook", "namespace": owner.name}, "access": "ReadWrite"},
    ]});
    for space in [&friend, &stranger] {
        space.apply(&agent("reader", &wish));
        space.apply(&pod("reader", "reader", IDLE));
    }
    stranger.event("reader", "NotShared", &owner.name);
    friend.wait("pod/reader", "Ready");
    // It wished to write.
    friend.wait("agent/reader", "AccessLowered");
    let refused = friend
        .try_sh("reader", "echo x > /mnt/memory/handbook/a.md")
        .unwrap_err();
    assert!(refused.contains("Read-only file system"), "{refused}");
    let pod = stranger.get("pod/reader").unwrap();
    assert_eq!(pod["status"]["phase"], "Pending");
    assert!(pod["spec"]["nodeName"].is_null(), "it was let in");
}
