//! `kubectl memory ui` while it runs.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command};

use crate::Plugin;

/// The page of one user; it ends with this.
pub struct Page {
    process: Child,
    /// Where it is, key included.
    pub address: String,
}

impl Page {
    /// Serves it for the plugin's user.
    pub fn of(plugin: &Plugin) -> Self {
        let mut process = plugin.start(&["ui"]);
        let mut address = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut address).unwrap();
        assert!(
            address.starts_with("http://127.0.0.1:"),
            "kubectl memory ui: {address:?}"
        );
        Self {
            process,
            address: address.trim_end().to_owned(),
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // As Ctrl-C does.
        let interrupted = Command::new("kill")
            .args(["-INT", &self.process.id().to_string()])
            .status();
        let ended = self.process.wait();
        if !std::thread::panicking() {
            assert!(
                interrupted.unwrap().success() && ended.unwrap().success(),
                "it ends well"
            );
        }
    }
}
