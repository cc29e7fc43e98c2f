//! Data goes to stdout, talk to stderr. The only file that prints.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where printing happens"
)]

use std::io::{IsTerminal, Write};

use data::Data;

use crate::exit::Because;

/// Prints text to stdout as it is. A reader that has gone away is no error.
pub fn data(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

/// Prints a value: for a person with indentation, for a program on one line.
pub fn value(value: &Data) {
    let mut text = if std::io::stdout().is_terminal() {
        value.to_pretty()
    } else {
        value.to_string()
    };
    text.push('\n');
    data(&text);
}

/// Prints lines of talk.
pub fn talk(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
    if !text.ends_with('\n') {
        let _ = stderr.write_all(b"\n");
    }
}

/// Prints an error and what to do about it.
pub fn error(error: &anyhow::Error) {
    talk(&format!("error: {error:#}"));
    if let Some(hint) = error
        .downcast_ref::<Because>()
        .and_then(|because| because.hint.as_deref())
    {
        talk(&format!("hint: {hint}"));
    }
}
