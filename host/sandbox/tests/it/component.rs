//! Components of the world: every way to end, the clock, what is refused.

use std::time::Duration;

use sandbox::{Contract, End, Invocation, Limits, Prebuilt, Sandbox};
use sha2::{Digest, Sha256};

use crate::common::{START, at_once, block_on, event, run, sandbox, small};

/// A component whose `handle` has this body; it returns the address of a result: whether it is an error at 0, the
/// address of the text at 4, its length at 8.
fn component(body: &str) -> Vec<u8> {
    with_imports("", "", "", body)
}

/// The same with imports, the core module's imports, and the instance that they are had from.
fn with_imports(imports: &str, core_imports: &str, with: &str, body: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            {imports}
            (core module $m
                {core_imports}
                (memory (export "memory") 1)
                (global $free (mut i32) (i32.const 4096))
                (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                    (global.get $free)
                    (global.set $free (i32.add (global.get $free) (local.get 3))))
                (func $answer (param $error i32) (param $at i32) (param $length i32) (result i32)
                    (i32.store (i32.const 0) (local.get $error))
                    (i32.store (i32.const 4) (local.get $at))
                    (i32.store (i32.const 8) (local.get $length))
                    (i32.const 0))
                (func $handle (export "handle")
                    (param $event i32) (param $length i32) (param $context i32) (param $context_length i32)
                    (result i32)
                    {body}))
            (core instance $i (instantiate $m {with}))
            (func (export "handle") (param "event" string) (param "context" string)
                (result (result string (error string)))
                (canon lift (core func $i "handle") (memory (core memory $i "memory"))
                    (realloc (core func $i "realloc")))))"#
    );
    wat::parse_str(text).unwrap()
}

const ECHO: &str = "(call $answer (i32.const 0) (local.get $event) (local.get $length))";

/// Imports of the clock and of polling, lowered, with what they are called in the core module.
const CLOCK: [&str; 3] = [
    r#"(import "wasi:io/poll@0.2.0" (instance $poll
            (export "pollable" (type $p (sub resource)))
            (export "[method]pollable.block" (func (param "self" (borrow $p))))))
        (alias export $poll "pollable" (type $pollable))
        (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
            (alias outer 1 $pollable (type $p))
            (export "pollable" (type (eq $p)))
            (export "now" (func (result u64)))
            (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
        (core func $block (canon lower (func $poll "[method]pollable.block")))
        (core func $drop (canon resource.drop $pollable))
        (core func $now (canon lower (func $clock "now")))
        (core func $after (canon lower (func $clock "subscribe-duration")))"#,
    r#"(import "wasi" "block" (func $block (param i32)))
        (import "wasi" "drop" (func $drop (param i32)))
        (import "wasi" "now" (func $now (result i64)))
        (import "wasi" "after" (func $after (param i64) (result i32)))"#,
    r#"(with "wasi" (instance (export "block" (func $block)) (export "drop" (func $drop))
            (export "now" (func $now)) (export "after" (func $after))))"#,
];

/// Sleeps for an hour and answers with the eight bytes of the monotonic clock, as digits.
fn sleeper() -> Vec<u8> {
    let body = "(local $pollable i32) (local $now i64) (local $at i32)
        (local.set $pollable (call $after (i64.const 3600000000000)))
        (call $block (local.get $pollable))
        (call $drop (local.get $pollable))
        (local.set $now (i64.div_u (call $now) (i64.const 1000000000)))
        (local.set $at (i32.const 108))
        (loop $digit
            (local.set $at (i32.sub (local.get $at) (i32.const 1)))
            (i32.store8 (local.get $at)
                (i32.wrap_i64 (i64.add (i64.const 48) (i64.rem_u (local.get $now) (i64.const 10)))))
            (local.set $now (i64.div_u (local.get $now) (i64.const 10)))
            (br_if $digit (i32.gt_u (local.get $at) (i32.const 100))))
        (call $answer (i32.const 0) (i32.const 100) (i32.const 8))";
    with_imports(CLOCK[0], CLOCK[1], CLOCK[2], body)
}

#[test]
fn a_result_and_an_error_are_what_it_says() {
    let outcome = run(&component(ECHO), event("{\"a\":1}"));
    assert_eq!(outcome.end, End::Returned(b"{\"a\":1}".to_vec()));
    assert!(outcome.fuel > 0 && outcome.peak_memory == 64 << 10);
    let body = "(call $answer (i32.const 1) (local.get $context) (local.get $context_length))";
    let outcome = run(&component(body), event("{}"));
    assert_eq!(outcome.end, End::FunctionError(b"{}".to_vec()));
}

#[test]
fn its_limits_are_those_of_every_guest() {
    let limited = |limits: Limits| Invocation {
        limits,
        ..at_once("{}")
    };
    let endless = component("(loop $l (br $l)) (unreachable)");
    let outcome = run(&endless, at_once("{}"));
    assert_eq!(
        outcome.end,
        End::TimedOut {
            limit: Duration::from_secs(3)
        }
    );
    let quick = Limits {
        timeout: Duration::from_millis(30),
        ..Limits::default()
    };
    let outcome = run(
        &endless,
        Invocation {
            limits: quick.clone(),
            ..event("{}")
        },
    );
    assert_eq!(
        outcome.end,
        End::TimedOut {
            limit: quick.timeout
        }
    );
    let fuel = Limits {
        fuel: Some(1000),
        ..Limits::default()
    };
    assert!(matches!(
        run(&endless, limited(fuel)).end,
        End::OutOfFuel { limit: 1000, .. }
    ));
    let grows = component("(drop (memory.grow (i32.const 100))) (unreachable)");
    let memory = Limits {
        memory: 1 << 20,
        ..Limits::default()
    };
    assert!(matches!(
        run(&grows, limited(memory)).end,
        End::OutOfMemory {
            limit: 1_048_576,
            ..
        }
    ));
    let output = Limits {
        output: 4,
        ..Limits::default()
    };
    let too_large = Invocation {
        limits: output,
        ..at_once("12345")
    };
    assert_eq!(
        run(&component(ECHO), too_large).end,
        End::OutputTooLarge {
            limit: 4,
            length: Some(5)
        }
    );
    assert!(matches!(
        run(&component("(unreachable)"), at_once("{}")).end,
        End::Trapped { .. }
    ));
    let recursion = "(call $handle (local.get 0) (local.get 1) (local.get 2) (local.get 3))";
    assert!(matches!(
        run(&component(recursion), at_once("{}")).end,
        End::StackOverflow { .. }
    ));
}

/// What it says of its text is not believed before it is checked.
#[test]
fn a_text_outside_of_its_memory_or_not_utf8_is_a_trap() {
    let outside = "(call $answer (i32.const 0) (i32.const 65530) (i32.const 100))";
    assert!(matches!(
        run(&component(outside), at_once("{}")).end,
        End::Trapped { .. }
    ));
    let broken = "(i32.store8 (i32.const 200) (i32.const 255)) (call $answer (i32.const 0) (i32.const 200) (i32.const 1))";
    assert!(matches!(
        run(&component(broken), at_once("{}")).end,
        End::Trapped { .. }
    ));
}

#[test]
fn an_hour_of_sleep_takes_no_time_under_the_virtual_clock() {
    let mut hour = at_once("{}");
    hour.limits.timeout = Duration::from_secs(7200);
    let outcome = run(&sleeper(), hour.clone());
    assert_eq!(outcome.end, End::Returned(b"00003600".to_vec()));
    assert!(outcome.elapsed >= Duration::from_secs(3600));
    assert_eq!(run(&sleeper(), hour), outcome);
    let outcome = run(&sleeper(), at_once("{}"));
    assert_eq!(
        outcome.end,
        End::TimedOut {
            limit: Duration::from_secs(3)
        }
    );
    assert!(START > Duration::ZERO);
}

#[test]
fn what_is_not_of_the_world_is_refused_by_name() {
    let error = |text: &str| {
        let wasm = wat::parse_str(text).unwrap();
        sandbox().load("c", &wasm).unwrap_err().to_string()
    };
    let missing = error("(component)");
    assert!(
        missing.contains("a component needs an exported handle: func(event: string"),
        "{missing}"
    );
    let other = error(
        r#"(component (core module $m (func (export "f"))) (core instance $i (instantiate $m))
            (func (export "handle") (canon lift (core func $i "f"))))"#,
    );
    assert!(other.ends_with("(it has another type)"), "{other}");
    let imports = with_imports(
        r#"(import "wasi:http/types@0.2.0" (instance))
        (import "acme:bank/pay" (func))"#,
        "",
        "",
        ECHO,
    );
    let unknown = sandbox().load("c", &imports).unwrap_err().to_string();
    assert!(unknown.contains("acme:bank/pay"), "{unknown}");
}

#[test]
fn a_report_says_what_it_could_touch() {
    let report = sandbox().inspect(&sleeper()).unwrap();
    assert_eq!(report.contract, Ok(Contract::Component));
    assert_eq!(
        report.imports,
        ["wasi:io/poll@0.2.0", "wasi:clocks/monotonic-clock@0.2.0"]
    );
    assert!(report.unknown_imports.is_empty() && report.reach.clocks && !report.reach.files);
    assert_eq!(
        (report.exports.as_slice(), report.memory_min),
        (&["handle".to_owned()][..], 64 << 10)
    );
}

/// A file that is known is not read again once its code is kept; another file under its name is not taken for it.
#[test]
fn a_prebuilt_file_is_read_only_to_compile_it() {
    let folder = tempfile::tempdir().unwrap();
    let wasm = component(ECHO);
    let mut prebuilt = Prebuilt {
        path: folder.path().join("echo.wasm"),
        sha256: Sha256::digest(&wasm).into(),
        contract: Contract::Component,
    };
    let config = sandbox::Config {
        cache_dir: Some(folder.path().join("cache")),
        ..small()
    };
    let first = Sandbox::new(config.clone()).unwrap();
    let error = |prebuilt: &Prebuilt| {
        first
            .load_prebuilt("echo", prebuilt)
            .unwrap_err()
            .to_string()
    };
    assert!(
        error(&prebuilt).contains("echo.wasm: "),
        "{}",
        error(&prebuilt)
    );
    std::fs::write(&prebuilt.path, b"\0asm other").unwrap();
    assert!(error(&prebuilt).ends_with("its SHA-256 is another"));
    std::fs::write(&prebuilt.path, &wasm).unwrap();
    first.load_prebuilt("echo", &prebuilt).unwrap();
    std::fs::remove_file(&prebuilt.path).unwrap();
    let second = Sandbox::new(config).unwrap();
    let guest = second.load_prebuilt("echo", &prebuilt).unwrap();
    let outcome = block_on(second.invoke(&guest, event("7"))).unwrap();
    assert_eq!(outcome.end, End::Returned(b"7".to_vec()));
    prebuilt.contract = Contract::Reactor;
    assert!(second.load_prebuilt("echo", &prebuilt).is_err());
}
