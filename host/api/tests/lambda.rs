//! Lambda: what clients see of functions from their creation to their end, and invocations of real guests.
//!
//! A case below `tests/lambda` is a list of steps, each an operation with its parameters and what it answers;
//! `WF_HOST_BLESS=1` writes the answers down. `{"zip": {NAME: TEXT}}` and `{"module": TEXT}` stand for code in base64, and
//! random revisions are numbered in the order in which they show.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use api::lambda::{Lambda, log_lines};
use api::model::{Kind, LAMBDA, Shape};
use api::{ApiError, Caller};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use data::{Data, Format, Object, Source};
use engine::Entropy;
use journal::MemoryJournal;
use runtime::host::{Host, Settings};
use runtime::manifest::{Ceilings, Manifest};
use runtime::{Clock, Functions, Machines, Silent, Trust};

const FILE: &str = r#"
version = 1
[functions.greeter]
module = "guests/echo.wasm"
timeout = 7
[functions.greeter.environment]
OWN = "file"
[functions.gone]
module = "guests/no-such.wasm"
"#;

/// A host with Lambda on top of it.
struct World {
    tokio: tokio::runtime::Runtime,
    lambda: Lambda,
    host: Host,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl World {
    fn new() -> World {
        let manifest = Manifest::read(&Source::new("wf-host.toml", FILE), Format::Toml).unwrap();
        let mut functions = Functions::new(sandbox::Config::default(), Ceilings::default());
        functions.make_room(8);
        let folder = root().join("workflows");
        functions
            .add_manifest(&manifest, &folder, Trust::Named, &|_| None)
            .unwrap();
        let functions = Arc::new(functions);
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let (host, work) = runtime::host::open(Settings {
            clock: Clock::Virtual {
                start: Clock::DEFAULT_START,
            },
            patience: Duration::from_secs(600),
            functions: Arc::clone(&functions),
            registry: Arc::new(Machines::default()),
            journal: Box::new(MemoryJournal::default()),
            entropy: Entropy::from_seed(1),
            injector: None,
            retain: 1000,
            queue: 1000,
            resume: false,
            observer: Box::new(Silent),
        });
        tokio.spawn(async { work.await.expect("the host goes on") });
        let lambda = Lambda::new(host.clone(), functions);
        World {
            tokio,
            lambda,
            host,
        }
    }

    fn call(&self, operation: &str, parameters: &Data) -> Result<Data, ApiError> {
        let caller = Caller {
            request_id: "11111111-2222-3333-4444-555555555555".to_owned(),
            ..Caller::local()
        };
        let answer = self
            .tokio
            .block_on(self.lambda.call(&caller, operation, parameters));
        if let Ok(answer) = &answer {
            let output = LAMBDA
                .operations
                .get(operation)
                .and_then(|operation| operation.output.as_ref());
            if let Some(shape) = output {
                fits(LAMBDA.named(shape), answer, operation);
            }
        }
        answer
    }

    #[track_caller]
    fn ok(&self, operation: &str, parameters: &str) -> Data {
        let parameters = Data::parse(parameters).unwrap();
        self.call(operation, &parameters)
            .unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    #[track_caller]
    fn refused(&self, operation: &str, parameters: &str) -> (String, String, u16) {
        let error = self
            .call(operation, &Data::parse(parameters).unwrap())
            .unwrap_err();
        (error.code.to_string(), error.message, error.status)
    }

    /// Deploys a real guest.
    fn deploy(&self, name: &str, guest: &str, more: &str) -> Data {
        let bytes = std::fs::read(
            root()
                .join("workflows/guests")
                .join(format!("{guest}.wasm")),
        );
        let file = BASE64.encode(zip_of(&[(
            "bootstrap.wasm",
            &bytes.expect("scripts/guests has built it"),
        )]));
        self.ok(
            "CreateFunction",
            &format!(
                r#"{{"FunctionName": "{name}", "Role": "arn:aws:iam::000000000000:role/r", "Runtime": "provided.al2023",
                    "Handler": "bootstrap", "Code": {{"ZipFile": "{file}"}}{more}}}"#
            ),
        )
    }

    fn invoke(&self, name: &str, payload: &str, more: &str) -> Data {
        let payload = Data::from(payload);
        self.ok(
            "Invoke",
            &format!(r#"{{"FunctionName": "{name}", "Payload": {payload}{more}}}"#),
        )
    }
}

fn text<'d>(data: &'d Data, pointer: &str) -> &'d str {
    data.pointer(pointer)
        .and_then(Data::as_str)
        .unwrap_or_default()
}

/// Every member of an answer is one of the model's, and is of its type.
#[track_caller]
fn fits(shape: &Shape, value: &Data, at: &str) {
    let right = match shape.kind {
        Kind::Structure | Kind::Map => value.as_object().is_some(),
        Kind::List => value.as_array().is_some(),
        Kind::String | Kind::Blob => value.as_str().is_some(),
        Kind::Boolean => value.as_bool().is_some(),
        Kind::Integer | Kind::Long => value.as_i64().is_some(),
        Kind::Float | Kind::Double | Kind::Timestamp => value.as_number().is_some(),
    };
    assert!(right, "{at} is {value}");
    if !shape.values.is_empty() {
        assert!(
            shape
                .values
                .iter()
                .any(|one| Some(one.as_str()) == value.as_str()),
            "{at} is {value}"
        );
    }
    if shape.kind == Kind::Structure {
        for (name, value) in value.as_object().into_iter().flat_map(Object::iter) {
            let member = shape
                .members
                .get(name.as_str())
                .unwrap_or_else(|| panic!("{at}.{name} is unknown"));
            fits(LAMBDA.shape(member), value, &format!("{at}.{name}"));
        }
    }
    if let (Some(member), Some(items)) = (&shape.member, value.as_array()) {
        items
            .items()
            .iter()
            .for_each(|item| fits(LAMBDA.shape(member), item, at));
    }
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Parameters with code in place of what stands for it.
fn filled(parameters: &Data) -> Data {
    let file = |value: &Data| -> Option<Vec<u8>> {
        let text = |text: &Data| text.as_str().unwrap_or_default().to_owned();
        let bytes = |name: &str, text: String| match name.ends_with(".wasm") {
            true => wat::parse_str(text).unwrap(),
            false => text.into_bytes(),
        };
        if let Some(module) = value.get("module") {
            return Some(bytes(".wasm", text(module)));
        }
        let files = value.get("zip")?.as_object()?;
        let files: Vec<(&str, Vec<u8>)> = files
            .iter()
            .map(|(name, value)| (name.as_str(), bytes(name, text(value))))
            .collect();
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(name, bytes)| (*name, &bytes[..]))
            .collect();
        Some(zip_of(&files))
    };
    let Some(members) = parameters.as_object() else {
        return parameters.clone();
    };
    let mut all = Object::builder();
    for (name, value) in members.iter() {
        let value = match (name.as_str(), file(value)) {
            ("ZipFile", Some(bytes)) => Data::from(BASE64.encode(bytes)),
            _ => filled(value),
        };
        all.insert(name.clone(), value);
    }
    all.build().into()
}

/// An answer as a case has it.
fn shown(answer: Result<Data, ApiError>, revisions: &mut Vec<String>) -> Data {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => Object::builder()
            .with("error", error.code.as_ref())
            .with("message", error.message)
            .with("status", i64::from(error.status))
            .build()
            .into(),
    };
    numbered(&answer, revisions)
}

fn numbered(value: &Data, revisions: &mut Vec<String>) -> Data {
    if let Some(items) = value.as_array() {
        return items
            .items()
            .iter()
            .map(|item| numbered(item, revisions))
            .collect();
    }
    let Some(members) = value.as_object() else {
        return value.clone();
    };
    let mut all = Object::builder();
    for (name, value) in members.iter() {
        let value = match (name.as_str(), value.as_str()) {
            ("RevisionId", Some(revision)) => {
                let known = revisions.iter().position(|one| one == revision);
                let number = known.unwrap_or(revisions.len());
                if known.is_none() {
                    revisions.push(revision.to_owned());
                }
                Data::from(format!("<revision {number}>"))
            }
            _ => numbered(value, revisions),
        };
        all.insert(name.clone(), value);
    }
    all.build().into()
}

/// Parameters that name a revision by its number.
fn with_revision(parameters: &Data, revisions: &[String]) -> Data {
    let number = parameters.get("RevisionId").and_then(Data::as_i64);
    let Some(revision) = number.and_then(|number| revisions.get(usize::try_from(number).ok()?))
    else {
        return parameters.clone();
    };
    let members = parameters.as_object().cloned().unwrap_or_default();
    members
        .with("RevisionId", Data::from(revision.as_str()))
        .into()
}

fn check(path: &Path) {
    let case = Data::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    let world = World::new();
    let mut revisions = Vec::new();
    let mut blessed = Vec::new();
    let steps = case.as_array().expect("a case is a list of steps");
    for step in steps.items() {
        let operation = text(step, "/operation");
        let parameters = with_revision(&filled(step.get("parameters").unwrap()), &revisions);
        let answer = shown(world.call(operation, &parameters), &mut revisions);
        if std::env::var_os("WF_HOST_BLESS").is_none() {
            let wanted = step
                .get("answer")
                .expect("WF_HOST_BLESS=1 writes answers down");
            assert_eq!(
                answer.to_pretty(),
                wanted.to_pretty(),
                "{}: {step}",
                path.display()
            );
        }
        let step = step.as_object().cloned().unwrap_or_default();
        blessed.push(Data::from(step.with("answer", answer)));
    }
    if std::env::var_os("WF_HOST_BLESS").is_some() {
        std::fs::write(path, Data::from(blessed).to_pretty() + "\n").unwrap();
    }
}

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lambda");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 5, "{cases:?}");
    cases.iter().for_each(|case| check(case));
}

#[test]
fn a_guest_is_deployed_and_invoked() {
    let world = World::new();
    let made = world.deploy("mine", "echo", r#", "Timeout": 9, "MemorySize": 256"#);
    assert_eq!(text(&made, "/State"), "Active");
    let answer = world.invoke("mine", r#"{"a": [1, 2]}"#, r#", "LogType": "Tail""#);
    assert_eq!(answer.get("StatusCode").and_then(Data::as_i64), Some(200));
    assert_eq!(text(&answer, "/ExecutedVersion"), "$LATEST");
    assert!(answer.get("FunctionError").is_none(), "{answer}");
    let payload = Data::parse(text(&answer, "/Payload")).unwrap();
    assert!(payload.to_string().contains("[1,2]"), "{payload}");
    let log = String::from_utf8(BASE64.decode(text(&answer, "/LogResult")).unwrap()).unwrap();
    let request = "11111111-2222-3333-4444-555555555555";
    assert!(
        log.starts_with(&format!("START RequestId: {request} Version: $LATEST\n")),
        "{log}"
    );
    assert!(
        log.contains(&format!(
            "\nEND RequestId: {request}\nREPORT RequestId: {request}\tDuration: "
        )),
        "{log}"
    );
    assert!(
        log.contains("\tMemory Size: 256 MB\tMax Memory Used: "),
        "{log}"
    );
}

#[test]
fn versions_keep_their_code_and_settings() {
    let world = World::new();
    world.deploy("mine", "echo", r#", "Publish": true"#);
    let faulty = std::fs::read(root().join("workflows/guests/faulty.wasm")).unwrap();
    let file = BASE64.encode(faulty);
    world.ok(
        "UpdateFunctionCode",
        &format!(r#"{{"FunctionName": "mine", "ZipFile": "{file}"}}"#),
    );
    let latest = world.invoke("mine", r#"{"do": "panic"}"#, "");
    assert_eq!(text(&latest, "/FunctionError"), "Unhandled", "{latest}");
    assert!(text(&latest, "/Payload").contains("errorType"), "{latest}");
    let first = world.invoke("mine:1", r#"{"do": "panic"}"#, "");
    assert!(first.get("FunctionError").is_none(), "{first}");
    assert_eq!(text(&first, "/ExecutedVersion"), "1");
    let error = world.refused("Invoke", r#"{"FunctionName": "mine", "Qualifier": "2"}"#);
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:mine:2";
    assert_eq!(
        error,
        (
            "ResourceNotFoundException".into(),
            format!("Function not found: {arn}"),
            404
        )
    );
    world.ok("DeleteFunction", r#"{"FunctionName": "mine"}"#);
    assert_eq!(
        world.refused("Invoke", r#"{"FunctionName": "mine:1"}"#).0,
        "ResourceNotFoundException"
    );
}

#[test]
fn limits_hold() {
    let world = World::new();
    world.deploy("mine", "faulty", r#", "Timeout": 1"#);
    let late = world.invoke(
        "mine",
        r#"{"do": "sleep", "seconds": 5}"#,
        r#", "LogType": "Tail""#,
    );
    assert_eq!(text(&late, "/FunctionError"), "Unhandled");
    assert!(
        text(&late, "/Payload").contains("Task timed out after 1.00 seconds"),
        "{late}"
    );
    let log = String::from_utf8(BASE64.decode(text(&late, "/LogResult")).unwrap()).unwrap();
    assert!(
        log.contains("Task timed out after 1.00 seconds\nEND"),
        "{log}"
    );
    assert!(log.contains("Status: timeout"), "{log}");
    let greedy = world.invoke("mine", r#"{"do": "allocate"}"#, "");
    assert!(
        text(&greedy, "/Payload").contains("Runtime.OutOfMemory"),
        "{greedy}"
    );
    world.ok(
        "PutFunctionConcurrency",
        r#"{"FunctionName": "mine", "ReservedConcurrentExecutions": 0}"#,
    );
    let throttled = world.refused("Invoke", r#"{"FunctionName": "mine"}"#);
    assert_eq!(
        throttled,
        (
            "TooManyRequestsException".into(),
            "Rate Exceeded.".into(),
            429
        )
    );
    world.ok("DeleteFunctionConcurrency", r#"{"FunctionName": "mine"}"#);
    world.ok(
        "Invoke",
        r#"{"FunctionName": "mine", "Payload": "{\"do\": \"garbage\"}"}"#,
    );
}

#[test]
fn each_invocation_has_a_folder_of_its_own() {
    let world = World::new();
    world.deploy("mine", "faulty", "");
    let write = r#"{"do": "write-file", "path": "/tmp/kept", "text": "x"}"#;
    let read = r#"{"do": "read-outside", "path": "/tmp/kept"}"#;
    let written = world.invoke("mine", write, "");
    assert_eq!(text(&written, "/Payload"), r#"{"done":null}"#, "{written}");
    let other = world.invoke("mine", read, "");
    assert!(text(&other, "/Payload").contains("refused"), "{other}");
    // A function of the functions file has only what the file mounts.
    let lambda = world.invoke("greeter", "{}", "");
    assert!(lambda.get("FunctionError").is_none(), "{lambda}");
}

#[test]
fn python_is_kept_and_the_file_s_guest_runs_in_its_place() {
    let world = World::new();
    let file = BASE64.encode(zip_of(&[(
        "app.py",
        b"def handler(event, context): return event",
    )]));
    let create = |name: &str| {
        world.ok(
            "CreateFunction",
            &format!(
                r#"{{"FunctionName": "{name}", "Role": "arn:aws:iam::000000000000:role/r", "Runtime": "python3.12",
                    "Handler": "app.handler", "Code": {{"ZipFile": "{file}"}},
                    "Environment": {{"Variables": {{"OWN": "deployed", "MORE": "deployed"}}}}}}"#
            ),
        )
    };
    create("lonely");
    let answer = world.invoke("lonely", "{}", "");
    assert_eq!(text(&answer, "/FunctionError"), "Unhandled");
    let payload = Data::parse(text(&answer, "/Payload")).unwrap();
    assert_eq!(text(&payload, "/errorType"), "Runtime.NotSupported");
    assert!(
        text(&payload, "/errorMessage").contains("[functions.lonely] module = "),
        "{payload}"
    );
    create("greeter");
    let answer = world.invoke("greeter", r#"{"hello": 1}"#, "");
    assert!(answer.get("FunctionError").is_none(), "{answer}");
    assert!(
        text(&answer, "/Payload").contains(r#""hello":1"#),
        "{answer}"
    );
    world.ok("DeleteFunction", r#"{"FunctionName": "greeter"}"#);
    world.invoke("greeter", "{}", "");
}

#[test]
fn events_are_not_waited_for() {
    let world = World::new();
    world.deploy("mine", "faulty", "");
    let event = r#", "InvocationType": "Event""#;
    let sent = world.invoke("mine", r#"{"do": "sleep", "seconds": 2}"#, event);
    assert_eq!(sent.to_string(), r#"{"StatusCode":202}"#);
    let dry = world.invoke("mine", "{}", r#", "InvocationType": "DryRun""#);
    assert_eq!(dry.to_string(), r#"{"StatusCode":204}"#);
    // What was sent first has begun before what is waited for now has ended.
    let before = world.host.now();
    world.invoke("mine", r#"{"do": "sleep", "seconds": 1}"#, "");
    assert!(world.host.now() > before);
}

#[test]
fn a_module_that_does_not_compile_is_refused_at_once() {
    let world = World::new();
    let file = BASE64.encode(b"\0asm\x01\0\0\0\x01\xff\xff");
    let (code, message, status) = world.refused(
        "CreateFunction",
        &format!(
            r#"{{"FunctionName": "bad", "Role": "arn:aws:iam::000000000000:role/r", "Runtime": "provided.al2023",
                "Handler": "bootstrap", "Code": {{"ZipFile": "{file}"}}}}"#
        ),
    );
    assert_eq!(
        (code.as_str(), status),
        ("InvalidParameterValueException", 400)
    );
    assert!(
        message.starts_with("the module does not compile"),
        "{message}"
    );
    assert_eq!(
        world.refused("GetFunction", r#"{"FunctionName": "bad"}"#).2,
        404
    );
}

#[test]
fn payloads_have_their_bounds() {
    let world = World::new();
    let huge = format!(
        r#"{{"FunctionName": "greeter", "Payload": "\"{}\""}}"#,
        "x".repeat(6 << 20)
    );
    let (code, message, status) = world.refused("Invoke", &huge);
    assert_eq!((code.as_str(), status), ("RequestTooLargeException", 413));
    assert!(message.contains("6291456"), "{message}");
    let (code, message, status) =
        world.refused("Invoke", r#"{"FunctionName": "greeter", "Payload": "{a}"}"#);
    assert_eq!(
        (code.as_str(), status),
        ("InvalidRequestContentException", 400)
    );
    assert!(
        message.starts_with("Could not parse request body into json: "),
        "{message}"
    );
}

/// Two hundred functions, in pages, are each told once.
#[test]
fn pages_come_to_an_end() {
    let world = World::new();
    let file = BASE64.encode(zip_of(&[("app.py", b"x")]));
    for number in 0..120 {
        world.ok(
            "CreateFunction",
            &format!(
                r#"{{"FunctionName": "f{number}", "Role": "arn:aws:iam::000000000000:role/r", "Runtime": "python3.12",
                    "Handler": "app.handler", "Publish": true, "Code": {{"ZipFile": "{file}"}}}}"#
            ),
        );
    }
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    let mut marker = String::new();
    loop {
        let page = world.ok(
            "ListFunctions",
            &format!(r#"{{"FunctionVersion": "ALL", "MaxItems": 37, "Marker": "{marker}"}}"#),
        );
        let functions = page.get("Functions").and_then(Data::as_array).unwrap();
        assert!(functions.len() <= 37);
        for one in functions.items() {
            *told
                .entry(text(one, "/FunctionArn").to_owned())
                .or_default() += 1;
        }
        marker = text(&page, "/NextMarker").to_owned();
        if marker.is_empty() {
            break;
        }
    }
    assert_eq!(told.len(), 2 * 120);
    assert!(told.values().all(|times| *times == 1));
}

#[test]
fn lines_tell_of_an_invocation() {
    let report = runtime::InvocationReport {
        execution_arn: "".into(),
        state: "".into(),
        attempt: 0,
        item: None,
        function: "mine".to_owned(),
        version: "3".into(),
        region: "us-east-1".into(),
        request_id: "r".to_owned(),
        started_at: engine::Timestamp(0),
        memory_limit: 128 << 20,
        fuel: 1,
        elapsed: Duration::from_micros(1234),
        peak_memory: (3 << 20) + 1,
        error: Some("Runtime.ExitError".into()),
        log: vec!["hello".to_owned()],
    };
    let lines = [
        "START RequestId: r Version: 3",
        "hello",
        "END RequestId: r",
        "REPORT RequestId: r\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 4 MB\t\
         Status: error\tError Type: Runtime.ExitError",
    ];
    assert_eq!(log_lines(&report), lines);
}
