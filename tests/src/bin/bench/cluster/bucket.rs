//! What a bare client writes to the chart's own object store, whose address pods alone reach: a process enters the network
//! of its pod, which runs on this machine where the cluster is the benchmark's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use remanence_store::url::StoreUrl;

use super::crowd::each;
use super::scene::{SYSTEM, Scene};

/// The folder that the chart's bucket has for stores of the namespace.
fn url(namespace: &str) -> String {
    format!("s3://memories/{namespace}?endpoint=http://127.0.0.1:8333&path-style=true&region=us-east-1")
}

/// Seconds for the objects that a new store begins with, for `many` stores of the scene's namespace, and how many objects
/// each has.
///
/// # Errors
/// Where the object store is not one of this machine's.
pub(super) async fn write_stores(scene: &Scene, many: usize) -> Result<(f64, usize)> {
    let secret = scene
        .get(&format!("api/v1/namespaces/{SYSTEM}/secrets/remanence-s3"))
        .await?;
    let key = |name: &str| {
        let value = secret["data"][name]
            .as_str()
            .and_then(|value| STANDARD.decode(value).ok());
        let value = value.and_then(|bytes| String::from_utf8(bytes).ok());
        value.with_context(|| format!("the Secret remanence-s3 lacks {name}"))
    };
    let network = network()?;
    let output = Command::new("nsenter")
        .arg(format!("--net={}", network.display()))
        .arg(std::env::current_exe().context("finding this program")?)
        .args([
            "bare-stores",
            "--namespace",
            &scene.namespace,
            "--many",
            &many.to_string(),
        ])
        .env("AWS_ACCESS_KEY_ID", key("accessKeyId")?)
        .env("AWS_SECRET_ACCESS_KEY", key("secretAccessKey")?)
        .output()
        .context("running nsenter")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let told = String::from_utf8_lossy(&output.stdout);
    let told = told.split_whitespace().collect::<Vec<_>>();
    let [seconds, parts] = told[..] else {
        bail!("the bare client said: {}", told.join(" "));
    };
    Ok((seconds.parse()?, parts.parse()?))
}

/// The network of the object store's pod.
fn network() -> Result<PathBuf> {
    let here = fs::read_link("/proc/self/ns/net").context("reading this process's network")?;
    let is_other = |process: &Path| fs::read_link(process.join("ns/net")).is_ok_and(|there| there != here);
    let is_object_store =
        |process: &Path| fs::read(process.join("cmdline")).is_ok_and(|words| words.starts_with(b"weed\0server\0"));
    let processes = fs::read_dir("/proc").context("listing the processes")?;
    let found = processes
        .filter_map(|process| Some(process.ok()?.path()))
        .find(|process| is_object_store(process) && is_other(process));
    let found = found.context("the chart's object store does not run on this machine")?;
    Ok(found.join("ns/net"))
}

/// Writes them where the object store listens, and prints the seconds and how many objects a store has.
pub(crate) fn run(namespace: &str, many: usize) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    let (seconds, parts) = runtime.block_on(write(namespace, many))?;
    println!("{seconds} {parts}");
    Ok(())
}

async fn write(namespace: &str, many: usize) -> Result<(f64, usize)> {
    let bucket = url(namespace).parse::<StoreUrl>()?.connect().await?;
    let (append, maintain) = (&bucket.append, &bucket.maintain);
    let append = append.as_ref().context("the bucket can't be written")?;
    let maintain = maintain.as_ref().context("nothing can be removed from the bucket")?;
    let mut begins = Vec::new();
    for found in bucket.read.list("crowd-0/", None, 100).await? {
        let body = bucket.read.get(&found.key, None).await?;
        begins.push((found.key, body.context("an object of a store vanished")?));
    }
    let bare = |index: usize, key: &str| key.replacen("crowd-0/", &format!("bare-{index}/"), 1);
    let since = Instant::now();
    each(many, async |index: usize| {
        for (key, body) in &begins {
            append.put_if_absent(&bare(index, key), body.clone()).await?;
        }
        Ok(())
    })
    .await?;
    let seconds = since.elapsed().as_secs_f64();
    each(many, async |index: usize| {
        for (key, _) in &begins {
            maintain.delete(&bare(index, key)).await?;
        }
        Ok(())
    })
    .await?;
    Ok((seconds, begins.len()))
}
