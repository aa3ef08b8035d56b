//! Lines 43 to 52: what others see, and how writes meet.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, symlink};

use rustix::io::Errno;

use crate::common::{Bench, Mounted, eventually, names};
use crate::errnos::errno;
use crate::{durable, local, refusing, strict};

fn sees(mount: &Mounted<'_>, path: &str, text: &str) {
    eventually(&format!("{path} is {text:?}"), || {
        fs::read_to_string(mount.path(path)).is_ok_and(|t| t == text)
    });
}

#[test]
fn line_43_a_file_changes_at_its_close_whole() {
    let bench = Bench::new();
    let (a, b) = (bench.mount("a", durable()), bench.mount("b", durable()));
    fs::write(a.path("f"), "one\n").unwrap();
    sees(&b, "f", "one\n");
    let mut writer = File::create(a.path("f")).unwrap();
    writer.write_all(b"two\n").unwrap();
    fs::write(a.path("marker"), "").unwrap();
    eventually("a later file is there", || b.path("marker").exists());
    assert_eq!(
        fs::read_to_string(b.path("f")).unwrap(),
        "one\n",
        "an open file is not shown elsewhere"
    );
    writer.write_all(b"three\n").unwrap();
    drop(writer);
    sees(&b, "f", "two\nthree\n");
    fs::create_dir(a.path("d")).unwrap();
    fs::rename(a.path("f"), a.path("d/g")).unwrap();
    sees(&b, "d/g", "two\nthree\n");
    eventually("the old path is gone", || !b.path("f").exists());
    assert_eq!(names(&b.path("")), ["d", "marker"]);
}

#[test]
fn line_44_a_remote_change_is_an_atomic_replace() {
    let bench = Bench::new();
    let (a, b) = (bench.mount("a", durable()), bench.mount("b", durable()));
    fs::write(a.path("f"), "one one one\n").unwrap();
    sees(&b, "f", "one one one\n");
    let mut open = File::open(b.path("f")).unwrap();
    let node = open.metadata().unwrap().ino();
    fs::write(a.path("f"), "two\n").unwrap();
    sees(&b, "f", "two\n");
    assert_ne!(fs::metadata(b.path("f")).unwrap().ino(), node);
    let mut text = String::new();
    open.read_to_string(&mut text).unwrap();
    assert_eq!(text, "one one one\n");
    let meta = open.metadata().unwrap();
    assert_eq!((meta.ino(), meta.len()), (node, 12));
    assert_eq!(fs::metadata(b.path("f")).unwrap().len(), 4);
}

#[test]
fn line_45_a_remote_append_grows_the_file_under_its_handles() {
    let bench = Bench::new();
    let (a, b) = (bench.mount("a", durable()), bench.mount("b", durable()));
    fs::write(a.path("log"), "one\n").unwrap();
    sees(&b, "log", "one\n");
    let mut open = File::open(b.path("log")).unwrap();
    let node = open.metadata().unwrap().ino();
    OpenOptions::new()
        .append(true)
        .open(a.path("log"))
        .unwrap()
        .write_all(b"two\n")
        .unwrap();
    let mut read = || {
        let mut text = String::new();
        open.seek(SeekFrom::Start(0)).unwrap();
        open.read_to_string(&mut text).unwrap();
        text
    };
    eventually("the handle sees it grow", || read() == "one\ntwo\n");
    assert_eq!(fs::metadata(b.path("log")).unwrap().ino(), node);
    sees(&b, "log", "one\ntwo\n");
}

#[test]
fn line_45_whoever_reads_by_sendfile_sees_it_too() {
    let bench = Bench::new();
    let (a, b) = (bench.mount("a", durable()), bench.mount("b", durable()));
    // Who made the file knows its size; busybox's `cat` never asks for it.
    fs::write(b.path("log"), "one\n").unwrap();
    let append = |text: &str| {
        let mut file = OpenOptions::new().append(true).open(a.path("log")).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    sees(&a, "log", "one\n");
    append("two\n");
    append("three\n");
    let copied = || {
        let file = File::open(b.path("log")).unwrap();
        let mut copy = tempfile::tempfile().unwrap();
        while rustix::fs::sendfile(&copy, &file, None, 4096).unwrap() > 0 {}
        let mut text = String::new();
        copy.rewind().unwrap();
        copy.read_to_string(&mut text).unwrap();
        text
    };
    eventually("sendfile copies all of it", || copied() == "one\ntwo\nthree\n");
}

#[test]
fn line_46_own_writes_keep_the_node() {
    for settings in [durable(), local()] {
        let bench = Bench::new();
        let a = bench.mount("a", settings);
        fs::write(a.path("f"), "one\n").unwrap();
        let node = fs::metadata(a.path("f")).unwrap().ino();
        fs::write(a.path("f"), "two\n").unwrap();
        OpenOptions::new()
            .append(true)
            .open(a.path("f"))
            .unwrap()
            .write_all(b"three\n")
            .unwrap();
        File::open(a.path("f")).unwrap().sync_all().unwrap();
        assert_eq!(fs::read_to_string(a.path("f")).unwrap(), "two\nthree\n");
        assert_eq!(fs::metadata(a.path("f")).unwrap().ino(), node);
        fs::rename(a.path("f"), a.path("g")).unwrap();
        assert_eq!(fs::metadata(a.path("g")).unwrap().ino(), node);
    }
}

#[test]
fn line_47_appends_of_several_mounts_are_all_kept() {
    let bench = Bench::new();
    let mounts = [
        bench.mount("a", durable()),
        bench.mount("b", durable()),
        bench.mount("c", local()),
    ];
    fs::write(mounts[0].path("log"), "").unwrap();
    for mount in &mounts {
        eventually("the file is there", || mount.path("log").exists());
    }
    std::thread::scope(|scope| {
        for (who, mount) in mounts.iter().enumerate() {
            scope.spawn(move || {
                for line in 0..20 {
                    let mut file = OpenOptions::new().append(true).open(mount.path("log")).unwrap();
                    writeln!(file, "{who} {line}").unwrap();
                }
            });
        }
    });
    drop(mounts);
    let text = String::from_utf8(bench.stored("memory", "/log").unwrap()).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    let mut expected: Vec<String> = (0..3).flat_map(|w| (0..20).map(move |l| format!("{w} {l}"))).collect();
    expected.sort();
    assert_eq!(lines, expected);
}

#[test]
fn line_48_a_write_is_made_on_what_was_served() {
    let bench = Bench::new();
    let (a, b) = (bench.mount("a", durable()), bench.mount("b", durable()));
    fs::write(a.path("f"), "1\n2\n3\n4\n5\n").unwrap();
    sees(&b, "f", "1\n2\n3\n4\n5\n");
    // b has read it, and thinks.
    fs::write(a.path("f"), "one\n2\n3\n4\n5\n").unwrap();
    eventually("b's mount has the news", || {
        fs::metadata(b.path("f")).unwrap().len() == 12
    });
    fs::write(b.path("f"), "1\n2\n3\n4\nfive\n").unwrap();
    assert_eq!(bench.stored("memory", "/f").unwrap(), b"one\n2\n3\n4\nfive\n");
    sees(&a, "f", "one\n2\n3\n4\nfive\n");
    assert_eq!(fs::read_to_string(b.path("f")).unwrap(), "one\n2\n3\n4\nfive\n");
    // The same by an editor's atomic save.
    fs::write(a.path("f"), "one\n2\nthree\n4\nfive\n").unwrap();
    eventually("b's mount has the news", || {
        fs::metadata(b.path("f")).unwrap().len() == 19
    });
    fs::write(b.path("f.tmp"), "one\n2\n3\n4\n5\n").unwrap();
    fs::rename(b.path("f.tmp"), b.path("f")).unwrap();
    assert_eq!(bench.stored("memory", "/f").unwrap(), b"one\n2\nthree\n4\n5\n");
    // Who never read it writes over whatever is there.
    let c = bench.mount("c", durable());
    fs::write(c.path("f"), "new\n").unwrap();
    assert_eq!(bench.stored("memory", "/f").unwrap(), b"new\n");
}

#[test]
fn line_48_a_file_that_others_make_again_is_not_one_that_was_never_served() {
    let bench = Bench::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| bench.mount(name, durable()));
    fs::write(a.path("f"), "1\n2\n").unwrap();
    sees(&b, "f", "1\n2\n");
    let mut open = OpenOptions::new().append(true).open(a.path("f")).unwrap();
    eventually("it is there", || c.path("f").exists());
    fs::remove_file(c.path("f")).unwrap();
    eventually("it is gone", || !b.path("f").exists());
    open.write_all(b"3\n").unwrap();
    drop(open);
    // The edit wins; b has not read what it is now.
    eventually("it is there again", || b.path("f").exists());
    fs::write(b.path("f"), "0\n1\n2\n").unwrap();
    assert_eq!(bench.stored("memory", "/f").unwrap(), b"0\n1\n2\n3\n");
}

/// A file that `b` read as "one", and that `a` has edited since: `b`'s mount knows of "one two", and has not served it.
fn edit_unseen(a: &Mounted<'_>, b: &Mounted<'_>, path: &str) {
    fs::write(a.path(path), "one\n").unwrap();
    sees(b, path, "one\n");
    fs::write(a.path(path), "one two\n").unwrap();
    eventually("b's mount has the news", || {
        fs::metadata(b.path(path)).unwrap().len() == 8
    });
}

#[test]
fn line_48_an_edit_that_was_not_seen_outlives_one_removal() {
    for settings in [durable(), local()] {
        let bench = Bench::new();
        let (a, b) = (bench.mount("a", durable()), bench.mount("b", settings));
        fs::create_dir(a.path("d")).unwrap();
        edit_unseen(&a, &b, "d/f");
        fs::remove_file(b.path("d/f")).unwrap();
        eventually("it is listed again", || names(&b.path("d")) == ["f"]);
        assert_eq!(bench.stored("memory", "/d/f").unwrap(), b"one two\n");
        assert_eq!(errno(fs::remove_dir(b.path("d"))), Errno::NOTEMPTY);
        // What it has been told of by now goes.
        fs::remove_file(b.path("d/f")).unwrap();
        fs::remove_dir(b.path("d")).unwrap();
        eventually("both are gone", || !a.path("d").exists());
        drop(b);
        assert!(bench.store("memory").tree().lookup("/d").is_none());
    }
}

#[test]
fn line_48_a_write_after_a_removal_that_came_to_nothing_takes_no_edit_that_was_not_seen() {
    let bench = Bench::new();
    let (a, b) = (bench.mount("a", durable()), bench.mount("b", durable()));
    edit_unseen(&a, &b, "f");
    fs::remove_file(b.path("f")).unwrap();
    eventually("it is listed again", || names(&b.path("")) == ["f"]);
    fs::write(b.path("f"), "three\n").unwrap();
    assert_eq!(bench.stored("memory", "/f").unwrap(), b"one two\n");
    let beside = names(&b.path(""));
    let beside = beside.iter().find(|name| name.starts_with("f.conflict-b-")).unwrap();
    assert_eq!(fs::read(b.path(beside)).unwrap(), b"three\n");
}

#[test]
fn line_14_a_link_renamed_over_a_file_goes_beside_what_was_not_seen() {
    let bench = Bench::new();
    let (a, b) = (bench.mount("a", durable()), bench.mount("b", durable()));
    edit_unseen(&a, &b, "f");
    symlink("g", b.path("l")).unwrap();
    fs::rename(b.path("l"), b.path("f")).unwrap();
    sees(&b, "f", "one two\n");
    sees(&a, "f", "one two\n");
    let beside = names(&b.path(""));
    let beside = beside
        .iter()
        .find(|n| n.starts_with("f.conflict-b-"))
        .expect("a sibling");
    assert_eq!(fs::read_link(b.path(beside)).unwrap().to_str(), Some("g"));
    // What it has seen by now gives way.
    fs::rename(b.path(beside), b.path("f")).unwrap();
    assert_eq!(fs::read_link(b.path("f")).unwrap().to_str(), Some("g"));
    assert_eq!(names(&b.path("")), ["f"]);
}

#[test]
fn line_49_what_cannot_be_merged_is_kept_beside() {
    let bench = Bench::new();
    let (a, b) = (bench.mount("a", durable()), bench.mount("b", durable()));
    fs::write(a.path("f.md"), "color: red\n").unwrap();
    sees(&b, "f.md", "color: red\n");
    fs::write(a.path("f.md"), "color: green\n").unwrap();
    fs::write(b.path("f.md"), "color: blue\n").unwrap();
    sees(&b, "f.md", "color: green\n");
    let listed = names(&b.path(""));
    let sibling = listed
        .iter()
        .find(|n| n.starts_with("f.conflict-b-"))
        .expect("a sibling")
        .clone();
    assert_eq!(sibling.rsplit('.').next(), Some("md"), "{sibling}");
    assert_eq!(fs::read_to_string(b.path(&sibling)).unwrap(), "color: blue\n");
    sees(&a, &sibling, "color: blue\n");
    assert_eq!(
        fs::read_to_string(b.path(".memory/conflicts")).unwrap(),
        format!("/{sibling}\n")
    );
}

#[test]
fn line_50_or_refused() {
    let bench = Bench::new();
    let (a, b) = (bench.mount("a", durable()), bench.mount("b", refusing()));
    fs::write(a.path("f"), "one\n").unwrap();
    sees(&b, "f", "one\n");
    fs::write(a.path("f"), "two\n").unwrap();
    let mut file = File::create(b.path("f")).unwrap();
    file.write_all(b"three\n").unwrap();
    assert_eq!(errno(file.sync_all()), Errno::STALE);
    drop(file);
    assert_eq!(bench.stored("memory", "/f").unwrap(), b"two\n");
    sees(&b, "f", "two\n");
    fs::write(b.path("f"), "three\n").unwrap();
    assert_eq!(bench.stored("memory", "/f").unwrap(), b"three\n");
}

#[test]
fn line_51_strict_looks_at_the_head_at_each_open() {
    let bench = Bench::new();
    let (a, b) = (bench.mount("a", durable()), bench.mount("b", strict()));
    fs::write(a.path("f"), "0").unwrap();
    sees(&b, "f", "0");
    for i in 1..50 {
        fs::write(a.path("f"), i.to_string()).unwrap();
        assert_eq!(fs::read_to_string(b.path("f")).unwrap(), i.to_string());
    }
}

#[test]
fn line_52_after_a_merge_open_handles_keep_their_own_bytes() {
    let bench = Bench::new();
    let (a, b) = (bench.mount("a", durable()), bench.mount("b", durable()));
    fs::write(a.path("log"), "start\n").unwrap();
    sees(&b, "log", "start\n");
    let mut ours = OpenOptions::new().read(true).append(true).open(b.path("log")).unwrap();
    ours.write_all(b"b1\n").unwrap();
    OpenOptions::new()
        .append(true)
        .open(a.path("log"))
        .unwrap()
        .write_all(b"a1\n")
        .unwrap();
    ours.sync_all().unwrap();
    let mut text = String::new();
    ours.seek(SeekFrom::Start(0)).unwrap();
    ours.read_to_string(&mut text).unwrap();
    assert_eq!(text, "start\nb1\n");
    ours.write_all(b"b2\n").unwrap();
    drop(ours);
    assert_eq!(bench.stored("memory", "/log").unwrap(), b"start\na1\nb1\nb2\n");
    sees(&b, "log", "start\na1\nb1\nb2\n");
    sees(&a, "log", "start\na1\nb1\nb2\n");
}
