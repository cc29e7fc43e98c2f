//! The classes of fault: what can go wrong at a Task.

use asl::{Dataflow, Pattern, Program, ResourceKind, State, StateId, StateKind, Task};
use data::{Data, EcoString, Object};
use engine::{Failure, errors};

/// A class of fault of a [`Classes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ClassId(pub u16);

/// A way in which a Task can go wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Class {
    /// The error's name, or what is called so in reports.
    pub name: EcoString,
    /// What the worker does.
    pub deed: Deed,
}

/// What a worker does when it goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Deed {
    /// It fails.
    Fails(Failure),
    /// It answers more than a payload may be.
    AnswersTooMuch,
    /// It never answers, though it gives signs of life.
    TakesTooLong,
    /// It never answers and gives no sign of life.
    IsSilent,
}

/// What the callback that never comes is called in reports.
pub const LOST_CALLBACK: &str = "lost callback";

/// Every class of fault that a machine can meet, and which of them each Task can.
#[derive(Debug)]
pub(crate) struct Classes {
    all: Vec<Class>,
    of: Vec<Vec<ClassId>>,
}

impl Classes {
    pub fn of(program: &Program) -> Classes {
        let mut classes = Classes {
            all: Vec::new(),
            of: Vec::new(),
        };
        let named = named_errors(program);
        for (_, state) in program.states() {
            let ids = match &state.kind {
                StateKind::Task(task) => at_task(state, task, &named)
                    .into_iter()
                    .map(|class| classes.intern(class))
                    .collect(),
                StateKind::Choice(_)
                | StateKind::Parallel(_)
                | StateKind::Map(_)
                | StateKind::Wait(_)
                | StateKind::Pass(_)
                | StateKind::Succeed
                | StateKind::Fail(_) => Vec::new(),
            };
            classes.of.push(ids);
        }
        classes
    }

    /// The class with this id.
    pub fn get(&self, id: ClassId) -> &Class {
        &self.all[usize::from(id.0)]
    }

    /// What can go wrong at a state, the errors of its own machine first.
    pub fn at(&self, state: StateId) -> &[ClassId] {
        &self.of[state.0 as usize]
    }

    fn intern(&mut self, class: Class) -> ClassId {
        let known = self.all.iter().position(|known| *known == class);
        let at = known.unwrap_or_else(|| {
            self.all.push(class);
            self.all.len() - 1
        });
        ClassId(u16::try_from(at).expect("a definition of 1 MB names fewer errors than that"))
    }
}

/// The errors that any `ErrorEquals` names and a worker can raise, in the order of the definition.
fn named_errors(program: &Program) -> Vec<EcoString> {
    let mut names: Vec<EcoString> = Vec::new();
    for (_, state) in program.states() {
        let retried = state.retry.iter().flat_map(|entry| &entry.error_equals);
        let caught = state.catch.iter().flat_map(|entry| &entry.error_equals);
        for name in retried.chain(caught) {
            let own = name.starts_with(HTTP) || name == errors::RESULT_PATH_MATCH_FAILURE;
            let raised = own || !name.starts_with("States.");
            if raised && !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    names
}

const HTTP: &str = "States.Http.";

/// The errors with which Lambda, or the sandbox in its place, ends a function, and what they say.
const SANDBOX: [(&str, &str); 8] = [
    ("Sandbox.Timedout", "Task timed out after 3.00 seconds"),
    ("Runtime.OutOfMemory", "used up its memory of 128 MB"),
    ("Runtime.OutOfFuel", "used up its fuel"),
    (
        "Runtime.Trap",
        "wasm trap: wasm `unreachable` instruction executed",
    ),
    ("Runtime.StackOverflow", "the call stack is exhausted"),
    (
        "Runtime.ExitError",
        "Runtime exited with error: exit status 1",
    ),
    ("Runtime.MarshalError", "the output is not JSON"),
    (
        "Function.ResponseSizeTooLarge",
        "Response payload size exceeded maximum allowed payload size (6291456 bytes).",
    ),
];

/// Errors around a Distributed Map's data, which no Task raises and no sweep tries.
pub(crate) const UNTRIED: [&str; 2] = ["States.ItemReaderFailed", "States.ResultWriterFailed"];

/// What the call of any service may come to, whoever wrote the worker.
const SERVICE: [&str; 3] = [
    "ServiceException",
    "SdkClientException",
    "TooManyRequestsException",
];

fn at_task(state: &State, task: &Task, named: &[EcoString]) -> Vec<Class> {
    let mut classes = List::default();
    let kind = &task.resource.kind;
    for name in named.iter().filter(|name| can_raise(kind, name)) {
        classes.fails(name, format!("{name}, as the definition names it"));
    }
    classes.fails(
        errors::TASK_FAILED,
        "an error that no entry names".to_owned(),
    );
    if task.timeout.is_some() {
        classes.add(errors::TIMEOUT, Deed::TakesTooLong);
    }
    if task.heartbeat.is_some() {
        classes.add(errors::HEARTBEAT_TIMEOUT, Deed::IsSilent);
    }
    if waits_for_callback(kind) {
        classes.add(LOST_CALLBACK, Deed::IsSilent);
    }
    let role = "The role is not authorized to access the Task state's resource.".to_owned();
    classes.fails("States.Permissions", role);
    classes.add(errors::DATA_LIMIT_EXCEEDED, Deed::AnswersTooMuch);
    if matches!(state.flow, Dataflow::Jsonata(_)) {
        let cause = format!("An expression of the state '{}' failed.", state.name);
        classes.fails(errors::QUERY_EVALUATION_ERROR, cause);
    }
    classes.of_worker(kind);
    let cause = format!(
        "An error occurred while executing the state '{}'.",
        state.name
    );
    classes.fails(errors::RUNTIME, cause);
    classes.0
}

#[derive(Default)]
struct List(Vec<Class>);

impl List {
    fn add(&mut self, name: &str, deed: Deed) {
        if self.0.iter().all(|known| known.name != name) {
            let name = name.into();
            self.0.push(Class { name, deed });
        }
    }

    fn fails(&mut self, name: &str, cause: String) {
        self.add(name, Deed::Fails(Failure::new(name, cause)));
    }

    /// What the worker's own kind adds.
    fn of_worker(&mut self, kind: &ResourceKind) {
        if is_http(kind) {
            self.fails("States.Http.Socket", "Connection reset by peer".to_owned());
            for status in ["429", "500"] {
                let cause = format!("The endpoint answered with status {status}");
                self.fails(&format!("{HTTP}StatusCode.{status}"), cause);
            }
            return;
        }
        let Some(prefix) = service_prefix(kind) else {
            return;
        };
        for name in SERVICE {
            self.fails(&format!("{prefix}.{name}"), service_cause(name, &prefix));
        }
        if is_function(kind) {
            let name = "AWSLambdaException";
            self.fails(&format!("Lambda.{name}"), service_cause(name, &prefix));
            for (name, message) in SANDBOX {
                self.fails(name, function_cause(name, message));
            }
        }
    }
}

/// Whether a worker of this kind could raise an error of that name: those of functions come from functions.
fn can_raise(kind: &ResourceKind, name: &str) -> bool {
    const FUNCTIONS: [&str; 4] = ["Lambda.", "Sandbox.", "Runtime.", "Function."];
    if name.starts_with(HTTP) {
        return is_http(kind);
    }
    is_function(kind) || !FUNCTIONS.iter().any(|prefix| name.starts_with(prefix))
}

fn is_http(kind: &ResourceKind) -> bool {
    matches!(kind, ResourceKind::Service { service, .. } if service == "http")
}

fn is_function(kind: &ResourceKind) -> bool {
    match kind {
        ResourceKind::LambdaFunction => true,
        ResourceKind::Activity => false,
        ResourceKind::Service {
            service, action, ..
        } => service == "lambda" && action == "invoke",
    }
}

fn waits_for_callback(kind: &ResourceKind) -> bool {
    match kind {
        ResourceKind::LambdaFunction => false,
        ResourceKind::Activity => true,
        ResourceKind::Service { pattern, .. } => *pattern == Pattern::WaitForTaskToken,
    }
}

/// What stands before the dot in the errors of a service; none for an activity, which no SDK calls.
///
/// AWS lists a few in the developer guide; of the others it says no more than that the name is capitalised.
fn service_prefix(kind: &ResourceKind) -> Option<String> {
    const KNOWN: [(&str, &str); 7] = [
        ("dynamodb", "DynamoDB"),
        ("sqs", "SQS"),
        ("sns", "SNS"),
        ("ecs", "ECS"),
        ("eks", "EKS"),
        ("emr", "EMR"),
        ("states", "StepFunctions"),
    ];
    let service = match kind {
        ResourceKind::LambdaFunction => return Some("Lambda".to_owned()),
        ResourceKind::Activity => return None,
        ResourceKind::Service { service, .. } => service.as_str(),
    };
    let service = service.strip_prefix("aws-sdk:").unwrap_or(service);
    let known = KNOWN.iter().find(|(name, _)| *name == service);
    Some(known.map_or_else(|| capitalised(service), |(_, prefix)| (*prefix).to_owned()))
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn service_cause(name: &str, service: &str) -> String {
    match name {
        "TooManyRequestsException" => {
            format!("Rate Exceeded. (Service: {service}, Status Code: 429, Request ID: {REQUEST})")
        }
        "SdkClientException" => {
            "Unable to execute HTTP request: Connection reset by peer".to_owned()
        }
        _ => format!(
            "Internal server error. (Service: {service}, Status Code: 500, Request ID: {REQUEST})"
        ),
    }
}

const REQUEST: &str = "00000000-0000-0000-0000-000000000000";

/// The cause is the payload of the function's error as a text, as on Lambda.
fn function_cause(error: &str, message: &str) -> String {
    let message = format!("RequestId: {REQUEST} Error: {message}");
    let payload = Object::builder().with("errorType", error);
    Data::from(payload.with("errorMessage", message).build()).to_string()
}
