//! The interpreter of state machines.
//!
//! An [`Execution`] is a value. It has no clock, no thread, no file and no network: it is told the time and
//! what happened ([`Input`]), and answers with what to write down ([`Record`]) and what to do ([`Command`]).
//! The same interpreter thus serves a run in memory, a durable server, virtual time and an exhaustive search
//! for failures, and a run that is rebuilt from its records is equal to the one that wrote them.
//!
//! Reading order: `execution` (the surface), `record` (what can happen), `frame` (where an execution stands),
//! `apply` (the only code that moves it), `step` (the driver), then one file a state type under `state`.
//! `redrive` says how an execution that ended badly goes on, `rebase` how it does with a mended definition, `midway`
//! how a turn is cut short. `test_state` tests one state by itself, by the same functions.
//!
//! ```
//! use std::sync::Arc;
//! use data::{Data, Format, Source};
//! use engine::{About, Effects, Entropy, Execution, Input, Quotas, Status, Timestamp};
//!
//! let text = r#"{"StartAt": "Hello", "States": {"Hello": {"Type": "Pass", "End": true}}}"#;
//! let source = Source::new("hello.asl.json", text);
//! let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
//! let program = Arc::new(compiled.program.unwrap());
//!
//! let mut execution = Execution::new(program, Arc::new(About::local("hello", "first")));
//! let mut effects = Effects::default();
//! let input = Input::Start(Data::from("world"));
//! execution.handle(Timestamp(0), &Entropy::from_seed(1), input, &mut effects);
//! assert_eq!(execution.status(), &Status::Succeeded { output: Data::from("world") });
//! assert_eq!(effects.records.len(), 4);
//! ```

mod apply;
mod context;
mod dataflow;
mod entropy;
mod execution;
mod fact;
mod failure;
mod frame;
mod history;
mod ids;
mod inspect;
mod jsonata;
mod map_run;
mod midway;
mod quotas;
mod rebase;
mod record;
mod redrive;
mod retry;
mod standing;
mod state;
mod step;
mod stored;
mod test_state;
mod time;

pub use entropy::Entropy;
pub use execution::{About, Command, Corrupt, Effects, Execution, Input, Status, TaskRequest};
pub use fact::Site;
pub use failure::{Failure, errors};
pub use history::HistoryEvent;
pub use ids::{EventId, FrameId, NotAToken, TaskToken};
pub use map_run::{Batching, ItemSource, MapItem, MapRunPlan, MapRunRequest};
pub use quotas::Quotas;
pub use rebase::Misfit;
pub use record::{
    Change, EventPlace, Payload, RECORD_VERSION, Record, StateRef, TaskKind, To, Via,
};
pub use redrive::NotRedrivable;
pub use state::distributed::map_processor;
pub use stored::{NotARecord, StoredLog, TaskStep, read_stored, stored_text};
pub use test_state::{
    Answer, HttpExchange, HttpRequest, HttpResponse, InspectionData, InspectionErrorDetails,
    InspectionLevel, MockErrorOutput, MockInput, MockResponseValidationMode, PendingTask,
    TestExecutionStatus, TestSetting, TestStateConfiguration, TestStateError, TestStateErrorCode,
    TestStateOutput, TestStateRequest, TestStep, begin_test_state, test_state,
};
pub use time::Timestamp;
