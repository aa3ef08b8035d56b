//! The address of a store by way of a proxy on this machine.

use anyhow::{Context, Result, bail};
use remanence_store::url::StoreUrl;

/// The store at `url` by way of `port` on this machine; and where its S3 server itself answers.
pub fn proxied_url(url: &str, port: u16) -> Result<(String, String)> {
    let StoreUrl::S3(mut s3) = url.parse::<StoreUrl>().context("reading the server's address")? else {
        bail!("{url} is no S3 server");
    };
    let real = s3.endpoint.replace(format!("http://127.0.0.1:{port}"));
    let real = real.context("the S3 server has no address of its own")?;
    let real = real
        .strip_prefix("http://")
        .context("the S3 server speaks TLS")?
        .to_owned();
    Ok((StoreUrl::S3(s3).to_string(), real))
}
