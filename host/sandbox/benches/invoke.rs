//! A fresh instance an invocation: reactor and command, 1 KB and 200 KB, one thread and two; and
//! what loading costs.
//!
//! The guests are the project's own; build them first, as guests/README.md says.

#![allow(missing_docs, reason = "criterion's macros make items without docs")]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sandbox::{Config, End, Guest, Invocation, Sandbox};
use tokio::runtime::{Builder, Runtime};

/// A command that copies its stdin to its stdout, 64 KiB at a time.
const CAT: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write"
        (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read"
        (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 17)
    (func (export "_start")
        (loop $more
            (i32.store (i32.const 0) (i32.const 1024))
            (i32.store (i32.const 4) (i32.const 65536))
            (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (if (i32.load (i32.const 8)) (then
                (i32.store (i32.const 4) (i32.load (i32.const 8)))
                (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
                (br $more))))))"#;

fn built_guest(name: &str) -> Option<Vec<u8>> {
    let bench = std::env::current_exe().ok()?;
    let target: PathBuf = bench.ancestors().nth(3)?.to_owned();
    std::fs::read(
        target
            .join("wasm32-wasip1/guest")
            .join(format!("{name}.wasm")),
    )
    .ok()
}

fn runtime(threads: usize) -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(threads)
        .event_interval(1)
        .enable_time()
        .build()
        .expect("threads can be started")
}

fn json(bytes: usize) -> Vec<u8> {
    format!(r#"{{"text":"{}"}}"#, "x".repeat(bytes - 11)).into_bytes()
}

async fn invoke(sandbox: &Sandbox, guest: &Guest, event: &[u8]) {
    let invocation = Invocation::new(event.to_vec(), r#"{"functionName":"bench"}"#);
    let outcome = sandbox
        .invoke(guest, invocation)
        .await
        .expect("the host does not fail");
    assert!(matches!(black_box(outcome).end, End::Returned(result) if result.len() == event.len()));
}

/// Runs `count` invocations, spread over `tasks` that each do one after the other.
fn spread(runtime: &Runtime, tasks: u64, count: u64, one: impl Fn() -> Job) -> Duration {
    let started = Instant::now();
    let handles: Vec<_> = (0..tasks)
        .map(|task| {
            let share = count / tasks + u64::from(task < count % tasks);
            let job = one();
            runtime.spawn(async move {
                for _ in 0..share {
                    invoke(&job.sandbox, &job.guest, &job.event).await;
                }
            })
        })
        .collect();
    for handle in handles {
        runtime
            .block_on(handle)
            .expect("an invocation does not panic");
    }
    started.elapsed()
}

#[derive(Clone)]
struct Job {
    sandbox: Sandbox,
    guest: Guest,
    event: Vec<u8>,
}

fn invocations(criterion: &mut Criterion) {
    let sandbox = Sandbox::new(Config::default()).expect("the sandbox starts");
    let cat = wat::parse_str(CAT).expect("the text is a module");
    let guests = [("reactor", built_guest("echo")), ("command", Some(cat))];
    for (name, wasm) in guests {
        let Some(wasm) = wasm else { continue };
        let guest = sandbox.load(name, &wasm).expect("the guest loads");
        for (size, bytes) in [("1KB", 1 << 10), ("200KB", 200 << 10)] {
            let mut group = criterion.benchmark_group(format!("fresh-{name}-{size}"));
            group.throughput(Throughput::Elements(1));
            let job = Job {
                sandbox: sandbox.clone(),
                guest: guest.clone(),
                event: json(bytes),
            };
            for threads in [1u64, 2] {
                let runtime = runtime(usize::try_from(threads).unwrap_or(1));
                group.bench_function(format!("{threads}-threads"), |bencher| {
                    bencher.iter_custom(|count| spread(&runtime, threads, count, || job.clone()));
                });
            }
        }
    }
}

fn loading(criterion: &mut Criterion) {
    let Some(wasm) = built_guest("validate_order") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = Config {
        cache_dir: Some(folder.path().to_owned()),
        ..Config::default()
    };
    let sandbox = Sandbox::new(config.clone()).expect("the sandbox starts");
    sandbox
        .load("validate-order", &wasm)
        .expect("the guest loads");
    criterion.bench_function("load-cached", |bencher| {
        bencher.iter(|| {
            sandbox
                .load("validate-order", &wasm)
                .expect("the guest loads")
        });
    });
    criterion.bench_function("new-sandbox", |bencher| {
        bencher.iter(|| Sandbox::new(config.clone()).expect("the sandbox starts"));
    });
}

criterion_group!(benches, invocations, loading);
criterion_main!(benches);
