//! People look into what agents remember and change it, each with their own rights and in their own name.
#![allow(clippy::unwrap_used)]

use remanence_e2e::manifest::{IDLE, agent, entry, list, pod, store};
use remanence_e2e::{Plugin, Space, together, until};
use serde_json::json;

#[test]
fn a_person_and_an_agent_share_a_store() {
    let _turn = together();
    let space = Space::plain();
    let worker = agent("worker", &json!({"stores": [entry("project")]}));
    space.apply(&list(vec![store("project", &json!({})), worker]));
    space.start(&pod("worker", "worker", IDLE));
    space.sh("worker", "echo 'from the pod' > /mnt/memory/project/pod.md");
    let admin = Plugin::admin(&space);
    until("the agent's file", || {
        match admin.run(&["cat", "project/pod.md"], "")? {
            text if text == "from the pod\n" => Ok(()),
            text => Err(text),
        }
    });
    admin.says(&["put", "project/person.md"], "from a person\n");
    space.sees("worker", "cat /mnt/memory/project/person.md", "from a person");
    let log = admin.says(&["log", "project"], "");
    assert!(log.contains("agent worker") && log.contains("user "), "{log}");
    assert!(!log.contains("proved"), "nobody claimed to be another: {log}");
}

#[test]
fn a_persons_rights_are_those_of_their_role() {
    let _turn = together();
    let space = Space::plain();
    space.apply(&store("project", &json!({})));
    space.wait("memorystore/project", "Ready");
    let ann = Plugin::account(&space, "ann");
    let account = format!("--serviceaccount={}:ann", space.name);
    let refused = ann.run(&["ls", "project"], "").unwrap_err();
    assert!(
        refused.contains("cannot get resource \"memorystores/content\""),
        "{refused}"
    );
    space.kubectl(&["create", "rolebinding", "edits", "--clusterrole=edit", &account]);
    until("ann may write", || ann.run(&["put", "project/a.md"], "one\n"));
    ann.says(&["put", "project/a.md"], "two\n");
    let log = ann.says(&["log", "project"], "");
    assert!(
        log.contains(&format!("user system:serviceaccount:{}:ann", space.name)),
        "{log}"
    );
    // An editor destroys nothing; an admin of the namespace may.
    let first = ["redact", "project/a.md", "--at", "1"];
    let refused = ann.run(&first, "").unwrap_err();
    assert!(refused.contains("cannot delete"), "{refused}");
    space.kubectl(&["create", "rolebinding", "rules", "--clusterrole=admin", &account]);
    until("ann may redact", || ann.run(&first, ""));
    let gone = ann.run(&["cat", "project/a.md", "--at", "1"], "").unwrap_err();
    assert!(gone.contains("redacted"), "{gone}");
}

#[test]
fn a_shell_completes_the_names_of_stores_files_and_dreams() {
    let _turn = together();
    let space = Space::plain();
    space.apply(&store("project", &json!({"description": "Known to all."})));
    space.wait("memorystore/project", "Ready");
    let admin = Plugin::admin(&space);
    admin.says(&["put", "project/notes/build.md"], "8 GB\n");
    admin.says(&["dream", "project"], "");
    let user = admin.says(&["log", "project", "--limit", "1", "-o", "json"], "");
    let user: serde_json::Value = serde_json::from_str(&user).unwrap();
    let user = user[0]["author"]["user"].as_str().unwrap();
    // As the shell's script asks kubectl; a completion that takes long gives up.
    let completes = |words: &str, is_whole: &dyn Fn(&str) -> bool| {
        until(&format!("the completion of {words:?}"), || {
            let said = admin.shell(&format!("kubectl __complete memory {words} 2>/dev/null"))?;
            if is_whole(&said) { Ok(()) } else { Err(said) }
        });
    };
    for (words, completed) in [
        ("ls pro", "project\tKnown to all.\n:6\n".to_owned()),
        ("status --output json pro", "project\tKnown to all.\n:4\n".to_owned()),
        ("cat project/no", format!("project/notes/\tuser {user}\n:6\n")),
        (
            "cat project/notes/b",
            format!("project/notes/build.md\tuser {user}\n:6\n"),
        ),
    ] {
        completes(words, &|said| said == completed);
    }
    completes("approve dream/pro", &|said| {
        said.starts_with("dream/project-") && said.ends_with(":4\n")
    });
}
