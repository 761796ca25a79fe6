//! Secrets that are typed or piped in: never an argument, which every process can read.

use crate::desk::people::Secret;
use anyhow::{Context, ensure};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use std::io::{self, BufRead, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use zeroize::Zeroizing;

/// A password from `file`; without one, typed twice at the terminal, or the first line of standard input.
pub(super) fn password(file: Option<&Path>) -> anyhow::Result<Secret> {
    if let Some(path) = file {
        let text = Zeroizing::new(
            std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?,
        );
        return Ok(first_line(&text));
    }
    if !io::stdin().is_terminal() {
        return read_line();
    }
    let (once, again) = (ask("Password: ")?, ask("Again: ")?);
    ensure!(once.reveal() == again.reveal(), "these were two passwords");
    Ok(once)
}

/// Writes a secret to a file that only its owner can read, over what was there.
pub(super) fn write(path: &Path, secret: &Secret) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    writeln!(file, "{}", secret.reveal())
}

fn first_line(text: &str) -> Secret {
    Secret::new(text.lines().next().unwrap_or_default().to_owned())
}

fn read_line() -> anyhow::Result<Secret> {
    let mut line = Zeroizing::new(String::new());
    io::stdin().lock().read_line(&mut line)?;
    Ok(first_line(&line))
}

/// Asks at the terminal, which shows nothing of the answer.
fn ask(question: &str) -> anyhow::Result<Secret> {
    let mut terminal = io::stderr();
    write!(terminal, "{question}")?;
    terminal.flush()?;
    let shown = tcgetattr(io::stdin())?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(io::stdin(), OptionalActions::Flush, &hidden)?;
    let answer = read_line();
    tcsetattr(io::stdin(), OptionalActions::Now, &shown)?;
    writeln!(terminal)?;
    answer
}
