//! Which topic file a fact belongs in: one a subject area, named so that a person finds it.

use crate::fact::Kind;
use crate::text::words::{base, stem, tokens};

/// A topic file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Topic {
    /// File name without `.md`.
    pub name: &'static str,
    /// Title in the index.
    pub title: &'static str,
    /// One line for frontmatter and index.
    pub description: &'static str,
    /// What its facts are about.
    pub kind: Kind,
    words: &'static str,
}

const fn topic(
    name: &'static str,
    title: &'static str,
    description: &'static str,
    kind: Kind,
    words: &'static str,
) -> Topic {
    Topic {
        name,
        title,
        description,
        kind,
        words,
    }
}

/// Where memory may have fewer bytes than this, there is one file a kind.
pub(crate) const TIGHT: usize = 4096;

/// All topics; the last of each kind takes what fits nowhere else.
static TOPICS: [Topic; 17] = [
    topic(
        "code-style",
        "Code style",
        "How code, comments and names are written",
        Kind::Feedback,
        "indent tab space comment name naming variable function class format formatter import quote line style lint \
         type docstring string camelcase snake_case semicolon brace identifier language english german log",
    ),
    topic(
        "git-habits",
        "Commits and reviews",
        "How commits, branches and reviews are done",
        Kind::Feedback,
        "commit branch merge rebase squash push pull_request review amend tag changelog diff main master force gitmoji \
         conventional emoji",
    ),
    topic(
        "test-habits",
        "Writing tests",
        "How tests are written and run",
        Kind::Feedback,
        "test suite mock fixture coverage jest vitest pytest assert parallel snapshot e2e",
    ),
    topic(
        "answers",
        "Answers",
        "How answers, summaries and documents should read",
        Kind::Feedback,
        "answer reply summary explain explanation response tone short brief bullet table list spelling write email text",
    ),
    topic("working-rules", "Working rules", "How to work here", Kind::Feedback, ""),
    topic("user", "The user", "About the user", Kind::User, ""),
    topic(
        "references",
        "Where things are",
        "Where to find things",
        Kind::Reference,
        "",
    ),
    topic(
        "testing",
        "Testing",
        "Test suites and what they need",
        Kind::Project,
        "test suite e2e fixture coverage ci flaky playwright pytest jest vitest redis_db",
    ),
    topic(
        "deployment",
        "Deployment",
        "Releases, environments and when they happen",
        Kind::Project,
        "deploy release production staging rollout canary hotfix branch freeze window pipeline ci rollback version tag \
         heroku migration",
    ),
    topic(
        "infrastructure",
        "Infrastructure",
        "Servers, clusters, regions and networks",
        Kind::Project,
        "server cluster region kubernetes node network dns port host load balancer proxy terraform cloud zone firewall \
         docker container monitor alert metric",
    ),
    topic(
        "data",
        "Data",
        "Databases, storage, retention and backups",
        Kind::Project,
        "database table schema postgres mysql sqlite redis query index backup retain replica migration storage bucket log \
         data event queue cache snapshot retention export record",
    ),
    topic(
        "services",
        "Services and interfaces",
        "Services, interfaces and their limits",
        Kind::Project,
        "api endpoint service rate limit request response webhook gateway client sdk partner key json protocol mobile \
         android ios app frontend backend module",
    ),
    topic(
        "security",
        "Security and privacy",
        "What must be protected and how",
        Kind::Project,
        "security privacy personal encrypt credential token secret vault permission role gdpr compliance legal audit auth \
         authentication card certificate rotate consent",
    ),
    topic(
        "people",
        "People",
        "Who owns, knows and decides what",
        Kind::Project,
        "team owner lead manager review approve contact colleague person responsible call joined left mobile_team",
    ),
    topic(
        "business",
        "Business rules",
        "Customers, money and contracts",
        Kind::Project,
        "invoice customer contract tax payment billing price order currency refund subscription vendor partner legal \
         discount budget country acquire",
    ),
    topic(
        "commands",
        "Commands",
        "Commands and scripts that work",
        Kind::Project,
        "command run script make just npm cargo tool build lint generate install",
    ),
    topic("project", "Project", "About the project", Kind::Project, ""),
];

/// The topic a fact belongs in. With little room there is one file a kind.
pub(crate) fn choose(kind: Kind, text: &str, tight: bool) -> &'static Topic {
    let of_kind = TOPICS.iter().filter(|t| t.kind == kind);
    let last = of_kind.clone().next_back().unwrap_or(&TOPICS[TOPICS.len() - 1]);
    if tight {
        return last;
    }
    let words: Vec<String> = tokens(text)
        .iter()
        .flat_map(|t| [base(t.raw), stem(&base(t.raw))])
        .collect();
    let mut best = (0, last);
    for topic in of_kind {
        // The first words of a list say most.
        let score: usize = topic
            .words
            .split_whitespace()
            .enumerate()
            .filter(|(_, word)| words.iter().any(|w| w == word))
            .map(|(at, _)| if at < 5 { 3 } else { 2 })
            .sum();
        if score > best.0 {
            best = (score, topic);
        }
    }
    best.1
}

/// The topic of a file name.
pub(crate) fn of_file(path: &str) -> Option<&'static Topic> {
    let name = path.strip_suffix(".md")?;
    TOPICS.iter().find(|t| {
        name == t.name
            || name
                .strip_prefix(t.name)
                .is_some_and(|rest| rest.starts_with('-') && rest[1..].bytes().all(|b| b.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_alone_are_no_tests() {
        for (kind, text, name) in [
            (
                Kind::Feedback,
                "The user prefers metric units in all tables",
                "working-rules",
            ),
            (Kind::Feedback, "Unit tests stand beside what they test", "test-habits"),
            (Kind::Project, "Integration tests need the loom server", "testing"),
        ] {
            assert_eq!(choose(kind, text, false).name, name, "{text}");
        }
        let weights = choose(Kind::Project, "Weights are kept in units of ten grams", false);
        assert_ne!(weights.name, "testing");
    }
}
