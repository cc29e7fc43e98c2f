//! What befalls a guest on purpose is as real as what it does to itself.

use std::time::Duration;

use sandbox::{Disruption, End, Invocation, Limits};

use crate::common::{ECHO, at_once, command, event, reactor, run};

fn disrupted(by: Disruption, invocation: Invocation) -> Invocation {
    Invocation {
        disruption: Some(by),
        ..invocation
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_delay_is_the_guests_own_time() {
    let delayed = disrupted(Disruption::Delay(2 * SECOND), at_once("{}"));
    let outcome = run(&reactor(ECHO), delayed);
    assert_eq!(outcome.end, End::Returned(b"{}".to_vec()));
    assert!(outcome.elapsed >= 2 * SECOND && outcome.elapsed < 3 * SECOND);
}

#[test]
fn a_delay_beyond_the_timeout_ends_at_the_timeout_and_runs_nothing() {
    let limit = Limits::default().timeout;
    for time in [limit, Duration::MAX] {
        let outcome = run(
            &reactor("unreachable"),
            disrupted(Disruption::Delay(time), at_once("{}")),
        );
        assert_eq!(outcome.end, End::TimedOut { limit });
        assert_eq!((outcome.elapsed, outcome.fuel), (limit, 0));
    }
}

#[test]
fn a_delay_under_the_real_clock_ends_at_the_timeout() {
    let limit = Duration::from_millis(20);
    let mut invocation = disrupted(Disruption::Delay(Duration::MAX), event("{}"));
    invocation.limits.timeout = limit;
    assert_eq!(run(&reactor(ECHO), invocation).end, End::TimedOut { limit });
}

#[test]
fn a_guest_traps_where_it_computes() {
    let outcome = run(&reactor(ECHO), disrupted(Disruption::Trap, at_once("{}")));
    let End::Trapped { message, backtrace } = outcome.end else {
        panic!("{:?}", outcome.end)
    };
    assert!(message.contains("injected"), "{message}");
    assert!(!backtrace.is_empty());
    assert!(outcome.fuel < 100, "{}", outcome.fuel);
}

#[test]
fn a_guest_exits_where_it_computes() {
    for wasm in [
        reactor(ECHO),
        command(
            "",
            "(call $write (i32.const 1) (i32.const 0) (i32.const 1))",
        ),
    ] {
        let outcome = run(&wasm, disrupted(Disruption::Exit(3), at_once("{}")));
        assert!(
            matches!(outcome.end, End::Exited { code: 3, .. }),
            "{:?}",
            outcome.end
        );
    }
}

#[test]
fn less_memory_than_a_guest_begins_with_is_out_of_memory() {
    let mut invocation = at_once("{}");
    invocation.limits.memory = 1 << 10;
    let outcome = run(&reactor(ECHO), invocation);
    assert!(
        matches!(outcome.end, End::OutOfMemory { limit: 1024, .. }),
        "{:?}",
        outcome.end
    );
}
