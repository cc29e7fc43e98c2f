//! What the services keep outlives them: see `operations.rs` for everything that changes something.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod operations;
mod shelf;
mod trouble;
mod world;

use std::collections::BTreeSet;
use std::sync::Arc;

use api::model::{IAM, LAMBDA, LOGS, Model, STEP_FUNCTIONS};
use api::stepfunctions::MachineRegistry;
use data::Data;
use engine::Timestamp;
use operations::{CHANGES, ELSEWHERE, LOOKS};
use runtime::Machine;
use runtime::host::Registry as _;
use shelf::Shelf;
use world::{Services, Set, World};

/// After every operation that changes something, services that are made of what was put answer as those that put it.
#[test]
fn every_change_outlives_the_services() {
    let world = World::new();
    let shelf = Arc::new(Shelf::default());
    let services = world.services(&shelf);
    let mut wrong = Vec::new();
    for (number, (set, operation, parameters)) in CHANGES.iter().enumerate() {
        let before = shelf.puts();
        let answer = world.call(&services, *set, operation, parameters, number);
        if let Err(error) = answer {
            wrong.push(format!("{operation} {parameters}: {error:?}"));
        }
        if shelf.puts() == before {
            wrong.push(format!("{operation} {parameters} puts nothing"));
        }
        if *operation == "CreateStateMachine" {
            world.run(&services, parameters);
        }
        let again = world.services(&Arc::new(shelf.copy()));
        let (expected, found) = (looks(&world, &services), looks(&world, &again));
        let pairs = expected.iter().zip(&found);
        let different = pairs.filter(|(expected, found)| expected != found);
        wrong.extend(
            different
                .map(|(expected, found)| format!("after {operation}\n  {expected}\n  {found}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What every operation that looks answers.
fn looks(world: &World, services: &Services) -> Vec<String> {
    let looks = LOOKS.iter().map(|(set, operation, parameters)| {
        let answer = world.call(services, *set, operation, parameters, 0);
        let answer = answer.map(|answer| answer.to_string());
        format!("{operation} {parameters}: {answer:?}")
    });
    looks.collect()
}

/// No operation is left out: each changes something and is tried, or looks and is tried, or is named as neither.
#[test]
fn every_operation_is_tried() {
    let models: [(Set, &Model); 4] = [
        (Set::StepFunctions, &STEP_FUNCTIONS),
        (Set::Lambda, &LAMBDA),
        (Set::Iam, &IAM),
        (Set::Logs, &LOGS),
    ];
    let tried = CHANGES.iter().chain(LOOKS);
    let tried = tried.map(|(set, operation, _)| (*set, *operation));
    let tried: BTreeSet<(Set, &str)> = tried.chain(ELSEWHERE.iter().copied()).collect();
    let mut all = BTreeSet::new();
    for (set, model) in models {
        let served = model.operations.keys();
        all.extend(served.map(|operation| (set, operation.as_str())));
    }
    let left_out: Vec<_> = all.difference(&tried).collect();
    assert!(left_out.is_empty(), "not tried: {left_out:?}");
    let unknown: Vec<_> = tried.difference(&all).collect();
    assert!(unknown.is_empty(), "not there: {unknown:?}");
}

/// A creation that is asked for again is the same after a restart; another one is not.
#[test]
fn the_same_creation_is_known_again() {
    let world = World::new();
    let shelf = Arc::new(Shelf::default());
    let create = |services: &Services, level: &str| {
        let parameters = operations::machine("same", "PASS", &format!(r#", "type": "{level}""#));
        world.call(
            services,
            Set::StepFunctions,
            "CreateStateMachine",
            &parameters,
            0,
        )
    };
    let first = create(&world.services(&shelf), "STANDARD").unwrap();
    let again = world.services(&shelf);
    assert_eq!(create(&again, "STANDARD").unwrap(), first);
    let refused = create(&again, "EXPRESS").unwrap_err();
    assert_eq!(refused.code, "StateMachineAlreadyExists");
}

/// A package is kept once however many versions are made of it, and as long as one is.
#[test]
fn a_package_is_kept_as_long_as_it_is_used() {
    let world = World::new();
    let shelf = Arc::new(Shelf::default());
    let services = world.services(&shelf);
    let call = |operation: &str, parameters: &str| {
        let answer = world.call(&services, Set::Lambda, operation, parameters, 0);
        answer.unwrap();
        shelf.keys("lambda-package").len()
    };
    assert_eq!(call("CreateFunction", &operations::function("a", "ONE")), 1);
    assert_eq!(call("CreateFunction", &operations::function("b", "ONE")), 1);
    assert_eq!(call("PublishVersion", r#"{"FunctionName": "a"}"#), 1);
    let update = r#"{"FunctionName": "a", "ZipFile": "$TWO"}"#;
    assert_eq!(call("UpdateFunctionCode", update), 2);
    assert_eq!(call("DeleteFunction", r#"{"FunctionName": "b"}"#), 2);
    let version = r#"{"FunctionName": "a", "Qualifier": "1"}"#;
    assert_eq!(call("DeleteFunction", version), 1);
    assert_eq!(call("DeleteFunction", r#"{"FunctionName": "a"}"#), 0);
}

/// A module is compiled when it is first invoked, and does then what it did.
#[test]
fn a_function_runs_again() {
    let world = World::new();
    let shelf = Arc::new(Shelf::default());
    let services = world.services(&shelf);
    let created = operations::function("f", "MODULE");
    let invoke = r#"{"FunctionName": "f", "Payload": "{}"}"#;
    let call = |services: &Services, operation: &str, parameters: &str| {
        let answer = world.call(services, Set::Lambda, operation, parameters, 0);
        answer.unwrap()
    };
    call(&services, "CreateFunction", &created);
    let before = call(&services, "Invoke", invoke);
    let other = World::new();
    let again = other.services(&shelf);
    let after = other
        .call(&again, Set::Lambda, "Invoke", invoke, 0)
        .unwrap();
    assert_eq!(after.get("Payload"), before.get("Payload"));
    assert_eq!(after.get("StatusCode"), Some(&Data::from(200)));
}

fn of_file(definition: &str) -> Machine {
    let source = data::Source::new("file", definition);
    let options = asl::Options::default();
    let program = asl::compile(&source, data::Format::Json, &options).program;
    Machine::local("m", Arc::new(program.unwrap()), false)
}

/// The machine that a registry has, after a file was read.
fn loaded(shelf: &Arc<Shelf>, definition: &str) -> Arc<Machine> {
    let (registry, unreadable) = MachineRegistry::open(Arc::clone(shelf) as _).unwrap();
    assert_eq!(unreadable, []);
    registry.preload(&of_file(definition), definition, Timestamp(1));
    registry.machine("m", 0).unwrap().0
}

/// A machine that stands in a file is the file's, and every revision that executions may have run stays.
#[test]
fn a_file_has_one_revision_as_long_as_it_says_the_same() {
    let shelf = Arc::new(Shelf::default());
    let first = loaded(&shelf, operations::PASS).revision.clone();
    assert_eq!(loaded(&shelf, operations::PASS).revision, first);
    assert_eq!(shelf.keys("state-machine-revision").len(), 1);
    let second = loaded(&shelf, operations::SUCCEED).revision.clone();
    assert_ne!(second, first);
    assert_eq!(shelf.keys("state-machine-revision").len(), 2);
    assert_eq!(shelf.keys("state-machine"), Vec::<String>::new());
}
