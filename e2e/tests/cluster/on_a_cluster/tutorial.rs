//! The tutorial, as it is written.

use remanence_e2e::{Plugin, Space, together};

/// What must be seen in what a section's commands print.
const SEEN: [(&str, &[&str]); 7] = [
    ("2. A memory", &["condition met"]),
    ("3. Two agents", &["pod/ann condition met", "pod/ben condition met"]),
    (
        "4. Files are the interface",
        &["listens on port 8443", "certificate expires in May", "How we work."],
    ),
    ("5. Look inside", &["api.md", "agent ann", "agent ben"]),
    (
        "6. What was said is not lost",
        &["Applied", "We deploy on Tuesdays only"],
    ),
    ("7. Why does it believe this?", &["monday.jsonl", "said to ann"]),
    ("8. Done", &["memorystore.remanence.dev \"handbook\" deleted"]),
];

#[test]
fn the_tutorial_works_as_it_is_written() {
    let _turn = together();
    let space = Space::plain();
    let admin = Plugin::admin(&space);
    let text = include_str!("../../../../docs/tutorial.md");
    let sections = text.split("\n## ").skip(1);
    let mut expected = SEEN.iter();
    for section in sections {
        let script: String = section
            .split("\n```sh\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next())
            .collect();
        if script.is_empty() {
            continue;
        }
        let (title, words) = expected.next().expect("a section that is not checked");
        assert!(section.starts_with(title), "{section}");
        let printed = admin.shell(&script).unwrap_or_else(|why| panic!("{title}: {why}"));
        for word in *words {
            assert!(printed.contains(word), "{title}: no {word:?} in\n{printed}");
        }
    }
    assert!(expected.next().is_none(), "a section is gone");
}
