//! Lines 33 to 42: when a call returns, and what is kept.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use remanence_sidecar::fuse::JOURNAL_ATTRIBUTE;
use remanence_sidecar::mount::{Mount, MountConfig};
use remanence_sidecar::{AttachmentSettings, Timing, aside, ended};
use remanence_store::settings::Settings;
use remanence_store::slot;
use rustix::io::Errno;

use crate::common::{Bench, Mounted, eventually, names};
use crate::errnos::{errno, truncate, truncate_and_close, write_and_close};
use crate::faulty::Switch;
use crate::{durable, local};

fn commits(bench: &Bench) -> u64 {
    bench.store("memory").tree().seq
}

/// A mount whose object store can be switched off, and that does not wait for it for long.
fn switched<'a>(bench: &'a Bench, settings: AttachmentSettings, switch: &Switch) -> Mounted<'a> {
    bench.start(switched_config(bench, settings, switch))
}

fn switched_config(bench: &Bench, settings: AttachmentSettings, switch: &Switch) -> MountConfig {
    let mut attachment = bench.attachment("memory", settings);
    attachment.backend = switch.before(attachment.backend);
    let mut config = bench.config("a", vec![attachment]);
    config.timing = Timing {
        unknown_after: Duration::from_millis(300),
        ..Timing::default()
    };
    config.grace = Duration::from_secs(2);
    config
}

#[test]
fn line_33_what_has_returned_is_in_the_store() {
    let bench = Bench::new();
    let mount = bench.mount("a", durable());
    let store = |path: &str| bench.store("memory").tree().lookup(path).is_some();
    fs::write(mount.path("f"), "x").unwrap();
    assert_eq!(bench.stored("memory", "/f").unwrap(), b"x");
    fs::create_dir(mount.path("d")).unwrap();
    assert!(store("/d"));
    fs::rename(mount.path("f"), mount.path("d/g")).unwrap();
    assert!(store("/d/g") && !store("/f"));
    symlink("g", mount.path("d/l")).unwrap();
    assert!(store("/d/l"));
    fs::remove_file(mount.path("d/g")).unwrap();
    assert!(!store("/d/g"));
    fs::remove_file(mount.path("d/l")).unwrap();
    fs::remove_dir(mount.path("d")).unwrap();
    assert!(!store("/d"));
}

#[test]
fn line_33_a_shell_that_redirects_makes_one_version() {
    for settings in [durable(), local()] {
        let bench = Bench::new();
        let mount = bench.mount("a", settings);
        fs::write(mount.path("f"), "old").unwrap();
        fs::File::open(mount.path("f")).unwrap().sync_all().unwrap();
        let before = commits(&bench);
        let shell = Command::new("sh")
            .arg("-c")
            .arg("echo new > f; echo made > g")
            .current_dir(mount.path(""))
            .status();
        assert!(shell.unwrap().success());
        eventually("both are stored", || {
            bench.stored("memory", "/f").is_some_and(|s| s == b"new\n")
                && bench.stored("memory", "/g").is_some_and(|s| s == b"made\n")
        });
        assert!(commits(&bench) <= before + 2, "{} commits", commits(&bench) - before);
        File::create(mount.path("empty")).unwrap();
        eventually("an empty file is stored", || bench.stored("memory", "/empty").is_some());
        let open = File::create(mount.path("f")).unwrap();
        drop(open.try_clone().unwrap());
        eventually("an emptied file is stored in a while", || {
            bench.stored("memory", "/f").is_some_and(|s| s.is_empty())
        });
        drop(open);
    }
}

#[test]
fn line_33_what_is_appended_keeps_its_order_when_mode_or_name_change_between() {
    for settings in [durable(), local()] {
        let bench = Bench::new();
        let mount = bench.mount("a", settings);
        fs::write(mount.path("x"), "0\n").unwrap();
        let mut file = OpenOptions::new().append(true).open(mount.path("x")).unwrap();
        file.write_all(b"a\n").unwrap();
        file.set_permissions(fs::Permissions::from_mode(0o600)).unwrap();
        file.write_all(b"b\n").unwrap();
        fs::rename(mount.path("x"), mount.path("y")).unwrap();
        file.write_all(b"c\n").unwrap();
        assert_eq!(fs::read_to_string(mount.path("y")).unwrap(), "0\na\nb\nc\n");
        file.sync_all().unwrap();
        assert_eq!(bench.stored("memory", "/y").unwrap(), b"0\na\nb\nc\n");
        assert_eq!(bench.store("memory").tree().lookup("/y").unwrap().mode, 0o600);
        assert_eq!(fs::read_to_string(mount.path("y")).unwrap(), "0\na\nb\nc\n");
    }
}

#[test]
fn line_33_what_follows_a_file_that_others_made_first_is_stored_too() {
    let bench = Bench::new();
    let switch = Switch::default();
    let mount = switched(&bench, durable(), &switch);
    fs::write(mount.path("other"), "x").unwrap();
    switch.off();
    assert_eq!(errno(write_and_close(&mount.path("f"), "one\n")), Errno::IO);
    let mut file = OpenOptions::new().append(true).open(mount.path("f")).unwrap();
    file.write_all(b"two\n").unwrap();
    // Somebody else is not cut off, and makes the same file.
    let other = bench.mount("b", durable());
    fs::write(other.path("f"), "one\n").unwrap();
    switch.on();
    eventually("its own is settled", || {
        fs::read_to_string(mount.path(".memory/status")).is_ok_and(|status| status.contains("waiting for the store: 0"))
    });
    eventually("what followed is stored", || file.sync_all().is_ok());
    assert_eq!(bench.stored("memory", "/f").unwrap(), b"one\ntwo\n");
    assert_eq!(fs::read_to_string(mount.path("f")).unwrap(), "one\ntwo\n");
}

#[test]
fn line_34_mode_and_times_do_not_wait() {
    let bench = Bench::new();
    let switch = Switch::default();
    let mount = switched(&bench, durable(), &switch);
    fs::write(mount.path("f"), "x").unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    switch.off();
    fs::set_permissions(mount.path("f"), fs::Permissions::from_mode(0o600)).unwrap();
    File::open(mount.path("f")).unwrap().set_modified(time).unwrap();
    switch.on();
    eventually("both are stored", || {
        let tree = bench.store("memory").tree();
        let node = tree.lookup("/f").unwrap();
        node.mode == 0o600 && SystemTime::from(node.mtime) == time
    });
}

#[test]
fn line_34_a_truncation_waits_by_handle_with_the_close_and_by_path_at_once() {
    let bench = Bench::new();
    let switch = Switch::default();
    let mount = switched(&bench, durable(), &switch);
    fs::write(mount.path("f"), "hello").unwrap();
    switch.off();
    assert_eq!(errno(truncate_and_close(&mount.path("f"), 4)), Errno::IO);
    assert_eq!(errno(truncate(&mount.path("f"), 2)), Errno::IO);
    switch.on();
    eventually("it is stored", || {
        bench.stored("memory", "/f").is_some_and(|s| s == b"he")
    });
    eventually("it is cut again", || truncate(&mount.path("f"), 1).is_ok());
    assert_eq!(bench.stored("memory", "/f").unwrap(), b"h");
}

#[test]
fn line_35_local_returns_at_once_and_the_store_follows() {
    let bench = Bench::new();
    let switch = Switch::default();
    let mount = switched(&bench, local(), &switch);
    let before = commits(&bench);
    for i in 0..200 {
        fs::write(mount.path(&format!("f{i}")), "x").unwrap();
    }
    let written = Instant::now();
    eventually("the last one is stored", || bench.stored("memory", "/f199").is_some());
    assert!(written.elapsed() < Duration::from_secs(1));
    assert!(
        commits(&bench) - before <= 20,
        "a burst takes few commits: {}",
        commits(&bench) - before
    );
    switch.off();
    fs::write(mount.path("late"), "x").unwrap();
    eventually("closes wait once the store is too far behind", || {
        write_and_close(&mount.path("later"), "x").is_err_and(|e| e.raw_os_error() == Some(Errno::IO.raw_os_error()))
    });
    switch.on();
    eventually("all is stored", || {
        bench.stored("memory", "/later").is_some_and(|s| s == b"x")
    });
}

#[test]
fn line_36_fsync_waits_for_the_store() {
    let bench = Bench::new();
    let mount = bench.mount("a", local());
    let mut file = File::create(mount.path("f")).unwrap();
    file.write_all(b"x").unwrap();
    file.sync_all().unwrap();
    assert_eq!(bench.stored("memory", "/f").unwrap(), b"x");
    file.write_all(b"y").unwrap();
    file.sync_data().unwrap();
    assert_eq!(bench.stored("memory", "/f").unwrap(), b"xy");
    fs::create_dir(mount.path("d")).unwrap();
    drop(file);
    fs::rename(mount.path("f"), mount.path("d/f")).unwrap();
    File::open(mount.path("d")).unwrap().sync_all().unwrap();
    assert_eq!(bench.stored("memory", "/d/f").unwrap(), b"xy");
}

#[test]
fn line_37_write_temp_then_rename_is_one_commit() {
    let bench = Bench::new();
    let mount = bench.mount("a", durable());
    fs::write(mount.path("notes.md"), "one\n").unwrap();
    let before = commits(&bench);
    fs::write(mount.path("notes.md.tmp.77.ab12"), "two\n").unwrap();
    assert_eq!(commits(&bench), before, "the temporary file waits");
    fs::rename(mount.path("notes.md.tmp.77.ab12"), mount.path("notes.md")).unwrap();
    assert_eq!(commits(&bench), before + 1);
    assert_eq!(bench.stored("memory", "/notes.md").unwrap(), b"two\n");
    fs::write(mount.path("scratch~"), "x").unwrap();
    fs::remove_file(mount.path("scratch~")).unwrap();
    assert_eq!(
        commits(&bench),
        before + 1,
        "one that is removed never reaches the store"
    );
    let mut file = File::create(mount.path(".swap.swp")).unwrap();
    file.write_all(b"x").unwrap();
    file.sync_all().unwrap();
    assert!(bench.stored("memory", "/.swap.swp").is_some(), "fsync ends the delay");
    fs::write(mount.path("kept~"), "x").unwrap();
    eventually("nothing is exempt for good", || {
        bench.stored("memory", "/kept~").is_some()
    });
}

#[test]
fn line_38_an_editors_backup_takes_neither_id_nor_history() {
    for settings in [durable(), local()] {
        let bench = Bench::new();
        let mount = bench.mount("a", settings);
        fs::write(mount.path("notes.md"), "one\n").unwrap();
        File::open(mount.path("notes.md")).unwrap().sync_all().unwrap();
        let id = |path: &str| bench.store("memory").tree().lookup(path).map(|n| n.id);
        let before = id("/notes.md");
        fs::rename(mount.path("notes.md"), mount.path("notes.md~")).unwrap();
        fs::write(mount.path("notes.md"), "two\n").unwrap();
        assert_eq!(fs::read_to_string(mount.path("notes.md~")).unwrap(), "one\n");
        assert_eq!(fs::read_to_string(mount.path("notes.md")).unwrap(), "two\n");
        eventually("both are stored", || {
            bench.stored("memory", "/notes.md").is_some_and(|s| s == b"two\n")
                && bench.stored("memory", "/notes.md~").is_some_and(|s| s == b"one\n")
        });
        assert_eq!(id("/notes.md"), before);
        assert_ne!(id("/notes.md~"), before);
        fs::remove_file(mount.path("notes.md~")).unwrap();
        assert_eq!(names(&mount.path("")), ["notes.md"]);
        assert_eq!(fs::read_to_string(mount.path("notes.md")).unwrap(), "two\n");
    }
}

#[test]
fn line_39_and_40_the_journal_finishes_what_the_store_did_not_take() {
    for settings in [durable(), local()] {
        let bench = Bench::new();
        let switch = Switch::default();
        let config = switched_config(&bench, settings.clone(), &switch);
        let mount = bench.start(config.clone());
        fs::write(mount.path("old"), "old\n").unwrap();
        fs::write(mount.path("log"), "first\n").unwrap();
        File::open(mount.path("log")).unwrap().sync_all().unwrap();
        switch.off();
        assert_eq!(fs::read_to_string(mount.path("old")).unwrap(), "old\n", "reads go on");
        let result = write_and_close(&mount.path("new"), "new\n");
        if settings == durable() {
            assert_eq!(errno(result), Errno::IO);
            assert!(
                fs::read_to_string(mount.path(".memory/status"))
                    .unwrap()
                    .contains("waiting for the store: 1")
            );
        }
        let append = || {
            let mut log = OpenOptions::new().append(true).open(mount.path("log")).unwrap();
            log.write_all(b"second\n").unwrap();
            // What the close says is another matter: it is not known yet.
            drop(log);
        };
        append();
        assert_eq!(
            fs::read_to_string(mount.path("new")).unwrap(),
            "new\n",
            "it is shown meanwhile"
        );
        let stopped = mount.stop();
        assert_eq!(stopped.left.get("memory"), Some(&2), "{stopped:?}");
        assert!(bench.stored("memory", "/new").is_none());
        let told = ended::read(&stopped.journal).unwrap();
        assert_eq!(told.as_ref(), Some(&stopped), "line 42: for whoever unmounts");
        switch.on();
        let again = bench.start(config);
        assert_eq!(ended::read(&stopped.journal).unwrap(), None, "it runs again");
        assert_eq!(bench.stored("memory", "/new").unwrap(), b"new\n");
        assert_eq!(bench.stored("memory", "/log").unwrap(), b"first\nsecond\n", "once");
        assert_eq!(fs::read_to_string(again.path("new")).unwrap(), "new\n");
    }
}

#[test]
fn line_39_a_journal_of_another_store_waits_for_its_own() {
    for settings in [durable(), local()] {
        let bench = Bench::new();
        let switch = Switch::default();
        let config = switched_config(&bench, settings.clone(), &switch);
        let mut other = bench.attachment("other", settings);
        other.name = "memory".into();
        let other = bench.config("a", vec![other]);
        for text in ["one", "two"] {
            let mount = bench.start(config.clone());
            switch.off();
            // What the close says is another matter: it is not known yet.
            let _ = write_and_close(&mount.path(text), text);
            assert_eq!(mount.stop().left.get("memory"), Some(&1));
            let mount = bench.start(other.clone());
            fs::write(mount.path(text), "other").unwrap();
            let folder = mount.stop().journal;
            let waits = aside::waiting(&folder, |name| name == "memory").unwrap();
            assert_eq!(waits.len(), 1, "{waits:?}");
            assert_eq!((waits[0].name.as_str(), waits[0].changes), ("memory", 1));
            assert!(bench.stored("memory", &format!("/{text}")).is_none());
            switch.on();
        }
        let mount = bench.start(config);
        for text in ["one", "two"] {
            assert_eq!(bench.stored("memory", &format!("/{text}")).unwrap(), text.as_bytes());
            assert_eq!(fs::read_to_string(mount.path(text)).unwrap(), text);
            assert_eq!(bench.stored("other", &format!("/{text}")).unwrap(), b"other");
        }
        let folder = mount.stop().journal;
        assert!(aside::waiting(&folder, |_| false).unwrap().is_empty());
    }
}

#[test]
fn line_39_journals_of_stores_that_swapped_names_are_finished_by_the_mount_that_swaps_them() {
    for settings in [durable(), local()] {
        let bench = Bench::new();
        let switch = Switch::default();
        let attachment = |store: &str, name: &str| {
            let mut attachment = bench.attachment(store, settings.clone());
            attachment.backend = switch.before(attachment.backend);
            attachment.name = name.into();
            attachment
        };
        let mut config = bench.config("a", vec![attachment("red", "one"), attachment("blue", "two")]);
        config.timing.unknown_after = Duration::from_millis(300);
        config.grace = Duration::from_secs(2);
        let mount = bench.start(config.clone());
        switch.off();
        for folder in ["one", "two"] {
            // What the close says is another matter: it is not known yet.
            let _ = write_and_close(&mount.at.join(folder).join("f"), folder);
        }
        let left = mount.stop().left;
        assert_eq!(left, BTreeMap::from([("one".to_owned(), 1), ("two".to_owned(), 1)]));
        switch.on();
        // One after the other, as a pod's are: the first finds nothing of its own yet.
        config.attachments = vec![attachment("blue", "one")];
        let mut mount = bench.start(config);
        let running = mount.mount.as_mut().unwrap();
        bench
            .runtime
            .block_on(running.attach(attachment("red", "two")))
            .unwrap();
        for (store, folder, text) in [("red", "two", "one"), ("blue", "one", "two")] {
            assert_eq!(bench.stored(store, "/f").unwrap(), text.as_bytes());
            let path = mount.at.join(folder).join("f");
            eventually("it is seen", || {
                fs::read_to_string(&path).is_ok_and(|seen| seen == text)
            });
        }
        let folder = mount.stop().journal;
        assert!(aside::waiting(&folder, |_| false).unwrap().is_empty());
    }
}

#[test]
fn line_40_writes_follow_once_the_store_is_back() {
    let bench = Bench::new();
    let switch = Switch::default();
    let mount = switched(&bench, durable(), &switch);
    fs::write(mount.path("f"), "one").unwrap();
    switch.off();
    assert_eq!(errno(fs::create_dir(mount.path("d"))), Errno::IO);
    switch.on();
    eventually("the change follows", || {
        bench.store("memory").tree().lookup("/d").is_some()
    });
    fs::write(mount.path("d/f"), "two").unwrap();
    assert_eq!(bench.stored("memory", "/d/f").unwrap(), b"two");
}

#[test]
fn line_40_a_store_that_can_be_read_and_not_written_is_in_trouble_all_the_while() {
    let bench = Bench::new();
    let switch = Switch::default();
    let mount = switched(&bench, durable(), &switch);
    switch.refuse(true);
    assert_eq!(errno(write_and_close(&mount.path("f"), "x")), Errno::IO);
    let in_trouble = || {
        let status = fs::read_to_string(mount.path(".memory/status")).unwrap();
        status
            .lines()
            .any(|l| l.starts_with("trouble: ") && l.contains("these keys may only read"))
    };
    eventually("the status says why", in_trouble);
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(1) {
        assert!(in_trouble(), "the log is read meanwhile, which is no end of it");
    }
    switch.refuse(false);
    eventually("it follows", || bench.stored("memory", "/f").is_some_and(|s| s == b"x"));
    eventually("the trouble is over", || !in_trouble());
}

#[test]
fn line_40_even_the_first_write_of_a_mount_waits_for_the_store() {
    let bench = Bench::new();
    drop(bench.mount("before", durable()));
    let switch = Switch::default();
    let mount = switched(&bench, durable(), &switch);
    switch.off();
    assert_eq!(errno(write_and_close(&mount.path("f"), "one")), Errno::IO);
    switch.on();
    eventually("it follows", || {
        bench.stored("memory", "/f").is_some_and(|s| s == b"one")
    });
    fs::write(mount.path("g"), "two").unwrap();
    assert_eq!(bench.stored("memory", "/g").unwrap(), b"two");
}

#[test]
fn line_39_a_mount_whose_keys_may_not_finish_the_journal_says_so_soon() {
    let bench = Bench::new();
    let switch = Switch::default();
    let config = switched_config(&bench, local(), &switch);
    let mount = bench.start(config.clone());
    fs::write(mount.path("old"), "old\n").unwrap();
    File::open(mount.path("old")).unwrap().sync_all().unwrap();
    switch.off();
    fs::write(mount.path("new"), "new\n").unwrap();
    assert_eq!(mount.stop().left.get("memory"), Some(&1));
    switch.on();
    switch.refuse(true);
    let begun = Instant::now();
    let refused = bench.runtime.block_on(Mount::start(config.clone())).err();
    let refused = refused.expect("the journal can't be finished").to_string();
    assert!(refused.contains("these keys may only read"), "{refused}");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    switch.refuse(false);
    let _mount = bench.start(config);
    assert_eq!(bench.stored("memory", "/new").unwrap(), b"new\n");
}

#[test]
fn line_40_where_a_store_can_t_be_gone_on_with_the_journal_keeps_what_was_accepted() {
    let kinds = [
        (durable(), Some("no commit\n"), "is damaged"),
        (local(), Some("{\"format\":9}\n"), "newer than this program's"),
        (durable(), None, "is foreign"),
    ];
    for (settings, object, says) in kinds {
        let bench = Bench::new();
        let config = bench.config("a", vec![bench.attachment("memory", settings)]);
        let mount = bench.start(config.clone());
        fs::write(mount.path("old"), "old\n").unwrap();
        File::open(mount.path("old")).unwrap().sync_all().unwrap();
        let store = bench.store("memory");
        let slot = |seq| bench.path("store-memory").join(store.key(&slot::key(seq)));
        let next = slot(store.tree().seq + 1);
        let object = object.map_or_else(|| fs::read(slot(1)).unwrap(), |text| text.as_bytes().to_vec());
        fs::write(&next, object).unwrap();

        let mut file = File::create(mount.path("new")).unwrap();
        file.write_all(b"new\n").unwrap();
        assert_eq!(errno(file.sync_all()), Errno::IO);
        drop(file);
        assert_eq!(errno(fs::write(mount.path("more"), "x")), Errno::IO);
        assert_eq!(fs::read_to_string(mount.path("old")).unwrap(), "old\n", "reads go on");
        let status = fs::read_to_string(mount.path(".memory/status")).unwrap();
        for words in [
            "stopped: writes are refused until",
            says,
            "/memory/journal",
            "reads go on",
        ] {
            assert!(status.contains(words), "{words}: {status}");
        }
        let stopped = mount.stop();
        assert_eq!(stopped.left.get("memory"), Some(&1), "{stopped:?}");
        let refused = bench.runtime.block_on(Mount::start(config.clone())).err();
        let refused = refused.expect("as long as it is there").to_string();
        assert!(refused.contains(says), "{refused}");

        fs::remove_file(next).unwrap();
        let again = bench.start(config);
        assert_eq!(bench.stored("memory", "/new").unwrap(), b"new\n");
        fs::write(again.path("more"), "x").unwrap();
    }
}

#[test]
fn line_41_a_full_cache_disk_takes_nothing_more() {
    let bench = Bench::new();
    let disk = bench.small_disk(1 << 20);
    let mut config = bench.config("a", vec![bench.attachment("memory", local())]);
    config.cache = disk.path.clone();
    let mount = bench.start(config);
    fs::write(mount.path("kept"), "kept").unwrap();
    fs::write(disk.path.join("filler"), vec![0; 2 << 20]).unwrap_err();
    let mut file = File::create(mount.path("f"));
    let failed = loop {
        match file.and_then(|mut f| f.write_all(&[b'x'; 4096])) {
            Err(error) => break error,
            Ok(()) => file = OpenOptions::new().append(true).open(mount.path("f")),
        }
    };
    assert_eq!(failed.raw_os_error(), Some(Errno::NOSPC.raw_os_error()));
    assert_eq!(fs::read_to_string(mount.path("kept")).unwrap(), "kept");
    fs::remove_file(disk.path.join("filler")).unwrap();
    fs::write(mount.path("after"), "x").unwrap();
    drop(mount);
    assert_eq!(bench.stored("memory", "/kept").unwrap(), b"kept");
    assert_eq!(bench.stored("memory", "/after").unwrap(), b"x");
}

#[test]
fn line_41_what_is_only_cached_gives_way() {
    let bench = Bench::new();
    let disk = bench.small_disk(2 << 20);
    let mut config = bench.config("a", vec![bench.attachment("memory", durable())]);
    config.cache = disk.path.clone();
    let mount = bench.start(config);
    for n in 0..12 {
        fs::write(mount.path(&format!("f{n}")), vec![b'a' + n; 20_000]).unwrap();
    }
    let folder = xattr::get(&mount.at, JOURNAL_ATTRIBUTE).unwrap().unwrap();
    let contents = PathBuf::from(String::from_utf8(folder).unwrap()).join("memory/contents");
    let cached = || fs::read_dir(&contents).unwrap().count();
    assert_eq!(cached(), 12, "what was written is kept for reading");
    fs::write(disk.path.join("filler"), vec![0; 4 << 20]).unwrap_err();
    fs::write(mount.path("new"), vec![b'x'; 50_000]).unwrap();
    assert_eq!(bench.stored("memory", "/new").unwrap(), vec![b'x'; 50_000]);
    assert!(cached() < 12);
    assert_eq!(
        fs::read(mount.path("f0")).unwrap(),
        vec![b'a'; 20_000],
        "from the store"
    );
}

#[test]
fn line_41_a_disk_that_the_journal_filled_has_room_once_all_is_in_the_store() {
    let bench = Bench::new();
    let disk = bench.small_disk(2 << 20);
    let switch = Switch::default();
    let mut config = switched_config(&bench, local(), &switch);
    config.attachments[0].init = Some(Settings {
        file_size: 1 << 20,
        ..Settings::memory()
    });
    (config.cache, config.contents) = (disk.path.clone(), 0);
    config.timing.local_window = Duration::from_mins(1);
    let mount = bench.start(config);
    switch.off();
    for size in [900_000, 64_000, 4_000, 1] {
        let mut files = 0..;
        let failed = loop {
            let path = mount.path(&format!("{size}-{}", files.next().unwrap()));
            if let Err(error) = fs::write(path, vec![b'x'; size]) {
                break error;
            }
        };
        assert_eq!(failed.raw_os_error(), Some(Errno::NOSPC.raw_os_error()));
    }
    switch.on();
    eventually("all is in the store, and there is room again", || {
        fs::write(mount.path("after"), vec![b'y'; 900_000]).is_ok()
    });
    fs::remove_file(mount.path("900000-0")).unwrap();
    assert!(mount.stop().left.is_empty());
    assert_eq!(bench.stored("memory", "/900000-1").unwrap(), vec![b'x'; 900_000]);
    assert_eq!(bench.stored("memory", "/after").unwrap(), vec![b'y'; 900_000]);
}

#[test]
fn line_42_the_end_says_what_remains() {
    let bench = Bench::new();
    let mount = bench.mount("a", local());
    fs::write(mount.path("f"), "x").unwrap();
    fs::write(mount.path("f~"), "x").unwrap();
    let at = mount.at.clone();
    let stopped = mount.stop();
    assert!(stopped.left.is_empty() && !stopped.in_use);
    assert_eq!(names(&at), [""; 0]);
    assert!(bench.stored("memory", "/f").is_some() && bench.stored("memory", "/f~").is_some());
}
