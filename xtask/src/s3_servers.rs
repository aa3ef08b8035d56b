//! S3 servers on free loopback ports, gone with the task that started them.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::install::Python;
use crate::run;
use crate::service::{Plan, Service, free_ports, tail};

/// What the servers are told to accept; `SeaweedFS` refuses anything else.
pub(crate) const ACCESS_KEY: &str = "remanence";
pub(crate) const SECRET_KEY: &str = "remanence-secret";
pub(crate) const REGION: &str = "us-east-1";
const BUCKET: &str = "memory";

const READY_WITHIN: Duration = Duration::from_mins(1);

/// What a client of the servers has in its environment; nothing of the user's is asked for.
pub(crate) fn credentials() -> [(&'static str, &'static str); 4] {
    [
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ("AWS_REGION", REGION),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]
}

const MAKE_BUCKET: &str = r"
import sys, time, boto3, botocore.config
endpoint, bucket, key, secret, region, seconds = sys.argv[1:]
config = botocore.config.Config(s3={'addressing_style': 'path'}, retries={'max_attempts': 1})
s3 = boto3.client('s3', endpoint_url=endpoint, region_name=region, aws_access_key_id=key,
                  aws_secret_access_key=secret, config=config)
deadline = time.monotonic() + float(seconds)
def until_it_takes_objects(name):
    while True:
        try:
            if name not in [found['Name'] for found in s3.list_buckets()['Buckets']]:
                s3.create_bucket(Bucket=name)
            s3.put_object(Bucket=name, Key='ready', Body=b'yes')
            return
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
until_it_takes_objects(bucket)
# A second bucket keeps the versions that are overwritten or deleted.
until_it_takes_objects(bucket + '-versioned')
s3.put_bucket_versioning(Bucket=bucket + '-versioned', VersioningConfiguration={'Status': 'Enabled'})
";

/// moto looks whether an object is there and writes it in two steps, in as many threads as there are requests: two who
/// create one object at once may both be told that they did. Here one writes after the other.
const MOTO: &str = r"
import sys, threading
from moto.s3.responses import S3Response
from moto.server import main
lock, put_object = threading.Lock(), S3Response.put_object
def one_at_a_time(self):
    with lock:
        return put_object(self)
S3Response.put_object = one_at_a_time
main(sys.argv[1:])
";

/// A running S3 server with an empty bucket.
pub(crate) struct Server {
    endpoint: String,
    service: Service,
}

impl Server {
    /// Starts `SeaweedFS`.
    pub(crate) fn seaweedfs(python: &Python) -> Result<Self> {
        Self::start("SeaweedFS", python, |folder| seaweedfs(python, folder))
    }

    /// Starts moto.
    pub(crate) fn moto(python: &Python) -> Result<Self> {
        Self::start("moto", python, |_| {
            let [port] = free_ports()?;
            let mut words = vec![python.interpreter().into_os_string()];
            words.extend(["-c", MOTO, "-H", "127.0.0.1", "-p"].map(OsString::from));
            words.push(port.to_string().into());
            Ok(Plan {
                port,
                words,
                leavings: Vec::new(),
            })
        })
    }

    /// Starts `MinIO`.
    pub(crate) fn minio(python: &Python, program: &Path) -> Result<Self> {
        Self::start("MinIO", python, |folder| minio(program, folder))
    }

    /// The URL of a store under `prefix`.
    pub(crate) fn url(&self, prefix: &str) -> String {
        format!(
            "s3://{BUCKET}/{prefix}?endpoint={}&region={REGION}&path-style=true",
            self.endpoint
        )
    }

    /// Lets it live until `folder` is gone, beyond the end of this task.
    pub(crate) fn live_as_long_as(self, folder: &Path) -> Result<()> {
        self.service.live_as_long_as(folder)
    }

    fn start(name: &str, python: &Python, plan: impl Fn(&Path) -> Result<Plan>) -> Result<Self> {
        let service = Service::start(name, plan)?;
        let endpoint = format!("http://{}", service.address());
        make_bucket(python, &endpoint).with_context(|| format!("preparing {name} at {endpoint}"))?;
        Ok(Self { endpoint, service })
    }
}

fn seaweedfs(python: &Python, folder: &Path) -> Result<Plan> {
    let ports: [u16; 8] = free_ports()?;
    let [master, master_grpc, volume, volume_grpc, filer, filer_grpc, s3, s3_grpc] = ports;
    let identities = serde_json::json!({"identities": [{
        "name": "tests",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }]});
    let config = folder.join("identities.json");
    fs::write(&config, identities.to_string()).context("writing the identities of SeaweedFS")?;
    let data = folder.join("data");
    fs::create_dir(&data).context("making a folder for SeaweedFS")?;
    let mut words: Vec<OsString> = vec!["env".into()];
    words.push(setting("TMPDIR=", folder));
    words.push(python.weed().into());
    words.extend(["server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3"].map(OsString::from));
    // The Iceberg and Lance services listen on fixed ports, where two servers would meet.
    words.extend(["-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false"].map(OsString::from));
    // A missing bucket is to be refused, as S3 does.
    words.push("-s3.autoCreateBucket=false".into());
    words.extend(["-volume.max=50", "-master.volumeSizeLimitMB=64"].map(OsString::from));
    // By default it lets every write hang once less than a hundredth of the disk is free, however much that is.
    words.push("-volume.minFreeSpace=16MiB".into());
    let names = ["master", "volume", "filer", "s3"];
    for (name, [port, grpc]) in names.iter().zip([
        [master, master_grpc],
        [volume, volume_grpc],
        [filer, filer_grpc],
        [s3, s3_grpc],
    ]) {
        words.push(format!("-{name}.port={port}").into());
        words.push(format!("-{name}.port.grpc={grpc}").into());
    }
    words.push(setting("-dir=", &data));
    words.push(setting("-s3.config=", &config));
    words.push(setting("-filer.localSocket=", &folder.join("filer.sock")));
    words.push(setting("-s3.localSocket=", &folder.join("s3.sock")));
    // SeaweedFS puts these sockets here whatever it is told.
    let sockets = names.iter().zip([master_grpc, volume_grpc, filer_grpc, s3_grpc]);
    let leavings = sockets
        .map(|(name, port)| format!("/tmp/seaweedfs-{name}-grpc-{port}.sock").into())
        .collect();
    Ok(Plan {
        port: s3,
        words,
        leavings,
    })
}

fn minio(program: &Path, folder: &Path) -> Result<Plan> {
    let [port, console]: [u16; 2] = free_ports()?;
    let mut words: Vec<OsString> = vec!["env".into(), "MINIO_UPDATE=off".into(), "MINIO_BROWSER=off".into()];
    words.push(format!("MINIO_ROOT_USER={ACCESS_KEY}").into());
    words.push(format!("MINIO_ROOT_PASSWORD={SECRET_KEY}").into());
    // Its configuration and certificates would else be the user's.
    words.push(setting("HOME=", folder));
    words.push(program.into());
    words.extend(["server".into(), "--quiet".into()]);
    words.push(format!("--address=127.0.0.1:{port}").into());
    words.push(format!("--console-address=127.0.0.1:{console}").into());
    words.push(folder.join("data").into());
    Ok(Plan {
        port,
        words,
        leavings: Vec::new(),
    })
}

fn setting(flag: &str, path: &Path) -> OsString {
    let mut word = OsString::from(flag);
    word.push(path);
    word
}

fn make_bucket(python: &Python, endpoint: &str) -> Result<()> {
    let mut command = run::tied("KILL", python.interpreter());
    command.args(["-c", MAKE_BUCKET, endpoint, BUCKET, ACCESS_KEY, SECRET_KEY, REGION]);
    let (status, output) = run::captured(command.arg(READY_WITHIN.as_secs().to_string()))?;
    if !status.success() {
        bail!("making the bucket {BUCKET}: {}", tail(&output, 10));
    }
    Ok(())
}
