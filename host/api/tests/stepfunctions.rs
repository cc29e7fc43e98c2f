//! Calls to the Step Functions service and their answers, as a case file each: see `stepfunctions/`.
//!
//! A case has a section for each call, `call OPERATION`, with the parameters below. `in REGION` after it is another
//! caller's region, `times N` makes it so often and shows the last answer, `until over` waits for the end of the
//! execution that it starts. What begins with `$` stands for something: `$A:` for the beginning of an ARN, `$ROLE`,
//! `$PASS`, `$OTHER`, `$WAIT` and `$BAD` for definitions, `$TOKEN` for the `nextToken` of the last answer, `$REVISION`
//! for its `revisionId`, `$N` for the number of the repetition. `expect` has the answers; ids are numbered.
//! `WF_HOST_BLESS=1` rewrites it; read what it wrote.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use api::stepfunctions::{MachineRegistry, StepFunctions};
use api::{ApiError, Caller};
use data::Data;
use engine::Entropy;
use journal::MemoryJournal;
use regex::Regex;
use runtime::host::{Host, Settings};
use runtime::{Clock, Functions, RunError, Silent};

const ARN: &str = "arn:aws:states:us-east-1:000000000000:";
const WORDS: [(&str, &str); 5] = [
    ("$ROLE", r#""arn:aws:iam::000000000000:role/role""#),
    (
        "$PASS",
        r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}"#,
    ),
    (
        "$OTHER",
        r#"{"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}"#,
    ),
    (
        "$WAIT",
        r#"{"StartAt": "W", "States": {"W": {"Type": "Task", "End": true,
            "Resource": "arn:aws:states:us-east-1:000000000000:activity:a"}}}"#,
    ),
    (
        "$BAD",
        r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}"#,
    ),
];

#[test]
fn calls_are_answered_as_written() {
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let bless = std::env::var_os("WF_HOST_BLESS").is_some();
    let files = files();
    assert!(files.len() >= 10, "only {} cases", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let (given, expected) = text.split_once("=== expect\n").unwrap();
        let found = tokio.block_on(Case::go_through(given));
        if bless {
            std::fs::write(&file, format!("{given}=== expect\n{found}")).unwrap();
        } else if found != expected {
            let name = file.display();
            wrong.push(format!(
                "== {name}\n-- expected\n{expected}-- found\n{found}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stepfunctions");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// A host under virtual time, the work that must be driven, and a service over it.
fn service() -> (
    Host,
    impl Future<Output = Result<(), RunError>> + Send,
    StepFunctions,
) {
    let registry = Arc::new(MachineRegistry::default());
    let functions = Functions::new(sandbox::Config::default(), Default::default());
    let (host, work) = runtime::host::open(Settings {
        clock: Clock::Virtual {
            start: Clock::DEFAULT_START,
        },
        patience: Duration::ZERO,
        functions: Arc::new(functions),
        registry: Arc::clone(&registry) as _,
        journal: Box::new(MemoryJournal::default()),
        entropy: Entropy::from_seed(1),
        injector: None,
        retain: 10_000,
        queue: 1000,
        resume: false,
        observer: Box::new(Silent),
    });
    let service = StepFunctions::new(host.clone(), registry);
    (host, work, service)
}

/// Nothing is lost, nothing is there twice, however many ask at once.
#[test]
fn many_clients_at_once() {
    const CLIENTS: usize = 32;
    const EACH: usize = 40;
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (_host, work, service) = service();
    tokio.spawn(work);
    let service = Arc::new(service);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| tokio.spawn(start_some(Arc::clone(&service), client, EACH)))
        .collect();
    for client in clients {
        tokio.block_on(client).unwrap();
    }
    let found = tokio.block_on(all_executions(&service));
    let unique: BTreeSet<&String> = found.iter().collect();
    assert_eq!(
        (found.len(), unique.len()),
        (CLIENTS * EACH, CLIENTS * EACH)
    );
}

/// Creates the one machine, as every client does, and starts executions of it.
async fn start_some(service: Arc<StepFunctions>, client: usize, count: usize) {
    let caller = Caller::local();
    let definition = Data::from(WORDS[1].1);
    let creation = format!(
        r#"{{"name": "m", "definition": {definition}, "roleArn": {}}}"#,
        WORDS[0].1
    );
    let creation = Data::parse(&creation).unwrap();
    service
        .call(&caller, "CreateStateMachine", &creation)
        .await
        .unwrap();
    for number in 0..count {
        let start =
            format!(r#"{{"stateMachineArn": "{ARN}stateMachine:m", "name": "{client}-{number}"}}"#);
        let start = Data::parse(&start).unwrap();
        service
            .call(&caller, "StartExecution", &start)
            .await
            .unwrap();
    }
}

/// The ARNs of all executions of the machine, page by page.
async fn all_executions(service: &StepFunctions) -> Vec<String> {
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let parameters =
            format!(r#"{{"stateMachineArn": "{ARN}stateMachine:m", "maxResults": 7{token}}}"#);
        let parameters = Data::parse(&parameters).unwrap();
        let caller = Caller::local();
        let page = service
            .call(&caller, "ListExecutions", &parameters)
            .await
            .unwrap();
        let executions = page.get("executions").unwrap().as_array().unwrap();
        let arns = executions
            .iter()
            .map(|one| one.get("executionArn").unwrap().to_string());
        found.extend(arns);
        match page.get("nextToken") {
            Some(next) => token = format!(r#", "nextToken": {next}"#),
            None => return found,
        }
    }
}

struct Case {
    service: StepFunctions,
    host: Host,
    token: String,
    revision: String,
    ids: BTreeMap<String, usize>,
}

impl Case {
    async fn go_through(given: &str) -> String {
        let (host, work, service) = service();
        let mut case = Case {
            service,
            host,
            token: String::new(),
            revision: String::new(),
            ids: BTreeMap::new(),
        };
        tokio::select! {
            biased;
            ended = work => panic!("the host ends: {ended:?}"),
            said = case.answers(given) => said,
        }
    }

    async fn answers(&mut self, given: &str) -> String {
        let mut said = String::new();
        for (number, section) in given.split("=== call ").skip(1).enumerate() {
            let (title, parameters) = section.split_once('\n').unwrap();
            let words: Vec<&str> = title.split(' ').collect();
            let after = |word: &str| {
                let at = words.iter().position(|one| *one == word)?;
                Some(words[at + 1])
            };
            let region = after("in").unwrap_or("us-east-1");
            let times = after("times").map_or(1, |times| times.parse().unwrap());
            let mut answer = Ok(Data::Null);
            for repetition in 1..=times {
                let parameters = self.parameters(parameters, repetition);
                answer = self.call(words[0], region, &parameters).await;
            }
            if after("until") == Some("over") {
                self.until_over(answer.as_ref().unwrap()).await;
            }
            said.push_str(&format!("{}. {}\n", number + 1, self.shown(&answer)));
        }
        said
    }

    fn parameters(&self, text: &str, repetition: usize) -> Data {
        let mut text = text.replace("$A:", ARN);
        for (word, value) in WORDS {
            let value = match value.starts_with('{') {
                true => Data::from(value).to_string(),
                false => value.to_owned(),
            };
            text = text.replace(word, &value);
        }
        let text = text
            .replace("$TOKEN", &self.token)
            .replace("$REVISION", &self.revision)
            .replace("$N", &repetition.to_string());
        Data::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    async fn call(
        &mut self,
        operation: &str,
        region: &str,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        let caller = Caller {
            region: region.into(),
            ..Caller::local()
        };
        let answer = self.service.call(&caller, operation, parameters).await?;
        for (name, kept) in [
            ("nextToken", &mut self.token),
            ("revisionId", &mut self.revision),
        ] {
            if let Some(text) = answer.get(name).and_then(Data::as_str) {
                *kept = text.to_owned();
            }
        }
        Ok(answer)
    }

    async fn until_over(&self, begun: &Data) {
        let arn = begun.get("executionArn").unwrap().as_str().unwrap();
        while let Some(found) = self.host.look(arn).await.unwrap() {
            if found.status.is_final() {
                return;
            }
            // Gives the host its turn.
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn shown(&mut self, answer: &Result<Data, ApiError>) -> String {
        let text = match answer {
            Ok(answer) => answer.to_string(),
            Err(ApiError {
                code,
                message,
                status,
                members,
            }) => {
                let members: Vec<_> = members.iter().map(|(k, v)| format!(" {k}={v}")).collect();
                format!("{status} {code}: {message}{}", members.concat())
            }
        };
        let text = text.replace(ARN, "$A:");
        let random = r#"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|"nextToken":"[^"]*""#;
        let random = Regex::new(random).unwrap();
        let shown = random.replace_all(&text, |found: &regex::Captures<'_>| {
            if found[0].starts_with('"') {
                return r#""nextToken":"$TOKEN""#.to_owned();
            }
            let next = self.ids.len() + 1;
            format!(
                "<id:{}>",
                self.ids.entry(found[0].to_owned()).or_insert(next)
            )
        });
        shown.into_owned()
    }
}
