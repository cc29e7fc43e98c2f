//! Fault plans, mock files, suites and recordings, each in the formats that it may have.
#![no_main]

use check::faults::FaultPlan;
use check::mock::MockConfig;
use check::recording::Recording;
use check::suite::{Files, Suite};
use data::{Format, Source};
use libfuzzer_sys::fuzz_target;

/// No file beside a suite but the suite itself.
struct Itself(Source, Format);

impl Files for Itself {
    fn read(&self, _: &str) -> Result<(Source, Format), String> {
        Ok((self.0.clone(), self.1))
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, text)) = bytes.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let format = match choice % 8 {
        0 => Format::Yaml,
        1 => Format::Toml,
        _ => Format::Json,
    };
    let source = Source::new("fuzz", text);
    match choice / 64 {
        0 => drop(FaultPlan::read(&source, format)),
        1 => drop(MockConfig::read(&source, format)),
        2 => drop(Suite::read(
            &source,
            format,
            &Itself(source.clone(), format),
        )),
        _ => {
            if let Ok(recording) = Recording::read(&source) {
                // What is read is written as it was read, and replays or says why not.
                let again = Source::new("again", recording.to_text());
                assert!(Recording::read(&again).is_ok());
                drop(recording.replay());
            }
        }
    }
});
