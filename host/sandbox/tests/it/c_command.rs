//! A handler in C, built here with the system's clang and wasi-libc, as guests/README.md says.

use std::path::Path;
use std::process::Command;

use sandbox::{Contract, End, Invocation};

use crate::common::{block_on, event, sandbox, skipped};

/// The module, or why it could not be built.
fn build() -> Result<Vec<u8>, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guests/c-echo/main.c");
    let folder = tempfile::tempdir().unwrap();
    let module = folder.path().join("c-echo.wasm");
    let output = Command::new("clang")
        .args(["--target=wasm32-wasi", "-O2", "-Wall", "-Wextra", "-Werror"])
        .args(["-Wl,-z,stack-size=65536", "-Wl,--strip-debug", "-o"])
        .args([&module, &source])
        .output()
        .map_err(|error| format!("clang: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(std::fs::read(module).unwrap())
}

#[test]
fn a_handler_in_c_is_a_guest() {
    let wasm = match build() {
        Ok(wasm) => wasm,
        Err(reason) => return skipped(&format!("no C compiler for WebAssembly: {reason}")),
    };
    let guest = sandbox().load("c-echo", &wasm).unwrap();
    assert_eq!(guest.contract(), Contract::Command);
    let environment = vec![("AWS_LAMBDA_FUNCTION_NAME".to_owned(), "in-c".to_owned())];
    let invocation = Invocation {
        environment,
        ..event(r#"{"a":[1,2]}"#)
    };
    let outcome = block_on(sandbox().invoke(&guest, invocation)).unwrap();
    let expected = r#"{"function":"in-c","event":{"a":[1,2]}}"#;
    assert_eq!(outcome.end, End::Returned(expected.into()));
    assert_eq!(outcome.log, ["in-c: 11 bytes"]);
    let empty = block_on(sandbox().invoke(&guest, event(""))).unwrap();
    let error = r#"{"errorType":"NoEvent","errorMessage":"there is nothing on stdin"}"#;
    assert_eq!(empty.end, End::FunctionError(error.into()));
}
