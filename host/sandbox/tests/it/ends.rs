//! One test a row of the table of ends.

use std::time::Duration;

use sandbox::{End, Invocation, Limits};

use crate::common::{ECHO, at_once, command, end, event, reactor, reactor_with, run};

const SHORT: Duration = Duration::from_millis(50);
const SPIN: &str = "(loop $l (br $l)) (unreachable)";

fn limited(limits: Limits) -> Invocation {
    Invocation {
        limits,
        ..event("{}")
    }
}

fn briefly() -> Invocation {
    limited(Limits {
        timeout: SHORT,
        ..Limits::default()
    })
}

#[test]
fn a_result() {
    let outcome = run(&reactor(ECHO), event(r#"{"a":1}"#));
    assert_eq!(outcome.end, End::Returned(br#"{"a":1}"#.to_vec()));
    assert_eq!(outcome.peak_memory, 65_536);
    assert!(outcome.fuel > 0 && outcome.log.is_empty());
}

#[test]
fn an_error_of_the_guests_own() {
    let body = format!("(i64.or (i64.const 0x80000000) {ECHO})");
    let expected = End::FunctionError(b"{\"errorType\":\"E\"}".to_vec());
    assert_eq!(
        end(&reactor(&body), event("{\"errorType\":\"E\"}")),
        expected
    );
}

#[test]
fn spinning_past_the_real_deadline() {
    let outcome = run(&reactor(SPIN), briefly());
    assert_eq!(outcome.end, End::TimedOut { limit: SHORT });
    assert!(
        outcome.elapsed >= SHORT && outcome.elapsed < SHORT * 20,
        "{:?}",
        outcome.elapsed
    );
}

#[test]
fn spinning_while_starting() {
    let wasm = reactor_with(
        "(func $init (export \"_initialize\") (loop $l (br $l)))",
        "(unreachable)",
    );
    assert_eq!(end(&wasm, briefly()), End::TimedOut { limit: SHORT });
}

/// Sleeps for the number of seconds given as nanoseconds at 1024.
const POLL: &str = r#"(import "wasi_snapshot_preview1" "poll_oneoff"
        (func $poll (param i32 i32 i32 i32) (result i32)))
    (data (i32.const 0) "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00" "\01\00\00\00\00\00\00\00"
                        "\00\e4\0b\54\02\00\00\00" "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00")"#;

#[test]
fn asleep_at_the_real_deadline() {
    let body = "(drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))
                (i64.const 0)";
    let outcome = run(&reactor_with(POLL, body), briefly());
    assert_eq!(outcome.end, End::TimedOut { limit: SHORT });
    assert!(outcome.elapsed < SHORT * 20, "{:?}", outcome.elapsed);
}

#[test]
fn out_of_fuel_by_either_clock() {
    let limits = Limits {
        fuel: Some(123_456),
        ..Limits::default()
    };
    for invocation in [event("{}"), at_once("{}")] {
        let outcome = run(
            &reactor(SPIN),
            Invocation {
                limits: limits.clone(),
                ..invocation
            },
        );
        let End::OutOfFuel {
            limit: 123_456,
            backtrace,
        } = &outcome.end
        else {
            panic!("{:?}", outcome.end)
        };
        assert!(
            backtrace[0].starts_with("handle (offset 0x"),
            "{backtrace:?}"
        );
        assert_eq!(outcome.fuel, 123_456);
    }
}

#[test]
fn memory_over_the_limit() {
    let limits = Limits {
        memory: 1 << 20,
        ..Limits::default()
    };
    let grow = "(loop $l (drop (memory.grow (i32.const 1))) (br $l)) (unreachable)";
    let outcome = run(&reactor(grow), limited(limits));
    let End::OutOfMemory {
        limit: 1_048_576,
        backtrace,
    } = &outcome.end
    else {
        panic!("{:?}", outcome.end)
    };
    assert!(backtrace[0].starts_with("handle"), "{backtrace:?}");
    assert_eq!(outcome.peak_memory, 1 << 20);
}

#[test]
fn memory_over_the_limit_from_the_start() {
    let limits = Limits {
        memory: 1000,
        ..Limits::default()
    };
    let expected = End::OutOfMemory {
        limit: 1000,
        backtrace: Vec::new(),
    };
    assert_eq!(end(&reactor(ECHO), limited(limits)), expected);
}

#[test]
fn traps_say_what_and_where() {
    let cases = [
        ("(call $inner) (unreachable)", "unreachable"),
        ("(i64.div_s (i64.const 1) (i64.const 0))", "divide by zero"),
        ("(i64.load (i32.const -8))", "out of bounds"),
    ];
    for (body, what) in cases {
        let end = end(&reactor_with("(func $inner)", body), event("{}"));
        let End::Trapped { message, backtrace } = &end else {
            panic!("{end:?}")
        };
        assert!(message.contains(what), "{message}");
        assert!(
            backtrace[0].starts_with("handle (offset 0x"),
            "{backtrace:?}"
        );
    }
}

#[test]
fn endless_recursion() {
    let fields = "(func $deeper (param i64) (result i64)
        (i64.add (call $deeper (i64.add (local.get 0) (i64.const 1))) (i64.const 1)))";
    let end = end(
        &reactor_with(fields, "(call $deeper (i64.const 0))"),
        event("{}"),
    );
    let End::StackOverflow { backtrace } = &end else {
        panic!("{end:?}")
    };
    assert!(backtrace[0].starts_with("deeper"), "{backtrace:?}");
}

#[test]
fn a_reactor_that_exits() {
    for code in [0, 3, 134] {
        let fields = r#"(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))"#;
        let body = format!("(call $exit (i32.const {code})) (unreachable)");
        let expected = End::Exited {
            code,
            stdout: Vec::new(),
        };
        assert_eq!(end(&reactor_with(fields, &body), event("{}")), expected);
    }
}

#[test]
fn pointers_outside_of_memory() {
    let past = "(i64.const 0x0001_0000_0000_0001)"; // One byte at the end of the only page.
    let bad = |what, pointer, length| End::BadPointer {
        what,
        pointer,
        length,
        memory: 65_536,
    };
    assert_eq!(end(&reactor(past), event("{}")), bad("result", 65_536, 1));
    let last = "(i64.const 0x0000_ffff_0000_0001)";
    assert_eq!(end(&reactor(last), event("{}")), End::Returned(vec![0]));
    let large = "x".repeat(65_000);
    assert_eq!(
        end(&reactor(ECHO), event(&large)),
        bad("event", 4096, 65_000)
    );
    let mut invocation = event("{}");
    invocation.context = large.into();
    assert_eq!(
        end(&reactor(ECHO), invocation),
        bad("context", 4098, 65_000)
    );
}

#[test]
fn a_result_over_the_limit() {
    let limits = Limits {
        output: 10,
        ..Limits::default()
    };
    let invocation = Invocation {
        limits,
        ..event("12345678901")
    };
    let expected = End::OutputTooLarge {
        limit: 10,
        length: Some(11),
    };
    assert_eq!(end(&reactor(ECHO), invocation.clone()), expected);
    let exactly = Invocation {
        event: "1234567890".into(),
        ..invocation
    };
    assert_eq!(
        end(&reactor(ECHO), exactly),
        End::Returned(b"1234567890".to_vec())
    );
}

/// Copies stdin to stdout.
const CAT: &str = "(i32.store (i32.const 0) (i32.const 1024))
    (i32.store (i32.const 4) (i32.const 65536))
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $write (i32.const 1) (i32.const 1024) (i32.load (i32.const 8)))";

#[test]
fn a_command() {
    let exit = |code| format!("{CAT} (call $exit (i32.const {code}))");
    let cat = |body: &str, text: &str| end(&command("", body), event(text));
    assert_eq!(cat(CAT, "{}"), End::Returned(b"{}".to_vec()));
    assert_eq!(cat(&exit(0), "{}"), End::Returned(b"{}".to_vec()));
    let error = r#"{"errorType":"E","errorMessage":"m"}"#;
    assert_eq!(cat(&exit(1), error), End::FunctionError(error.into()));
    assert_eq!(
        cat(&exit(1), "{}"),
        End::Exited {
            code: 1,
            stdout: b"{}".to_vec()
        }
    );
    assert_eq!(
        cat(&exit(255), "x"),
        End::Exited {
            code: 255,
            stdout: b"x".to_vec()
        }
    );
}

#[test]
fn a_command_that_writes_too_much() {
    let limits = Limits {
        output: 10,
        ..Limits::default()
    };
    for after in ["", "(unreachable)", "(call $exit (i32.const 9))"] {
        let wasm = command("", &format!("{CAT} {after}"));
        let invocation = Invocation {
            limits: limits.clone(),
            ..event("12345678901")
        };
        assert_eq!(
            end(&wasm, invocation),
            End::OutputTooLarge {
                limit: 10,
                length: None
            }
        );
    }
    let invocation = Invocation {
        limits,
        ..event("1234567890")
    };
    assert_eq!(
        end(&command("", CAT), invocation),
        End::Returned(b"1234567890".to_vec())
    );
}

#[test]
fn a_log_is_shown_live_and_kept() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = std::sync::Arc::clone(&seen);
    let mut invocation = event("{}");
    invocation.log = Some(std::sync::Arc::new(move |line: &str| {
        sink.lock().unwrap().push(line.to_owned());
    }));
    let fields = r#"(data (i32.const 1024) "one\ntwo\nthree")"#;
    let wasm = command(
        fields,
        "(call $write (i32.const 2) (i32.const 1024) (i32.const 13))",
    );
    let outcome = run(&wasm, invocation);
    assert_eq!(outcome.log, ["one", "two", "three"]);
    assert_eq!(*seen.lock().unwrap(), outcome.log);
}
