//! The virtual clock: sleeps, deadlines and time itself depend on fuel and on nothing else.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sandbox::{Config, End, HostFault, Invocation, Limits, Outcome, Sandbox, Sleeper};
use tokio::sync::oneshot;

use crate::common::{
    Recorder, START, at_once, block_on, event, guest, reactor_with, run, sandbox, small,
    virtual_time,
};

const IMPORTS: &str = r#"
    (import "wasi_snapshot_preview1" "poll_oneoff"
        (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "clock_time_get"
        (func $now (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (func $returned (param $at i32) (param $length i32) (result i64)
        (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32))
                (i64.extend_i32_u (local.get $length))))
    ;; A clock's subscription number $index, of 48 bytes each from 0.
    (func $subscribe (param $index i32) (param $clock i32) (param $nanos i64) (param $flags i32)
        (local $at i32)
        (local.set $at (i32.mul (local.get $index) (i32.const 48)))
        (i64.store (local.get $at) (i64.extend_i32_u (local.get $index)))
        (i32.store offset=16 (local.get $at) (local.get $clock))
        (i64.store offset=24 (local.get $at) (local.get $nanos))
        (i32.store offset=40 (local.get $at) (local.get $flags)))
    ;; Waits for the first $count subscriptions; events from 512, their number at 1024.
    (func $wait (param $count i32)
        (if (call $poll (i32.const 0) (i32.const 512) (local.get $count) (i32.const 1024))
            (then (unreachable))))
    (func $sleep (param $nanos i64)
        (call $subscribe (i32.const 0) (i32.const 1) (local.get $nanos) (i32.const 0))
        (call $wait (i32.const 1)))"#;

const HOUR: i64 = 3_600_000_000_000;

fn module(body: &str) -> Vec<u8> {
    reactor_with(IMPORTS, body)
}

fn with_timeout(timeout: Duration) -> Invocation {
    Invocation {
        limits: Limits {
            timeout,
            ..Limits::default()
        },
        ..at_once("{}")
    }
}

fn number(outcome: &Outcome) -> u64 {
    let End::Returned(bytes) = &outcome.end else {
        panic!("{:?}", outcome.end)
    };
    u64::from_le_bytes(bytes[..8].try_into().unwrap())
}

#[test]
fn a_sleep_takes_virtual_time_only() {
    let recorder = Arc::new(Recorder::default());
    let sleeper = Arc::clone(&recorder) as Arc<dyn Sleeper>;
    let day = Duration::from_secs(86_400);
    let invocation = Invocation {
        time: virtual_time(sleeper),
        ..with_timeout(day)
    };
    let body = format!(
        "(call $sleep (i64.const {HOUR}))
         (drop (call $now (i32.const 0) (i64.const 0) (i32.const 2048)))
         (call $returned (i32.const 2048) (i32.const 8))"
    );
    let outcome = run(&module(&body), invocation);
    let hour = Duration::from_secs(3600);
    let slept = recorder.0.lock().unwrap()[0];
    assert!(slept >= START + hour && slept < START + hour + Duration::from_micros(1));
    let now = Duration::from_nanos(number(&outcome));
    assert!(
        now >= slept && now < slept + Duration::from_micros(1),
        "{now:?}"
    );
    assert!(outcome.elapsed >= hour && outcome.elapsed < hour + Duration::from_micros(1));
}

#[test]
fn spinning_ends_exactly_at_the_deadline() {
    for (millis, fuel_per_second) in [(1, 1_000_000_000), (7, 333_333_333), (20, 1_000_000)] {
        let timeout = Duration::from_millis(millis);
        let mut invocation = with_timeout(timeout);
        invocation.limits.fuel_per_second = fuel_per_second;
        let outcome = run(&module("(loop $l (br $l)) (unreachable)"), invocation);
        assert_eq!(outcome.end, End::TimedOut { limit: timeout });
        assert_eq!(outcome.elapsed, timeout);
        assert_eq!(outcome.fuel, millis * fuel_per_second / 1000);
    }
}

#[test]
fn sleep_and_work_share_one_deadline() {
    let timeout = Duration::from_secs(3601);
    let mut invocation = with_timeout(timeout);
    invocation.limits.fuel_per_second = 1_000_000;
    let body = format!("(call $sleep (i64.const {HOUR})) (loop $l (br $l)) (unreachable)");
    let outcome = run(&module(&body), invocation);
    assert_eq!(
        (outcome.end, outcome.elapsed),
        (End::TimedOut { limit: timeout }, timeout)
    );
    assert!(
        (990_000..=1_000_000).contains(&outcome.fuel),
        "{}",
        outcome.fuel
    );
}

#[test]
fn sleeping_past_the_deadline_ends_at_it() {
    let recorder = Arc::new(Recorder::default());
    let sleeper = Arc::clone(&recorder) as Arc<dyn Sleeper>;
    let timeout = Duration::from_secs(3);
    let invocation = Invocation {
        time: virtual_time(sleeper),
        ..with_timeout(timeout)
    };
    let body = format!("(call $sleep (i64.const {HOUR})) (i64.const 0)");
    let outcome = run(&module(&body), invocation);
    assert_eq!(
        (outcome.end, outcome.elapsed),
        (End::TimedOut { limit: timeout }, timeout)
    );
    assert_eq!(*recorder.0.lock().unwrap(), [START + timeout]);
}

#[test]
fn fuel_below_the_timeout_ends_as_out_of_fuel() {
    let mut invocation = with_timeout(Duration::from_secs(3));
    invocation.limits.fuel = Some(5_000);
    let outcome = run(&module("(loop $l (br $l)) (unreachable)"), invocation);
    assert!(
        matches!(outcome.end, End::OutOfFuel { limit: 5_000, .. }),
        "{:?}",
        outcome.end
    );
    assert_eq!(outcome.elapsed, Duration::from_micros(5));
}

/// Of several subscriptions the earliest wakes; absolute ones count from the epoch or the start.
#[test]
fn the_earliest_subscription_wakes() {
    let start = START.as_nanos();
    let body = format!(
        "(call $subscribe (i32.const 0) (i32.const 1) (i64.const {HOUR}) (i32.const 0))
         (call $subscribe (i32.const 1) (i32.const 0) (i64.const {}) (i32.const 1))
         (call $subscribe (i32.const 2) (i32.const 1) (i64.const 2000000000) (i32.const 1))
         (call $wait (i32.const 3))
         (i64.store (i32.const 2048) (i64.load32_u (i32.const 1024)))
         (i64.store (i32.const 2056) (i64.load (i32.const 512)))
         (call $returned (i32.const 2048) (i32.const 16))",
        start + 1_500_000_000
    );
    let outcome = run(&module(&body), with_timeout(Duration::from_secs(10_000)));
    let End::Returned(bytes) = &outcome.end else {
        panic!("{:?}", outcome.end)
    };
    assert_eq!(
        *bytes,
        [1u64.to_le_bytes(), 1u64.to_le_bytes()].concat(),
        "one event, number 1"
    );
    assert!(outcome.elapsed >= Duration::from_millis(1500));
    assert!(outcome.elapsed < Duration::from_millis(1501));
}

/// With a file among the subscriptions nothing sleeps: files are always ready.
#[test]
fn a_file_is_ready_at_once() {
    let body = format!(
        "(call $subscribe (i32.const 0) (i32.const 1) (i64.const {HOUR}) (i32.const 0))
         (i64.store (i32.const 48) (i64.const 77))
         (i32.store8 (i32.const 56) (i32.const 2))
         (i32.store (i32.const 64) (i32.const 1))
         (call $wait (i32.const 2))
         (call $returned (i32.const 512) (i32.const 32))"
    );
    let outcome = run(&module(&body), at_once("{}"));
    assert_eq!(number(&outcome), 77);
    assert!(
        outcome.elapsed < Duration::from_millis(1),
        "{:?}",
        outcome.elapsed
    );
}

#[test]
fn bad_subscriptions_are_refused() {
    let body = "(i64.store (i32.const 2048) (i64.extend_i32_u (i32.add
            (i32.mul (i32.const 1000)
                (call $poll (i32.const 0) (i32.const 512) (i32.const 0) (i32.const 1024)))
            (call $poll (i32.const -96) (i32.const 512) (i32.const 3) (i32.const 1024)))))
        (call $returned (i32.const 2048) (i32.const 8))";
    assert_eq!(number(&run(&module(body), at_once("{}"))), 28_021);
}

/// Everything a guest can look at, twice: the same bytes, the same fuel.
#[test]
fn the_same_invocation_gives_the_same_outcome() {
    let body = "(drop (call $random (i32.const 2048) (i32.const 100)))
        (call $sleep (i64.load32_u (i32.const 2048)))
        (drop (call $now (i32.const 0) (i64.const 0) (i32.const 2200)))
        (drop (call $now (i32.const 1) (i64.const 0) (i32.const 2208)))
        (call $returned (i32.const 2048) (i32.const 200))";
    let wasm = module(body);
    let first = run(&wasm, with_timeout(Duration::from_secs(60)));
    assert!(matches!(first.end, End::Returned(_)), "{:?}", first.end);
    for _ in 0..20 {
        assert_eq!(run(&wasm, with_timeout(Duration::from_secs(60))), first);
    }
    let other = Invocation {
        seed: Some([2; 32]),
        ..with_timeout(Duration::from_secs(60))
    };
    assert_ne!(run(&wasm, other).end, first.end);
}

/// Wakes sleepers one at a time, earliest first, when every guest sleeps.
#[derive(Clone, Default)]
struct Clock(Arc<Mutex<Sleepers>>);

type Sleepers = BTreeMap<Duration, oneshot::Sender<()>>;

impl Sleeper for Clock {
    fn sleep_until(&self, until: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let (wake, woken) = oneshot::channel();
        assert!(
            self.0.lock().unwrap().insert(until, wake).is_none(),
            "two at one instant"
        );
        Box::pin(async move { woken.await.unwrap() })
    }
}

#[test]
fn guests_wake_in_the_order_of_virtual_time() {
    const GUESTS: usize = 50;
    // Sleeps as many seconds as the event says, in its first byte.
    let body = format!(
        "(call $sleep (i64.mul (i64.load8_u (local.get $event)) (i64.const 1000000000))) {}",
        crate::common::ECHO
    );
    let guest = guest(&module(&body));
    let clock = Clock::default();
    let order = Arc::new(Mutex::new(Vec::new()));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..GUESTS)
            .map(|index| {
                let seconds = u8::try_from((index * 37) % GUESTS + 1).unwrap();
                let mut invocation = with_timeout(Duration::from_secs(1000));
                invocation.time = virtual_time(Arc::new(clock.clone()));
                invocation.event = vec![seconds].into();
                let (guest, order) = (guest.clone(), Arc::clone(&order));
                tokio::spawn(async move {
                    let outcome = sandbox().invoke(&guest, invocation).await.unwrap();
                    assert_eq!(outcome.end, End::Returned(vec![seconds]));
                    order.lock().unwrap().push(seconds);
                })
            })
            .collect();
        for woken in 0..GUESTS {
            while clock.0.lock().unwrap().len() < GUESTS - woken
                || order.lock().unwrap().len() < woken
            {
                tokio::task::yield_now().await;
            }
            let (_, wake) = clock.0.lock().unwrap().pop_first().unwrap();
            wake.send(()).unwrap();
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
    let woken = order.lock().unwrap().clone();
    assert!(woken.is_sorted(), "{woken:?}");
}

/// A guest that sleeps for ever, in virtual time that never moves.
struct Never;

impl Sleeper for Never {
    fn sleep_until(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::pending())
    }
}

#[test]
fn a_guest_that_no_sleeper_could_make_room_for_is_a_host_fault() {
    let config = Config {
        max_guests: 1,
        ..small()
    };
    let sandbox = Sandbox::new(config).unwrap();
    let body = format!("(call $sleep (i64.const {HOUR})) (i64.const 0)");
    let guest = sandbox.load("sleeper", &module(&body)).unwrap();
    let invocation = || Invocation {
        time: virtual_time(Arc::new(Never)),
        ..with_timeout(Duration::from_secs(10_000))
    };
    block_on(async {
        let asleep = tokio::spawn({
            let (sandbox, guest, invocation) = (sandbox.clone(), guest.clone(), invocation());
            async move { sandbox.invoke(&guest, invocation).await }
        });
        tokio::task::yield_now().await;
        let fault = sandbox.invoke(&guest, invocation()).await.unwrap_err();
        assert!(
            matches!(fault, HostFault::AllAsleep { guests: 1 }),
            "{fault}"
        );
        asleep.abort();
        assert!(asleep.await.unwrap_err().is_cancelled());
        let real = sandbox
            .invoke(
                &guest,
                Invocation {
                    limits: short(),
                    ..event("{}")
                },
            )
            .await;
        assert!(
            matches!(real.unwrap().end, End::TimedOut { .. }),
            "the place is free again"
        );
    });
}

fn short() -> Limits {
    Limits {
        timeout: Duration::from_millis(20),
        ..Limits::default()
    }
}

#[test]
fn the_wall_limit_is_a_host_fault() {
    let config = Config {
        wall_limit: Duration::from_millis(50),
        ..small()
    };
    let sandbox = Sandbox::new(config).unwrap();
    let guest = sandbox
        .load("spin", &module("(loop $l (br $l)) (unreachable)"))
        .unwrap();
    let invocation = with_timeout(Duration::from_secs(1_000_000));
    let fault = block_on(sandbox.invoke(&guest, invocation)).unwrap_err();
    assert!(matches!(fault, HostFault::WallLimit { .. }), "{fault}");
}
