//! The guest that misbehaves on request, when it has been built.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use sandbox::{Access, End, Guest, Invocation, Limits, Outcome, Root};

use crate::common::{at_once, event, run_guest, sandbox, skipped, text};

/// The guest, which `cargo build --profile guest --target wasm32-wasip1 -p faulty` builds beside
/// this test. Compiled once: an unoptimised compiler takes seconds.
static FAULTY: LazyLock<Option<Guest>> = LazyLock::new(|| {
    let test = std::env::current_exe().unwrap();
    let target: PathBuf = test.ancestors().nth(3).unwrap().to_owned();
    let wasm = std::fs::read(target.join("wasm32-wasip1/guest/faulty.wasm")).ok()?;
    Some(sandbox().load("faulty", &wasm).unwrap())
});

/// Gives up a test, aloud, when the guest is missing.
macro_rules! faulty_or_skip {
    () => {
        match &*FAULTY {
            Some(guest) => guest,
            None => return skipped("the guest faulty.wasm has not been built"),
        }
    };
}

fn run(guest: &Guest, invocation: Invocation) -> Outcome {
    run_guest(guest, invocation)
}

fn end(guest: &Guest, invocation: Invocation) -> End {
    run(guest, invocation).end
}

fn patient(invocation: Invocation) -> Invocation {
    // Tests share the machine with each other and with builds.
    let timeout = Duration::from_secs(60);
    Invocation {
        limits: Limits {
            timeout,
            ..invocation.limits.clone()
        },
        ..invocation
    }
}

#[test]
fn every_deed_ends_as_it_should() {
    let faulty = faulty_or_skip!();
    let ask = |deed: &str| end(faulty, patient(event(deed)));
    assert_eq!(text(&ask(r#"{"do":"echo"}"#)), r#"{"do":"echo"}"#);
    assert!(matches!(
        ask(r#"{"do":"allocate"}"#),
        End::OutOfMemory { .. }
    ));
    assert!(matches!(
        ask(r#"{"do":"exit","code":3}"#),
        End::Exited { code: 3, .. }
    ));
    assert!(matches!(ask(r#"{"do":"garbage"}"#), End::Returned(_)));
    let huge = ask(r#"{"do":"huge-output"}"#);
    assert!(
        matches!(
            huge,
            End::OutputTooLarge {
                length: Some(100_000_000),
                ..
            }
        ),
        "{huge:?}"
    );
    let error = ask(r#"{"do":"error","errorType":"Mine","errorMessage":"m"}"#);
    let json = r#"{"errorMessage":"m","errorType":"Mine","stackTrace":[]}"#;
    assert_eq!(error, End::FunctionError(json.into()));
}

#[test]
fn recursion_overflows_the_stack() {
    let faulty = faulty_or_skip!();
    let end = end(faulty, patient(event(r#"{"do":"recurse"}"#)));
    let End::StackOverflow { backtrace } = &end else {
        panic!("{end:?}")
    };
    assert!(backtrace[0].contains("recurse"), "{backtrace:?}");
}

#[test]
fn a_panic_says_where_in_its_log_and_backtrace() {
    let faulty = faulty_or_skip!();
    for deed in [
        r#"{"do":"panic"}"#,
        r#"{"do":"divide-by-zero"}"#,
        r#"{"do":"trap"}"#,
    ] {
        let outcome = run(faulty, patient(event(deed)));
        let End::Trapped { backtrace, .. } = &outcome.end else {
            panic!("{:?}", outcome.end)
        };
        assert!(
            backtrace.iter().any(|frame| frame.contains("handle")),
            "{backtrace:?}"
        );
        if deed.contains("panic") {
            assert!(
                outcome.log[0].contains("faulty/src/lib.rs"),
                "{:?}",
                outcome.log
            );
            assert_eq!(outcome.log[1], "asked to panic");
        }
    }
}

#[test]
fn nothing_of_the_host_is_there() {
    let faulty = faulty_or_skip!();
    let ask = |deed: &str| end(faulty, patient(event(deed)));
    assert_eq!(text(&ask(r#"{"do":"environment"}"#)), "{}");
    for deed in [r#"{"do":"read-outside"}"#, r#"{"do":"socket"}"#] {
        assert!(text(&ask(deed)).contains("refused"), "{deed}");
    }
    let mut invocation = patient(event(r#"{"do":"environment"}"#));
    invocation.environment = vec![("STAGE".to_owned(), "test".to_owned())];
    assert_eq!(text(&end(faulty, invocation)), r#"{"STAGE":"test"}"#);
}

#[test]
fn mounts_are_read_only_unless_said_otherwise() {
    let faulty = faulty_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("d")).unwrap();
    std::fs::write(folder.path().join("d/in"), "hello").unwrap();
    std::fs::write(folder.path().join("out"), "secret").unwrap();
    std::os::unix::fs::symlink("../out", folder.path().join("d/link")).unwrap();
    let root = Root::open(folder.path()).unwrap();
    let ask = |access, deed: &str| {
        let mut invocation = patient(event(deed));
        invocation.mounts = vec![root.mount("d", "/data", access).unwrap()];
        end(faulty, invocation)
    };
    let read = r#"{"do":"read-file","path":"/data/in"}"#;
    assert_eq!(text(&ask(Access::Read, read)), r#""hello""#);
    for path in ["/data/../out", "/data/link", "/etc/passwd"] {
        let deed = format!(r#"{{"do":"read-outside","path":"{path}"}}"#);
        assert!(
            text(&ask(Access::ReadWrite, &deed)).contains("refused"),
            "{path}"
        );
    }
    let write = r#"{"do":"write-file","path":"/data/new","text":"x"}"#;
    assert!(text(&ask(Access::Read, write)).contains("refused"));
    assert_eq!(text(&ask(Access::ReadWrite, write)), r#"{"done":null}"#);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("d/new")).unwrap(),
        "x"
    );
}

#[test]
fn a_folder_of_its_own_is_empty_bounded_and_gone() {
    let faulty = faulty_or_skip!();
    let ask = |scratch, deed: &str| {
        let mut invocation = patient(event(deed));
        invocation.scratch = scratch;
        end(faulty, invocation)
    };
    let write = r#"{"do":"write-file","path":"/tmp/new","text":"x"}"#;
    assert_eq!(text(&ask(Some(1 << 20), write)), r#"{"done":null}"#);
    let read = r#"{"do":"read-outside","path":"/tmp/new"}"#;
    assert!(text(&ask(Some(1 << 20), read)).contains("refused"));
    assert!(text(&ask(None, write)).contains("refused"));
    let much = "x".repeat(100 << 10);
    let flood = format!(r#"{{"do":"write-file","path":"/tmp/new","text":"{much}"}}"#);
    match ask(Some(64 << 10), &flood) {
        End::Trapped { message, .. } => {
            assert_eq!(message, "there is more in /tmp than its 65536 bytes");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(text(&ask(Some(1 << 20), &flood)), r#"{"done":null}"#);
}

#[test]
fn a_flood_on_stderr_is_cut_and_harmless() {
    let faulty = faulty_or_skip!();
    let outcome = run(faulty, patient(event(r#"{"do":"flood-stderr"}"#)));
    assert_eq!(text(&outcome.end), r#"{"lines":100000}"#);
    let kept: usize = outcome.log.iter().map(String::len).sum();
    assert!(kept <= (1 << 20) + 100, "{kept}");
    assert!(
        outcome.log.last().unwrap().contains("dropped"),
        "{:?}",
        outcome.log.last()
    );
}

#[test]
fn sleep_and_clock_are_virtual_and_the_same_each_time() {
    let faulty = faulty_or_skip!();
    let ask = |deed: &str| {
        let limits = Limits {
            timeout: Duration::from_secs(10_000),
            ..Limits::default()
        };
        run(
            faulty,
            Invocation {
                limits,
                ..at_once(deed)
            },
        )
    };
    let slept = ask(r#"{"do":"sleep","seconds":3600}"#);
    assert_eq!(text(&slept.end), r#"{"sleptMs":3600000}"#);
    assert_eq!(
        text(&ask(r#"{"do":"clock"}"#).end),
        r#"{"epochMs":1704067200000}"#
    );
    for deed in [r#"{"do":"random"}"#, r#"{"do":"sleep","seconds":0.5}"#] {
        assert_eq!(ask(deed), ask(deed));
    }
}
