//! Definitions of state machines, in each of the three formats.
#![no_main]

use asl::{Options, Severity};
use data::{Format, Source};
use libfuzzer_sys::fuzz_target;

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
    let options = Options {
        express: choice & 64 != 0,
        ..Options::default()
    };
    let compiled = asl::compile(&source, format, &options);
    let wrong = compiled
        .diagnostics
        .iter()
        .any(|found| found.severity == Severity::Error);
    assert_eq!(compiled.program.is_none(), wrong);
    for found in compiled.diagnostics.iter().take(20) {
        found.render(&source);
    }
});
