//! A broker in a process of its own, to be measured: knows pods `p0` to `p<N-1>`, N being its argument, prints its port
//! and its certificate, and serves until its input ends.

use std::io::Read;

use anyhow::{Context, Result};
use remanence_proto::broker::attachment::Access;
use remanence_store::url::StoreUrl;
use remanence_tests::cluster::{Bucket, Cluster};

fn main() -> Result<()> {
    let pods: usize = std::env::args().nth(1).context("how many pods?")?.parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let cluster = runtime.block_on(Cluster::start());
    let StoreUrl::S3(url) = "s3://memories/team-a/project?endpoint=http://localhost:1&region=us-east-1".parse()? else {
        anyhow::bail!("an S3 URL");
    };
    let id = "0123".to_owned();
    let store = Bucket { url, id };
    for pod in 0..pods {
        let own = store.granted(&format!("own-{pod}"), Access::ReadWrite);
        let shared = store.granted("project", Access::ReadWrite);
        cluster.grant(&format!("p{pod}"), vec![own, shared]);
    }
    println!("{}\n{}", cluster.address().port(), cluster.ca());
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
