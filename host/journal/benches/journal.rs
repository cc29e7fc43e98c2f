//! What durability costs: appends beside a bare file, and questions to a large store.
//!
//! `appends/STORE/N` and `appends/file/N` are the same N appenders with the same record texts, each of which waits until
//! its record is on the disk before it hands over the next; the file has group commit too. Their ratio is what counts.

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use data::Data;
use engine::{
    Change, EventId, EventPlace, FrameId, Record, StateRef, Timestamp, To, Via, stored_text,
};
use journal::{Batch, Beginning, Fact, Filter, Progress, Store, StoreOptions, Summary};

const START: i64 = 1_767_225_600_000;

fn arn(name: &str) -> String {
    format!("arn:aws:states:us-east-1:000000000000:execution:order-workflow:{name}")
}

fn summary(name: &str) -> Summary {
    let mut summary = Summary::new(&arn(name), "order-workflow", name, Timestamp(START));
    summary.state_machine_arn =
        "arn:aws:states:us-east-1:000000000000:stateMachine:order-workflow".to_owned();
    summary
}

/// The record with this number of an execution that goes through states for ever.
fn record(seq: u32) -> Record {
    let text = r#"{"orderId":"ORDER-001","amount":99.99,"customerId":"CUST-123","items":[{"sku":"A","quantity":2}]}"#;
    let input = Data::parse(text).expect("a literal");
    let frame = FrameId::ROOT;
    let state = StateRef {
        id: asl::StateId(3),
        kind: asl::StateType::Task,
        name: format!("State{}", seq / 2 % 8).into(),
    };
    let change = match seq {
        0 => Change::ExecutionStarted {
            input: input.into(),
            deadline: None,
        },
        seq if seq % 2 == 1 => Change::StateEntered {
            frame,
            state,
            input: input.into(),
        },
        _ => Change::StateExited {
            frame,
            to: To::Next(state.id),
            state,
            output: input.into(),
            assigned: None,
            via: Via::Next,
        },
    };
    Record {
        seq,
        at: Timestamp(START + i64::from(seq)),
        event: Some(EventPlace {
            id: EventId(seq + 1),
            previous: EventId(seq),
        }),
        change,
    }
}

fn fact(record: &Record) -> Fact {
    Fact {
        kind: record.kind(),
        state: Some(format!("State{}", record.seq / 2 % 8).into()),
        error: None,
        millis: matches!(record.change, Change::StateExited { .. })
            .then_some(i64::from(record.seq) * 3),
    }
}

/// Waits for a unit without a runtime, as a caller's thread does.
fn wait(runtime: &tokio::runtime::Runtime, progress: &Progress, mark: journal::Mark) {
    runtime.block_on(progress.kept_at_last(mark));
}

/// `appenders` appenders in turn: all hand over a record, and each the next when its own is kept. It is what a shell
/// does with as many executions.
fn through_store(path: &Path, appenders: u32, rounds: u64) -> Duration {
    let store = Store::open(path, StoreOptions::default()).expect("a store");
    let mut journal = store.journal().expect("a journal");
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let names: Vec<String> = (0..appenders).map(|at| format!("appender-{at}")).collect();
    let mut seqs = vec![0; appenders as usize];
    let mut marks = vec![None; appenders as usize];
    let began = Instant::now();
    let total = rounds * u64::from(appenders);
    for turn in 0..total {
        let at = (turn % u64::from(appenders)) as usize;
        if let Some(mark) = marks[at] {
            wait(&runtime, journal.progress(), mark);
        }
        let records = [record(seqs[at])];
        let mut batch = Batch::of(summary(&names[at]), &records);
        batch.facts = vec![fact(&records[0])];
        journal.append(batch).expect("it continues");
        marks[at] = Some(journal.seal());
        seqs[at] += 1;
    }
    let last = marks.last().copied().flatten().expect("a mark");
    wait(&runtime, journal.progress(), last);
    began.elapsed()
}

#[derive(Default)]
struct Lines {
    waiting: Vec<Vec<u8>>,
    given: u64,
    kept: u64,
    closed: bool,
}

/// The same with a file: lines are handed to one thread, which writes all that wait and syncs.
fn through_file(path: &Path, appenders: u32, rounds: u64) -> Duration {
    let shared = Arc::new((Mutex::new(Lines::default()), Condvar::new()));
    let mut file = File::create(path).expect("a file");
    let of_writer = Arc::clone(&shared);
    let writer = std::thread::spawn(move || {
        let (lines, news) = &*of_writer;
        loop {
            let idle = |lines: &mut Lines| lines.waiting.is_empty() && !lines.closed;
            let mut held = news
                .wait_while(lines.lock().expect("whole"), idle)
                .expect("whole");
            if held.waiting.is_empty() {
                return;
            }
            let (taken, upto) = (std::mem::take(&mut held.waiting), held.given);
            drop(held);
            file.write_all(&taken.concat()).expect("space");
            file.sync_data().expect("a disk");
            lines.lock().expect("whole").kept = upto;
            news.notify_all();
        }
    });
    let (lines, news) = &*shared;
    let wait = |mark: u64| {
        let behind = |lines: &mut Lines| lines.kept < mark;
        drop(
            news.wait_while(lines.lock().expect("whole"), behind)
                .expect("whole"),
        );
    };
    let mut seqs = vec![0; appenders as usize];
    let mut marks = vec![0; appenders as usize];
    let began = Instant::now();
    for turn in 0..rounds * u64::from(appenders) {
        let at = (turn % u64::from(appenders)) as usize;
        wait(marks[at]);
        let mut text = Vec::new();
        stored_text(&record(seqs[at]), &mut text).expect("a record");
        text.push(b'\n');
        let mut held = lines.lock().expect("whole");
        held.given += 1;
        marks[at] = held.given;
        held.waiting.push(text);
        drop(held);
        news.notify_all();
        seqs[at] += 1;
    }
    wait(*marks.last().expect("a mark"));
    let elapsed = began.elapsed();
    lines.lock().expect("whole").closed = true;
    news.notify_all();
    writer.join().expect("it ends");
    elapsed
}

fn appends(c: &mut Criterion) {
    let mut group = c.benchmark_group("appends");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(8));
    for appenders in [1, 8, 64] {
        group.throughput(Throughput::Elements(appenders.into()));
        for (name, through) in [
            ("store", through_store as fn(&Path, u32, u64) -> Duration),
            ("file", through_file),
        ] {
            group.bench_function(format!("{name}/{appenders}"), |bencher| {
                bencher.iter_custom(|rounds| {
                    let folder = tempfile::tempdir().expect("a folder");
                    through(&folder.path().join("log"), appenders, rounds)
                });
            });
        }
    }
    group.finish();
}

const EXECUTIONS: u32 = 20_000;
const RECORDS: u32 = 50;

/// A store of 1,000,000 records of 20,000 executions, of which the last 1,000 are open.
fn fill(path: &Path) {
    let store = Store::open(path, StoreOptions::default()).expect("a store");
    let mut journal = store.journal().expect("a journal");
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    for at in 0..EXECUTIONS {
        let name = format!("execution-{at}");
        let records: Vec<Record> = (0..RECORDS).map(record).collect();
        let mut summary = summary(&name);
        summary.started_at = Timestamp(START + i64::from(at));
        summary.state_machine = format!("machine-{}", at % 10);
        summary.state_machine_arn = format!("{}-{}", summary.state_machine_arn, at % 10);
        if at < EXECUTIONS - 1000 {
            summary.status = if at % 20 == 0 { "FAILED" } else { "SUCCEEDED" };
            summary.stopped_at = Some(Timestamp(START + 1_000_000));
        }
        let mut batch = Batch::of(summary, &records);
        batch.facts = records.iter().map(fact).collect();
        let mut beginning = Beginning::of(&arn(&name));
        beginning.identity = r#"{"role":"arn:aws:iam::000000000000:role/r","input":{}}"#.to_owned();
        batch.beginning = Some(beginning);
        journal.append(batch).expect("it begins");
        let mark = journal.seal();
        if journal.progress().is_full() {
            wait(&runtime, journal.progress(), mark);
        }
    }
    store.close().expect("all is kept");
}

fn questions(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wf.db");
    fill(&path);
    let mut group = c.benchmark_group("a million records");
    group.sample_size(20);
    group.bench_function("open the store", |bencher| {
        bencher.iter(|| {
            let store = Store::open(&path, StoreOptions::default()).expect("a store");
            black_box(store.journal().expect("a journal"))
        });
    });
    let store = Store::open(&path, StoreOptions::default()).expect("a store");
    let journal = store.journal().expect("a journal");
    group.bench_function("open executions", |bencher| {
        bencher.iter(|| assert_eq!(journal.open(None).expect("open ones").len(), 1000));
    });
    let open = journal.open(None).expect("open ones");
    group.bench_function("read 1000 logs of 50 records", |bencher| {
        bencher.iter(|| {
            for kept in &open {
                black_box(journal.read(&kept.summary.execution_arn).expect("a log"));
            }
        });
    });
    let text = |text: &str| Some(text.to_owned());
    let machine = summary("x").state_machine_arn + "-3";
    let filters = [
        ("all", Filter::default()),
        (
            "the first hundred",
            Filter {
                limit: Some(100),
                ..Filter::default()
            },
        ),
        (
            "failed",
            Filter {
                status: text("FAILED"),
                ..Filter::default()
            },
        ),
        (
            "a status that none has",
            Filter {
                status: text("TIMED_OUT"),
                limit: Some(100),
                ..Filter::default()
            },
        ),
        (
            "of a machine",
            Filter {
                state_machine_arn: Some(machine.clone()),
                limit: Some(1000),
                ..Filter::default()
            },
        ),
        (
            "of a machine, failed",
            Filter {
                state_machine_arn: Some(machine),
                status: text("FAILED"),
                limit: Some(100),
                ..Filter::default()
            },
        ),
        (
            "by a machine's name",
            Filter {
                state_machine: text("machine-4"),
                ..Filter::default()
            },
        ),
        (
            "of a time",
            Filter {
                since: Some(Timestamp(START + 100)),
                until: Some(Timestamp(START + 200)),
                ..Filter::default()
            },
        ),
        (
            "of a version",
            Filter {
                version_arn: text("none"),
                ..Filter::default()
            },
        ),
    ];
    for (name, filter) in &filters {
        group.bench_function(format!("list {name}"), |bencher| {
            bencher.iter(|| black_box(journal.list(filter).expect("a list")));
        });
    }
    for (name, filter) in [&filters[0], &filters[6]] {
        group.bench_function(format!("statistics {name}"), |bencher| {
            bencher.iter(|| black_box(journal.statistics(filter).expect("figures")));
        });
    }
    group.finish();
}

criterion_group!(benches, appends, questions);
criterion_main!(benches);
