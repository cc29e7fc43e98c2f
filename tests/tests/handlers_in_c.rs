//! A handler in C, built with a distribution's clang and wasi-libc, fulfils the contract of a WASI command.

use std::io::Write as _;
use std::process::Command;

use data::Data;
use wf_host_tests::{Workflow, functions, root, text};

/// What the build script says where there is no clang that makes wasm.
const LACKING: i32 = 77;

#[test]
fn a_handler_in_c_runs_as_a_guest() {
    let folder = tempfile::tempdir().unwrap();
    let module = folder.path().join("c-echo.wasm");
    let built = Command::new("sh")
        .arg(root().join("guests/c-echo/build"))
        .arg(&module)
        .output()
        .unwrap();
    let why = text(&built.stderr);
    if built.status.code() == Some(LACKING) {
        // Not through eprintln!, which the test runner hides.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: a_handler_in_c_runs_as_a_guest: no C compiler for WASI here: {why}"
        );
        return;
    }
    assert!(built.status.success(), "{}: {why}", built.status);
    let mut functions = functions("version = 1\n");
    functions.add_guest("c-echo", module);
    let definition =
        r#"{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "c-echo", "End": true}}}"#;
    let ran = Workflow::with(definition, functions).run(Data::parse(r#"{"a": [1, 2]}"#).unwrap());
    assert!(
        ran.output().to_string().contains(r#"{"a":[1,2]}"#),
        "{}",
        ran.output()
    );
}
