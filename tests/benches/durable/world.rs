//! A host on a store of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use data::{Data, Format, Source};
use engine::{Entropy, stored_text};
use journal::{Filter, Store, StoreOptions};
use runtime::host::{Host, Origin, Settings, Start};
use runtime::{Clock, Functions, Machine, Machines, Silent};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A host, its store and its folder.
pub struct World {
    folder: TempDir,
    tokio: Runtime,
    host: Host,
    store: Store,
}

/// A machine of Pass states, with what comes after them.
pub fn machine(states: usize, last: &str) -> Arc<Machine> {
    let state = |at: usize| {
        let next = match (at + 1 < states, last) {
            (true, _) => format!(r#""Next": "P{}""#, at + 1),
            (false, "") => r#""End": true"#.to_owned(),
            (false, _) => r#""Next": "Last""#.to_owned(),
        };
        format!(r#""P{at}": {{"Type": "Pass", "Result": {at}, "ResultPath": "$.s{at}", {next}}}"#)
    };
    let states: Vec<String> = (0..states).map(state).collect();
    let text = format!(
        r#"{{"StartAt": "P0", "States": {{{}{last}}}}}"#,
        states.join(", ")
    );
    let compiled = asl::compile(
        &Source::new("machine", text.as_str()),
        Format::Json,
        &asl::Options::default(),
    );
    let program = compiled.program.expect("it is valid");
    let definition = runtime::definition(&text, Format::Json, &Default::default());
    Arc::new(Machine::local("machine", program.into(), false).with_definition(definition))
}

impl World {
    pub fn new() -> World {
        World::in_folder(tempfile::tempdir().expect("a folder"))
    }

    /// A host on the store in a folder; what is open there goes on.
    pub fn in_folder(folder: TempDir) -> World {
        let path = folder.path().join("store.db");
        let store = Store::open(&path, StoreOptions::default()).expect("a store");
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        let tokio = tokio.expect("a runtime");
        let functions = Functions::new(sandbox::Config::default(), Default::default());
        let (host, work) = runtime::host::open(Settings {
            clock: Clock::Real,
            patience: Duration::ZERO,
            functions: Arc::new(functions),
            registry: Arc::new(Machines::default()),
            journal: store.journal().expect("a journal"),
            entropy: Entropy::from_seed(1),
            injector: None,
            retain: 0,
            queue: 100_000,
            resume: true,
            observer: Box::new(Silent),
        });
        tokio.spawn(work);
        World {
            folder,
            tokio,
            host,
            store,
        }
    }

    /// Starts executions, many at a time.
    pub fn start(&self, machine: &Arc<Machine>, count: usize) {
        self.tokio.block_on(async {
            let starts: Vec<_> = (0..count)
                .map(|_| tokio::spawn(started(self.host.clone(), Arc::clone(machine))))
                .collect();
            for start in starts {
                start.await.expect("it ends");
            }
        });
    }

    /// Starts executions for a time, so many side by side; how many were acknowledged, and what one of them comes to as
    /// text.
    pub fn start_for(
        &self,
        machine: &Arc<Machine>,
        side_by_side: usize,
        time: Duration,
    ) -> (usize, Vec<u8>) {
        let until = Instant::now() + time;
        let acknowledged = self.tokio.block_on(async {
            let starters: Vec<_> = (0..side_by_side)
                .map(|_| {
                    let (host, machine) = (self.host.clone(), Arc::clone(machine));
                    tokio::spawn(async move {
                        let mut count = 0;
                        while Instant::now() < until {
                            started(host.clone(), Arc::clone(&machine)).await;
                            count += 1;
                        }
                        count
                    })
                })
                .collect();
            let mut acknowledged = 0;
            for starter in starters {
                acknowledged += starter.await.expect("it ends");
            }
            acknowledged
        });
        (acknowledged, self.text())
    }

    /// The records of an execution as they are kept.
    fn text(&self) -> Vec<u8> {
        let path = self.folder.path().join("store.db");
        let looking = Store::look(&path, None).expect("a store");
        let one = Filter {
            limit: Some(1),
            ..Filter::default()
        };
        let found = looking.journal.list(&one).expect("a list");
        let records = looking.journal.read(&found[0].execution_arn);
        let mut text = Vec::new();
        for record in records.expect("a log") {
            stored_text(&record, &mut text).expect("a record");
            text.push(b'\n');
        }
        text
    }

    /// How many executions are open, when the host has made them again.
    pub fn open(&self) -> usize {
        let open = Filter {
            status: Some("RUNNING".into()),
            ..Filter::default()
        };
        let listed = self.tokio.block_on(self.host.list(open));
        listed.expect("the host works").len()
    }

    /// Ends the host in the middle of its work.
    pub fn die(self) -> TempDir {
        self.tokio.shutdown_timeout(Duration::from_secs(5));
        self.store.close().expect("it is kept");
        self.folder
    }
}

async fn started(host: Host, machine: Arc<Machine>) {
    let start = Start {
        machine,
        origin: Origin::default(),
        name: None,
        input: Data::parse(r#"{"orderId": "ORDER-001", "amount": 99.99}"#).expect("a literal"),
    };
    host.start(start).await.expect("it is acknowledged");
}
