//! Writing coverage in the format that a file's name stands for.

use std::path::{Path, PathBuf};

use anyhow::Result;
use check::coverage::{Report, lcov, text};
use data::Data;

use crate::exit::{Exit, because};
use crate::output;

/// Writes the reports to every file that was asked for; `-` is a table on stdout.
pub fn write(files: &[PathBuf], reports: &[Report]) -> Result<()> {
    for file in files {
        if is_stdout(file) {
            output::data(&text(reports));
            continue;
        }
        let ending = file.extension().unwrap_or_default().to_string_lossy();
        let text = match ending.as_ref() {
            "json" => {
                let all: Data = reports.iter().map(Report::to_data).collect();
                format!("{}\n", all.to_pretty())
            }
            "info" | "lcov" => lcov(reports),
            _ => text(reports),
        };
        let written = std::fs::write(file, text);
        written.map_err(|error| because(Exit::BadFile, format!("{}: {error}", file.display())))?;
    }
    Ok(())
}

/// Whether the table goes to stdout.
pub fn is_stdout(file: &Path) -> bool {
    file.as_os_str() == "-"
}
