//! A small model on this machine, behind llama.cpp's server.

mod installed;

use std::ffi::OsString;
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};

use self::installed::Installed;
use super::wire;
use crate::cache::Cache;
use crate::run;
use crate::service::{Plan, Service, free_ports, tail};

/// How the model is called, in requests and tables: it, its size and its quantization.
pub(super) const NAME: &str = "qwen2.5-coder-0.5b-instruct-q4_k_m";
/// Room for the longest request and its answer.
const CONTEXT_TOKENS: u32 = 12 << 10;
/// Serves until it is killed.
const SERVE: &str = r"
import sys, threading, xllamacpp
model, port, context, threads = sys.argv[1:]
params = xllamacpp.CommonParams()
params.model.path = model
params.hostnames = ['127.0.0.1']
params.port = int(port)
params.n_ctx = int(context)
params.n_parallel = 1
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(threads)
server = xllamacpp.Server(params)
threading.Event().wait()
";
const LOADED_WITHIN: Duration = Duration::from_mins(3);

/// The running server.
pub(super) struct Llama {
    service: Service,
}

impl Llama {
    /// Installs what is missing, starts the server, and waits until the model is loaded.
    pub(super) fn start() -> Result<Self> {
        let installed = installed::all(&Cache::lock()?)?;
        let service = Service::start("llama.cpp's server", |_| plan(&installed))?;
        let mut llama = Self { service };
        llama.loaded()?;
        Ok(llama)
    }

    /// `host:port`.
    pub(super) fn address(&self) -> String {
        self.service.address()
    }

    fn loaded(&mut self) -> Result<()> {
        let loaded = run::until("llama.cpp's server has loaded the model", LOADED_WITHIN, || {
            if self.service.ended()? {
                bail!("llama.cpp's server ended before it had loaded the model");
            }
            Ok(match wire::status(&self.address(), "/health") {
                Ok(200) => Ok(()),
                other => Err(format!("{other:?}")),
            })
        });
        loaded.map_err(|error| anyhow!("{error:#}; the end of its log:\n{}", tail(&self.service.log(), 20)))
    }
}

/// One request at a time, behind whatever else runs here.
fn plan(installed: &Installed) -> Result<Plan> {
    let [port] = free_ports()?;
    let mut words: Vec<OsString> = ["nice", "-n", "10"].map(OsString::from).to_vec();
    words.push(installed.python.clone().into());
    words.extend(["-c", SERVE].map(OsString::from));
    words.push(installed.weights.clone().into());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let numbers = [port.to_string(), CONTEXT_TOKENS.to_string(), threads.to_string()];
    words.extend(numbers.map(OsString::from));
    Ok(Plan {
        port,
        words,
        leavings: Vec::new(),
    })
}
