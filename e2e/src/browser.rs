//! A real browser without a window, used as a person uses it.

use std::env;
use std::future::Future;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::until;

/// Root has no sandbox, a test no use for a graphics card, and a closed network none for calls of the browser's own.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// One window, with a profile of its own.
pub struct Browser {
    runtime: Runtime,
    client: Option<Client>,
    driver: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts it, with a window of that many pixels.
    pub fn start(width: u32, height: u32) -> Self {
        let program = env::var_os("REMANENCE_CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
        let mut driver = Command::new(&program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                let program = program.display();
                panic!("{program}: {error}: run `cargo xtask test`, which installs it, or `apt-get install chromium chromium-driver`")
            });
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.ok()?;
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let port = port.expect("chromedriver says on which port it listens");
        // What else it has to say must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let profile = TempDir::with_prefix("remanence-browser-").unwrap();
        let mut arguments: Vec<String> = ARGUMENTS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        arguments.push(format!("--window-size={width},{height}"));
        let capabilities = json!({"goog:chromeOptions": {"args": arguments}});
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        // The driver gives a browser that starts slowly up.
        let client = until("the browser to start", || {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.as_object().unwrap().clone());
            let started = runtime.block_on(builder.connect(&format!("http://127.0.0.1:{port}")));
            started.map_err(|error| error.to_string())
        });
        Self {
            client: Some(client),
            runtime,
            driver,
            _profile: profile,
        }
    }

    /// Goes to an address.
    pub fn open(&self, address: &str) {
        self.done(self.client().goto(address)).unwrap();
    }

    /// Waits until something that `css` selects shows `text`.
    pub fn sees(&self, css: &str, text: &str) {
        until(&format!("{css} shows {text:?}"), || match self.text(css)? {
            shown if shown.contains(text) => Ok(()),
            shown => Err(shown),
        });
    }

    /// What everything that `css` selects shows, a line each.
    pub fn text(&self, css: &str) -> Result<String, String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.innerText).join('\\n')";
        let shown = self.run(script, vec![css.into()])?;
        Ok(shown.as_str().unwrap_or_default().to_owned())
    }

    /// Clicks on the first link or button that is called so and can be clicked on, once there is one.
    pub fn click(&self, name: &str) {
        // No name that is asked for has a quote in it.
        let path = format!("//*[self::a or self::button][normalize-space(.)=\"{name}\" or @aria-label=\"{name}\"]");
        until(&format!("{name:?} can be clicked on"), || {
            self.done(async {
                let mut why = "there is none".to_owned();
                for element in self.client().find_all(Locator::XPath(&path)).await.map_err(text)? {
                    match element.click().await {
                        Ok(()) => return Ok(()),
                        Err(error) => why = text(error),
                    }
                }
                Err(why)
            })
        });
    }

    /// Says yes to what the page asks.
    pub fn agree(&self) {
        until("the page asks", || {
            self.run("document.querySelector('dialog[open] .primary').click()", vec![])
        });
    }

    /// What a script returns.
    pub fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value, String> {
        self.done(self.client().execute(script, arguments)).map_err(text)
    }

    fn client(&self) -> &Client {
        self.client.as_ref().unwrap()
    }

    fn done<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` takes it")]
fn text(error: CmdError) -> String {
    error.to_string()
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            // The driver takes the browser along.
            let _ = self.runtime.block_on(client.close());
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
