//! The shell around the engine: it has the clocks, the workers and the journal that the engine must not know.
//!
//! [`Run`] takes an execution from its input to its end, with those that it starts and those beside it: it hands
//! inputs to the engine, keeps the records before anything else happens, and carries out the commands. [`Functions`] is the one place where a Task's
//! `Resource` meets its worker. Under [`Clock::Virtual`] time moves from event to event: a year of Wait, a
//! back-off and a guest's own sleep take no real time and happen in a fixed order.
//!
//! What this room must never know: command lines, HTTP, how a store lays out its data.
//!
//! ```
//! use std::sync::Arc;
//! use data::{Data, Format, Source};
//! use engine::{About, Entropy, Status, Timestamp};
//! use runtime::{Clock, Functions, Run, Silent, Stopper};
//!
//! let text = r#"{"StartAt": "Year", "States": {"Year": {"Type": "Wait", "Seconds": 30000000, "End": true}}}"#;
//! let program = asl::compile(&Source::new("year.json", text), Format::Json, &asl::Options::default()).program;
//! let run = Run {
//!     program: Arc::new(program.unwrap()),
//!     about: Arc::new(About::local("year", "first")),
//!     entropy: Entropy::from_seed(1),
//!     clock: Clock::Virtual { start: Timestamp(0) },
//!     functions: Arc::new(Functions::new(sandbox::Config::default(), Default::default())),
//!     journal: Box::new(journal::MemoryJournal::default()),
//!     stop: Stopper::default(),
//!     machines: Default::default(),
//!     companions: Vec::new(),
//!     activities: None,
//!     guests: None,
//!     injector: None,
//!     outside: None,
//!     definition: Default::default(),
//! };
//! let tokio = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! let done = tokio.block_on(run.execute(Data::Null, &mut Silent)).unwrap();
//! assert_eq!(done.execution.status(), &Status::Succeeded { output: Data::Null });
//! assert_eq!(done.execution.stopped_at(), Some(Timestamp(30_000_000_000)));
//! ```

mod bindings;
mod clock;
mod definition;
mod functions;
pub mod host;
mod identity;
pub mod inject;
mod invoke;
mod kept;
mod lambda;
mod machines;
pub mod manifest;
mod map_run;
mod observer;
mod outside;
pub mod remote;
mod run;
mod shell;
mod stop;

pub use bindings::{Called, Unbound, called, most_guests, named_functions, unbound};
pub use clock::Clock;
pub use definition::{compile, definition};
pub use functions::{
    ApiCall, Code, Deployment, Envelope, Function, Functions, FunctionsError, LoadFailure, Meant,
    Trust, Work, function_name,
};
pub use kept::Folder;
pub use lambda::log_stream;
pub use machines::{Companion, Machine, Machines, is_name, machine_name};
pub use observer::{Both, InvocationReport, Observer, Silent};
pub use outside::{Answer, Answerer, Outside, Refused};
pub use run::{Finished, Other, Run, RunError};
pub use shell::entropy_beside;
pub use stop::Stopper;
