//! Recorded AWS behaviour: each recording is a test, named by its id.
//!
//! The recordings lie in `../shared/conformance` beside the repository, or in the folder that
//! `WF_HOST_CONFORMANCE` names; without them everything is skipped, loudly. What a recording holds is run
//! through the real runtime and real guests under virtual time, functions in their own language where its runtime is
//! installed (`WF_HOST_TEST_RUNTIMES`), and all of it must come out the same. What
//! needs something that is not built yet waits: it is reported as ignored, with the reason, by rules over the
//! data ([`waits`]). What of a waiting recording can be run is run, and a difference there fails.
//!
//! ```text
//! cargo test -p wf-host-tests --test conformance -- assign      # as with any other test
//! scripts/conformance                                           # with a table
//! ```

mod compare;
mod computed;
mod definition;
mod describe;
mod difference;
mod exceptions;
mod functions;
mod history;
mod normal;
mod placeholder;
mod recording;
mod report;
mod run;
mod service;
mod verdict;
mod waits;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Completion, Trial};

use exceptions::Exceptions;
use recording::Recording;
use verdict::Verdict;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = folder();
    let Some(recordings) = recording::all(&folder) else {
        report::skipped(&folder);
        return ExitCode::SUCCESS;
    };
    if let Some(missing) = functions::without_runtime() {
        report::stood_in(&missing);
    }
    let exceptions = Arc::new(Exceptions::read());
    let trials = recordings
        .into_iter()
        .map(|recording| trial(recording, Arc::clone(&exceptions)))
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if std::env::var_os("WF_HOST_CONFORMANCE_TABLE").is_some() {
        report::table();
    }
    conclusion.exit_code()
}

fn folder() -> PathBuf {
    let named = std::env::var_os("WF_HOST_CONFORMANCE").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| wf_host_tests::root().join("../shared/conformance"));
    folder.join("recordings")
}

fn trial(recording: Recording, exceptions: Arc<Exceptions>) -> Trial {
    let name = recording.id.clone();
    Trial::ignorable_test(name, move || {
        let verdict = verdict::of(&recording, &exceptions);
        report::keep(&recording, &verdict);
        match verdict {
            Verdict::Passed => Ok(Completion::Completed),
            Verdict::Waits(reason) => Ok(Completion::ignored_with(reason)),
            Verdict::Failed(difference) => Err(difference.into()),
        }
    })
}
