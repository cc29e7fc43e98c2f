//! What a definition compiles to, and where complaints say they are.

#![expect(clippy::unwrap_used, reason = "a test")]

use asl::{
    BlockId, Code, Condition, CsvDelimiter, CsvHeader, Dataflow, Diagnostic, Distributed,
    ExecutionType, InputType, Items, MapMode, Options, OutputType, Pattern, PayloadTemplate,
    Percentage, Program, Quantity, ReaderResource, ResourceKind, State, StateId, StateKind,
    Transformation, Transition, Wait, Words, compile,
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

#[test]
fn jsonata_states_hold_literals_and_expressions() {
    let program = program(
        r#"{"QueryLanguage": "JSONata", "StartAt": "T", "States": {
            "T": {"Type": "Task", "Resource": "pay", "TimeoutSeconds": "{% 9 %}", "HeartbeatSeconds": 5,
                "Arguments": {"x": "{% $x %}"}, "Output": 1, "Assign": {"y": "{% $states.result %}"}, "Next": "W",
                "Catch": [{"ErrorEquals": ["E"], "Output": "{% $states.errorOutput %}", "Next": "F"}]},
            "W": {"Type": "Wait", "Timestamp": "{% $x %}", "Next": "C"},
            "C": {"Type": "Choice", "Default": "F", "Output": "{% 1 %}",
                "Choices": [{"Condition": "{% $x %}", "Output": 2, "Next": "F"}, {"Condition": true, "Next": "F"}]},
            "F": {"Type": "Fail", "Error": "{% $x %}", "Cause": "c"}}}"#,
    );
    let StateKind::Task(task) = &named(&program, "T").kind else {
        panic!("no task")
    };
    assert!(matches!(&task.timeout, Some(Quantity::Jsonata(text)) if text.as_str() == "9"));
    assert!(matches!(task.heartbeat, Some(Quantity::Value(5))));
    let state = named(&program, "T");
    let Dataflow::Jsonata(flow) = &state.flow else {
        panic!("no JSONata")
    };
    assert!(flow.arguments.is_some() && flow.output.is_some());
    assert!(matches!(state.assign, Some(PayloadTemplate::Jsonata(_))));
    assert!(state.catch[0].output.is_some() && state.catch[0].assign.is_none());
    let wait = &named(&program, "W").kind;
    assert!(matches!(wait, StateKind::Wait(Wait::TimestampJsonata(_))));
    let StateKind::Choice(choice) = &named(&program, "C").kind else {
        panic!("no choice")
    };
    let conditions = [&choice.rules[0].condition, &choice.rules[1].condition];
    assert!(matches!(
        conditions,
        [Condition::Jsonata(_), Condition::Constant(true)]
    ));
    let StateKind::Fail(fail) = &named(&program, "F").kind else {
        panic!("no fail")
    };
    assert!(matches!(&fail.error, Some(Words::Jsonata(_))));
    assert!(matches!(&fail.cause, Some(Words::Value(_))));
}

#[test]
fn languages_stand_side_by_side() {
    let program = program(
        r#"{"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Assign": {"x.$": "$.x"}, "Next": "M"},
            "M": {"Type": "Map", "QueryLanguage": "JSONata", "ToleratedFailurePercentage": "{% 5 %}", "End": true,
                "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}}}}"#,
    );
    let assign = &named(&program, "A").assign;
    assert!(matches!(assign, Some(PayloadTemplate::JsonPath(_))));
    assert!(matches!(named(&program, "M").flow, Dataflow::Jsonata(_)));
    assert!(matches!(named(&program, "I").flow, Dataflow::JsonPath(_)));
    let StateKind::Map(map) = &named(&program, "M").kind else {
        panic!("no map")
    };
    let Items::Jsonata(items) = &map.items else {
        panic!("{:?}", map.items)
    };
    assert_eq!(items.as_expression().unwrap().as_str(), "$states.input");
    assert!(matches!(
        map.tolerated_failure_percentage,
        Some(Percentage::Jsonata(_))
    ));
    assert!(map.mode == MapMode::Inline && map.distributed.is_none());
}

fn distributed<'p>(program: &'p Program, name: &str) -> &'p Distributed {
    match &named(program, name).kind {
        StateKind::Map(map) if map.mode == MapMode::Distributed => {
            map.distributed.as_deref().unwrap()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn distributed_maps_are_read_in_full() {
    let program = program(
        r#"{"StartAt": "A", "States": {
            "A": {"Type": "Map", "Label": "l", "Next": "B",
                "ItemReader": {"Resource": "arn:aws-cn:states:::s3:getObject", "Parameters": {"Key.$": "$.k"}, "ReaderConfig":
                    {"InputType": "CSV", "CSVDelimiter": "TAB", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"], "MaxItemsPath": "$.n"}},
                "ItemBatcher": {"MaxItemsPerBatch": 10, "BatchInput": {}},
                "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {}, "WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSONL"}},
                "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "I", "States": {"I": {"Type": "Succeed"}}}},
            "B": {"Type": "Map", "QueryLanguage": "JSONata", "End": true,
                "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": "{% $x %}", "ReaderConfig":
                    {"InputType": "JSON", "ItemsPointer": "/a", "Transformation": "LOAD_AND_FLATTEN", "MaxItems": "{% 2 %}"}},
                "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "J", "States": {"J": {"Type": "Succeed"}}}}}}"#,
    );
    let a = distributed(&program, "A");
    assert_eq!(a.label.as_deref(), Some("l"));
    assert_eq!(a.execution_type, ExecutionType::Express);
    let reader = a.item_reader.as_ref().unwrap();
    assert_eq!(reader.resource, ReaderResource::GetObject);
    assert_eq!(reader.config.input_type, Some(InputType::Csv));
    assert_eq!(reader.config.csv_delimiter, CsvDelimiter::Tab);
    assert_eq!(
        reader.config.csv_header,
        Some(CsvHeader::Given(vec!["a".into()]))
    );
    assert!(matches!(reader.config.max_items, Some(Quantity::Path(_))));
    let batcher = a.item_batcher.as_ref().unwrap();
    assert!(matches!(batcher.max_items, Some(Quantity::Value(10))));
    assert!(batcher.max_input_bytes.is_none() && batcher.batch_input.is_some());
    let writer = a.result_writer.as_ref().unwrap();
    assert!(writer.exports && writer.arguments.is_some());
    assert_eq!(writer.transformation, Some(Transformation::Flatten));
    assert_eq!(writer.output_type, OutputType::JsonLines);
    let b = distributed(&program, "B");
    let reader = b.item_reader.as_ref().unwrap();
    assert_eq!(reader.resource, ReaderResource::ListObjects);
    assert!(matches!(
        reader.arguments,
        Some(PayloadTemplate::Jsonata(_))
    ));
    assert!(reader.config.load_and_flatten);
    assert!(matches!(
        reader.config.max_items,
        Some(Quantity::Jsonata(_))
    ));
    assert!(b.item_batcher.is_none() && b.result_writer.is_none());
}

#[test]
fn expressions_are_placed_as_aws_places_them() {
    let text = r#"{"QueryLanguage": "JSONata", "StartAt": "A", "States": {
        "A": {"Type": "Pass", "Output": {"v": [1, "{% $states.errorOutput %}"]}, "Next": "C"},
        "C": {"Type": "Choice", "Choices": [{"Condition": "{% $states.result %}", "Next": "D"}]},
        "D": {"Type": "Succeed"}}}"#;
    let found = diagnostics(text);
    let places: Vec<(&str, Option<&str>, &str)> = found
        .iter()
        .map(|found| {
            let place = found.location.as_deref();
            let marked = &text[found.span.start..found.span.end];
            (found.pointer.as_str(), place, marked)
        })
        .collect();
    assert_eq!(
        places,
        [
            (
                "/States/A/Output/v/1",
                Some("/States/A/Output/v[1]"),
                "$states.errorOutput %}"
            ),
            (
                "/States/C/Choices/0/Condition",
                Some("/States/C/Choices[0]/Condition"),
                "$states.result %}"
            ),
        ]
    );
    assert!(
        found
            .iter()
            .all(|found| found.code == Code::UnsupportedJsonataExpression)
    );
}
