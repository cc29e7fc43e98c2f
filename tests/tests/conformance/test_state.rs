//! TestState, with real guests behind Lambda's functions.

use data::Data;
use engine::{Answer, Entropy, TaskRequest, TestSetting, TestStateRequest};
use runtime::Clock;

use crate::api::Refusal;
use crate::functions::Bound;
use crate::run;

/// From TestState's parameters to its response.
pub fn test_state(params: &Data, bound: &Bound, seed: u64) -> Result<Data, Refusal> {
    let setting = TestSetting::new(Clock::DEFAULT_START, Entropy::from_seed(seed));
    let worker = |request: &TaskRequest| Answer::from(run::task(bound, request));
    let output = TestStateRequest::from_data(params)
        .and_then(|request| engine::test_state(&request, &setting, worker));
    let refused = |error: engine::TestStateError| Refusal {
        code: error.code.as_str().to_owned(),
        message: error.message,
    };
    output.map(|output| output.to_data()).map_err(refused)
}
