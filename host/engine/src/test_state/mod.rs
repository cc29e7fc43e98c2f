//! TestState: one state by itself, at a fixed moment, its work done for real or mocked.
//!
//! It is no second interpreter: a state's work, its data flow, its retriers and catchers are the functions
//! that executions use; only the surroundings are others (`scene`), and they listen to the stages.
//! Reading order: `request`, `output`, then `work` (the state's own way) and `outcome` (how it ends).
//!
//! A Task without a mock needs its worker. [`begin_test_state`] stops there and hands out a [`PendingTask`];
//! [`test_state`] does the same around a function that can answer at once.
//!
//! ```
//! use data::Data;
//! use engine::{Entropy, TestSetting, TestStateRequest, Timestamp, test_state};
//!
//! let body = r#"{"definition": "{\"Type\": \"Pass\", \"Next\": \"Ship\"}", "input": "[1]"}"#;
//! let request = TestStateRequest::from_data(&Data::parse(body).unwrap()).unwrap();
//! let setting = TestSetting::new(Timestamp(0), Entropy::from_seed(1));
//! let output = test_state(&request, &setting, |_| unreachable!("a Pass has no worker")).unwrap();
//! let expected = r#"{"output":"[1]","nextState":"Ship","status":"SUCCEEDED"}"#;
//! assert_eq!(output.to_data().to_string(), expected);
//! ```

mod definition;
mod error;
mod outcome;
mod output;
mod reader;
mod request;
mod rules;
mod scene;
mod work;

use data::{Data, EcoString};

use crate::entropy::Entropy;
use crate::execution::TaskRequest;
use crate::failure::Failure;
use crate::quotas::Quotas;
use crate::time::Timestamp;

pub use error::{TestStateError, TestStateErrorCode};
pub use output::{
    HttpExchange, HttpRequest, HttpResponse, InspectionData, InspectionErrorDetails,
    TestExecutionStatus, TestStateOutput,
};
pub use request::{
    InspectionLevel, MockErrorOutput, MockInput, MockResponseValidationMode,
    TestStateConfiguration, TestStateRequest,
};
pub use work::PendingTask;

/// Seconds that a test may take, the work of its task included (API reference of TestState).
const MAX_SECONDS: u64 = 300;

/// Where and when a test takes place.
#[derive(Clone)]
pub struct TestSetting<'a> {
    /// The moment of all that happens.
    pub now: Timestamp,
    /// The source of every random value, the names of the made-up execution included.
    pub entropy: Entropy,
    /// The region of the made-up ARNs.
    pub region: EcoString,
    /// The account of the made-up ARNs.
    pub account: EcoString,
    /// What the state may use.
    pub quotas: Quotas,
    /// How the definition is compiled.
    pub options: asl::Options<'a>,
}

impl TestSetting<'_> {
    /// Account 000000000000, region us-east-1, AWS's quotas.
    pub fn new(now: Timestamp, entropy: Entropy) -> TestSetting<'static> {
        TestSetting {
            now,
            entropy,
            region: "us-east-1".into(),
            account: "000000000000".into(),
            quotas: Quotas::default(),
            options: asl::Options::default(),
        }
    }

    /// A version 4 UUID for a purpose.
    fn uuid(&self, of: &str) -> String {
        let bits = self.entropy.derive("test-state", of);
        let mut bytes: [u8; 16] = bits[..16].try_into().expect("sixteen of thirty-two bytes");
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let hex = format!("{:032x}", u128::from_be_bytes(bytes));
        let parts = [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        ];
        parts.join("-")
    }
}

/// What a worker says.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its result, or how it failed.
    pub result: Result<Data, Failure>,
    /// What went over the wire, if the task is an HTTP call.
    pub http: Option<Box<HttpExchange>>,
}

impl From<Result<Data, Failure>> for Answer {
    fn from(result: Result<Data, Failure>) -> Answer {
        Answer { result, http: None }
    }
}

/// How far a test goes by itself.
#[derive(Debug)]
pub enum TestStep {
    /// To its end.
    Done(Box<TestStateOutput>),
    /// To a worker.
    Task(Box<PendingTask>),
}

/// Tests a state as far as that is possible without its worker.
pub fn begin_test_state(
    request: &TestStateRequest,
    setting: &TestSetting<'_>,
) -> Result<TestStep, TestStateError> {
    let tested = definition::compile(request, setting)?;
    let given = rules::given(request, &tested)?;
    let input = rules::input(request)?;
    Ok(work::begin(request, setting, tested, given, input))
}

/// Tests a state; `worker` does the work of a Task that has no mock.
pub fn test_state(
    request: &TestStateRequest,
    setting: &TestSetting<'_>,
    worker: impl FnOnce(&TaskRequest) -> Answer,
) -> Result<TestStateOutput, TestStateError> {
    match begin_test_state(request, setting)? {
        TestStep::Done(output) => Ok(*output),
        TestStep::Task(pending) => {
            let answer = worker(pending.request());
            Ok(pending.finish(answer))
        }
    }
}
