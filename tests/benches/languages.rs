//! What a handler in Python or JavaScript costs: its runtime's loading, a fresh instance from its start to the result of
//! a small handler, a Map of a hundred tasks, and the memory of an instance that is alive.
//!
//! ```text
//! scripts/bench languages                # figures, each beside its goal
//! ```

#[path = "serve/table.rs"]
mod table;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use data::Data;
use languages::{Installed, Language, Runtimes};
use sandbox::{Access, Config, End, Guest, Invocation, Limits, Root, Sandbox, Sleeper, Time};
use table::Table;
use tokio::runtime::{Builder, Runtime};
use wf_host_tests::{Workflow, functions_of_repository, root};

/// Loadings and invocations that are measured one after the other.
const LOADS: usize = 20;
const INVOCATIONS: usize = 200;

/// Instances that are alive at the same time.
const ALIVE: usize = 60;

fn main() -> ExitCode {
    let Some(cache) = std::env::var_os("WF_HOST_TEST_RUNTIMES").map(PathBuf::from) else {
        say("WF_HOST_TEST_RUNTIMES names no cache folder; scripts/bench languages sets it");
        return ExitCode::FAILURE;
    };
    let mut table = Table::default();
    for language in Language::ALL {
        match Runtimes::below(Some(&cache)).find(language) {
            Ok(installed) => measure(&mut table, &cache, &installed),
            Err(missing) => say(&format!("SKIPPED: {missing}")),
        }
    }
    table.print()
}

fn measure(table: &mut Table, cache: &Path, installed: &Installed) {
    let language = installed.language;
    let config = Config {
        cache_dir: Some(cache.to_owned()),
        max_guests: 100,
        ..Config::default()
    };
    let load = || {
        let sandbox = Sandbox::new(config.clone()).expect("a sandbox");
        let began = Instant::now();
        let guest = sandbox.load_prebuilt(language.as_str(), &installed.prebuilt());
        (began.elapsed(), sandbox, guest.expect("it is installed"))
    };
    let loads = (0..LOADS).map(|_| load().0).collect();
    let load_time = millis(median(loads));
    table.goal(
        &format!("{language}: loading the runtime"),
        load_time,
        " ms",
        load_time <= 20.0,
        "<= 20 ms",
    );

    let (_, sandbox, guest) = load();
    let tokio = Builder::new_multi_thread()
        .worker_threads(2)
        .event_interval(1)
        .enable_time()
        .build();
    let tokio = tokio.expect("threads can be started");
    let one = || {
        let began = Instant::now();
        let outcome = tokio.block_on(sandbox.invoke(&guest, invocation(language, "small")));
        let time = began.elapsed();
        assert!(matches!(
            outcome.expect("the host is well").end,
            End::Returned(_)
        ));
        time
    };
    let times: Vec<Duration> = (0..INVOCATIONS).map(|_| one()).collect();
    let (most, shown) = match language {
        Language::Python => (12.0, "<= 12 ms"),
        Language::Node => (6.0, "<= 6 ms"),
    };
    let time = millis(median(times));
    table.goal(
        &format!("{language}: a fresh instance to its result"),
        time,
        " ms",
        time <= most,
        shown,
    );
    memory(table, language, &tokio, (&sandbox, &guest));
    map(table, language, cache);
}

/// A small handler of the language, in a folder of the repository's.
fn invocation(language: Language, handler: &str) -> Invocation {
    let folder = format!("tests/benches/handlers/{language}");
    let root = Root::open(root()).expect("the repository");
    let mut invocation = Invocation::new(r#"{"orderId":"O-1","amount":9.5}"#, CONTEXT);
    invocation.mounts = vec![
        root.mount(folder, "/var/task", Access::Read)
            .expect("the folder"),
    ];
    invocation.environment = vec![
        ("_HANDLER".into(), format!("{handler}.handler")),
        ("LAMBDA_TASK_ROOT".into(), "/var/task".into()),
    ];
    invocation
}

const CONTEXT: &str = r#"{"functionName":"f","functionVersion":"$LATEST","memoryLimitInMB":128,"awsRequestId":"r",
    "invokedFunctionArn":"arn:aws:lambda:us-east-1:000000000000:function:f","logGroupName":"g","logStreamName":"s",
    "deadlineMs":1767225603000}"#;

/// What each instance adds to the process while it sleeps.
fn memory(table: &mut Table, language: Language, tokio: &Runtime, guest: (&Sandbox, &Guest)) {
    let before = resident();
    let tasks: Vec<_> = (0..ALIVE)
        .map(|_| {
            let ((sandbox, guest), mut asleep) = (
                (guest.0.clone(), guest.1.clone()),
                invocation(language, "sleeping"),
            );
            asleep.time = Time::Virtual {
                start: Duration::from_secs(1_767_225_600),
                sleeper: Arc::new(Never),
            };
            asleep.limits = Limits::default();
            tokio.spawn(async move { sandbox.invoke(&guest, asleep).await })
        })
        .collect();
    // Until all of them are asleep nothing grows any more.
    let mut last = 0;
    loop {
        std::thread::sleep(Duration::from_millis(500));
        let now = resident();
        if now.abs_diff(last) < 1 << 20 {
            break;
        }
        last = now;
    }
    let each = (resident() - before) as f64 / ALIVE as f64 / (1 << 20) as f64;
    tasks.into_iter().for_each(|task| task.abort());
    table.row(
        &format!("{language}: memory of an instance that sleeps"),
        format!("{each:.1} MB"),
        "",
    );
    table.row(
        &format!("{language}: instances in 4 GB"),
        format!("{:.0}", 4096.0 / each),
        "",
    );
}

/// Asleep for good.
struct Never;

impl Sleeper for Never {
    fn sleep_until(&self, _: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::pending())
    }
}

/// A Map of a hundred tasks under the wall clock, its functions loaded before.
fn map(table: &mut Table, language: Language, cache: &Path) {
    let runtime = match language {
        Language::Python => "python3.12",
        Language::Node => "nodejs20.x",
    };
    let manifest = format!(
        "version = 1\n[functions.f]\nruntime = \"{runtime}\"\nhandler = \"small.handler\"\ncode = \"tests/benches/handlers/{language}\""
    );
    let functions = Arc::new(functions_of_repository(&manifest, cache.to_owned()));
    let machine = r#"{"StartAt":"All","States":{"All":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"One","States":{
        "One":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","End":true}}}}}}"#;
    let run = |items: i64| {
        let items: Data = (0..items)
            .map(|n| Data::parse(&format!(r#"{{"orderId":"{n}","amount":1}}"#)).expect("JSON"))
            .collect();
        let began = Instant::now();
        let ran = Workflow::shared(machine, &functions).real_time().run(items);
        let _ = ran.output();
        began.elapsed()
    };
    run(1);
    let time = millis(median((0..5).map(|_| run(100)).collect())) / 1000.0;
    table.goal(
        &format!("{language}: a Map of 100 tasks"),
        time,
        " s",
        time <= 1.0,
        "<= 1 s",
    );
}

fn say(text: &str) {
    // Nobody reads a closed stderr.
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Memory of this process in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or_default() << 10
}
