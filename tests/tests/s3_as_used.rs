//! A store in a bucket as people use it: real mounts and the command line, over the S3 client, on real S3 servers.
#![allow(clippy::unwrap_used)]

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use remanence_store::random::{OsRandom, Random};
use remanence_store::url::StoreUrl;
use remanence_tests::command::{refused, remanence, remanence_json};
use remanence_tests::cuttable_proxy::CuttableProxy;
use remanence_tests::eventually::eventually;
use remanence_tests::mounted::Mount;
use remanence_tests::prerequisites::{binary, moto_url, seaweedfs_url};

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Appends a line; an error means that it is not known what became of it.
fn append(file: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).open(file)?;
    writeln!(file, "{line}")?;
    file.sync_all()
}

/// Waits until a file reads so.
fn reads(file: &Path, text: &str) {
    eventually(&format!("{} reads as it should", file.display()), PATIENCE, || {
        fs::read_to_string(file).is_ok_and(|found| found == text)
    });
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

fn cat(url: &str, path: &str) -> String {
    remanence(["cat", path, "--store", url])
}

/// The versions of a file, the newest first.
fn versions(url: &str, path: &str) -> Vec<String> {
    let log = remanence_json(["log", path, "--store", url]);
    let entries = log.as_array().unwrap().iter();
    entries.map(|e| e["version"].as_str().unwrap().to_owned()).collect()
}

/// Whether any object in the bucket holds `words`.
fn holds(url: &str, words: &str) -> bool {
    let url: StoreUrl = url.parse().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let read = url.connect().await.unwrap().read;
        for object in read.list("", None, usize::MAX).await.unwrap() {
            let bytes = read.get(&object.key, None).await.unwrap().unwrap_or_default();
            if bytes.windows(words.len()).any(|part| part == words.as_bytes()) {
                return true;
            }
        }
        false
    })
}

/// Two agents share files; a person looks back, restores, maintains and redacts under them.
fn is_used(url: &str) {
    let mounts = ["ada", "bob"].map(|agent| Mount::of(agent).store("project", url).start());
    let [ada, bob] = [0, 1].map(|n| mounts[n].store("project"));

    let list = "list.md";
    fs::write(ada.join(list), "start\n").unwrap();
    reads(&bob.join(list), "start\n");
    let first = versions(url, list).pop().unwrap();
    thread::scope(|scope| {
        for (who, folder) in [("ada", &ada), ("bob", &bob)] {
            scope.spawn(move || {
                for n in 0..10 {
                    append(&folder.join(list), &format!("{who} {n}")).unwrap();
                }
            });
        }
    });
    let all: Vec<String> = ["ada", "bob"]
        .iter()
        .flat_map(|who| (0..10).map(move |n| format!("{who} {n}")))
        .chain(["start".to_owned()])
        .collect();
    let kept = cat(url, list);
    assert_eq!(sorted(&kept), all, "every line, once");
    for folder in [&ada, &bob] {
        reads(&folder.join(list), &kept);
    }
    let log = remanence_json(["log", list, "--store", url]).to_string();
    assert!(
        log.contains(r#""agent":"ada""#) && log.contains(r#""agent":"bob""#),
        "{log}"
    );
    assert_eq!(remanence(["cat", list, "--at", &first, "--store", url]), "start\n");

    let large: String = (0..12_500).fold(String::new(), |text, n| text + &format!("{n:07}\n"));
    fs::write(ada.join("large.md"), &large).unwrap();
    reads(&bob.join("large.md"), &large);

    let secret = "the password is xyzzy-plugh-4711";
    fs::write(bob.join("secret.md"), format!("{secret}\n")).unwrap();
    let told = versions(url, "secret.md").swap_remove(0);
    fs::write(bob.join("secret.md"), "nothing to see\n").unwrap();
    assert!(holds(url, secret));
    remanence(["redact", "secret.md", "--at", &told, "--store", url]);
    assert!(!holds(url, secret));
    let complaint = refused(Command::new(binary()).args(["cat", "secret.md", "--at", &told, "--store", url]));
    assert!(complaint.contains("redacted"), "{complaint}");

    remanence(["restore", list, "--at", &first, "--store", url]);
    for folder in [&ada, &bob] {
        reads(&folder.join(list), "start\n");
    }
    // The second deletes what the first condemned.
    for _ in 0..2 {
        remanence([
            "maintain",
            "--keep",
            "1h",
            "--now",
            "2099-01-01T00:00:00Z",
            "--store",
            url,
        ]);
    }
    let complaint = refused(Command::new(binary()).args(["cat", list, "--at", &first, "--store", url]));
    assert!(complaint.contains("past its retention"), "{complaint}");
    append(&ada.join(list), "goes on").unwrap();
    reads(&bob.join(list), "start\ngoes on\n");
    for mount in mounts {
        mount.stop();
    }
    // As somebody sees it who has nothing of it in a cache.
    for (path, text) in [
        (list, "start\ngoes on\n"),
        ("large.md", large.as_str()),
        ("secret.md", "nothing to see\n"),
    ] {
        assert!(cat(url, path) == text, "{path}");
    }
}

/// A bucket that is missing is named, with what to do.
fn missing_bucket_is_told(url: &str) {
    let StoreUrl::S3(mut url) = url.parse::<StoreUrl>().unwrap() else {
        panic!("an S3 server's URL: {url}")
    };
    url.bucket = format!("no-such-{:016x}", OsRandom.u64());
    let place = StoreUrl::S3(url.clone()).to_string();
    let complaint = refused(Command::new(binary()).args(["ls", "--store", &place]));
    assert!(
        complaint.contains(&url.bucket) && complaint.contains("make the bucket"),
        "{complaint}"
    );
}

#[test]
fn seaweedfs_holds_what_agents_share_and_a_person_maintains() {
    is_used(&seaweedfs_url());
}

#[test]
fn moto_holds_what_agents_share_and_a_person_maintains() {
    is_used(&moto_url());
}

#[test]
fn a_missing_bucket_on_seaweedfs_or_moto_is_told_with_its_remedy() {
    missing_bucket_is_told(&seaweedfs_url());
    missing_bucket_is_told(&moto_url());
}

// moto lets everybody in.
#[test]
fn a_wrong_secret_on_seaweedfs_is_told_with_its_remedy() {
    let mut ls = Command::new(binary());
    ls.args(["ls", "--store", &seaweedfs_url()]);
    let complaint = refused(ls.env("AWS_SECRET_ACCESS_KEY", "wrong"));
    assert!(
        complaint.contains("check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        "{complaint}"
    );
}

/// Ends who writes, whatever happens.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How often a line is in a text.
fn times(text: &str, line: &str) -> usize {
    text.lines().filter(|found| *found == line).count()
}

/// The server is cut off while a mount appends, for as long as it takes until a write is told that its fate is not known. What
/// is read meanwhile, and what is there in the end, has every line that was acknowledged, once.
fn survives_being_cut_off(url: &str) {
    let proxy = CuttableProxy::before(url).unwrap();
    let mount = Mount::of("ada").store("project", proxy.url()).start();
    let list = mount.store("project").join("list.md");
    let status = mount.store("project").join(".memory/status");
    fs::write(&list, "").unwrap();
    let (acknowledged, unknown) = (Mutex::<Vec<String>>::default(), Mutex::<Vec<String>>::default());
    let over = AtomicBool::new(false);
    let done = || acknowledged.lock().unwrap().len();
    let has_all = |text: &str| {
        for line in acknowledged.lock().unwrap().iter() {
            assert_eq!(times(text, line), 1, "{line} was acknowledged:\n{text}");
        }
    };
    let in_trouble = || fs::read_to_string(&status).is_ok_and(|status| status.contains("trouble: "));
    thread::scope(|scope| {
        let _ends = Ends(&over);
        scope.spawn(|| {
            for n in 0.. {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let text = format!("line {n}");
                let fate = if append(&list, &text).is_ok() {
                    &acknowledged
                } else {
                    &unknown
                };
                fate.lock().unwrap().push(text);
            }
        });
        eventually("lines are written", PATIENCE, || done() >= 5);
        proxy.cut();
        eventually("the mount says that it can't write", PATIENCE, in_trouble);
        has_all(&fs::read_to_string(&list).unwrap());
        eventually("a write gives up", PATIENCE, || !unknown.lock().unwrap().is_empty());
        has_all(&fs::read_to_string(&list).unwrap());
        proxy.mend();
        let before = done();
        eventually("the mount goes on", PATIENCE, || done() >= before + 5 && !in_trouble());
    });
    mount.stop();
    let kept = cat(url, "list.md");
    has_all(&kept);
    for line in unknown.lock().unwrap().iter() {
        assert!(times(&kept, line) <= 1, "{line} is doubled:\n{kept}");
    }
}

#[test]
fn seaweedfs_that_is_cut_off_for_a_while_loses_and_doubles_nothing() {
    survives_being_cut_off(&seaweedfs_url());
}

#[test]
fn moto_that_is_cut_off_for_a_while_loses_and_doubles_nothing() {
    survives_being_cut_off(&moto_url());
}
