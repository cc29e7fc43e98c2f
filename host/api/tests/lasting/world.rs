//! A host, and services over a shelf.

use std::io::{Cursor, Write as _};
use std::sync::Arc;
use std::time::Duration;

use api::iam::Iam;
use api::lambda::Lambda;
use api::logs::Logs;
use api::stepfunctions::{MachineRegistry, StepFunctions};
use api::{ApiError, Caller};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use data::Data;
use engine::{Entropy, Timestamp};
use journal::MemoryJournal;
use runtime::host::{Host, Settings};
use runtime::{Clock, Functions, Machines, Silent};

use super::operations::{PASS, SUCCEED};
use super::shelf::Shelf;

/// Which service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Set {
    StepFunctions,
    Lambda,
    Iam,
    Logs,
}

/// All services that keep something.
pub struct Services {
    pub step_functions: StepFunctions,
    pub lambda: Lambda,
    pub iam: Iam,
    pub logs: Logs,
}

/// A host under virtual time.
pub struct World {
    tokio: tokio::runtime::Runtime,
    host: Host,
    functions: Arc<Functions>,
}

impl World {
    pub fn new() -> World {
        let functions = Functions::new(sandbox::Config::default(), Default::default());
        let functions = Arc::new(functions);
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (host, work) = runtime::host::open(Settings {
            clock: Clock::Virtual {
                start: Clock::DEFAULT_START,
            },
            patience: Duration::ZERO,
            functions: Arc::clone(&functions),
            registry: Arc::new(Machines::default()),
            journal: Box::new(MemoryJournal::default()),
            entropy: Entropy::from_seed(1),
            injector: None,
            retain: 1000,
            queue: 1000,
            resume: true,
            observer: Box::new(Silent),
        });
        tokio.spawn(async { work.await.unwrap() });
        World {
            tokio,
            host,
            functions,
        }
    }

    /// What Lambda is made over.
    pub fn parts(&self) -> (Host, Arc<Functions>) {
        (self.host.clone(), Arc::clone(&self.functions))
    }

    /// Services that are made of what a shelf holds, all of which can be read.
    pub fn services(&self, shelf: &Arc<Shelf>) -> Services {
        let resources = || Arc::clone(shelf) as _;
        let (registry, machines) = MachineRegistry::open(resources()).unwrap();
        let functions = Arc::clone(&self.functions);
        let (lambda, packages) = Lambda::open(self.host.clone(), functions, resources()).unwrap();
        let (iam, roles) = Iam::open(resources()).unwrap();
        let (logs, groups) = Logs::open(resources()).unwrap();
        let unreadable = [machines, packages, roles, groups].concat();
        assert_eq!(unreadable, []);
        Services {
            step_functions: StepFunctions::new(self.host.clone(), Arc::new(registry)),
            lambda,
            iam,
            logs,
        }
    }

    /// What an operation answers. `number` moves the time of those that are told it.
    pub fn call(
        &self,
        services: &Services,
        set: Set,
        operation: &str,
        parameters: &str,
        number: usize,
    ) -> Result<Data, ApiError> {
        let parameters = Data::parse(&written(parameters));
        let parameters = parameters.unwrap_or_else(|error| panic!("{operation}: {error}"));
        let now = Timestamp(Clock::DEFAULT_START.0 + i64::try_from(number).unwrap());
        let caller = Caller::local();
        self.tokio.block_on(async {
            match set {
                Set::StepFunctions => {
                    let service = &services.step_functions;
                    service.call(&caller, operation, &parameters).await
                }
                Set::Lambda => services.lambda.call(&caller, operation, &parameters).await,
                Set::Iam => {
                    services
                        .iam
                        .call(now, &caller, operation, &parameters)
                        .await
                }
                Set::Logs => {
                    services
                        .logs
                        .call(now, &caller, operation, &parameters)
                        .await
                }
            }
        })
    }

    /// Starts an execution of the machine that was created, named after it.
    pub fn run(&self, services: &Services, created: &str) {
        let created = Data::parse(&written(created)).unwrap();
        let name = created.get("name").and_then(Data::as_str).unwrap();
        if created.get("type").is_some() {
            return;
        }
        let start =
            format!(r#"{{"stateMachineArn": "$SFN:stateMachine:{name}", "name": "of-{name}"}}"#);
        let started = self.call(services, Set::StepFunctions, "StartExecution", &start, 0);
        started.unwrap();
    }
}

/// The words that stand for something in parameters.
fn written(parameters: &str) -> String {
    parameters
        .replace("$SFN", "arn:aws:states:us-east-1:000000000000")
        .replace("$LAMBDA", "arn:aws:lambda:us-east-1:000000000000:function")
        .replace("$IAM", "arn:aws:iam::000000000000")
        .replace("$GROUP", "arn:aws:logs:us-east-1:000000000000:log-group")
        .replace("$PASS", &escaped(PASS))
        .replace("$SUCCEED", &escaped(SUCCEED))
        .replace("$ONE", &zip("app.py", b"one"))
        .replace("$TWO", &zip("app.py", b"two"))
        .replace("$MODULE", &zip("bootstrap.wasm", &module()))
        .replace("$POLICY", &escaped(r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#))
        .replace("$TRUST", &escaped(r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}"#))
}

/// What a text is within quotes.
fn escaped(text: &str) -> String {
    let quoted = Data::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn module() -> Vec<u8> {
    wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "_start")))"#).unwrap()
}

fn zip(name: &str, bytes: &[u8]) -> String {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.start_file(name, options).unwrap();
    writer.write_all(bytes).unwrap();
    BASE64.encode(writer.finish().unwrap().into_inner())
}
