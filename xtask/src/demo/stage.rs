//! Where the story plays: a folder, variables, and commands whose output is shown.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::run;

/// Longest that any command of the story may take.
const LIMIT: Duration = Duration::from_mins(5);
/// Lines of output that are shown unless more are asked for.
const SHOWN: usize = 12;
/// Columns of output that are shown.
const WIDTH: usize = 150;

const BOLD: &str = "1";
const ITALIC: &str = "3";
const GREEN: &str = "32";
const CYAN: &str = "36";

pub(crate) struct Stage {
    folder: PathBuf,
    binary: PathBuf,
    variables: BTreeMap<String, String>,
    colour: bool,
    step: usize,
}

impl Stage {
    pub(crate) fn new(folder: &Path, binary: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            binary: binary.to_owned(),
            variables: BTreeMap::new(),
            colour: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
            step: 0,
        }
    }

    /// A path in the folder of the story.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Names `value` in all commands that follow.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.insert(name.to_owned(), value.into());
    }

    pub(crate) fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The next step, in one plain line.
    pub(crate) fn step(&mut self, text: &str) {
        self.step += 1;
        println!("\n{}", self.painted(BOLD, &format!("{}. {text}", self.step)));
    }

    /// A remark between commands.
    pub(crate) fn say(&self, text: &str) {
        println!("{}", self.painted(ITALIC, text));
    }

    /// Runs a command, shows it with its output, and answers that; a failure ends the story.
    pub(crate) fn run(&self, command: &str) -> Result<String> {
        self.run_long(command, SHOWN)
    }

    /// The same with so many lines of output.
    pub(crate) fn run_long(&self, command: &str, lines: usize) -> Result<String> {
        self.show_command(command);
        let text = self.quietly(command)?;
        show_output(&text, lines);
        Ok(text)
    }

    /// Runs a command that has to be refused, and answers what it said.
    pub(crate) fn refused(&self, command: &str) -> Result<String> {
        self.show_command(command);
        let output = self.shell(command).output().context("running sh")?;
        let text = both(&output);
        show_output(&text, SHOWN);
        if output.status.success() {
            bail!("`{command}` succeeded, but had to be refused");
        }
        Ok(text)
    }

    /// Runs a command without showing it.
    pub(crate) fn quietly(&self, command: &str) -> Result<String> {
        let output = self.shell(command).output().context("running sh")?;
        succeeded(command, &output)
    }

    /// Runs several commands at the same moment, and waits for all.
    pub(crate) fn at_once(&self, commands: &[String]) -> Result<()> {
        let mut children = Vec::new();
        for command in commands {
            self.show_command(&format!("{command} &"));
            let mut process = self.shell(command);
            process.stdout(Stdio::piped()).stderr(Stdio::piped());
            children.push((command, process.spawn().context("running sh")?));
        }
        self.show_command("wait");
        for (command, child) in children {
            succeeded(command, &child.wait_with_output().context("waiting for sh")?)?;
        }
        Ok(())
    }

    /// Says what was just shown to be true; if it is not, the story ends here.
    pub(crate) fn claim(&self, holds: bool, text: &str) -> Result<()> {
        if !holds {
            bail!("not true, but it has to be: {text}");
        }
        println!("{}", self.painted(GREEN, &format!("✓ {text}")));
        Ok(())
    }

    /// Waits until `holds`, as the changes of other agents take a moment to arrive.
    pub(crate) fn until(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
        const WITHIN: Duration = Duration::from_secs(30);
        let start = Instant::now();
        while !holds()? {
            if start.elapsed() > WITHIN {
                bail!("not within {} s: {what}", WITHIN.as_secs());
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// The content of a file in the folder of the story; an absent one is empty.
    pub(crate) fn read(&self, name: &str) -> Result<String> {
        match fs::read_to_string(self.path(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            other => other.with_context(|| format!("reading {name}")),
        }
    }

    pub(crate) fn show_command(&self, command: &str) {
        for (at, line) in command.lines().enumerate() {
            let mark = if at == 0 { '$' } else { '>' };
            println!("{}", self.painted(CYAN, &format!("{mark} {line}")));
        }
    }

    /// Gives a process the folder, the variables and the `remanence` of the story.
    pub(crate) fn furnish(&self, process: &mut Command) {
        let mut path = self.binary.parent().unwrap_or(Path::new(".")).as_os_str().to_owned();
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        process
            .current_dir(&self.folder)
            .env("PATH", path)
            .envs(&self.variables);
        // Output is the same everywhere, whatever the user's language.
        process.env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1");
    }

    fn shell(&self, command: &str) -> Command {
        let mut process = run::bounded(LIMIT, "sh");
        process.args(["-c", command]).stdin(Stdio::null());
        self.furnish(&mut process);
        process
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        if self.colour {
            format!("\x1b[{colour}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

fn succeeded(command: &str, output: &Output) -> Result<String> {
    if !output.status.success() {
        bail!("`{command}`: {}\n{}", run::reason(output.status), both(output));
    }
    Ok(both(output))
}

fn both(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    text
}

fn show_output(text: &str, most: usize) {
    let lines: Vec<_> = text.lines().collect();
    for line in lines.iter().take(most) {
        let mut shown: String = line.chars().take(WIDTH).collect();
        if shown.len() < line.len() {
            shown.push('…');
        }
        println!("{shown}");
    }
    if lines.len() > most {
        println!("… ({} more lines)", lines.len() - most);
    }
}
