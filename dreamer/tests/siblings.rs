//! What agents left beside a file, because their edits could not be merged, goes back into it.
#![allow(clippy::unwrap_used)]

mod common;

use common::desk::Desk;
use common::{World, at};
use remanence_dreamer::orient::{Author as LineOf, LineAuthor};
use remanence_dreamer::{Phase, undo};
use remanence_store::Author;

const BASE: &str = "# Looms\n\n- The big loom is in hall 3\n- Thread is ordered by Oona\n";
const SIBLING: &str =
    "# Looms\n\n- The big loom is in hall 7\n- Thread is ordered by Oona\n- Spare reeds hang behind the door\n";

#[tokio::test]
async fn a_sibling_is_folded_recorded_and_can_be_taken_back() {
    let world = World::new().await;
    world.write(Author::agent("kai"), "/looms.md", BASE).await;
    world
        .write(Author::agent("lin"), "/looms.conflict-lin-1a2b.md", SIBLING)
        .await;
    let dreamt = world.dream("2026-05-14T03:00:00Z").await;
    assert_eq!(dreamt.record.phase, Phase::Applied);
    let text = world.read("/looms.md").await.unwrap();
    assert!(text.contains("- The big loom is in hall 3\n"), "{text}");
    assert!(
        text.contains("hall 7 (lin, ") && text.contains("from an edit in conflict)"),
        "{text}"
    );
    assert!(text.contains("- Spare reeds hang behind the door"), "{text}");
    assert_eq!(text.matches("ordered by Oona").count(), 1, "{text}");
    assert_eq!(world.read("/looms.conflict-lin-1a2b.md").await, None);
    let record = &dreamt.record;
    assert!(
        record.files.contains(&"looms.conflict-lin-1a2b.md".to_owned()),
        "{record:?}"
    );
    assert!(
        record.reasons.iter().any(|r| r.contains("was folded into looms.md")),
        "{record:?}"
    );
    assert_eq!(world.dream("2026-05-15T03:00:00Z").await.record.phase, Phase::NoChange);

    undo(&world.store, None, "ada").await.unwrap();
    assert_eq!(world.read("/looms.md").await.unwrap(), BASE);
    assert_eq!(world.read("/looms.conflict-lin-1a2b.md").await.unwrap(), SIBLING);
}

#[tokio::test]
async fn a_sibling_whose_file_is_gone_becomes_the_file() {
    let world = World::new().await;
    world
        .write(Author::agent("lin"), "/looms.conflict-lin-1a2b.md", SIBLING)
        .await;
    world.dream("2026-05-14T03:00:00Z").await;
    assert_eq!(world.read("/looms.md").await.unwrap(), SIBLING);
}

#[test]
fn what_was_forgotten_does_not_return_from_a_sibling_and_a_persons_line_stays() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, "Remember that my locker card is with Benedikta.");
    desk.dream(5);
    let (path, text) = desk.files.iter().find(|(_, t)| t.contains("Benedikta")).unwrap();
    let (sibling, text) = (path.replace(".md", ".conflict-lin-9f.md"), text.clone());
    desk.typed("kai/b", 6, "Please forget about my locker card.");
    desk.dream(7);
    desk.files.insert(
        sibling.clone(),
        text + "- Hall keys hang in the office\n- A person put this here\n",
    );
    let lines = desk.files[&sibling].lines().count();
    let by = |author| LineAuthor {
        author,
        time: Some(at("2026-05-07T10:00:00Z")),
    };
    let mut authors = vec![by(LineOf::Agent); lines - 1];
    authors.push(by(LineOf::Person));
    desk.authors.insert(sibling.clone(), authors);
    let plan = desk.dream(8);
    assert_eq!(plan.refused, None);
    assert!(!desk.files.contains_key(&sibling));
    assert!(!desk.has("Benedikta"), "{}", desk.all());
    assert!(
        desk.has("Hall keys") && desk.has("A person put this here"),
        "{}",
        desk.all()
    );
}

#[test]
fn of_two_lines_that_say_the_same_the_fuller_one_stays() {
    const POOR: &str = "- Thread is ordered by Oona\n";
    const FULL: &str = "- Thread is ordered by Oona in Tampere\n";
    for (ours, theirs, by, expected) in [
        (POOR, FULL, LineOf::Agent, vec![FULL]),
        (FULL, POOR, LineOf::Agent, vec![FULL]),
        // A person's line stays as it is.
        (POOR, FULL, LineOf::Person, vec![FULL, POOR]),
    ] {
        let mut desk = Desk::default();
        for (path, text, author) in [
            ("looms.md", ours, by),
            ("looms.conflict-lin-1a.md", theirs, LineOf::Agent),
        ] {
            let text = format!("# Looms\n\n{text}");
            let time = Some(at("2026-05-01T00:00:00Z"));
            let authors = vec![LineAuthor { author, time }; text.lines().count()];
            desk.authors.insert(path.to_owned(), authors);
            desk.files.insert(path.to_owned(), text);
        }
        let plan = desk.dream(5);
        assert_eq!(plan.refused, None);
        let text = &desk.files["looms.md"];
        let lines: Vec<&str> = text
            .split_inclusive('\n')
            .filter(|line| line.starts_with("- "))
            .collect();
        assert_eq!(lines, expected, "{by:?}: {text}");
        assert!(!desk.files.contains_key("looms.conflict-lin-1a.md"));
        assert!(desk.dream(6).writes.is_empty());
    }
}

#[test]
fn pinned_files_keep_their_siblings() {
    let mut desk = Desk::default();
    desk.settings.pinned = vec!["looms.md".into()];
    desk.files.insert("looms.md".into(), BASE.into());
    desk.files.insert("looms.conflict-lin-1a.md".into(), SIBLING.into());
    let plan = desk.dream(5);
    assert!(plan.writes.is_empty(), "{:?}", plan.writes);
    assert!(plan.reasons.iter().any(|r| r.contains("pinned")), "{:?}", plan.reasons);
}

#[test]
fn no_memory_of_a_siblings_index_is_left_in_the_index() {
    let mut desk = Desk::default();
    desk.typed("kai/a", 4, "Remember that looms are oiled on Mondays.");
    desk.dream(5);
    let index = desk.files["MEMORY.md"].clone();
    desk.files.insert(
        "MEMORY.conflict-lin-1a.md".into(),
        index.clone() + "\nSee the board in hall 3 first.\n",
    );
    desk.dream(6);
    let text = desk.files["MEMORY.md"].clone();
    assert_eq!(text.matches("<!-- dream: index -->").count(), 1, "{text}");
    assert!(text.contains("See the board in hall 3 first."), "{text}");
}
