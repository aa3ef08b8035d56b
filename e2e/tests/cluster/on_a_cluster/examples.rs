//! The files of `examples/` work as they are written.

use remanence_e2e::{Space, together};
use serde_json::json;

#[test]
fn an_agent_that_knows_nothing_but_open_remembers_its_runs() {
    let _turn = together();
    let space = Space::plain();
    for said in ["I remember 0 runs.", "I remember 1 runs. The last one was diarist-"] {
        space.apply_example("python.yaml");
        space.wait("job/diarist", "Complete");
        let log = space.kubectl(&["logs", "job/diarist", "--container=main"]);
        assert!(log.contains(said), "{log}");
        space.kubectl(&["delete", "job", "diarist", "--timeout=60s"]);
    }
}

#[test]
fn a_handbook_is_written_in_one_namespace_and_read_in_another() {
    let _turn = together();
    let platform = Space::plain();
    let web = Space::new(&json!({"handbook": "reader"}));
    Space::apply_example_across("handbook.yaml", &[("acme-platform", &platform), ("acme-web", &web)]);
    platform.wait("job/first-edition", "Complete");
    web.wait("deployment/assistant", "Available");
    let read = "cat /mnt/memory/handbook/deploying.md";
    web.sees("deploy/assistant", read, "We deploy on Tuesdays.");
    for attempt in ["echo x > x.md", "echo x >> deploying.md", "rm deploying.md"] {
        let attempt = format!("cd /mnt/memory/handbook && {attempt}");
        let refused = web.try_sh("deploy/assistant", &attempt).unwrap_err();
        assert!(refused.contains("Read-only file system"), "{attempt}: {refused}");
    }
    web.sees("deploy/assistant", read, "We deploy on Tuesdays.");
    // What is its own it writes.
    web.sh("deploy/assistant", "echo mine > /mnt/memory/assistant/a.md");
}
