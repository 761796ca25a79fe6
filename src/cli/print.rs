//! Printing: standard output for results, standard error for people.

use crate::words::in_words;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal, Write};
use std::path::Path;

/// Where results go. A reader that went away (`| head`) is an error of its own kind, not a panic.
pub struct Out(io::BufWriter<io::Stdout>);

impl Out {
    /// Standard output.
    #[must_use]
    pub fn stdout() -> Self {
        Self(io::BufWriter::new(io::stdout()))
    }

    /// Prints a line.
    ///
    /// # Errors
    /// If nobody reads any more.
    pub fn line(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.0, "{text}")?;
        self.0.flush()
    }

    /// Prints a value as one JSON document.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.0, value)?;
        self.line("")
    }
}

/// A bar on standard error, to be looked at; hidden where nobody watches.
#[must_use]
pub fn progress_bar(template: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

/// Tells a person what went wrong, with every cause.
pub fn error(error: &anyhow::Error) {
    // Standard error gone: there is nobody left to tell.
    drop(writeln!(io::stderr(), "filmroom: {}", in_words(error.as_ref())));
}

/// Tells a person what to mind.
pub fn warn(words: &str) {
    // Standard error gone: there is nobody left to tell.
    drop(writeln!(io::stderr(), "filmroom: {words}"));
}

/// Takes away what was begun of a file that came to nothing; why it did is what people have to know.
pub fn unwrite(path: &Path) {
    if let Err(error) = std::fs::remove_file(path) {
        warn(&format!("what was begun stays in {}: {error}", path.display()));
    }
}

/// Bytes as people read them.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut unit = 0;
    let mut tenths = bytes / 100;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// `1 study`, `2 studies`.
#[must_use]
pub fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_well_at_every_size() {
        let shown: Vec<String> = [0, 999, 1_000, 1_500_000, 262_800_000, 8_589_934_592].map(bytes).to_vec();
        assert_eq!(shown, ["0 B", "999 B", "1.0 kB", "1.5 MB", "262.8 MB", "8.5 GB"]);
    }
}
