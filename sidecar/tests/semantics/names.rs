//! Lines 26 and 27: names and limits.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;

use remanence_store::settings::Settings;
use rustix::io::Errno;

use crate::common::Bench;
use crate::errnos::errno;
use crate::{durable, local};

#[test]
fn line_26_names_look_like_what_they_are() {
    let bench = Bench::new();
    let mount = bench.mount("a", durable());
    let make = |name: &[u8]| errno(fs::write(mount.path("").join(OsStr::from_bytes(name)), "x"));
    assert_eq!(make(b"\xff\xfe"), Errno::ILSEQ);
    assert_eq!(make("e\u{301}".as_bytes()), Errno::ILSEQ, "not NFC");
    assert_eq!(make(b"a\x01b"), Errno::INVAL, "control");
    assert_eq!(make("a\u{202e}b".as_bytes()), Errno::INVAL, "bidi");
    assert_eq!(make("a\u{200b}b".as_bytes()), Errno::INVAL, "format");
    assert_eq!(make(&[b'x'; 256]), Errno::NAMETOOLONG);
    fs::write(mount.path("paypal"), "x").unwrap();
    assert_eq!(make("p\u{430}ypal".as_bytes()), Errno::INVAL, "looks like paypal");
    fs::write(mount.path("über.md"), "x").unwrap();
    let mut deep = mount.path("");
    for _ in 0..5 {
        deep = deep.join("d".repeat(200));
        fs::create_dir(&deep).unwrap();
    }
    assert_eq!(errno(fs::write(deep.join("e".repeat(30)), "x")), Errno::NAMETOOLONG);
    // The longest path has 1,005 bytes.
    let top = mount.path(&"d".repeat(200));
    let longer = |by: usize| mount.path(&"d".repeat(200 + by));
    assert_eq!(errno(fs::rename(&top, longer(20))), Errno::NAMETOOLONG);
    fs::rename(&top, longer(19)).unwrap();
    assert_eq!(errno(fs::create_dir(mount.path("a\u{202e}b"))), Errno::INVAL);
    assert_eq!(
        errno(fs::rename(mount.path("paypal"), mount.path("a\u{202e}b"))),
        Errno::INVAL
    );
}

#[test]
fn line_27_limits_hold_and_what_is_there_stays_usable() {
    for settings in [durable(), local()] {
        let bench = Bench::new();
        let mut attachment = bench.attachment("memory", settings);
        attachment.init = Some(Settings {
            file_size: 100,
            files: 3,
            ..Settings::memory()
        });
        let mount = bench.start(bench.config("a", vec![attachment]));
        let file = File::create(mount.path("a")).unwrap();
        assert_eq!(errno(file.write_all_at(&[b'x'; 101], 0)), Errno::FBIG);
        assert_eq!(errno(file.set_len(101)), Errno::FBIG);
        file.write_all_at(&[b'x'; 100], 0).unwrap();
        drop(file);
        // A name like a conflict sibling's lifts no limit.
        fs::rename(mount.path("a"), mount.path("a.conflict-a-1")).unwrap();
        let file = File::options().write(true).open(mount.path("a.conflict-a-1")).unwrap();
        assert_eq!(errno(file.set_len(64 << 30)), Errno::FBIG);
        assert_eq!(errno(file.write_all_at(b"x", 100)), Errno::FBIG);
        drop(file);
        fs::rename(mount.path("a.conflict-a-1"), mount.path("a")).unwrap();
        fs::write(mount.path("b"), "x").unwrap();
        fs::write(mount.path("c"), "x").unwrap();
        assert_eq!(errno(fs::write(mount.path("d"), "x")), Errno::DQUOT);
        assert_eq!(errno(fs::write(mount.path("d.conflict-a-1"), "x")), Errno::DQUOT);
        assert_eq!(errno(std::os::unix::fs::symlink("a", mount.path("l"))), Errno::DQUOT);
        fs::create_dir(mount.path("folder")).unwrap();
        fs::write(mount.path("b"), "edited").unwrap();
        assert_eq!(fs::read_to_string(mount.path("b")).unwrap(), "edited");
        fs::remove_file(mount.path("c")).unwrap();
        fs::write(mount.path("d"), "x").unwrap();
        drop(mount);
        assert_eq!(bench.stored("memory", "/a").unwrap().len(), 100);
        assert_eq!(bench.stored("memory", "/b").unwrap(), b"edited");
    }
}

#[test]
fn line_27_a_store_that_holds_all_it_may_takes_no_more_bytes() {
    for settings in [durable(), local()] {
        let bench = Bench::new();
        let mut attachment = bench.attachment("memory", settings);
        attachment.init = Some(Settings {
            size: Some(100),
            ..Settings::memory()
        });
        let mount = bench.start(bench.config("a", vec![attachment]));
        let file = File::create(mount.path("a")).unwrap();
        assert_eq!(errno(file.write_all_at(&[b'x'; 101], 0)), Errno::DQUOT);
        file.write_all_at(&[b'x'; 90], 0).unwrap();
        file.sync_all().unwrap();
        assert_eq!(errno(file.write_all_at(&[b'x'; 20], 90)), Errno::DQUOT);
        assert_eq!(errno(fs::write(mount.path("b"), [b'x'; 20])), Errno::DQUOT);
        // What is there can be edited, and what is made shorter makes room.
        file.write_all_at(b"yy", 0).unwrap();
        file.set_len(50).unwrap();
        file.sync_all().unwrap();
        fs::write(mount.path("b"), [b'x'; 40]).unwrap();
        drop((file, mount));
        assert_eq!(bench.stored("memory", "/a").unwrap().len(), 50);
        assert_eq!(bench.stored("memory", "/b").unwrap().len(), 40);
    }
}
