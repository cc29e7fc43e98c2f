//! Finding a test case of a mock file.

use std::collections::BTreeMap;

use data::EcoString;

use super::mocks::Mocks;

/// One test case: what is mocked in an execution of a machine.
#[derive(Clone, Debug)]
pub struct TestCase {
    /// The machine's name in the mock file.
    pub machine: EcoString,
    /// The case's name.
    pub name: EcoString,
    /// The mocks, none of them used.
    pub mocks: Mocks,
}

/// A test case that cannot be found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CaseError {
    /// What is wrong.
    pub message: String,
    /// What there is instead.
    pub hint: String,
}

type Machines = BTreeMap<EcoString, BTreeMap<EcoString, Mocks>>;

/// The case that `Machine#Case` or `Case` means.
pub(super) fn find(machines: &Machines, test_case: &str) -> Result<TestCase, CaseError> {
    let found = match test_case.split_once('#') {
        Some((machine, case)) => {
            let cases = machines.get_key_value(machine);
            let found = cases.and_then(|(name, cases)| Some((name, cases.get_key_value(case)?)));
            found.ok_or_else(|| unknown(machines, machine, case))
        }
        None => alone(machines, test_case),
    };
    found.map(|(machine, (name, mocks))| TestCase {
        machine: machine.clone(),
        name: name.clone(),
        mocks: mocks.clone(),
    })
}

type Found<'m> = (&'m EcoString, (&'m EcoString, &'m Mocks));

/// The case of that name that a single machine has.
fn alone<'m>(machines: &'m Machines, case: &str) -> Result<Found<'m>, CaseError> {
    let with = machines.iter();
    let with = with.filter_map(|(machine, cases)| Some((machine, cases.get_key_value(case)?)));
    let found: Vec<Found<'m>> = with.collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => {
            let message = format!("no machine of the mock file has a test case `{case}`");
            let hint = all(machines, case, |_, known| known.to_owned());
            Err(CaseError { message, hint })
        }
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|(machine, _)| format!("{machine}#{case}"))
                .collect();
            Err(CaseError {
                message: format!("several machines have a test case `{case}`"),
                hint: format!("say which: {}", names.join(", ")),
            })
        }
    }
}

fn unknown(machines: &Machines, machine: &str, case: &str) -> CaseError {
    let full = |machine: &str, case: &str| format!("{machine}#{case}");
    match machines.get(machine) {
        Some(cases) => {
            let names: Vec<&str> = cases.keys().map(EcoString::as_str).collect();
            CaseError {
                message: format!("machine `{machine}` has no test case `{case}` in the mock file"),
                hint: match data::nearest(case, names.iter().copied()) {
                    Some(near) => format!("did you mean `{machine}#{near}`?"),
                    None if names.is_empty() => "it has no test cases".to_owned(),
                    None => format!("its test cases: {}", names.join(", ")),
                },
            }
        }
        None => CaseError {
            message: format!("the mock file has no machine `{machine}`"),
            hint: all(machines, &full(machine, case), full),
        },
    }
}

/// The nearest of all test cases, else every one; `name` says how they are compared.
fn all(machines: &Machines, wanted: &str, name: impl Fn(&str, &str) -> String) -> String {
    let cases = machines.iter();
    let cases = cases.flat_map(|(machine, cases)| cases.keys().map(move |case| (machine, case)));
    let cases: Vec<(String, String)> = cases
        .map(|(machine, case)| (name(machine, case), format!("{machine}#{case}")))
        .collect();
    let near = data::nearest(wanted, cases.iter().map(|(name, _)| name.as_str()));
    let near = near.and_then(|near| cases.iter().find(|(name, _)| name == near));
    match near {
        Some((_, full)) => format!("did you mean `{full}`?"),
        None if cases.is_empty() => "the mock file has no test cases".to_owned(),
        None => {
            let names: Vec<&str> = cases.iter().map(|(_, full)| full.as_str()).collect();
            format!("test cases: {}", names.join(", "))
        }
    }
}
