//! What services answer, as far as the Step Functions developer guide promises it.

use asl::{Pattern, Resource, ResourceKind};
use data::{Data, Object};
use query::Hop;

use super::shape::{ShapeId, Shapes, Type};

/// Gives the result of a task the fields that its service always answers with.
pub(super) fn prepare(resource: &Resource, root: ShapeId, shapes: &mut Shapes) {
    let ResourceKind::Service {
        service,
        action,
        pattern,
    } = &resource.kind
    else {
        return;
    };
    match (service.as_str(), action.as_str(), pattern) {
        // Whoever answers a token says all of the result.
        (_, _, Pattern::WaitForTaskToken) => {}
        ("lambda", "invoke", _) => {
            shapes.fix(root, "StatusCode", Data::from(200));
            object(root, "Payload", shapes);
        }
        ("states", "startExecution", Pattern::Sync | Pattern::Sync2) => {
            described(root, *pattern == Pattern::Sync2, shapes);
        }
        ("states" | "aws-sdk:sfn", "startExecution", _) => {
            shapes.fix(root, "ExecutionArn", Data::from(EXECUTION));
            shapes.fix(root, "StartDate", Data::from(START));
        }
        ("sqs", "sendMessage", _) | ("sns", "publish", _) => {
            shapes.fix(
                root,
                "MessageId",
                Data::from("00000000-0000-0000-0000-000000000000"),
            );
        }
        _ => {}
    }
}

const EXECUTION: &str = "arn:aws:states:us-east-1:000000000000:execution:example:stub";
const MACHINE: &str = "arn:aws:states:us-east-1:000000000000:stateMachine:example";
/// 2026-01-01T00:00:00Z in milliseconds, as tasks see moments.
const START: i64 = 1_767_225_600_000;

/// DescribeExecution's answer; its payloads are text unless the pattern says otherwise.
fn described(root: ShapeId, json: bool, shapes: &mut Shapes) {
    let included = || Data::from(Object::builder().with("Included", true).build());
    shapes.fix(root, "ExecutionArn", Data::from(EXECUTION));
    if json {
        object(root, "Input", shapes);
        object(root, "Output", shapes);
    } else {
        shapes.fix(root, "Input", Data::from("{}"));
        shapes.fix(root, "Output", Data::from("{}"));
    }
    shapes.fix(root, "InputDetails", included());
    shapes.fix(root, "Name", Data::from("stub"));
    shapes.fix(root, "OutputDetails", included());
    shapes.fix(root, "StartDate", Data::from(START));
    shapes.fix(root, "StateMachineArn", Data::from(MACHINE));
    shapes.fix(root, "Status", Data::from("SUCCEEDED"));
    shapes.fix(root, "StopDate", Data::from(START));
}

fn object(root: ShapeId, name: &str, shapes: &mut Shapes) {
    let field = shapes.child(root, &Hop::Field(name.into()));
    shapes.want(field, Type::Object);
}
