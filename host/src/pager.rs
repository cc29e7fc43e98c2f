//! Long output on a terminal goes through a pager: `$PAGER`, else less, else more.

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::process::{Child, Command, Stdio};

use crate::args::PagerArgs;
use crate::{output, signals};

/// What less does by itself if a person has not said otherwise: end at once if all fits, keep colours, leave the
/// screen as it is.
const LESS: &str = "-FRX";

/// Prints text for people: through a pager if stdout is a terminal. Nothing in it can steer the terminal. Must be
/// called inside a tokio runtime.
pub fn show(text: &str, args: PagerArgs) {
    let text = output::harmless_text(text);
    let pager = match std::io::stdout().is_terminal() && !args.no_pager {
        true => start(),
        false => None,
    };
    let Some(mut pager) = pager else {
        output::data(&text);
        return;
    };
    // A Ctrl-C is the pager's business. If it cannot be left to it, both end.
    let _ = signals::leave_to_others();
    if let Some(mut stdin) = pager.stdin.take() {
        // Whoever quits before the end has seen enough.
        let _ = stdin.write_all(text.as_bytes());
    }
    let _ = pager.wait();
}

/// How many columns the terminal has that stdout is; none if it is none.
pub fn width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let said = std::env::var("COLUMNS").ok();
    let columns = said.and_then(|columns| columns.parse().ok()).or_else(asked);
    columns.filter(|columns| *columns > 0)
}

/// What the terminal itself says.
fn asked() -> Option<usize> {
    let terminal = File::open("/dev/tty").ok()?;
    let mut stty = Command::new("stty");
    let size = stty.arg("size").stdin(terminal).stderr(Stdio::null());
    let size = String::from_utf8(size.output().ok()?.stdout).ok()?;
    size.split_whitespace().nth(1)?.parse().ok()
}

/// The first pager that starts.
fn start() -> Option<Child> {
    let piped = |mut command: Command| command.stdin(Stdio::piped()).spawn().ok();
    match std::env::var("PAGER") {
        Ok(pager) if pager.trim().is_empty() => None,
        Ok(pager) => {
            let mut shell = Command::new("sh");
            shell.args(["-c", &pager]);
            piped(with_less(shell))
        }
        Err(_) => piped(with_less(Command::new("less"))).or_else(|| piped(Command::new("more"))),
    }
}

fn with_less(mut command: Command) -> Command {
    if std::env::var_os("LESS").is_none() {
        command.env("LESS", LESS);
    }
    command
}
