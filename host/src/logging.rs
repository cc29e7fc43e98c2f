//! The log of `wf-host serve`: structured, on stderr, and nothing in it could steer a terminal.

use std::io::{self, Write};

use anyhow::Result;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;

use crate::args::{LogFormatArg, LogLevelArg};
use crate::exit::{Exit, because};
use crate::output;

/// Writes what is logged from now on, in all of the process.
pub fn start(format: LogFormatArg, level: LogLevelArg) -> Result<()> {
    let level = match level {
        LogLevelArg::Off => LevelFilter::OFF,
        LogLevelArg::Error => LevelFilter::ERROR,
        LogLevelArg::Warn => LevelFilter::WARN,
        LogLevelArg::Info => LevelFilter::INFO,
        LogLevelArg::Debug => LevelFilter::DEBUG,
    };
    let log = fmt()
        .with_max_level(level)
        .with_ansi(false)
        .with_writer(|| Line);
    let started = match format {
        LogFormatArg::Text => log.try_init(),
        LogFormatArg::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| because(Exit::HostFault, error.to_string()))
}

/// Takes a line of the log at a time.
struct Line;

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        output::talk(&output::one_line(text.trim_end_matches('\n')));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
