//! The binary starts. Being here, this test also has `cargo test` build the binary that the tests of the whole
//! house run.

use std::process::Command;

#[test]
fn it_tells_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_wf-host"))
        .arg("--version")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, format!("wf-host {}\n", env!("CARGO_PKG_VERSION")));
}
