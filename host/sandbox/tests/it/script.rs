//! Scripts: every way to end, on the installed runtime of JavaScript.
//!
//! The runtime is below the cache folder that `WF_HOST_TEST_RUNTIMES` names. Without it these tests do nothing, and
//! say so.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sandbox::{Access, Contract, End, Guest, Limits, Outcome, Prebuilt, Root, SnapshotError};
use sha2::{Digest, Sha256};

use crate::common::{at_once, block_on, sandbox};

/// Where the module is, if it is installed.
fn installed() -> Option<PathBuf> {
    let Some(cache) = std::env::var_os("WF_HOST_TEST_RUNTIMES") else {
        eprintln!(
            "SKIPPED: WF_HOST_TEST_RUNTIMES names no cache folder with a runtime of JavaScript"
        );
        return None;
    };
    let found = wasm_below(&PathBuf::from(cache).join("runtimes").join("node"));
    if found.is_none() {
        eprintln!("SKIPPED: the runtime of JavaScript is not installed");
    }
    found
}

fn wasm_below(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).find_map(|path| {
        let is_wasm = path.extension().is_some_and(|end| end == "wasm");
        if is_wasm {
            Some(path)
        } else {
            wasm_below(&path)
        }
    })
}

fn guest() -> Option<Guest> {
    Some(sandbox().load_prebuilt("script", &prebuilt()?).unwrap())
}

/// What is installed, as whoever installed it says that it is.
fn prebuilt() -> Option<Prebuilt> {
    let path = installed()?;
    let sha256 = Sha256::digest(std::fs::read(&path).unwrap()).into();
    Some(Prebuilt {
        path,
        sha256,
        contract: Contract::Script,
    })
}

const CONTEXT: &str = r#"{"functionName":"f","functionVersion":"$LATEST","invokedFunctionArn":"arn","memoryLimitInMB":128,
    "awsRequestId":"id","logGroupName":"g","logStreamName":"s","deadlineMs":1704067203000}"#;

/// Runs a file `index.js` whose handler has this body, under the virtual clock.
fn run(guest: &Guest, body: &str, limits: Limits) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let source = format!("exports.handler = async (event) => {{ {body} }};");
    std::fs::write(folder.path().join("index.js"), source).unwrap();
    let root = Root::open(folder.path()).unwrap();
    let mut invocation = at_once(r#"{"n":1}"#);
    invocation.context = CONTEXT.into();
    invocation.environment = vec![("_HANDLER".into(), "index.handler".into())];
    invocation.mounts = vec![root.mount(".", "/var/task", Access::Read).unwrap()];
    invocation.scratch = Some(1 << 20);
    invocation.limits = limits;
    block_on(sandbox().invoke(guest, invocation)).unwrap()
}

fn returned(outcome: &Outcome) -> String {
    match &outcome.end {
        End::Returned(bytes) => String::from_utf8(bytes.clone()).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_engine_is_refused() {
    let made = block_on(sandbox().snapshot_script(b"\0asm\x01\0\0\0", &[], "/x"));
    assert!(matches!(made, Err(SnapshotError::Engine(_))), "{made:?}");
}

#[test]
fn a_handler_gives_its_result() {
    let Some(guest) = guest() else { return };
    assert_eq!(guest.contract(), Contract::Script);
    let outcome = run(&guest, "return { twice: 2 * event.n };", Limits::default());
    assert_eq!(returned(&outcome), r#"{"twice":2}"#);
}

#[test]
fn an_error_is_the_functions_own() {
    let Some(guest) = guest() else { return };
    let outcome = run(&guest, "throw new TypeError('why');", Limits::default());
    let End::FunctionError(payload) = outcome.end else {
        panic!("{:?}", outcome.end);
    };
    let payload = String::from_utf8(payload).unwrap();
    assert!(
        payload.starts_with(
            r#"{"errorType":"TypeError","errorMessage":"why","trace":["TypeError: why","    at "#
        ),
        "{payload}"
    );
}

#[test]
fn sleeping_takes_virtual_time() {
    let Some(guest) = guest() else { return };
    let body = "const t = Date.now(); await new Promise((r) => setTimeout(r, 3600000)); return Math.round((Date.now() - t) / 1000);";
    let limits = Limits {
        timeout: Duration::from_secs(7200),
        ..Limits::default()
    };
    let outcome = run(&guest, body, limits);
    assert_eq!(returned(&outcome), "3600");
    assert!(outcome.elapsed >= Duration::from_secs(3600));
}

#[test]
fn a_sleep_past_the_timeout_and_an_endless_loop_time_out() {
    let Some(guest) = guest() else { return };
    for body in [
        "await new Promise((r) => setTimeout(r, 60000));",
        "for (;;);",
    ] {
        let limits = Limits {
            timeout: Duration::from_secs(1),
            ..Limits::default()
        };
        let limit = limits.timeout;
        assert_eq!(
            run(&guest, body, limits).end,
            End::TimedOut { limit },
            "{body}"
        );
    }
}

#[test]
fn deep_recursion_is_an_error_that_can_be_caught() {
    let Some(guest) = guest() else { return };
    let body = "const f = (n) => 1 + f(n); try { return f(1); } catch (e) { return `${e.name}: ${e.message}`; }";
    let outcome = run(&guest, body, Limits::default());
    assert_eq!(
        returned(&outcome),
        r#""RangeError: Maximum call stack size exceeded""#
    );
}

#[test]
fn memory_and_output_are_limited() {
    let Some(guest) = guest() else { return };
    let limits = Limits {
        memory: 32 << 20,
        ..Limits::default()
    };
    let body = "const kept = []; for (;;) kept.push(new Uint8Array(1 << 20));";
    let end = run(&guest, body, limits).end;
    assert!(matches!(end, End::OutOfMemory { .. }), "{end:?}");
    let limits = Limits {
        output: 100,
        ..Limits::default()
    };
    let end = run(&guest, "return 'x'.repeat(100);", limits).end;
    let length = Some(102);
    assert_eq!(end, End::OutputTooLarge { limit: 100, length });
}

/// A module that loads a module, which requires one, where there is room for a single guest.
#[test]
fn modules_are_loaded_where_there_is_room_for_one_guest() {
    let Some(prebuilt) = prebuilt() else { return };
    let folder = tempfile::tempdir().unwrap();
    let files = [
        (
            "index.mjs",
            "import { b } from './b.mjs'; export const handler = async () => b;",
        ),
        (
            "b.mjs",
            "import c from './c.cjs'; export const b = c.n + (await import('./d.mjs')).d;",
        ),
        ("c.cjs", "exports.n = require('./e.cjs').n;"),
        (
            "d.mjs",
            "import { createRequire } from 'node:module'; export const d = createRequire(import.meta.url)('./e.cjs').n;",
        ),
        ("e.cjs", "exports.n = 21;"),
    ];
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let config = sandbox::Config {
        max_guests: 1,
        ..sandbox::Config::default()
    };
    let small = sandbox::Sandbox::new(config).unwrap();
    let guest = small.load_prebuilt("script", &prebuilt).unwrap();
    let mut invocation = at_once("{}");
    invocation.context = CONTEXT.into();
    invocation.environment = vec![("_HANDLER".into(), "index.handler".into())];
    let root = Root::open(folder.path()).unwrap();
    invocation.mounts = vec![root.mount(".", "/var/task", Access::Read).unwrap()];
    let outcome = block_on(small.invoke(&guest, invocation)).unwrap();
    assert_eq!(outcome.end, End::Returned(b"42".to_vec()));
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let Some(guest) = guest() else { return };
    let body = "return [Math.random(), require('crypto').randomUUID(), process.hrtime(), Object.keys(globalThis)];";
    let once = run(&guest, body, Limits::default());
    let again = run(&guest, body, Limits::default());
    assert_eq!(once, again);
}

#[test]
fn nothing_stays_for_the_next_invocation() {
    let Some(guest) = guest() else { return };
    let body = "const fs = require('fs'); globalThis.n = (globalThis.n ?? 0) + 1; \
        fs.appendFileSync('/tmp/n', 'x'); return [globalThis.n, fs.readFileSync('/tmp/n', 'utf8')];";
    for _ in 0..2 {
        let outcome = run(&guest, body, Limits::default());
        assert_eq!(returned(&outcome), r#"[1,"x"]"#);
    }
}

#[test]
fn a_script_reaches_only_what_is_mounted() {
    let Some(guest) = guest() else { return };
    let body = "const fs = require('fs'); const told = []; \
        for (const path of ['/etc/passwd', '/var/task/../../../etc/passwd']) { \
            try { fs.readFileSync(path); told.push('read'); } catch (e) { told.push(e.code); } } \
        try { fs.writeFileSync('/var/task/x', ''); told.push('written'); } catch (e) { told.push(e.code); } \
        return told;";
    let outcome = run(&guest, body, Limits::default());
    assert_eq!(returned(&outcome), r#"["ENOENT","ENOENT","EROFS"]"#);
}

/// One within the other without end: what is refused is refused the script, and no other guest goes without a stack.
#[test]
fn code_that_runs_code_is_not_nested_without_end() {
    let Some(guest) = guest() else { return };
    let body = "const vm = require('vm'); globalThis.down = (n) => { try { return vm.runInThisContext('down(' + (n + 1) + ')'); } \
        catch (error) { return [n, error.message]; } }; return down(0);";
    let outcome = run(&guest, body, Limits::default());
    let said = returned(&outcome);
    assert!(said.contains("wf-host: code that runs code"), "{said}");
}

/// Nothing but a file whose owner vouches for it is taken for a script engine, whatever it exports.
#[test]
fn a_module_cannot_pass_itself_off_as_a_script_engine() {
    let Some(prebuilt) = prebuilt() else { return };
    let wasm = std::fs::read(&prebuilt.path).unwrap();
    let error = sandbox().load("mine", &wasm).unwrap_err().to_string();
    assert!(error.contains("keeps none of the contracts"), "{error}");
    let command = crate::common::command("", "");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("command.wasm");
    std::fs::write(&path, &command).unwrap();
    let wrong = Prebuilt {
        path,
        sha256: Sha256::digest(&command).into(),
        contract: Contract::Script,
    };
    assert!(sandbox().load_prebuilt("mine", &wrong).is_err());
}
