//! The workers of a sweep on a good day: those that a run would have.
//!
//! Each call runs a machine of its one Task under the virtual clock, so guests, `[tasks]` and machines that a
//! Task starts are found by the same resolver as in a run.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use asl::{Options, Pattern, Program, ResourceKind};
use check::sweep::{Call, NoAnswer, Nominal};
use data::{Data, Format, Object, Source};
use engine::{About, Entropy, Failure, Status, TaskRequest};
use journal::MemoryJournal;
use runtime::{Clock, Companion, Finished, Functions, Machines, Observer, Run, RunError, Stopper};

/// Whatever stands behind the tasks of a run.
pub struct Workers {
    functions: Arc<Functions>,
    machines: Machines,
    companions: Vec<Companion>,
    entropy: Entropy,
    tokio: tokio::runtime::Runtime,
    programs: HashMap<String, Arc<Program>>,
    known: HashMap<Question, Answer>,
}

type Answer = Result<Result<Data, Failure>, NoAnswer>;

/// All that an answer depends on: where and at which attempt it is asked for, when, and with which input.
#[derive(PartialEq, Eq, Hash)]
struct Question {
    site: String,
    attempt: u32,
    at: i64,
    input: String,
}

impl Workers {
    pub fn new(
        functions: Arc<Functions>,
        machines: Machines,
        companions: Vec<Companion>,
        entropy: Entropy,
    ) -> Result<Workers> {
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .event_interval(1)
            .enable_all()
            .build()?;
        Ok(Workers {
            functions,
            machines,
            companions,
            entropy,
            tokio,
            programs: HashMap::new(),
            known: HashMap::new(),
        })
    }

    fn ask(&mut self, call: &Call<'_>) -> Answer {
        let task = call.task;
        if let Some(why) = self.waits_for_outside(task) {
            return Err(nobody(why, MOCK));
        }
        let program = self.program(task)?;
        // Chance differs from attempt to attempt, though each attempt is the first of its own small machine.
        let key = format!("{}#{}", task.site, task.attempt);
        let run = Run {
            program,
            about: Arc::new(About::local("sweep", "task")),
            entropy: Entropy::from_secret(self.entropy.derive("sweep", &key)),
            clock: Clock::Virtual { start: call.at },
            functions: Arc::clone(&self.functions),
            journal: Box::new(MemoryJournal::default()),
            stop: Stopper::default(),
            machines: self.machines.clone(),
            companions: self.companions.clone(),
            activities: None,
            guests: None,
            injector: None,
            outside: None,
            definition: Default::default(),
        };
        let mut ear = Ear::default();
        let finished = self
            .tokio
            .block_on(run.execute(task.input.clone(), &mut ear));
        if let Some(snippet) = ear.unbound {
            let why = format!("nothing is bound to {}", task.resource.text);
            return Err(nobody(why, &format!("put into wf-host.toml:\n{snippet}")));
        }
        answer_of(finished)
    }

    /// Why nobody inside a run answers the task, if nobody does.
    fn waits_for_outside(&self, task: &TaskRequest) -> Option<String> {
        match &task.resource.kind {
            ResourceKind::Service {
                pattern: Pattern::WaitForTaskToken,
                ..
            } => Some("its token would have to come back from outside".to_owned()),
            ResourceKind::Activity if self.companions.is_empty() => {
                Some("its activity has no worker here".to_owned())
            }
            ResourceKind::Activity
            | ResourceKind::LambdaFunction
            | ResourceKind::Service { .. } => None,
        }
    }

    /// A machine of this one Task.
    fn program(&mut self, task: &TaskRequest) -> Result<Arc<Program>, NoAnswer> {
        let name = task.state_name.as_str();
        if let Some(known) = self.programs.get(name) {
            return Ok(Arc::clone(known));
        }
        let state = Object::builder()
            .with("Type", "Task")
            .with("Resource", task.resource.text.clone())
            .with("End", true);
        let machine = Object::builder().with("StartAt", name).with(
            "States",
            Object::builder().with(name, state.build()).build(),
        );
        let source = Source::new("task", Data::from(machine.build()).to_string());
        let compiled = asl::compile(&source, Format::Json, &Options::default());
        let program = compiled
            .program
            .map(Arc::new)
            .ok_or_else(|| NoAnswer::Host(format!("{} cannot be called", task.resource.text)))?;
        self.programs.insert(name.to_owned(), Arc::clone(&program));
        Ok(program)
    }
}

/// What a run of the one Task came to, as the Task's answer.
fn answer_of(finished: std::result::Result<Finished, RunError>) -> Answer {
    match finished {
        Err(RunError::Waiting { .. }) => Err(nobody(
            "it waits for what nobody in the run would send".to_owned(),
            "--also and --beside start machines that may answer",
        )),
        Err(RunError::Load(failure)) => Err(NoAnswer::Guest(failure.to_string())),
        Err(error) => Err(NoAnswer::Host(error.to_string())),
        Ok(finished) => Ok(match finished.execution.status() {
            Status::Succeeded { output } => Ok(output.clone()),
            Status::Failed(failure) | Status::TimedOut(failure) | Status::Aborted(failure) => {
                Err(failure.clone())
            }
            Status::Created | Status::Running => Err(Failure::timeout()),
        }),
    }
}

fn nobody(why: String, hint: &str) -> NoAnswer {
    let hint = hint.to_owned();
    NoAnswer::Nobody { why, hint }
}

impl Nominal for Workers {
    fn answer(&mut self, call: &Call<'_>) -> Answer {
        let question = Question {
            site: call.task.site.clone(),
            attempt: call.task.attempt,
            at: call.at.0,
            input: call.task.input.to_string(),
        };
        if let Some(known) = self.known.get(&question) {
            return known.clone();
        }
        let answer = self.ask(call);
        self.known.insert(question, answer.clone());
        answer
    }
}

/// What is to be done about a task that only the outside answers.
const MOCK: &str = "mock it, --mock-config FILE --test-case MACHINE#CASE";

/// Hears that nothing is bound to the task.
#[derive(Default)]
struct Ear {
    unbound: Option<String>,
}

impl Observer for Ear {
    fn unbound(&mut self, _request: &TaskRequest, _failure: &Failure, snippet: &str) {
        self.unbound = Some(snippet.to_owned());
    }
}
