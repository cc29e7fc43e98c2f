//! Stubs as a mock file of Step Functions Local.

use data::{Data, EcoString, Object};

use super::Stubs;

/// What the test case of the stubs is called.
pub const TEST_CASE: &str = "Stubs";

/// Enough for every retry, loop and Map iteration.
const ATTEMPTS: &str = "0-9999";

/// The text of the mock file: for each machine the test case [`TEST_CASE`], with a response for each of its
/// tasks.
pub fn mock_file(stubs: &[Stubs]) -> String {
    let (mut machines, mut responses) = (Object::builder(), Object::builder());
    let response = |machine: &Stubs, state: &EcoString| match stubs.len() {
        1 => state.clone(),
        _ => format!("{}.{state}", machine.machine).into(),
    };
    for machine in stubs {
        let states = machine.results.iter();
        let states: Object = states
            .map(|(state, _)| (state.clone(), Data::from(response(machine, state))))
            .collect();
        let case = Object::builder().with(TEST_CASE, states).build();
        let cases = Object::builder().with("TestCases", case).build();
        machines.insert(machine.machine.clone(), cases.into());
        for (state, result) in &machine.results {
            let returned = Object::builder().with("Return", result.clone()).build();
            let attempts = Object::builder().with(ATTEMPTS, returned).build();
            responses.insert(response(machine, state), attempts.into());
        }
    }
    let file = Object::builder()
        .with("StateMachines", machines.build())
        .with("MockedResponses", responses.build());
    Data::from(file.build()).to_pretty() + "\n"
}
