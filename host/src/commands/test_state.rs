//! `wf-host test-state`: one state by itself, as AWS's TestState does it.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use asl::{Diagnostic, Options, Severity};
use data::{Data, Format, Object, ObjectBuilder, Source};
use engine::{
    About, Answer, Entropy, Failure, PendingTask, Status, TestExecutionStatus, TestSetting,
    TestStateError, TestStateErrorCode, TestStateOutput, TestStateRequest, TestStep, Timestamp,
    begin_test_state,
};
use journal::MemoryJournal;
use runtime::{Clock, Functions, Machines, Outside, Run, Stopper};

use crate::args::{LevelArg, MockValidationArg, TestStateArgs};
use crate::exit::{Exit, because, because_hint};
use crate::functions::setup;
use crate::mailbox::Door;
use crate::progress::Progress;
use crate::{files, output};

/// Tests the state and prints the answer of TestState.
pub fn test_state(args: &TestStateArgs) -> Result<Exit> {
    let setup = setup(&args.functions, &args.definition)?;
    let (source, format) = files::source(&args.definition)?;
    let functions = Arc::new(setup.functions);
    let is_function = |name: &str| functions.find(name).is_some();
    let options = Options {
        definitions: &setup.define,
        is_function: &is_function,
        express: false,
    };
    check(args, &source, format, &options)?;
    let entropy = Entropy::from_seed(args.seed);
    let mut setting = TestSetting::new(moment(args)?, entropy.clone());
    setting.options = options;
    let request = request(args, &source, format)?;
    let request = TestStateRequest::from_data(&request).map_err(|error| refused(&error))?;
    let done = match begin_test_state(&request, &setting).map_err(|error| refused(&error))? {
        TestStep::Done(done) => *done,
        TestStep::Task(task) => {
            let answer = work(&task, Arc::clone(&functions), entropy, setting.now)?;
            task.finish(answer)
        }
    };
    output::value(&done.to_data());
    Ok(exit(&done))
}

/// Says what is wrong with the definition with its places, before AWS's one line would.
fn check(args: &TestStateArgs, source: &Source, format: Format, options: &Options) -> Result<()> {
    let compiled = match &args.state {
        Some(_) => asl::compile(source, format, options),
        None => asl::compile_state(source, format, options).compiled,
    };
    let is_error = |found: &&Diagnostic| found.severity == Severity::Error;
    let errors: Vec<&Diagnostic> = compiled.diagnostics.iter().filter(is_error).collect();
    for error in &errors {
        output::talk(&error.render(source));
    }
    if errors.is_empty() {
        return Ok(());
    }
    let message = format!("{} is not a valid definition", source.name);
    let whole = args.state.is_none() && source.text.contains("StartAt");
    Err(match whole {
        true => because_hint(
            Exit::BadFile,
            message,
            "--state NAME tests a state of a whole definition",
        ),
        false => because(Exit::BadFile, message),
    })
}

/// The request as the API takes it.
fn request(args: &TestStateArgs, source: &Source, format: Format) -> Result<Data> {
    let definition = match format {
        Format::Json => source.text.to_string(),
        Format::Yaml | Format::Toml => data::read(source, format)
            .map_err(|error| because(Exit::BadFile, format!("{}: {}", source.name, error.message)))?
            .to_data()
            .to_string(),
    };
    let level = match args.level {
        LevelArg::Info => "INFO",
        LevelArg::Debug => "DEBUG",
        LevelArg::Trace => "TRACE",
    };
    let mut request = Object::builder()
        .with("definition", definition)
        .with("roleArn", args.role_arn.as_str())
        .with("input", files::json(&args.input, "--input")?.to_string())
        .with("inspectionLevel", level);
    let json = |flag: &str, text: &Option<String>| match text {
        None => anyhow::Ok(None),
        Some(text) => Ok(Some(files::json(text, flag)?.to_string())),
    };
    put(&mut request, "stateName", args.state.clone());
    put(
        &mut request,
        "variables",
        json("--variables", &args.variables)?,
    );
    put(&mut request, "context", json("--context", &args.context)?);
    let mock = mock(args, json("--mock-result", &args.mock_result)?);
    if let Some(mock) = mock {
        request.insert("mock".into(), mock);
    }
    request.insert("stateConfiguration".into(), configuration(args)?);
    Ok(request.build().into())
}

fn put(object: &mut ObjectBuilder, name: &str, value: Option<impl Into<Data>>) {
    if let Some(value) = value {
        object.insert(name.into(), value.into());
    }
}

fn mock(args: &TestStateArgs, result: Option<String>) -> Option<Data> {
    let mut mock = Object::builder();
    put(&mut mock, "result", result);
    if let Some(error) = &args.mock_error {
        let mut failure = Object::builder().with("error", error.as_str());
        put(&mut failure, "cause", args.mock_cause.clone());
        mock.insert("errorOutput".into(), failure.build().into());
    }
    let mode = args.mock_validation.map(|mode| match mode {
        MockValidationArg::Strict => "STRICT",
        MockValidationArg::Present => "PRESENT",
        MockValidationArg::None => "NONE",
    });
    put(&mut mock, "fieldValidationMode", mode);
    let mock = mock.build();
    (!mock.is_empty()).then(|| mock.into())
}

fn configuration(args: &TestStateArgs) -> Result<Data> {
    let mut own = Object::builder();
    put(&mut own, "retrierRetryCount", args.retries.map(i64::from));
    put(&mut own, "errorCausedByState", args.caused_by.clone());
    let failed = args.failed_iterations.map(i64::from);
    put(&mut own, "mapIterationFailureCount", failed);
    let read = match &args.reader_data {
        None => None,
        Some(text) => Some(match text.strip_prefix('@') {
            Some(path) => files::text(Path::new(path))?,
            None => text.clone(),
        }),
    };
    put(&mut own, "mapItemReaderData", read);
    Ok(own.build().into())
}

fn moment(args: &TestStateArgs) -> Result<Timestamp> {
    let Some(text) = &args.start_time else {
        return Ok(Clock::DEFAULT_START);
    };
    Timestamp::parse(text).ok_or_else(|| {
        because_hint(
            Exit::Usage,
            format!("--start-time {text} is not a timestamp"),
            "a timestamp looks like 2026-03-14T01:59:00Z",
        )
    })
}

/// Lets the state's own worker do the work: a machine of this one Task runs it under the virtual clock.
fn work(
    task: &PendingTask,
    functions: Arc<Functions>,
    entropy: Entropy,
    now: Timestamp,
) -> Result<Answer> {
    let request = task.request();
    let timeout = i64::try_from(task.timeout_seconds()).unwrap_or(i64::MAX);
    let state = Object::builder()
        .with("Type", "Task")
        .with("Resource", request.resource.text.clone())
        .with("TimeoutSeconds", timeout)
        .with("End", true);
    let states = Object::builder().with(request.state_name.as_str(), state.build());
    let machine = Object::builder()
        .with("StartAt", request.state_name.clone())
        .with("States", states.build());
    let source = Source::new("state", Data::from(machine.build()).to_string());
    let compiled = asl::compile(&source, Format::Json, &Options::default());
    let program = compiled.program.ok_or_else(|| {
        because(
            Exit::BadFile,
            format!("{} cannot be called", request.resource.text),
        )
    })?;
    let about = Arc::new(About::local("test-state", "test"));
    let door = Door::new(Outside::new(false).0, false);
    let mut progress = Progress::new(false, true, false, about.execution_arn.clone(), door);
    let run = Run {
        program: Arc::new(program),
        about,
        entropy,
        clock: Clock::Virtual { start: now },
        functions,
        journal: Box::new(MemoryJournal::default()),
        stop: Stopper::default(),
        machines: Machines::default(),
        companions: Vec::new(),
        activities: None,
        guests: None,
        injector: None,
        outside: None,
        definition: Default::default(),
    };
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let finished = tokio.block_on(run.execute(request.input.clone(), &mut progress));
    let finished = finished.map_err(|error| super::run::run_error(&error))?;
    let result = match finished.execution.status() {
        Status::Succeeded { output } => Ok(output.clone()),
        Status::Failed(failure) | Status::TimedOut(failure) | Status::Aborted(failure) => {
            Err(failure.clone())
        }
        Status::Created | Status::Running => Err(Failure::timeout()),
    };
    Ok(Answer { result, http: None })
}

fn refused(error: &TestStateError) -> anyhow::Error {
    let exit = match error.code {
        TestStateErrorCode::InvalidDefinition | TestStateErrorCode::InvalidExecutionInput => {
            Exit::BadFile
        }
        TestStateErrorCode::InvalidArn
        | TestStateErrorCode::SerializationException
        | TestStateErrorCode::ValidationException => Exit::Usage,
    };
    because(exit, error.to_string())
}

fn exit(output: &TestStateOutput) -> Exit {
    match output.status {
        TestExecutionStatus::Failed => Exit::Failed,
        TestExecutionStatus::Succeeded
        | TestExecutionStatus::Retriable
        | TestExecutionStatus::CaughtError => Exit::Ok,
    }
}
