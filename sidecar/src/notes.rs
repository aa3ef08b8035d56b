//! The note for the agent, in the mount's root: which stores there are and how to use them. It is the same text as
//! `CLAUDE.md` and `AGENTS.md`, so that each kind of agent finds it by itself.

use std::fmt::Write as _;
use std::path::Path;

use remanence_store::name;
use remanence_store::settings::Purpose;

use crate::attachment::Attachment;
use crate::node_id::NodeId;
use crate::settings::Access;

/// The note's names and nodes.
pub const NOTES: [(&str, NodeId); 2] = [
    ("CLAUDE.md", NodeId::of(crate::node_id::ROOT_SLOT, 2)),
    ("AGENTS.md", NodeId::of(crate::node_id::ROOT_SLOT, 3)),
];

/// The note of an agent for the stores attached.
pub fn text<'a>(agent: &str, at: &Path, attachments: impl Iterator<Item = &'a Attachment>) -> String {
    let mut text = format!(
        "# Your memory\n\n\
         Files below `{}` outlive this session. You are `{agent}`. Other agents may share a folder with you: what they \
         write appears here, and what you write appears there, each change with its author in the history.\n\n",
        at.display()
    );
    for attachment in attachments {
        let (description, purpose) = {
            let state = attachment.lock();
            let settings = &state.view.tree.settings;
            (settings.description.clone(), settings.purpose)
        };
        if purpose == Purpose::Sessions {
            continue;
        }
        let access = match attachment.settings.access {
            Access::ReadWrite => "read and write",
            Access::ReadOnly => "read only",
        };
        // Writing into a string does not fail.
        let _ = writeln!(text, "## {}\n", attachment.name);
        let _ = writeln!(text, "- Path: `{}` ({access})", at.join(&attachment.name).display());
        if attachment.name == agent && attachment.settings.access == Access::ReadWrite {
            // A name is all that is known: others may have it attached, too.
            text.push_str("- It bears your name: write here what concerns you alone.\n");
        }
        for (what, words) in [
            ("What it is for", shown(&description)),
            ("Instructions", shown(&attachment.instructions.lock())),
        ] {
            if !words.is_empty() {
                let _ = writeln!(text, "- {what}: {}", words.replace('\n', "\n  "));
            }
        }
        text.push('\n');
    }
    text.push_str(
        "## Habits\n\n\
         - Read `MEMORY.md` of each folder first, if it is there: it is the index.\n\
         - Asked about the past, search: `grep -ri WORD` in these folders.\n\
         - Told to remember something, write it down here at once: one fact a file, a plain name, a line in `MEMORY.md`.\n\
         - A file named `*.conflict-*` holds an edit that could not be merged: put both together, then remove it.\n\
         - `.memory/status`, `.memory/conflicts` and `.memory/log` in each folder tell how it is doing.\n",
    );
    text
}

/// What an agent reads is what a person sees: others' words without what a name may not hold either.
fn shown(words: &str) -> String {
    let shown: String = words
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || name::shows(*c))
        .collect();
    shown.trim().to_owned()
}
