//! `wf-host replay`: a recorded run again, without anything from outside.

use std::io::Write as _;

use anyhow::Result;
use check::recording::Recording;
use data::Source;

use super::run::{Wanted, exit, history_file, history_text, report};
use crate::args::ReplayArgs;
use crate::exit::{Exit, because};
use crate::{failures, files, output};

/// A recording of a long run is longer than anything that a person writes.
const MOST_BYTES: u64 = 1 << 30;

/// Replays the recording and prints what the run printed.
pub fn replay(args: &ReplayArgs) -> Result<Exit> {
    let wanted = Wanted::from(args);
    let mut history = history_file(wanted)?;
    let name = args.recording.display().to_string();
    let bytes = files::bytes(&args.recording, MOST_BYTES)?;
    let source = Source::new(name.as_str(), files::as_text(bytes, &name)?);
    let recording = Recording::read(&source);
    let recording = recording
        .map_err(|mistakes| failures::told(&mistakes, "wf-host run --record FILE writes one"))?;
    let replayed = recording
        .replay()
        .map_err(|divergence| because(Exit::Diverged, format!("{name}: {divergence}")))?;
    if !args.quiet {
        let (events, executions) = (replayed.events, replayed.finished.others.len() + 1);
        let plural = if executions == 1 { "" } else { "s" };
        output::talk(&format!(
            "{events} events of {executions} execution{plural}, the same as recorded"
        ));
    }
    let finished = replayed.finished;
    report(wanted, &finished, &[], recording.seed)?;
    if let Some((name, file)) = &mut history {
        let written = file.write_all(history_text(wanted, &finished)?.as_bytes());
        written.map_err(|error| because(Exit::BadFile, format!("{name}: {error}")))?;
    }
    let status = finished.execution.status();
    Ok(if status.is_final() {
        exit(status, false)
    } else {
        Exit::Waiting
    })
}
