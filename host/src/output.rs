//! Data goes to stdout, talk to stderr. The only file that prints.

use std::io::{ErrorKind, IsTerminal, Write};

use data::Data;

use crate::exit::{Because, Exit};

/// Prints text to stdout as it is. A reader that has gone away is no error; a full disk is.
pub fn data(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            talk(&format!("error: stdout: {error}"));
            std::process::exit(Exit::HostFault as i32);
        }
        _ => {}
    }
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

/// Prints lines of talk. What workflows and guests say is part of it, so nothing that could steer a terminal
/// gets through.
pub fn talk(text: &str) {
    let mut text = harmless_text(text);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    // Nobody is left to be told that stderr is closed.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Text of many lines in which nothing could steer a terminal.
pub fn harmless_text(text: &str) -> String {
    text.chars().map(harmless).collect()
}

/// Text for one line: breaks in it are no breaks of the talk.
pub fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c == '\n' { '\u{fffd}' } else { harmless(c) })
        .collect()
}

fn harmless(c: char) -> char {
    let steers = c.is_control() && !matches!(c, '\n' | '\t');
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if steers || turns { '\u{fffd}' } else { c }
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
