//! Random reads, writes, mappings and truncations of one file: `fsx` on a real mount.

use std::fs;
use std::process::Command;

use remanence_tests::command::{remanence, succeed};
use remanence_tests::mounted::Mount;
use remanence_tests::prerequisites;
use tempfile::TempDir;

/// The longest file that a store admits unless told otherwise is 100 KiB.
const SETTINGS: &str = r"
flen = 100000

[opsize]
max = 20000

[weights]
close_open = 1
read = 10
write = 10
mapread = 10
mapwrite = 10
invalidate = 1
truncate = 5
fsync = 1
fdatasync = 1
posix_fallocate = 1
sendfile = 1
posix_fadvise = 1
copy_file_range = 1
";

#[test]
fn fsx_durability_store() {
    exercise("store", &[1, 2]);
}

#[test]
fn fsx_durability_local() {
    exercise("local", &[3, 4]);
}

/// A seed makes the same operations each time.
fn exercise(durability: &str, seeds: &[u32]) {
    let suite = prerequisites::fsx();
    let folder = TempDir::with_prefix("remanence-fsx-").expect("a temporary folder");
    let settings = folder.path().join("fsx.toml");
    fs::write(&settings, SETTINGS).expect("settings of the exerciser");
    let url = format!("file://{}", folder.path().join("store").display());
    let mounted = Mount::of("tester")
        .store("files", &url)
        .option("--durability", durability)
        .start();
    for seed in seeds {
        let name = format!("exercised-{seed}");
        let file = mounted.store("files").join(&name);
        let mut command = Command::new("timeout");
        command
            .arg("300")
            .arg(&suite)
            .args(["-N", "10000", "-S", &seed.to_string(), "-P"])
            .arg(folder.path());
        succeed(command.arg("-f").arg(&settings).arg(&file));
        let expected = fs::read(&file).expect("the file after the last operation");
        fs::write(folder.path().join(&name), expected).expect("a copy beside the mount");
    }
    mounted.stop();
    // What the kernel showed while mounted is what the store keeps.
    let out = folder.path().join("out");
    remanence(["export".as_ref(), "--store".as_ref(), url.as_ref(), out.as_os_str()]);
    for seed in seeds {
        let name = format!("exercised-{seed}");
        let (kept, expected) = (fs::read(out.join(&name)), fs::read(folder.path().join(&name)));
        assert!(
            kept.expect("an exported file") == expected.expect("the copy"),
            "{name} differs in the store"
        );
    }
}
