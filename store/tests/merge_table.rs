//! Every row of the merge table, between two mounts of which the second has not seen the first's commit.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Agent, World};
use remanence_store::intent::{Base, Entry, Intent, Refused};
use remanence_store::op::Merged;
use remanence_store::settings::Settings;
use remanence_store::tree::NodeKind;
use remanence_store::{Author, FileId};

/// A store with `/notes.md` = `text`, and two mounts that have both served it.
async fn two(text: &str) -> (World, Agent, Agent) {
    let world = World::new();
    let a = world.mount("a").await;
    a.create("/notes.md", text).await.unwrap();
    let b = world.mount("b").await;
    (world, a, b)
}

#[tokio::test]
async fn append_append_is_the_union_in_commit_order_with_whole_lines() {
    let (_world, a, b) = two("start\n").await;
    let (id, base) = (b.id("/notes.md"), b.served("/notes.md"));
    a.append("/notes.md", id, a.served("/notes.md"), "from a without end")
        .await
        .unwrap();
    b.append("/notes.md", id, base, "from b\n").await.unwrap();
    assert_eq!(
        a.text("/notes.md").await.unwrap(),
        "start\nfrom a without end\nfrom b\n"
    );
}

#[tokio::test]
async fn a_line_that_is_written_in_two_appends_stays_one_line() {
    let (_world, a, b) = two("start\n").await;
    let (id, base) = (b.id("/notes.md"), b.served("/notes.md"));
    a.append("/notes.md", id, a.served("/notes.md"), "from a\n")
        .await
        .unwrap();
    b.append("/notes.md", id, base, "one ").await.unwrap();
    b.append("/notes.md", id, Base::Own, "line\n").await.unwrap();
    assert_eq!(a.text("/notes.md").await.unwrap(), "start\nfrom a\none line\n");
}

#[tokio::test]
async fn append_edit_puts_the_appended_lines_onto_the_edited_text() {
    let (_world, a, b) = two("one\ntwo\n").await;
    let (id, base) = (b.id("/notes.md"), b.served("/notes.md"));
    a.edit("/notes.md", id, a.served("/notes.md"), "ONE\ntwo\n")
        .await
        .unwrap();
    let done = b.append("/notes.md", id, base, "three\n").await.unwrap();
    assert_eq!(done.merged, Some(Merged::AppendedOnEdit));
    assert_eq!(a.text("/notes.md").await.unwrap(), "ONE\ntwo\nthree\n");
}

#[tokio::test]
async fn edit_append_merges_by_lines() {
    let (_world, a, b) = two("one\ntwo\n").await;
    let (id, base) = (b.id("/notes.md"), b.served("/notes.md"));
    a.append("/notes.md", id, a.served("/notes.md"), "three\n")
        .await
        .unwrap();
    let done = b.edit("/notes.md", id, base, "ONE\ntwo\n").await.unwrap();
    assert_eq!((done.merged, done.ours), (Some(Merged::Lines), false));
    assert_eq!(a.text("/notes.md").await.unwrap(), "ONE\ntwo\nthree\n");
}

#[tokio::test]
async fn edit_edit_merges_lines_and_keeps_both_insertions_in_commit_order() {
    let (_world, a, b) = two("one\ntwo\n").await;
    let (id, base) = (b.id("/notes.md"), b.served("/notes.md"));
    a.edit("/notes.md", id, a.served("/notes.md"), "one\nfrom a\ntwo\n")
        .await
        .unwrap();
    b.edit("/notes.md", id, base, "one\nfrom b\ntwo\n").await.unwrap();
    assert_eq!(a.text("/notes.md").await.unwrap(), "one\nfrom a\nfrom b\ntwo\n");
}

#[tokio::test]
async fn edit_edit_not_clean_keeps_ours_beside_theirs() {
    let (_world, a, b) = two("one\n").await;
    let (id, base) = (b.id("/notes.md"), b.served("/notes.md"));
    a.edit("/notes.md", id, a.served("/notes.md"), "A\n").await.unwrap();
    let done = b.edit("/notes.md", id, base, "B\n").await.unwrap();
    let sibling = done.sibling.unwrap();
    assert!(
        sibling.starts_with("/notes.conflict-b-") && sibling.strip_suffix(".md").is_some(),
        "{sibling}"
    );
    assert_eq!(a.text("/notes.md").await.unwrap(), "A\n");
    assert_eq!(a.text(&sibling).await.unwrap(), "B\n");
    assert_eq!(b.store.health().conflicts, 1);
}

#[tokio::test]
async fn a_sibling_of_a_long_name_has_a_name_that_a_file_can_have() {
    let world = World::new();
    let a = world.mount("a").await;
    // A long end of a name is cut like the rest; an extension stays.
    for (name, stays) in [
        (format!("/a.{}", "e".repeat(252)), ""),
        (format!("/{}.md", "s".repeat(252)), ".md"),
        (format!("/{}.md", "ä".repeat(126)), ".md"),
    ] {
        a.create(&name, "one\n").await.unwrap();
        let b = world.mount(&"b".repeat(60)).await;
        let (id, base) = (b.id(&name), b.served(&name));
        a.edit(&name, id, a.served(&name), "A\n").await.unwrap();
        let sibling = b.edit(&name, id, base, "B\n").await.unwrap().sibling.unwrap();
        assert_eq!(remanence_store::name::check_path(&sibling), Ok(()), "{sibling}");
        assert!(sibling.contains(".conflict-bbb"), "{sibling}");
        assert!(sibling.ends_with(stays), "{sibling}");
        assert_eq!(a.text(&sibling).await.unwrap(), "B\n");
    }
}

#[tokio::test]
async fn edit_edit_is_refused_where_the_user_chose_that() {
    let (_world, a, mut b) = two("one\n").await;
    b.refuse = true;
    let (id, base) = (b.id("/notes.md"), b.served("/notes.md"));
    a.edit("/notes.md", id, a.served("/notes.md"), "A\n").await.unwrap();
    let refused = b.edit("/notes.md", id, base, "B\n").await.unwrap_err();
    assert!(matches!(refused, Refused::Stale { .. }), "{refused}");
    assert_eq!(a.paths().await, ["/notes.md"]);
    assert_eq!(a.text("/notes.md").await.unwrap(), "A\n");
}

#[tokio::test]
async fn binary_edits_are_kept_beside() {
    let (_world, a, b) = two("\0one").await;
    let (id, base) = (b.id("/notes.md"), b.served("/notes.md"));
    a.edit("/notes.md", id, a.served("/notes.md"), "\0two").await.unwrap();
    let sibling = b.edit("/notes.md", id, base, "\0three").await.unwrap().sibling.unwrap();
    assert_eq!(a.text(&sibling).await.unwrap(), "\0three");
}

#[tokio::test]
async fn edit_rename_does_both() {
    let (_world, a, b) = two("one\n").await;
    let (id, base) = (b.id("/notes.md"), b.served("/notes.md"));
    a.rename("/notes.md", "/moved.md", id, Base::Head).await.unwrap();
    b.edit("/notes.md", id, base, "two\n").await.unwrap();
    assert_eq!(a.paths().await, ["/moved.md"]);
    assert_eq!(a.text("/moved.md").await.unwrap(), "two\n");
}

#[tokio::test]
async fn rename_edit_does_both() {
    let (_world, a, b) = two("one\n").await;
    let id = b.id("/notes.md");
    a.edit("/notes.md", id, a.served("/notes.md"), "two\n").await.unwrap();
    b.rename("/notes.md", "/moved.md", id, Base::Head).await.unwrap();
    assert_eq!(a.paths().await, ["/moved.md"]);
    assert_eq!(a.text("/moved.md").await.unwrap(), "two\n");
}

#[tokio::test]
async fn edit_after_remove_wins_and_is_recorded() {
    let (_world, a, b) = two("one\n").await;
    let (id, base) = (b.id("/notes.md"), b.served("/notes.md"));
    a.remove("/notes.md", id, a.served("/notes.md")).await.unwrap();
    let done = b.edit("/notes.md", id, base, "two\n").await.unwrap();
    assert_eq!(done.merged, Some(Merged::EditWins));
    assert_eq!(a.text("/notes.md").await.unwrap(), "two\n");
    assert_eq!(a.id("/notes.md"), id, "the file keeps its id and history");
}

#[tokio::test]
async fn append_after_remove_keeps_what_was_known() {
    let (_world, a, b) = two("one\n").await;
    let (id, base) = (b.id("/notes.md"), b.served("/notes.md"));
    a.remove("/notes.md", id, a.served("/notes.md")).await.unwrap();
    b.append("/notes.md", id, base, "two\n").await.unwrap();
    assert_eq!(a.text("/notes.md").await.unwrap(), "one\ntwo\n");
}

#[tokio::test]
async fn remove_after_an_unseen_edit_loses() {
    let (_world, a, b) = two("one\n").await;
    let (id, base) = (b.id("/notes.md"), b.served("/notes.md"));
    a.edit("/notes.md", id, a.served("/notes.md"), "two\n").await.unwrap();
    let done = b.remove("/notes.md", id, base).await.unwrap();
    assert_eq!(done.merged, Some(Merged::EditWins));
    assert_eq!(a.text("/notes.md").await.unwrap(), "two\n");
}

#[tokio::test]
async fn rename_rename_takes_the_later() {
    let (_world, a, b) = two("one\n").await;
    let id = b.id("/notes.md");
    a.rename("/notes.md", "/a.md", id, Base::Head).await.unwrap();
    b.rename("/notes.md", "/b.md", id, Base::Head).await.unwrap();
    assert_eq!(a.paths().await, ["/b.md"]);
}

#[tokio::test]
async fn create_create_equal_is_one() {
    let (_world, a, b) = two("x\n").await;
    a.create("/new.md", "same\n").await.unwrap();
    let done = b.create("/new.md", "same\n").await.unwrap();
    assert_eq!(done.merged, Some(Merged::Same));
    assert_eq!(done.file, a.id("/new.md"));
    assert_eq!(a.paths().await, ["/new.md", "/notes.md"]);
}

#[tokio::test]
async fn create_create_different_is_edit_edit_on_nothing() {
    let (_world, a, b) = two("x\n").await;
    a.create("/new.md", "a\n").await.unwrap();
    b.create("/new.md", "b\n").await.unwrap();
    assert_eq!(a.text("/new.md").await.unwrap(), "a\nb\n");
    a.create("/bin", "\0a").await.unwrap();
    let sibling = b.create("/bin", "\0b").await.unwrap().sibling.unwrap();
    assert_eq!(b.text(&sibling).await.unwrap(), "\0b");
}

#[tokio::test]
async fn an_id_that_lost_the_race_to_create_stands_for_the_winner() {
    let (_world, a, b) = two("x\n").await;
    a.create("/new.md", "a\n").await.unwrap();
    let mine = b.creating("/new.md", "b\n", false);
    let remanence_store::intent::Intent::Put { file, .. } = &mine else {
        panic!()
    };
    let file = *file;
    b.one(mine).await.unwrap();
    b.append("/new.md", file, Base::Own, "c\n").await.unwrap();
    assert_eq!(a.text("/new.md").await.unwrap(), "a\nb\nc\n");
}

#[tokio::test]
async fn exclusive_creation_is_never_merged() {
    let (_world, a, b) = two("x\n").await;
    a.one(a.creating("/lock", "", true)).await.unwrap();
    let refused = b.one(b.creating("/lock", "", true)).await.unwrap_err();
    assert!(matches!(refused, Refused::Exists { .. }), "{refused}");
}

#[tokio::test]
async fn rename_over_a_file_is_a_new_version_of_it() {
    let (_world, a, b) = two("one\ntwo\n").await;
    let (id, base) = (b.id("/notes.md"), b.served("/notes.md"));
    a.edit("/notes.md", id, a.served("/notes.md"), "ONE\ntwo\n")
        .await
        .unwrap();
    b.create("/.notes.tmp", "one\nTWO\n").await.unwrap();
    let temp = b.id("/.notes.tmp");
    let done = b.rename("/.notes.tmp", "/notes.md", temp, base).await.unwrap();
    assert_eq!(done.file, id);
    assert_eq!(a.text("/notes.md").await.unwrap(), "ONE\nTWO\n");
    assert_eq!(a.paths().await, ["/notes.md"]);
    assert_eq!(a.id("/notes.md"), id);
}

#[tokio::test]
async fn a_save_over_a_file_that_gave_way_to_another_keeps_the_other() {
    let (_world, a, b) = two("one\n").await;
    let notes = b.id("/notes.md");
    b.create("/plan.md", "start\n").await.unwrap();
    let plan = b.id("/plan.md");
    b.edit("/plan.md", plan, b.served("/plan.md"), "start\nplan\n")
        .await
        .unwrap();
    b.edit("/notes.md", notes, b.served("/notes.md"), "one\ntwo\n")
        .await
        .unwrap();
    b.create("/.notes.tmp", "one\nTWO\n").await.unwrap();
    let temp = b.id("/.notes.tmp");
    a.store.sync().await.unwrap();
    a.remove("/notes.md", notes, a.served("/notes.md")).await.unwrap();
    a.rename("/plan.md", "/notes.md", plan, Base::Nothing).await.unwrap();
    // b still shows its own notes there, and its editor takes their place.
    b.save("/.notes.tmp", "/notes.md", temp, notes).await.unwrap();
    let text = a.text("/notes.md").await.unwrap();
    assert!(text.contains("plan\n"), "{text}");
}

#[tokio::test]
async fn a_write_blind_to_a_merge_does_not_erase_it() {
    let (_world, a, b) = two("one\n").await;
    let (id, base) = (b.id("/notes.md"), b.served("/notes.md"));
    a.edit("/notes.md", id, a.served("/notes.md"), "one\nfrom a\n")
        .await
        .unwrap();
    b.edit("/notes.md", id, base, "one\nfrom b\n").await.unwrap();
    // The editor behind b still shows what it wrote, and saves again.
    b.edit("/notes.md", id, Base::Own, "one\nfrom b\nmore from b\n")
        .await
        .unwrap();
    assert_eq!(a.text("/notes.md").await.unwrap(), "one\nfrom a\nfrom b\nmore from b\n");
}

#[tokio::test]
async fn what_a_mount_wrote_itself_is_read_back_to_merge_when_it_is_cached_nowhere() {
    let (world, _, b) = two("one\n").await;
    let options = remanence_store::Options {
        memory_cache: 0,
        ..remanence_store::Options::default()
    };
    let a = Agent {
        store: world.open_with(options).await,
        name: "a".into(),
        late: false,
        refuse: false,
    };
    let (id, base) = (a.id("/notes.md"), a.served("/notes.md"));
    a.edit("/notes.md", id, base, "one\ntwo\n").await.unwrap();
    b.store.sync().await.unwrap();
    b.edit("/notes.md", id, b.served("/notes.md"), "ONE\ntwo\n")
        .await
        .unwrap();
    a.edit("/notes.md", id, Base::Own, "one\ntwo\nthree\n").await.unwrap();
    assert_eq!(b.text("/notes.md").await.unwrap(), "ONE\ntwo\nthree\n");
}

#[tokio::test]
async fn late_writes_become_siblings_or_recorded_no_ops() {
    let (_world, a, mut b) = two("one\n").await;
    b.late = true;
    a.mkdir("/dir").await.unwrap();
    let done = b.create("/dir", "mine\n").await.unwrap();
    assert_eq!(b.text(&done.sibling.unwrap()).await.unwrap(), "mine\n");
    let id = a.id("/notes.md");
    a.remove("/notes.md", id, a.served("/notes.md")).await.unwrap();
    let done = b.remove("/notes.md", id, Base::Head).await.unwrap();
    assert!(!done.ours);
}

#[tokio::test]
async fn folders_never_become_cycles_or_orphans() {
    let (_world, a, b) = two("x\n").await;
    a.mkdir("/p").await.unwrap();
    a.mkdir("/q").await.unwrap();
    b.store.sync().await.unwrap();
    let (p, q) = (a.id("/p"), a.id("/q"));
    a.rename("/p", "/q/p", p, Base::Head).await.unwrap();
    let refused = b.rename("/q", "/p/q", q, Base::Head).await.unwrap_err();
    assert!(matches!(refused, Refused::Invalid { .. }), "{refused}");
    let gone = b.creating("/q/new.md", "kept\n", false);
    a.rename("/q/p", "/p", p, Base::Head).await.unwrap();
    a.one(remanence_store::intent::Intent::Rmdir {
        file: q,
        path: "/q".into(),
    })
    .await
    .unwrap();
    b.one(gone).await.unwrap();
    assert_eq!(a.text("/q/new.md").await.unwrap(), "kept\n");
}

#[tokio::test]
async fn a_renamed_folder_makes_no_path_too_long() {
    let (_world, a, mut b) = two("one\n").await;
    a.mkdir("/p").await.unwrap();
    b.store.sync().await.unwrap();
    let folder = b.id("/p");
    let mut deep = "/p".to_owned();
    for _ in 0..4 {
        deep = format!("{deep}/{}", "d".repeat(250));
        a.mkdir(&deep).await.unwrap();
    }
    // b has not seen what is in it by now.
    let (fits, too_long) = (format!("/{}", "q".repeat(19)), format!("/{}", "q".repeat(20)));
    let refused = b.rename("/p", &too_long, folder, Base::Head).await.unwrap_err();
    assert!(matches!(refused, Refused::Name { .. }), "{refused}");
    // Over an empty folder, too.
    a.mkdir(&too_long).await.unwrap();
    b.store.sync().await.unwrap();
    let refused = b.rename("/p", &too_long, folder, Base::Head).await.unwrap_err();
    assert!(matches!(refused, Refused::Name { .. }), "{refused}");
    a.rename("/p", &fits, folder, Base::Head).await.unwrap();
    // What b makes in it, as b sees it, does not fit any more. What was acknowledged is kept where b saw it.
    let path = format!("{deep}/{}", "f".repeat(15));
    let made = b.creating(&path, "kept\n", false);
    b.late = true;
    let sibling = b.one(made.clone()).await.unwrap().sibling.unwrap();
    assert!(sibling.starts_with(&deep), "{sibling}");
    assert_eq!(a.text(&sibling).await.unwrap(), "kept\n");
    b.late = false;
    let refused = b.one(made).await.unwrap_err();
    assert!(matches!(refused, Refused::Name { .. }), "{refused}");
}

#[tokio::test]
async fn a_transcript_extended_by_another_pod_forks_and_one_at_its_head_goes_on() {
    let world = World::with(Settings::sessions());
    let a = world.mount("a").await;
    a.create("/s.jsonl", "1\n").await.unwrap();
    let b = world.mount("a").await;
    let (id, base) = (b.id("/s.jsonl"), b.served("/s.jsonl"));
    a.append("/s.jsonl", id, a.served("/s.jsonl"), "2\n").await.unwrap();
    let sibling = b
        .append("/s.jsonl", id, base, "other\n")
        .await
        .unwrap()
        .sibling
        .unwrap();
    assert_eq!(a.text(&sibling).await.unwrap(), "1\nother\n");
    b.append("/s.jsonl", id, b.served("/s.jsonl"), "3\n").await.unwrap();
    assert_eq!(a.text("/s.jsonl").await.unwrap(), "1\n2\n3\n");
}

#[tokio::test]
async fn limits_hold_on_the_merged_tree_and_a_sibling_is_kept_all_the_same() {
    let settings = Settings {
        file_size: 8,
        files: 2,
        ..Settings::memory()
    };
    let world = World::with(settings);
    let a = world.mount("a").await;
    a.create("/1", "one\n").await.unwrap();
    let b = world.mount("b").await;
    assert!(matches!(
        b.create("/big", "123456789").await.unwrap_err(),
        Refused::TooLarge { limit: 8, .. }
    ));
    let (id, base) = (b.id("/1"), b.served("/1"));
    a.edit("/1", id, a.served("/1"), "one\na\n").await.unwrap();
    a.create("/2", "two\n").await.unwrap();
    let merged_too_large = b.edit("/1", id, base, "one\nbbb\n").await.unwrap();
    // It counts from then on, as any file does.
    let sibling = merged_too_large.sibling.unwrap();
    assert_eq!(
        (b.store.tree().files, b.text(&sibling).await.as_deref()),
        (3, Some("one\nbbb\n"))
    );
    assert!(matches!(
        b.create("/3", "x").await.unwrap_err(),
        Refused::Full { limit: 2, .. }
    ));
    assert_eq!(a.text("/1").await.unwrap(), "one\na\n");
}

#[tokio::test]
async fn a_name_like_a_sibling_s_lifts_no_limit() {
    let world = World::with(Settings {
        file_size: 8,
        files: 2,
        size: Some(12),
        ..Settings::memory()
    });
    let a = world.mount("a").await;
    let too_large = a.create("/1.conflict-a-1", "123456789").await;
    assert!(matches!(too_large, Err(Refused::TooLarge { limit: 8, .. })));
    a.create("/1.conflict-a-1", "12345678").await.unwrap();
    let id = a.id("/1.conflict-a-1");
    let grown = a.append("/1.conflict-a-1", id, a.served("/1.conflict-a-1"), "9").await;
    assert!(matches!(grown, Err(Refused::TooLarge { limit: 8, .. })));
    let too_much = a.create("/2.conflict-a-2", "12345").await;
    assert!(matches!(too_much, Err(Refused::NoRoom { limit: 12, .. })));
    a.create("/2.conflict-a-2", "1234").await.unwrap();
    let too_many = a.create("/3.conflict-a-3", "").await;
    assert!(matches!(too_many, Err(Refused::Full { limit: 2, .. })));
    // Nor does one that a file is renamed to.
    a.rename("/2.conflict-a-2", "/2", a.id("/2.conflict-a-2"), Base::Head)
        .await
        .unwrap();
    assert!(matches!(a.create("/3", "").await, Err(Refused::Full { limit: 2, .. })));
}

#[tokio::test]
async fn a_file_that_is_over_the_limit_may_become_shorter_and_not_longer() {
    let world = World::with(Settings {
        file_size: 8,
        ..Settings::memory()
    });
    let mut a = world.mount("a").await;
    a.late = true;
    let sibling = a.create("/1", "123456789012").await.unwrap().sibling.unwrap();
    a.late = false;
    let id = a.id(&sibling);
    let longer = a.edit(&sibling, id, a.served(&sibling), "1234567890123").await;
    assert!(matches!(longer, Err(Refused::TooLarge { limit: 8, .. })));
    a.edit(&sibling, id, a.served(&sibling), "1234567890").await.unwrap();
    assert_eq!(a.text(&sibling).await.as_deref(), Some("1234567890"));
}

#[tokio::test]
async fn what_was_acknowledged_is_stored_whatever_the_limits_and_the_archive_say_now() {
    let world = World::with(Settings {
        files: 1,
        ..Settings::memory()
    });
    let mut a = world.mount("a").await;
    a.create("/one", "1").await.unwrap();
    assert!(matches!(a.create("/two", "2").await, Err(Refused::Full { .. })));
    a.late = true;
    a.create("/two", "2").await.unwrap();
    // A name that looks like another's can't be made: what it held is beside it.
    a.create("/Two\u{301}x", "3").await.unwrap();
    a.create("/Tw\u{3bf}\u{301}x", "4").await.unwrap();
    assert_eq!(a.paths().await.len(), 4, "{:?}", a.paths().await);
    let archive = Intent::Settings {
        settings: Settings {
            archived: true,
            ..Settings::memory()
        },
    };
    a.one(archive).await.unwrap();
    a.create("/five", "5").await.unwrap();
    a.late = false;
    assert!(matches!(a.create("/six", "6").await, Err(Refused::ReadOnly { .. })));
    assert_eq!(a.text("/five").await.unwrap(), "5");
}

#[tokio::test]
async fn what_dreams_keep_is_exempt_from_limits() {
    let settings = Settings {
        file_size: 8,
        files: 1,
        ..Settings::memory()
    };
    let world = World::with(settings);
    let a = world.mount("a").await;
    a.store
        .commit_all(Entry::new(Author::dream("d-1"), vec![a.making("/.dream")]))
        .await
        .unwrap();
    for name in ["/.dream/ledger", "/.dream/record"] {
        let record = a.creating(name, "123456789", false);
        a.store
            .commit_all(Entry::new(Author::dream("d-1"), vec![record]))
            .await
            .unwrap();
    }
    a.create("/1", "one\n").await.unwrap();
    assert!(matches!(
        a.create("/2", "two\n").await.unwrap_err(),
        Refused::Full { limit: 1, .. }
    ));
}

/// A link to `target` at `path`.
fn link(agent: &Agent, path: &str, target: &str) -> Intent {
    Intent::Symlink {
        file: FileId::random(agent.store.random()),
        path: path.to_owned(),
        place: agent.place(path),
        target: target.to_owned(),
    }
}

/// Where a link at the head of the log leads.
async fn target(agent: &Agent, path: &str) -> String {
    agent.store.sync().await.unwrap();
    match &agent.store.tree().lookup(path).unwrap().kind {
        NodeKind::Symlink { target } => target.to_string(),
        other => panic!("{path} is no link but {other:?}"),
    }
}

#[tokio::test]
async fn links_at_one_path_are_one_if_they_lead_to_one_place() {
    let (_world, a, mut b) = two("one\n").await;
    a.one(link(&a, "/latest.md", "notes.md")).await.unwrap();
    let same = b.one(link(&b, "/latest.md", "notes.md")).await.unwrap();
    assert_eq!((same.file, same.sibling), (a.id("/latest.md"), None));

    a.one(link(&a, "/next.md", "notes.md")).await.unwrap();
    let other = b.one(link(&b, "/next.md", "plan.md")).await;
    assert!(matches!(other.unwrap_err(), Refused::Exists { .. }));
    // Whoever was told "done" finds it beside the other.
    a.one(link(&a, "/last.md", "notes.md")).await.unwrap();
    b.late = true;
    let beside = b.one(link(&b, "/last.md", "plan.md")).await.unwrap().sibling.unwrap();
    assert_eq!(target(&a, &beside).await, "plan.md");
    for path in ["/latest.md", "/next.md", "/last.md"] {
        assert_eq!(target(&a, path).await, "notes.md");
    }
}

#[tokio::test]
async fn a_link_renamed_over_a_file_gives_way_to_an_edit_that_was_not_seen() {
    let (_world, a, mut b) = two("one\n").await;
    b.one(link(&b, "/new.md", "plan.md")).await.unwrap();
    let (new, base) = (b.id("/new.md"), b.served("/notes.md"));
    a.edit("/notes.md", a.id("/notes.md"), a.served("/notes.md"), "two\n")
        .await
        .unwrap();
    b.refuse = true;
    let refused = b.rename("/new.md", "/notes.md", new, base.clone()).await;
    assert!(matches!(refused.unwrap_err(), Refused::Stale { .. }));
    b.refuse = false;
    let done = b.rename("/new.md", "/notes.md", new, base).await.unwrap();
    assert_eq!(done.merged, Some(Merged::Sibling));
    let beside = done.sibling.unwrap();
    assert_eq!(a.text("/notes.md").await.as_deref(), Some("two\n"));
    assert_eq!(target(&a, &beside).await, "plan.md");
    // What was seen gives way to the link.
    let seen = b.served("/notes.md");
    b.rename(&beside, "/notes.md", new, seen).await.unwrap();
    assert_eq!(target(&a, "/notes.md").await, "plan.md");
    assert_eq!(a.paths().await, ["/notes.md"]);
}

#[tokio::test]
async fn a_store_holds_no_more_bytes_than_it_may() {
    let world = World::with(Settings {
        size: Some(10),
        ..Settings::memory()
    });
    let a = world.mount("a").await;
    a.create("/1", "123456").await.unwrap();
    let b = world.mount("b").await;
    assert!(matches!(
        b.create("/2", "12345").await.unwrap_err(),
        Refused::NoRoom { limit: 10, .. }
    ));
    let id = b.id("/1");
    let grown = b.append("/1", id, b.served("/1"), "78901").await;
    assert!(matches!(grown.unwrap_err(), Refused::NoRoom { .. }));
    b.append("/1", id, b.served("/1"), "7890").await.unwrap();
    b.edit("/1", id, b.served("/1"), "1").await.unwrap();
    b.create("/2", "123456789").await.unwrap();
}

#[tokio::test]
async fn what_was_refused_is_not_written_later() {
    let world = World::new();
    let a = world.mount("a").await;
    a.create("/x", "one\n").await.unwrap();
    let exclusive = a.creating("/x", "two\n", true);
    assert!(matches!(a.one(exclusive).await, Err(Refused::Exists { .. })));
    a.create("/y", "three\n").await.unwrap();
    assert_eq!(a.paths().await, ["/x", "/y"]);
    assert_eq!(a.store.tree().seq, 2);
}

#[tokio::test]
async fn no_write_brings_the_folder_that_each_mount_makes_itself() {
    let world = World::new();
    let a = world.mount("a").await;
    let mut intent = a.creating("/status", "mine\n", false);
    let Intent::Put { path, create, .. } = &mut intent else {
        unreachable!()
    };
    // Its folder was refused, so it is not there.
    "/.memory/status".clone_into(path);
    create.as_mut().unwrap().place.parent = FileId::random(a.store.random());
    let refused = a.one(intent).await.unwrap_err();
    assert!(
        matches!(&refused, Refused::Name { path, .. } if path == "/.memory"),
        "{refused}"
    );
    assert_eq!(a.paths().await, Vec::<String>::new());
}

#[tokio::test]
async fn create_create_keeps_front_matter_first() {
    let (_world, a, b) = two("x\n").await;
    let topic = "---\nname: deployment\n---\n\n- The database is called heron.\n";
    a.create("/deployment.md", "- The cache is called wren.\n")
        .await
        .unwrap();
    b.create("/deployment.md", topic).await.unwrap();
    assert_eq!(
        a.text("/deployment.md").await.unwrap(),
        format!("{topic}- The cache is called wren.\n")
    );
}
