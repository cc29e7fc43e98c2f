//! Small modules, and what is the same in most tests.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use sandbox::{Config, End, Guest, Invocation, Outcome, Sandbox, Sleeper, Time};

/// 2024-01-01T00:00:00Z.
pub const START: Duration = Duration::from_secs(1_704_067_200);

static SHARED: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::new(small()).unwrap());

/// A sandbox for the tests that do not care which.
pub fn sandbox() -> &'static Sandbox {
    &SHARED
}

/// A pool that is quick to reserve.
pub fn small() -> Config {
    Config {
        max_guests: 100,
        ..Config::default()
    }
}

/// A reactor whose `handle` has this body; the parameters are $event, $length, $context and
/// $context_length.
pub fn reactor(body: &str) -> Vec<u8> {
    reactor_with("", body)
}

/// The same with further fields of the module before the functions.
pub fn reactor_with(fields: &str, body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            {fields}
            (memory (export "memory") 1)
            (global $free (mut i32) (i32.const 4096))
            (func (export "alloc") (param $size i32) (result i32)
                (global.get $free)
                (global.set $free (i32.add (global.get $free) (local.get $size))))
            (func $handle (export "handle")
                (param $event i32) (param $length i32) (param $context i32) (param $context_length i32)
                (result i64)
                {body}))"#
    );
    wat::parse_str(text).unwrap()
}

/// A command with this `_start`, and fields before it, that may import WASI.
pub fn command(fields: &str, body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write"
                (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_read"
                (func $fd_read (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 4)
            {fields}
            ;; Writes the bytes at $at to a descriptor.
            (func $write (param $fd i32) (param $at i32) (param $length i32)
                (i32.store (i32.const 0) (local.get $at))
                (i32.store (i32.const 4) (local.get $length))
                (drop (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
            (func (export "_start") {body}))"#
    );
    wat::parse_str(text).unwrap()
}

/// The event as the result: pointer in the high half, length in the low one.
pub const ECHO: &str = "(i64.or (i64.shl (i64.extend_i32_u (local.get $event)) (i64.const 32))
                                (i64.extend_i32_u (local.get $length)))";

pub fn guest(wasm: &[u8]) -> Guest {
    sandbox().load("test", wasm).unwrap()
}

pub fn event(event: &str) -> Invocation {
    Invocation::new(event.to_owned(), "{}")
}

/// An invocation by the virtual clock, whose sleeps take no time.
pub fn at_once(text: &str) -> Invocation {
    Invocation {
        time: virtual_time(Arc::new(Instant)),
        seed: Some([1; 32]),
        ..event(text)
    }
}

pub fn virtual_time(sleeper: Arc<dyn Sleeper>) -> Time {
    Time::Virtual {
        start: START,
        sleeper,
    }
}

/// Runs a guest to its end on a runtime of its own.
pub fn run(wasm: &[u8], invocation: Invocation) -> Outcome {
    run_guest(&guest(wasm), invocation)
}

pub fn run_guest(guest: &Guest, invocation: Invocation) -> Outcome {
    block_on(sandbox().invoke(guest, invocation)).unwrap()
}

pub fn end(wasm: &[u8], invocation: Invocation) -> End {
    run(wasm, invocation).end
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(future)
}

pub fn text(end: &End) -> &str {
    match end {
        End::Returned(bytes) => std::str::from_utf8(bytes).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Virtual time is always already there.
pub struct Instant;

impl Sleeper for Instant {
    fn sleep_until(&self, _: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::ready(()))
    }
}

/// Remembers the instants that were slept until.
#[derive(Default)]
pub struct Recorder(pub Mutex<Vec<Duration>>);

impl Sleeper for Recorder {
    fn sleep_until(&self, until: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        self.0.lock().unwrap().push(until);
        Box::pin(std::future::ready(()))
    }
}

/// Says why a test did nothing.
#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
pub fn skipped(reason: &str) {
    eprintln!("skipped: {reason}");
}
