//! What a definition compiles to, and where complaints say they are.

#![expect(clippy::unwrap_used, reason = "a test")]

use asl::{
    BlockId, Diagnostic, MapMode, Options, Pattern, Program, ResourceKind, State, StateId,
    StateKind, Transition, compile,
};
use data::{Format, Source};

fn program(text: &str) -> Program {
    let compiled = compile(
        &Source::new("test", text),
        Format::Json,
        &Options::default(),
    );
    compiled
        .program
        .unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

fn diagnostics(text: &str) -> Vec<Diagnostic> {
    compile(
        &Source::new("test", text),
        Format::Json,
        &Options::default(),
    )
    .diagnostics
}

fn named<'p>(program: &'p Program, name: &str) -> &'p State {
    program
        .states()
        .find(|(_, state)| state.name == name)
        .unwrap()
        .1
}

#[test]
fn blocks_and_states_are_numbered_in_the_order_of_the_text() {
    let program = program(
        r#"{"StartAt": "P", "TimeoutSeconds": 9, "Comment": "c", "States": {
            "P": {"Type": "Parallel", "Next": "M", "Branches": [
                {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}},
                {"StartAt": "C", "States": {"B": {"Type": "Pass", "End": true}, "C": {"Type": "Pass", "Next": "B"}}}]},
            "M": {"Type": "Map", "End": true, "Parameters": {"x.$": "$"},
                "Iterator": {"StartAt": "D", "States": {"D": {"Type": "Succeed"}}}}}}"#,
    );
    let names: Vec<&str> = program
        .states()
        .map(|(_, state)| state.name.as_str())
        .collect();
    assert_eq!(names, ["P", "M", "A", "B", "C", "D"]);
    assert_eq!(program.blocks.len(), 4);
    assert_eq!(program.block(Program::ROOT).owner, None);
    assert_eq!(program.block(BlockId(2)).owner, Some(StateId(0)));
    assert_eq!(program.block(BlockId(2)).start, StateId(4));
    assert_eq!(program.block(BlockId(2)).states, [StateId(3), StateId(4)]);
    assert_eq!(named(&program, "P").next, Transition::Next(StateId(1)));
    assert_eq!(named(&program, "A").next, Transition::End);
    assert_eq!(
        (program.timeout_seconds, program.comment.as_deref()),
        (Some(9), Some("c"))
    );
    let map = named(&program, "M");
    let StateKind::Map(kind) = &map.kind else {
        panic!("{map:?}")
    };
    assert_eq!((kind.processor, kind.mode), (BlockId(3), MapMode::Inline));
    assert!(
        kind.item_selector.is_some()
            && matches!(&map.flow, asl::Dataflow::JsonPath(flow) if flow.parameters.is_none())
    );
}

#[test]
fn resources_are_told_apart() {
    let service = |service: &str, action: &str, pattern| ResourceKind::Service {
        service: service.into(),
        action: action.into(),
        pattern,
    };
    for (text, kind) in [
        ("pay", ResourceKind::LambdaFunction),
        ("${PayFunction}", ResourceKind::LambdaFunction),
        (
            "arn:aws-cn:lambda:eu-west-1:1:function:pay:$LATEST",
            ResourceKind::LambdaFunction,
        ),
        (
            "arn:aws:states:eu-west-1:1:activity:a.b",
            ResourceKind::Activity,
        ),
        (
            "arn:aws:states:::lambda:invoke",
            service("lambda", "invoke", Pattern::RequestResponse),
        ),
        (
            "arn:aws:states:::ecs:runTask.sync",
            service("ecs", "runTask", Pattern::Sync),
        ),
        (
            "arn:aws:states:::states:startExecution.sync:2",
            service("states", "startExecution", Pattern::Sync2),
        ),
        (
            "arn:aws:states:::aws-sdk:sqs:sendMessage.waitForTaskToken",
            service("aws-sdk:sqs", "sendMessage", Pattern::WaitForTaskToken),
        ),
    ] {
        let program = program(&format!(
            r#"{{"StartAt": "T", "States": {{"T": {{"Type": "Task", "Resource": "{text}", "End": true}}}}}}"#
        ));
        let StateKind::Task(task) = &named(&program, "T").kind else {
            panic!("{text}")
        };
        assert_eq!(
            (task.resource.text.as_str(), &task.resource.kind),
            (text, &kind)
        );
    }
}

#[test]
fn places_are_pointers_and_as_aws_writes_them() {
    let found = diagnostics(
        r#"{"StartAt": "a/b~c", "States": {
            "a/b~c": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": true, "Next": "Z"}], "Default": "D"},
            "D": {"Type": "Succeed", "Retry": []}}}"#,
    );
    let places: Vec<(&str, Option<&str>)> = found
        .iter()
        .map(|found| (found.pointer.as_str(), found.location.as_deref()))
        .collect();
    assert_eq!(
        places,
        [
            (
                "/States/a~1b~0c/Choices/0/Next",
                Some("/States/a/b~c/Choices[0]/Next")
            ),
            ("/States/D", Some("/States/D")),
        ]
    );
    let found = diagnostics(r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}"#);
    assert_eq!(
        (found[0].pointer.as_str(), found[0].location.as_deref()),
        ("", None)
    );
    let found = diagnostics(r#"{"StartAt": "A"}"#);
    assert_eq!(
        (found[0].pointer.as_str(), found[0].location.as_deref()),
        ("", Some("/"))
    );
}

#[test]
fn spans_stand_at_the_value() {
    let text =
        r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": "$.a[", "End": true}}}"#;
    let source = Source::new("test", text);
    let found = &diagnostics(text)[0];
    assert_eq!(&text[found.span.start..found.span.end], "[");
    assert_eq!(found.position(&source).line, 1);
}
