//! A store that cannot keep anything, or that holds what cannot be read.

use std::sync::Arc;

use api::iam::Iam;
use api::lambda::Lambda;
use api::logs::Logs;
use api::stepfunctions::MachineRegistry;

use super::operations::CHANGES;
use super::shelf::Shelf;
use super::world::{Set, World};

/// No change is acknowledged that is not kept, and each may be asked for again.
#[test]
fn what_is_not_kept_is_not_acknowledged() {
    let world = World::new();
    let shelf = Arc::new(Shelf::default());
    let services = world.services(&shelf);
    for (number, (set, operation, parameters)) in CHANGES.iter().enumerate() {
        shelf.set_full(true);
        let refused = world.call(&services, *set, operation, parameters, number);
        let refused = refused.expect_err(operation);
        assert_eq!(
            (refused.code.as_ref(), refused.status),
            ("ServiceUnavailable", 503),
            "{operation}: {refused:?}"
        );
        assert!(refused.message.contains("no space left"), "{refused:?}");
        shelf.set_full(false);
    }
}

/// Whoever asks again for what is known but not kept yet is not told that it is there for good.
#[test]
fn a_repeated_creation_waits_for_the_first() {
    let world = World::new();
    let shelf = Arc::new(Shelf::default());
    let services = world.services(&shelf);
    let parameters = super::operations::machine("m", "PASS", "");
    let create = || {
        world.call(
            &services,
            Set::StepFunctions,
            "CreateStateMachine",
            &parameters,
            0,
        )
    };
    shelf.set_full(true);
    let puts = shelf.puts();
    assert_eq!(create().unwrap_err().status, 503);
    assert_eq!(create().unwrap_err().status, 503);
    assert_eq!(shelf.puts(), puts + 1);
    let list = world.call(&services, Set::StepFunctions, "ListStateMachines", "{}", 0);
    assert!(list.is_ok(), "whoever only looks need not wait");
    shelf.set_full(false);
    assert!(create().is_ok());
}

/// What cannot be read is told and stays; the rest is there.
#[test]
fn what_cannot_be_read_is_left_alone() {
    let world = World::new();
    let shelf = Arc::new(Shelf::default());
    let services = world.services(&shelf);
    for (set, operation, parameters) in CHANGES {
        let answer = world.call(&services, *set, operation, parameters, 0);
        answer.unwrap();
    }
    let whole = shelf.copy();
    let newer = r#"{"v":2,"anything":"else"}"#;
    for kind in [
        "state-machine",
        "state-machine-revision",
        "activity",
        "lambda-function",
        "lambda-package",
        "iam-role",
        "iam-policy",
        "log-group",
        "log-resource-policy",
    ] {
        shelf.place(kind, "damaged", "{");
        shelf.place(kind, "newer", newer);
    }
    let resources = || Arc::clone(&shelf) as _;
    let (_, machines) = MachineRegistry::open(resources()).unwrap();
    let (host, functions) = world.parts();
    let (_, packages) = Lambda::open(host, functions, resources()).unwrap();
    let (_, roles) = Iam::open(resources()).unwrap();
    let (_, groups) = Logs::open(resources()).unwrap();
    let told = |unreadable: &[api::Unreadable]| {
        let told = unreadable.iter();
        let told = told.map(|one| format!("{}/{}", one.kind, one.key));
        told.collect::<Vec<_>>()
    };
    assert_eq!(
        told(&machines),
        [
            "state-machine-revision/damaged",
            "state-machine-revision/newer",
            "state-machine/damaged",
            "state-machine/newer",
            "activity/damaged",
            "activity/newer",
        ]
    );
    assert_eq!(
        told(&packages),
        [
            "lambda-function/damaged",
            "lambda-function/newer",
            "lambda-package/damaged",
            "lambda-package/newer",
        ]
    );
    assert_eq!(told(&roles).len(), 4);
    assert_eq!(told(&groups).len(), 4);
    assert_eq!(shelf.json("iam-role", "newer"), newer);
    for kind in ["iam-role", "lambda-package", "state-machine"] {
        assert_eq!(shelf.keys(kind).len(), whole.keys(kind).len() + 2);
    }
}
