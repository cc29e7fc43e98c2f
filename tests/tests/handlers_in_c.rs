//! A handler in C, built with a distribution's clang and wasi-libc, fulfils the contract of a WASI command.

#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::process::Command;

use data::Data;
use wf_host_tests::{Workflow, functions, root};

#[test]
fn a_handler_in_c_runs_as_a_guest() {
    let script = root().join("guests/c-echo/build");
    let folder = root().join("workflows/guests");
    let built = Command::new("sh")
        .arg(&script)
        .arg(folder.join("c_echo.wasm"))
        .output()
        .unwrap();
    if !built.status.success() {
        let why = String::from_utf8_lossy(&built.stderr);
        eprintln!("SKIPPED: a_handler_in_c_runs_as_a_guest: no C compiler for WASI here: {why}");
        return;
    }
    let manifest = "version = 1\n[functions.c-echo]\nmodule = \"guests/c_echo.wasm\"\n";
    let definition =
        r#"{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "c-echo", "End": true}}}"#;
    let ran = Workflow::with(definition, functions(manifest))
        .run(Data::parse(r#"{"a": [1, 2]}"#).unwrap());
    assert!(
        ran.output().to_string().contains(r#"{"a":[1,2]}"#),
        "{}",
        ran.output()
    );
}
