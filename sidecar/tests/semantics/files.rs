//! Lines 7 to 32: files and folders.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::process::Command;
use std::time::{Duration, SystemTime};

use remanence_store::settings::Settings;
use rustix::fs::{Access, AtFlags, CWD, FileType, FlockOperation, Mode, RenameFlags};
use rustix::io::Errno;

use crate::common::{Bench, Mounted, eventually, names};
use crate::errnos::{errno, raw, truncate};
use crate::{durable, local, read_only};

/// Runs a body on a mount of either durability.
fn each(body: impl Fn(&Bench, &Mounted<'_>)) {
    for settings in [durable(), local()] {
        let bench = Bench::new();
        let mount = bench.mount("a", settings);
        body(&bench, &mount);
    }
}

#[test]
fn line_7_what_was_written_is_read_and_an_exclusive_create_is_exclusive() {
    each(|_, mount| {
        fs::write(mount.path("a"), "hello").unwrap();
        assert_eq!(fs::read(mount.path("a")).unwrap(), b"hello");
        assert_eq!(errno(File::create_new(mount.path("a"))), Errno::EXIST);
        File::create_new(mount.path("b")).unwrap();
        let mut writer = OpenOptions::new().write(true).open(mount.path("a")).unwrap();
        writer.write_all(b"J").unwrap();
        assert_eq!(
            fs::read(mount.path("a")).unwrap(),
            b"Jello",
            "before the writer has closed"
        );
    });
}

#[test]
fn line_8_one_of_two_mounts_makes_the_path() {
    let bench = Bench::new();
    let mounts = [bench.mount("a", durable()), bench.mount("b", durable())];
    for round in 0..5 {
        let name = format!("lock-{round}");
        let made: Vec<bool> = std::thread::scope(|scope| {
            let tries: Vec<_> = mounts
                .iter()
                .map(|mount| scope.spawn(|| File::create_new(mount.path(&name)).map(drop)))
                .collect();
            tries
                .into_iter()
                .map(|t| match t.join().unwrap() {
                    Ok(()) => true,
                    failed => {
                        assert_eq!(errno(failed), Errno::EXIST);
                        false
                    }
                })
                .collect()
        });
        assert_eq!(made.iter().filter(|m| **m).count(), 1, "{made:?}");
        assert!(bench.stored("memory", &format!("/{name}")).is_some());
    }
}

#[test]
fn line_9_truncation_comes_with_the_open() {
    each(|_, mount| {
        fs::write(mount.path("a"), "hello").unwrap();
        let file = File::create(mount.path("a")).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 0);
        assert_eq!(fs::read(mount.path("a")).unwrap(), b"");
    });
}

#[test]
fn line_10_appends_go_to_the_end() {
    each(|bench, mount| {
        let open = || {
            OpenOptions::new()
                .append(true)
                .create(true)
                .open(mount.path("log"))
                .unwrap()
        };
        let (mut a, mut b) = (open(), open());
        for i in 0..10 {
            a.seek(SeekFrom::Start(0)).unwrap();
            writeln!(a, "a{i}").unwrap();
            writeln!(b, "b{i}").unwrap();
        }
        drop((a, b));
        let expected = (0..10)
            .flat_map(|i| [format!("a{i}\n"), format!("b{i}\n")])
            .collect::<String>();
        assert_eq!(fs::read_to_string(mount.path("log")).unwrap(), expected);
        eventually("it is stored", || {
            bench.stored("memory", "/log").is_some_and(|s| s == expected.as_bytes())
        });
    });
}

#[test]
fn line_11_gaps_are_zeros() {
    each(|bench, mount| {
        let file = File::create(mount.path("sparse")).unwrap();
        file.write_all_at(b"end", 5000).unwrap();
        drop(file);
        let bytes = fs::read(mount.path("sparse")).unwrap();
        assert_eq!(bytes.len(), 5003);
        assert!(bytes[..5000].iter().all(|b| *b == 0) && bytes.ends_with(b"end"));
        eventually("it is stored", || {
            bench.stored("memory", "/sparse").is_some_and(|s| s == bytes)
        });
    });
}

#[test]
fn line_12_files_are_cut_and_lengthened() {
    each(|bench, mount| {
        fs::write(mount.path("a"), "hello world").unwrap();
        truncate(&mount.path("a"), 5).unwrap();
        assert_eq!(fs::read(mount.path("a")).unwrap(), b"hello");
        let file = OpenOptions::new().write(true).open(mount.path("a")).unwrap();
        file.set_len(7).unwrap();
        file.set_len(6).unwrap();
        drop(file);
        assert_eq!(fs::read(mount.path("a")).unwrap(), b"hello\0");
        eventually("it is stored", || {
            bench.stored("memory", "/a").is_some_and(|s| s == b"hello\0")
        });
    });
}

#[test]
fn line_13_unlinked_files_go_on_for_their_handles() {
    each(|bench, mount| {
        fs::write(mount.path("a"), "hello").unwrap();
        let mut file = OpenOptions::new().read(true).write(true).open(mount.path("a")).unwrap();
        fs::remove_file(mount.path("a")).unwrap();
        assert!(!mount.path("a").exists());
        assert_eq!(file.metadata().unwrap().nlink(), 0);
        file.write_all_at(b"!", 5).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "hello!");
        drop(file);
        eventually("nothing is stored", || bench.stored("memory", "/a").is_none());
    });
}

#[test]
fn line_14_a_rename_over_a_file_is_its_next_version() {
    each(|bench, mount| {
        fs::write(mount.path("notes.md"), "one\n").unwrap();
        fs::write(mount.path("other.md"), "two\n").unwrap();
        File::open(mount.path("notes.md")).unwrap().sync_all().unwrap();
        File::open(mount.path("other.md")).unwrap().sync_all().unwrap();
        let id = |path: &str| bench.store("memory").tree().lookup(path).map(|n| n.id);
        let before = id("/notes.md").unwrap();
        fs::rename(mount.path("other.md"), mount.path("notes.md")).unwrap();
        assert_eq!(fs::read_to_string(mount.path("notes.md")).unwrap(), "two\n");
        assert_eq!(names(&mount.path("")), ["notes.md"]);
        eventually("it is stored", || {
            bench.stored("memory", "/notes.md").is_some_and(|s| s == b"two\n")
        });
        assert_eq!(id("/notes.md"), Some(before));
        fs::write(mount.path("notes.md.tmp"), "three\n").unwrap();
        fs::rename(mount.path("notes.md.tmp"), mount.path("notes.md")).unwrap();
        eventually("it is stored", || {
            bench.stored("memory", "/notes.md").is_some_and(|s| s == b"three\n")
        });
        assert_eq!(id("/notes.md"), Some(before));
        assert_eq!(fs::read_to_string(mount.path("notes.md")).unwrap(), "three\n");
    });
}

#[test]
fn line_15_of_renames_flags_noreplace_is_known() {
    each(|_, mount| {
        fs::write(mount.path("a"), "a").unwrap();
        fs::write(mount.path("b"), "b").unwrap();
        let rename = |to: &str, flags| rustix::fs::renameat_with(CWD, mount.path("a"), CWD, mount.path(to), flags);
        assert_eq!(raw(rename("b", RenameFlags::NOREPLACE)), Errno::EXIST);
        assert_eq!(raw(rename("b", RenameFlags::EXCHANGE)), Errno::INVAL);
        assert_eq!(raw(rename("c", RenameFlags::WHITEOUT)), Errno::INVAL);
        rename("c", RenameFlags::NOREPLACE).unwrap();
        assert_eq!(names(&mount.path("")), ["b", "c"]);
    });
}

#[test]
fn line_16_between_stores_files_are_not_renamed() {
    let bench = Bench::new();
    let both = vec![bench.attachment("one", durable()), bench.attachment("two", durable())];
    let mount = bench.start(bench.config("a", both));
    fs::write(mount.at.join("one/f"), "x").unwrap();
    assert_eq!(
        errno(fs::rename(mount.at.join("one/f"), mount.at.join("two/f"))),
        Errno::XDEV
    );
    assert!(
        Command::new("mv")
            .arg(mount.at.join("one/f"))
            .arg(mount.at.join("two/f"))
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(fs::read_to_string(mount.at.join("two/f")).unwrap(), "x");
}

#[test]
fn line_17_and_18_folders_and_files_are_told_apart() {
    each(|_, mount| {
        for folder in ["d", "d/e", "empty", "full"] {
            fs::create_dir(mount.path(folder)).unwrap();
        }
        fs::write(mount.path("full/f"), "x").unwrap();
        fs::write(mount.path("f"), "x").unwrap();
        let rename = |from: &str, to: &str| fs::rename(mount.path(from), mount.path(to));
        assert_eq!(errno(rename("empty", "full")), Errno::NOTEMPTY);
        assert_eq!(errno(rename("empty", "f")), Errno::NOTDIR);
        assert_eq!(errno(rename("d", "d/e/x")), Errno::INVAL);
        assert_eq!(errno(rename("f", "empty")), Errno::ISDIR);
        assert_eq!(errno(fs::create_dir(mount.path("f"))), Errno::EXIST);
        assert_eq!(errno(fs::create_dir(mount.path("d"))), Errno::EXIST);
        assert_eq!(errno(fs::remove_dir(mount.path("full"))), Errno::NOTEMPTY);
        assert_eq!(errno(fs::remove_dir(mount.path("f"))), Errno::NOTDIR);
        assert_eq!(raw(rustix::fs::unlink(mount.path("d"))), Errno::ISDIR);
        rename("full", "empty").unwrap();
        assert_eq!(fs::read_to_string(mount.path("empty/f")).unwrap(), "x");
        fs::remove_file(mount.path("empty/f")).unwrap();
        fs::remove_dir(mount.path("empty")).unwrap();
        assert_eq!(names(&mount.path("")), ["d", "f"]);
    });
}

#[test]
fn line_19_links_stay_within_their_store() {
    each(|_, mount| {
        fs::create_dir(mount.path("d")).unwrap();
        fs::write(mount.path("f"), "x").unwrap();
        symlink("../f", mount.path("d/up")).unwrap();
        assert_eq!(fs::read_to_string(mount.path("d/up")).unwrap(), "x");
        assert_eq!(fs::read_link(mount.path("d/up")).unwrap().to_str(), Some("../f"));
        for target in ["/etc/passwd", "../../f", "../../../etc/passwd", "../f\u{1b}[2J"] {
            assert_eq!(errno(symlink(target, mount.path("d/out"))), Errno::PERM, "{target}");
        }
        // Behind a name `..` would climb from wherever that leads.
        symlink("..", mount.path("d/top")).unwrap();
        assert_eq!(errno(symlink("top/../../f", mount.path("d/out"))), Errno::PERM);
        // And a link that is moved to where it would leave the store leads nowhere.
        fs::rename(mount.path("d/up"), mount.path("up")).unwrap();
        assert_eq!(errno(fs::read_link(mount.path("up"))), Errno::PERM);
        assert_eq!(errno(fs::read(mount.path("up"))), Errno::PERM);
    });
}

#[test]
fn line_20_one_name_a_file_and_nothing_but_files() {
    each(|_, mount| {
        fs::write(mount.path("f"), "x").unwrap();
        assert_eq!(errno(fs::hard_link(mount.path("f"), mount.path("g"))), Errno::PERM);
        let make = |name: &str, kind| rustix::fs::mknodat(CWD, mount.path(name), kind, Mode::from(0o600), 0);
        for kind in [
            FileType::Fifo,
            FileType::Socket,
            FileType::CharacterDevice,
            FileType::BlockDevice,
        ] {
            assert_eq!(raw(make("special", kind)), Errno::PERM, "{kind:?}");
        }
        make("plain", FileType::RegularFile).unwrap();
        assert!(fs::metadata(mount.path("plain")).unwrap().file_type().is_file());
        assert!(!fs::metadata(mount.path("plain")).unwrap().file_type().is_fifo());
    });
}

#[test]
fn line_21_permission_bits_are_kept_but_no_special_ones() {
    each(|bench, mount| {
        fs::write(mount.path("f"), "x").unwrap();
        fs::set_permissions(mount.path("f"), fs::Permissions::from_mode(0o6751)).unwrap();
        assert_eq!(fs::metadata(mount.path("f")).unwrap().mode() & 0o7777, 0o751);
        eventually("it is stored", || {
            bench
                .store("memory")
                .tree()
                .lookup("/f")
                .is_some_and(|n| n.mode == 0o751)
        });
        let script = mount.path("run.sh");
        fs::write(&script, "#!/bin/sh\necho ran\n").unwrap();
        assert_eq!(errno(Command::new(&script).status()), Errno::ACCESS);
        fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(Command::new(&script).output().unwrap().stdout, b"ran\n");
    });
}

#[test]
fn line_22_times_that_were_set_are_kept() {
    let bench = Bench::new();
    let mount = bench.mount("a", durable());
    let other = bench.mount("b", durable());
    fs::write(mount.path("f"), "x").unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789);
    let times = fs::FileTimes::new().set_modified(time).set_accessed(time);
    File::options()
        .write(true)
        .open(mount.path("f"))
        .unwrap()
        .set_times(times)
        .unwrap();
    let meta = fs::metadata(mount.path("f")).unwrap();
    assert_eq!((meta.modified().unwrap(), meta.accessed().unwrap()), (time, time));
    let there = || fs::metadata(other.path("f")).ok().and_then(|m| m.modified().ok());
    eventually("another mount shows the time", || there() == Some(time));
    let before = fs::metadata(mount.path("")).unwrap().modified().unwrap();
    fs::write(mount.path("g"), "x").unwrap();
    assert!(fs::metadata(mount.path("")).unwrap().modified().unwrap() > before);
}

#[test]
fn line_22_a_store_s_own_folder_has_the_time_since_which_it_is_attached() {
    let bench = Bench::new();
    let before = SystemTime::now();
    let mount = bench.mount("a", durable());
    let meta = fs::metadata(mount.path("")).unwrap();
    assert!(meta.modified().unwrap() >= before && meta.modified().unwrap() <= SystemTime::now());
}

#[test]
fn line_22_after_a_remount_a_file_has_the_time_that_was_set_and_a_folder_that_of_its_making() {
    let bench = Bench::new();
    let config = bench.config("a", vec![bench.attachment("memory", durable())]);
    let mount = bench.start(config.clone());
    fs::create_dir(mount.path("d")).unwrap();
    let file = File::create(mount.path("d/f")).unwrap();
    let (changed, read) = (
        SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789),
        SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000),
    );
    let times = fs::FileTimes::new().set_modified(changed).set_accessed(read);
    file.set_times(times).unwrap();
    drop(file);
    let of = |mount: &Mounted<'_>, path: &str| fs::metadata(mount.path(path)).unwrap();
    let made = SystemTime::from(bench.store("memory").tree().lookup("/d").unwrap().mtime);
    assert!(of(&mount, "d").modified().unwrap() > made, "a name was added since");
    assert_eq!(of(&mount, "d/f").accessed().unwrap(), read);
    mount.stop();
    let again = bench.start(config);
    assert_eq!(of(&again, "d/f").modified().unwrap(), changed);
    assert_ne!(of(&again, "d/f").accessed().unwrap(), read, "that is forgotten");
    assert_eq!(of(&again, "d").modified().unwrap(), made);
}

#[test]
fn line_23_the_owner_is_the_mounts() {
    let bench = Bench::new();
    let mut config = bench.config("a", vec![bench.attachment("memory", durable())]);
    (config.uid, config.gid) = (Some(1234), Some(5678));
    let mount = bench.start(config);
    fs::write(mount.path("f"), "x").unwrap();
    let meta = fs::metadata(mount.path("f")).unwrap();
    assert_eq!((meta.uid(), meta.gid()), (1234, 5678));
    std::os::unix::fs::chown(mount.path("f"), Some(1234), Some(5678)).unwrap();
    assert_eq!(
        errno(std::os::unix::fs::chown(mount.path("f"), Some(1), None)),
        Errno::PERM
    );
}

#[test]
fn line_24_statfs_shows_limits_and_use() {
    let bench = Bench::new();
    let mount = bench.mount("a", durable());
    let before = rustix::fs::statvfs(mount.path("")).unwrap();
    assert_eq!(
        (before.f_files, before.f_blocks * before.f_frsize),
        (10_000, 10_000 * 102_400)
    );
    fs::write(mount.path("f"), vec![b'x'; 50_000]).unwrap();
    let after = rustix::fs::statvfs(mount.path("")).unwrap();
    assert_eq!(before.f_ffree - after.f_ffree, 1);
    assert!(before.f_bfree > after.f_bfree);
    let mut limited = bench.attachment("limited", durable());
    limited.init = Some(Settings {
        size: Some(1 << 20),
        ..Settings::memory()
    });
    let mount = bench.start(bench.config("b", vec![limited]));
    let limited = rustix::fs::statvfs(mount.at.join("limited")).unwrap();
    assert_eq!(limited.f_blocks * limited.f_frsize, 1 << 20);
}

#[test]
fn line_25_attributes_tell_version_and_author() {
    let bench = Bench::new();
    let mount = bench.mount("reviewer", durable());
    fs::write(mount.path("f"), "x").unwrap();
    let get = |name: &str| {
        xattr::get(mount.path("f"), name)
            .unwrap()
            .map(|v| String::from_utf8(v).unwrap())
    };
    let version = bench.store("memory").tree().lookup("/f").unwrap().version.to_string();
    assert_eq!(get("user.remanence.version"), Some(version));
    assert_eq!(get("user.remanence.author").as_deref(), Some("agent reviewer"));
    assert_eq!(get("user.other"), None);
    assert_eq!(xattr::list(mount.path("f")).unwrap().count(), 2);
    assert_eq!(errno(xattr::set(mount.path("f"), "user.other", b"x")), Errno::OPNOTSUPP);
    let open = File::create(mount.path("new")).unwrap();
    assert_eq!(xattr::get(mount.path("new"), "user.remanence.version").unwrap(), None);
    drop(open);
}

#[test]
fn line_28_a_read_only_attachment_takes_nothing() {
    let bench = Bench::new();
    let writer = bench.mount("w", durable());
    fs::write(writer.path("f"), "x").unwrap();
    fs::create_dir(writer.path("d")).unwrap();
    let mount = bench.mount("r", read_only());
    assert_eq!(fs::read_to_string(mount.path("f")).unwrap(), "x");
    assert_eq!(errno(fs::write(mount.path("f"), "y")), Errno::ROFS);
    assert_eq!(errno(fs::write(mount.path("g"), "y")), Errno::ROFS);
    assert_eq!(
        errno(OpenOptions::new().append(true).open(mount.path("f"))),
        Errno::ROFS
    );
    assert_eq!(errno(fs::create_dir(mount.path("e"))), Errno::ROFS);
    assert_eq!(errno(fs::remove_dir(mount.path("d"))), Errno::ROFS);
    assert_eq!(errno(fs::remove_file(mount.path("f"))), Errno::ROFS);
    assert_eq!(errno(fs::rename(mount.path("f"), mount.path("g"))), Errno::ROFS);
    assert_eq!(errno(symlink("f", mount.path("l"))), Errno::ROFS);
    assert_eq!(
        errno(fs::set_permissions(mount.path("f"), fs::Permissions::from_mode(0o600))),
        Errno::ROFS
    );
    let access = |mode| rustix::fs::accessat(CWD, mount.path("f"), mode, AtFlags::empty());
    assert_eq!(raw(access(Access::WRITE_OK)), Errno::ROFS);
    access(Access::READ_OK).unwrap();
    fs::write(writer.path("f"), "new").unwrap();
    eventually("it follows", || fs::read_to_string(mount.path("f")).unwrap() == "new");
}

#[test]
fn line_29_locks_hold_within_the_mount() {
    let bench = Bench::new();
    let mount = bench.mount("a", durable());
    let open = || {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(mount.path("lock"))
            .unwrap()
    };
    let (a, b) = (open(), open());
    rustix::fs::flock(&a, FlockOperation::LockExclusive).unwrap();
    assert_eq!(
        raw(rustix::fs::flock(&b, FlockOperation::NonBlockingLockExclusive)),
        Errno::WOULDBLOCK
    );
    drop(a);
    rustix::fs::flock(&b, FlockOperation::NonBlockingLockExclusive).unwrap();
    rustix::fs::fcntl_lock(&b, FlockOperation::NonBlockingLockExclusive).unwrap();
    // Locks of fcntl are a process's: another one is asked.
    let python = "import fcntl,sys; fcntl.lockf(open(sys.argv[1], 'a'), fcntl.LOCK_EX | fcntl.LOCK_NB)";
    let other = || {
        Command::new("python3")
            .arg("-c")
            .arg(python)
            .arg(mount.path("lock"))
            .output()
            .unwrap()
    };
    assert!(!other().status.success());
    rustix::fs::fcntl_lock(&b, FlockOperation::Unlock).unwrap();
    assert!(other().status.success());
}

#[test]
fn line_30_mappings_are_kept() {
    each(|bench, mount| {
        fs::write(mount.path("m"), vec![b'.'; 10_000]).unwrap();
        let python = "import mmap,os,sys\n\
                      f = os.open(sys.argv[1], os.O_RDWR)\n\
                      m = mmap.mmap(f, 0)\n\
                      os.close(f)\n\
                      m[5000:5005] = b'hello'\n\
                      m.close()\n";
        assert!(
            Command::new("python3")
                .arg("-c")
                .arg(python)
                .arg(mount.path("m"))
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(&fs::read(mount.path("m")).unwrap()[5000..5005], b"hello");
        eventually("it is stored", || {
            bench
                .stored("memory", "/m")
                .is_some_and(|s| s.len() == 10_000 && &s[5000..5005] == b"hello")
        });
    });
}

#[test]
fn line_31_a_listing_goes_on_while_names_come_and_go() {
    let bench = Bench::new();
    let mount = bench.mount("a", local());
    for i in 0..2000 {
        fs::write(mount.path(&format!("file-{i}")), "").unwrap();
    }
    let mut seen = Vec::new();
    for (at, entry) in fs::read_dir(mount.path("")).unwrap().enumerate() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if at % 3 == 0 {
            fs::remove_file(mount.path(&name)).unwrap();
            fs::write(mount.path(&format!("new-{at}")), "").unwrap();
        }
        seen.push(name);
    }
    let mut stayed: Vec<&String> = seen.iter().filter(|n| n.starts_with("file-")).collect();
    assert_eq!(stayed.len(), 2000, "each name that was there is listed");
    stayed.sort();
    stayed.dedup();
    assert_eq!(stayed.len(), 2000, "once");
    assert!(
        Command::new("rm")
            .arg("-rf")
            .arg(mount.path("all"))
            .status()
            .unwrap()
            .success()
    );
    fs::create_dir(mount.path("all")).unwrap();
    for i in 0..1500 {
        fs::write(mount.path(&format!("all/{i}")), "").unwrap();
    }
    assert!(
        Command::new("rm")
            .arg("-r")
            .arg(mount.path("all"))
            .status()
            .unwrap()
            .success()
    );
    assert!(!mount.path("all").exists());
}

#[test]
fn line_32_what_is_not_offered_is_done_another_way() {
    each(|_, mount| {
        fs::write(mount.path("f"), "hello").unwrap();
        let file = OpenOptions::new().read(true).write(true).open(mount.path("f")).unwrap();
        assert_eq!(rustix::fs::seek(&file, rustix::fs::SeekFrom::Hole(0)).unwrap(), 5);
        let allocated = rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, 100);
        assert_eq!(raw(allocated), Errno::OPNOTSUPP);
        drop(file);
        fs::copy(mount.path("f"), mount.path("g")).unwrap();
        assert_eq!(fs::read(mount.path("g")).unwrap(), b"hello");
    });
}
