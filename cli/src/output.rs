//! What a command says. Data goes to stdout as a table or JSON, hints and progress to stderr. On a terminal tables
//! have headings, colour and relative times; in a pipe none of these, and times as RFC 3339.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use anstream::ColorChoice;
use clap::ValueEnum;
use comfy_table::{Attribute, Cell as TableCell, CellAlignment, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::{Timestamp, Unit};
use owo_colors::{OwoColorize, Style};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::size::Size;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// Text for people
    #[default]
    Text,
    /// JSON for programs; errors and log lines too, on stderr
    Json,
    /// The same as YAML
    Yaml,
}

/// One value of a table.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    Text(String),
    /// Bytes: `1.5Ki` on a terminal, all digits in a pipe.
    Size(u64),
    /// `3 h ago` on a terminal, RFC 3339 in a pipe.
    Time(Timestamp),
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

/// The printer of a command.
pub(crate) struct Output {
    format: Format,
    terminal: bool,
    colour: bool,
    now: Timestamp,
    out: BufWriter<Named>,
}

/// Standard output, whose errors say that it is that.
struct Named(Stdout);

impl Write for Named {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(|error| of_stdout(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(|error| of_stdout(&error))
    }
}

fn of_stdout(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("standard output: {error}"))
}

impl Output {
    pub(crate) fn new(format: Format) -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        Self {
            format,
            terminal,
            colour: terminal && anstream::AutoStream::choice(&stdout) != ColorChoice::Never,
            now: Timestamp::now(),
            out: BufWriter::new(Named(stdout)),
        }
    }

    /// Whether the result is for programs.
    pub(crate) fn is_data(&self) -> bool {
        self.format != Format::Text
    }

    /// Prints `value` as JSON or YAML, or else what `text` prints.
    pub(crate) fn print<T: Serialize>(
        &mut self,
        value: &T,
        text: impl FnOnce(&mut Self, &T) -> io::Result<()>,
    ) -> Result<(), Failure> {
        match self.format {
            Format::Json if self.terminal => {
                serde_json::to_writer_pretty(&mut self.out, value).map_err(io::Error::from)?;
                writeln!(self.out)?;
            }
            Format::Json => {
                serde_json::to_writer(&mut self.out, value).map_err(io::Error::from)?;
                writeln!(self.out)?;
            }
            Format::Yaml => {
                let yaml = yaml(&serde_json::to_value(value)?)?;
                writeln!(self.out, "{yaml}")?;
            }
            Format::Text => text(self, value)?,
        }
        Ok(())
    }

    /// Prints raw bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    /// Prints a line.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> io::Result<()> {
        writeln!(self.out, "{}", harmless(text.as_ref()))
    }

    /// Prints a table. An empty one prints nothing.
    pub(crate) fn table(&mut self, headings: &[&str], rows: impl IntoIterator<Item = Vec<Cell>>) -> io::Result<()> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Disabled);
        if !self.colour {
            table.force_no_tty();
        }
        for row in rows {
            table.add_row(row.iter().map(|cell| self.cell(cell)).collect::<Vec<_>>());
        }
        if table.row_count() == 0 {
            return Ok(());
        }
        if self.terminal && headings.iter().any(|h| !h.is_empty()) {
            let bold = |h: &&str| TableCell::new(h.to_uppercase()).add_attribute(Attribute::Bold);
            table.set_header(headings.iter().map(bold).collect::<Vec<_>>());
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        writeln!(self.out, "{}", table.trim_fmt())
    }

    fn cell(&self, cell: &Cell) -> TableCell {
        match cell {
            Cell::Text(text) => TableCell::new(harmless(text)),
            Cell::Size(n) => TableCell::new(self.size(*n)).set_alignment(CellAlignment::Right),
            Cell::Time(time) => TableCell::new(self.time(*time)),
        }
    }

    /// A time as it is shown here.
    pub(crate) fn time(&self, time: Timestamp) -> String {
        if self.terminal {
            relative(time, self.now)
        } else {
            // Always of one width, so that columns stay columns.
            time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
        }
    }

    /// A size as it is shown here.
    pub(crate) fn size(&self, bytes: u64) -> String {
        if self.terminal {
            Size(bytes).to_string()
        } else {
            bytes.to_string()
        }
    }

    /// Prints a unified diff, coloured on a terminal.
    pub(crate) fn unified(&mut self, text: &str) -> io::Result<()> {
        for line in text.lines() {
            let style = match line.as_bytes() {
                [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Style::new().bold(),
                [b'+', ..] => Style::new().green(),
                [b'-', ..] => Style::new().red(),
                [b'@', b'@', ..] => Style::new().cyan(),
                _ => Style::new(),
            };
            // In a pipe it may be for `patch`, which wants it as it is.
            let line = if self.terminal { harmless(line) } else { line.into() };
            if self.colour {
                writeln!(self.out, "{}", line.style(style))?;
            } else {
                writeln!(self.out, "{line}")?;
            }
        }
        Ok(())
    }

    /// Says something useful that is no data.
    pub(crate) fn hint(&self, text: impl AsRef<str>) {
        if !self.is_data() {
            // A closed stderr must not stop the command.
            let _ = writeln!(io::stderr(), "{}", harmless(text.as_ref()));
        }
    }

    /// A progress line on stderr, where a person is there to see it.
    pub(crate) fn progress(&self, doing: &'static str) -> Progress {
        if self.is_data() || !io::stderr().is_terminal() {
            return Progress(ProgressBar::hidden(), doing);
        }
        let bar = ProgressBar::no_length();
        bar.set_style(ProgressStyle::default_spinner());
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        Progress(bar, doing)
    }

    /// A line on stderr that says what is waited for, where a person is there to see it.
    pub(crate) fn waiting(&self) -> Progress {
        self.progress("")
    }

    /// Writes out what is buffered.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether what goes to stderr may have colours.
pub(crate) fn is_stderr_coloured() -> bool {
    let stderr = io::stderr();
    stderr.is_terminal() && anstream::AutoStream::choice(&stderr) != ColorChoice::Never
}

/// So many of something.
pub(crate) fn some(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Whether a character drives a terminal, or has text read otherwise than it is; ends of lines and tabs do not.
pub(crate) fn drives(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// What was typed, in one line, with what does not show written out.
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if drives(c) || c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Text without what drives a terminal; lines stay. What others wrote must not drive this one.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if text.contains(drives) {
        text.replace(drives, "\u{FFFD}").into()
    } else {
        text.into()
    }
}

/// A progress line.
pub(crate) struct Progress(ProgressBar, &'static str);

impl Progress {
    /// What is going on.
    pub(crate) fn say(&self, what: String) {
        self.0.set_message(what);
    }

    /// So many files and bytes are done.
    pub(crate) fn at(&self, files: u64, bytes: u64) {
        self.0
            .set_message(format!("{} {}, {}", self.1, some(files, "file"), Size(bytes)));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// How long ago a time was, in its largest unit; far times as a date.
fn relative(time: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(time).as_secs();
    match seconds {
        ..-60 => time.round(Unit::Second).unwrap_or(time).to_string(),
        -60..10 => "just now".into(),
        10..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        86_400..2_592_000 => format!("{} d ago", seconds / 86_400),
        _ => time.strftime("%Y-%m-%d").to_string(),
    }
}

fn yaml(value: &serde_json::Value) -> io::Result<String> {
    let yaml = serde_saphyr::to_string(value).map_err(io::Error::other)?;
    Ok(yaml.trim_end().to_owned())
}

/// Reports why a command failed, if that is not known yet. What is no failure (a reader that went away) is not
/// reported.
pub(crate) fn report(failure: &Failure, format: Format) {
    if failure.exit == Exit::Done || failure.message.is_empty() {
        return;
    }
    let mut stderr = anstream::stderr();
    // Where stderr is closed there is nobody to tell, and the exit code says it.
    let _ = match format {
        Format::Json => writeln!(stderr, "{}", failure.json()),
        Format::Yaml => yaml(&failure.json()).and_then(|yaml| writeln!(stderr, "{yaml}")),
        Format::Text => {
            let hint = failure.hint.as_ref().map_or(String::new(), |h| format!("\nhint: {h}"));
            let said = format!("{}{hint}", failure.message);
            // It may quote what others wrote.
            writeln!(stderr, "{} {}", "error:".red().bold(), harmless(&said))
        }
    };
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_others_wrote_does_not_drive_the_terminal() {
        assert_eq!(harmless("a\n\tb"), "a\n\tb");
        assert_eq!(harmless("a\u{1b}[2J\r\u{9b}b"), "a\u{FFFD}[2J\u{FFFD}\u{FFFD}b");
        assert_eq!(harmless("gpj\u{202e}.exe"), "gpj\u{FFFD}.exe");
        assert_eq!(shown("Zürich\n\u{1b}[2J\u{202e}"), r"Zürich\n\u{1b}[2J\u{202e}");
    }

    #[test]
    fn times_are_told_in_their_largest_unit() {
        let now: Timestamp = "2026-06-15T12:00:00Z".parse().unwrap();
        for (time, says) in [
            ("2026-06-15T12:00:30Z", "just now"),
            ("2026-06-15T11:59:55Z", "just now"),
            ("2026-06-15T11:59:30Z", "30 s ago"),
            ("2026-06-15T11:01:00Z", "59 min ago"),
            ("2026-06-14T13:00:00Z", "23 h ago"),
            ("2026-06-01T12:00:00Z", "14 d ago"),
            ("2026-01-02T12:00:00Z", "2026-01-02"),
            ("2026-06-15T13:00:00Z", "2026-06-15T13:00:00Z"),
        ] {
            assert_eq!(relative(time.parse().unwrap(), now), says);
        }
    }
}
