//! Pods that count what they write, so that it shows whether anything is lost when they end.

use serde_json::json;

use crate::manifest::{agent, deployment, entry, list, store};
use crate::space::Space;
use crate::until;

/// Counts what was written as long as it runs; a signal may come between a write and its count.
const WRITER: &str = "cd /mnt/memory/project; i=0; trap 'echo $i > $HOSTNAME.count; exit' TERM; \
                      while :; do echo $i >> $HOSTNAME.log || exit 1; i=$((i+1)); done";

/// The pods of the Deployment `writer`.
pub struct Writers<'a> {
    space: &'a Space,
    pods: u32,
}

impl<'a> Writers<'a> {
    /// Starts as many; when this returns, all of them write.
    pub fn start(space: &'a Space, pods: u32) -> Self {
        space.apply(&list([
            store("project", &json!({})),
            agent("writer", &json!({"stores": [entry("project")]})),
        ]));
        let mut writers = deployment("writer", "writer", pods, WRITER);
        // What the trap counts has to be committed, too, while other pods write.
        writers["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 30.into();
        space.apply(&writers);
        space.wait("deployment/writer", "Available");
        // They are past the point from which on they hear the signal.
        space.sees(
            "deploy/writer",
            "ls /mnt/memory/project | grep -c '[.]log$' || true",
            &pods.to_string(),
        );
        Self { space, pods }
    }

    /// Those pods were told to end; whoever came in their stead finds all that they wrote.
    pub fn lost_nothing(&self) {
        let counted = until("what the first pods counted", || {
            let script =
                "cd /mnt/memory/project; for f in *.count; do n=${f%.count}; echo $(cat $f) $(wc -l < $n.log); done";
            let text = self.space.try_sh("deploy/writer", script)?;
            let numbers = |line: &str| line.split(' ').map(|n| n.parse().ok()).collect::<Option<Vec<i64>>>();
            let counted: Vec<_> = text.lines().filter_map(numbers).collect();
            if counted.len() == self.pods as usize {
                Ok(counted)
            } else {
                Err(text)
            }
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
}
