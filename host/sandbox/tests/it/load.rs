//! What is not accepted as a guest, and what is told about a module.

use sandbox::{Contract, Limits};

use crate::common::{ECHO, block_on, command, event, reactor, reactor_with, sandbox};

fn error(wasm: &[u8]) -> String {
    sandbox().load("test", wasm).unwrap_err().to_string()
}

#[test]
fn what_is_no_module_is_named() {
    assert_eq!(error(b""), "not a WebAssembly module but an empty file");
    assert!(error(b"\x7fELF\x02\x01").contains("a native ELF program"));
    assert!(error(b"(module)").contains("WebAssembly text"));
    assert!(error(b"\0asm\x01\0\0\0\xff").contains("does not compile"));
}

#[test]
fn unknown_imports_are_all_named() {
    let wasm = reactor_with(
        r#"(import "env" "magic" (func))
           (import "wasi_snapshot_preview1" "fd_teleport" (func))
           (import "wasi_snapshot_preview1" "sched_yield" (func (result i64)))
           (import "wasi_snapshot_preview1" "fd_close" (func (param i32) (result i32)))"#,
        ECHO,
    );
    let error = error(&wasm);
    let names = "env.magic, wasi_snapshot_preview1.fd_teleport, wasi_snapshot_preview1.sched_yield";
    assert!(
        error.contains(&format!("does not offer: {names}; available")),
        "{error}"
    );
}

#[test]
fn a_module_without_a_contract_is_told_what_is_missing() {
    let error = error(&wat::parse_str("(module (func (export \"handle\")))").unwrap());
    for part in [
        "\"memory\"",
        "alloc (type (func (param i32) (result i32)))",
        "handle to be",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert!(error.contains("_start"), "{error}");
}

#[test]
fn a_report_tells_contract_and_reach() {
    let report = sandbox().inspect(&command("", "")).unwrap();
    assert_eq!(report.contract, Ok(Contract::Command));
    assert_eq!(report.imports.len(), 3);
    assert!(report.has_names && !report.reach.files && !report.reach.clocks);
    assert_eq!((report.memory_min, report.memory_max), (4 << 16, None));
    let wasm = reactor_with(r#"(import "env" "magic" (func))"#, ECHO);
    let report = sandbox().inspect(&wasm).unwrap();
    assert_eq!(report.contract, Ok(Contract::Reactor));
    assert_eq!(report.unknown_imports, ["env.magic"]);
    assert_eq!(report.exports, ["memory", "alloc", "handle"]);
}

#[test]
fn limits_that_cannot_be_granted_are_the_hosts_fault() {
    let guest = sandbox().load("echo", &reactor(ECHO)).unwrap();
    let mut invocation = event("{}");
    invocation.limits = Limits {
        memory: 1 << 40,
        ..Limits::default()
    };
    let fault = block_on(sandbox().invoke(&guest, invocation)).unwrap_err();
    assert!(
        fault.to_string().contains("above this host's ceiling"),
        "{fault}"
    );
}
