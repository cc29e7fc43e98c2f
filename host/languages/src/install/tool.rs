//! Programs of the user's that fetch and build.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::InstallError;

/// How many lines of a program's talk are shown when it fails.
const MOST_LINES: usize = 30;
/// How long they may be together.
const MOST_CHARS: usize = 8000;

/// What a program says when a registry cannot be reached: pip, npm, and the libraries below them.
const NO_NETWORK: [&str; 14] = [
    "ConnectionError",
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "SSLError",
    "CERTIFICATE_VERIFY_FAILED",
    "Temporary failure in name resolution",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "network request to",
];
const NOT_PINNED: [&str; 3] = [
    "DO NOT MATCH THE HASHES",
    "EINTEGRITY",
    "in --require-hashes mode",
];
const NO_ROOM: [&str; 3] = ["No space left on device", "ENOSPC", "Disk quota exceeded"];
const NO_PACKAGE: [&str; 4] = [
    "No matching distribution found",
    "Could not find a version that satisfies",
    "EBADPLATFORM",
    "is not a supported wheel on this platform",
];

/// A program with the user's environment, but for what would change which modules it loads.
pub(super) fn command(program: &Path, work: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(work).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if is_in_the_way(&name) {
            command.env_remove(name);
        }
    }
    command.env("TMPDIR", work);
    command
}

/// Whether a variable says what else to load, or where to install what.
fn is_in_the_way(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let of_pip = [
        "PIP_USER",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
        "PIP_REQUIREMENT",
        "PIP_CONSTRAINT",
        "PIP_EDITABLE",
        "PIP_NO_BINARY",
        "PIP_ONLY_BINARY",
        "PIP_PLATFORM",
        "PIP_PYTHON",
        "PIP_PYTHON_VERSION",
        "PIP_DRY_RUN",
        "PIP_REPORT",
        "PIP_QUIET",
    ];
    name.starts_with("PYTHON")
        || name == "__PYVENV_LAUNCHER__"
        || matches!(
            &*name,
            "NODE_OPTIONS" | "NODE_PATH" | "NODE_ENV" | "NODE_CHANNEL_FD"
        )
        || of_pip.contains(&&*name)
}

/// Runs a program to its end and gives what it wrote to stdout.
///
/// # Errors
/// [`InstallError`]: `what` cannot be started, or ends in failure, which is told apart by its words.
pub(super) fn run(
    command: &mut Command,
    program: &'static str,
    what: &'static str,
) -> Result<String, InstallError> {
    let output = command
        .output()
        .map_err(|error| not_started(command, program, error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(failed(what, &output))
}

fn not_started(command: &Command, what: &'static str, error: io::Error) -> InstallError {
    InstallError::NoProgram {
        program: command.get_program().into(),
        what,
        error,
    }
}

fn failed(what: &'static str, output: &Output) -> InstallError {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let output_end = end(&text);
    if says(&NO_ROOM) {
        InstallError::NoRoom {
            what,
            output: output_end,
        }
    } else if says(&NOT_PINNED) {
        InstallError::NotPinned {
            what,
            output: output_end,
        }
    } else if says(&NO_NETWORK) {
        InstallError::NoNetwork {
            what,
            output: output_end,
        }
    } else if says(&NO_PACKAGE) {
        InstallError::NoPackage {
            what,
            output: output_end,
        }
    } else {
        let status = output.status.to_string();
        InstallError::Failed {
            what,
            status,
            output: output_end,
        }
    }
}

/// The last lines of a text.
fn end(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let shown = lines[lines.len().saturating_sub(MOST_LINES)..].join("\n");
    let over = shown.chars().count().saturating_sub(MOST_CHARS);
    shown.chars().skip(over).collect()
}
