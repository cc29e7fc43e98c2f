//! Manifest keys that lead to other servers: how they are read, whose file may have them, and which task they catch.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use asl::{Resource, StateKind};
use data::{Data, Format, Source};
use engine::{FrameId, TaskRequest, TaskToken};
use runtime::manifest::{Ceilings, Manifest};
use runtime::remote::{Address, Endpoint, RemoteWork};
use runtime::{Envelope, Functions, Trust, Work, unbound};

fn read(text: &str) -> Result<Manifest, String> {
    let text = format!("version = 1\n{text}");
    let manifest = Manifest::read(&Source::new("wf-host.toml", text.as_str()), Format::Toml);
    manifest.map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

fn add(text: &str, trust: Trust) -> Result<Functions, String> {
    let mut functions = Functions::new(sandbox::Config::default(), Ceilings::default());
    let folder = std::env::temp_dir();
    let added = functions.add_manifest(&read(text)?, &folder, trust, &|_| None);
    added.map_err(|error| error.to_string())?;
    Ok(functions)
}

fn program(resource: &str) -> asl::Program {
    let text = format!(
        r#"{{"StartAt": "T", "States": {{"T": {{"Type": "Task", "Resource": "{resource}", "End": true}}}}}}"#
    );
    let source = Source::new("machine.json", text.as_str());
    let compiled = asl::compile(&source, Format::Json, &asl::Options::default());
    compiled.program.unwrap()
}

fn resource(text: &str) -> Resource {
    let program = program(text);
    let (_, state) = program.states().next().unwrap();
    let StateKind::Task(task) = &state.kind else {
        panic!("{text} is no task");
    };
    task.resource.clone()
}

fn resolve(functions: &Functions, text: &str, input: &str) -> Work {
    functions.resolve(&TaskRequest {
        token: TaskToken {
            frame: FrameId(0),
            record: 0,
            secret: 0,
        },
        state: asl::StateId(0),
        state_name: "T".into(),
        resource: resource(text),
        input: Data::parse(input).unwrap(),
        attempt: 0,
        item: None,
        site: "T#0".to_owned(),
    })
}

/// Who a task goes to, in a few words.
fn worker(functions: &Functions, text: &str) -> String {
    match resolve(functions, text, "{}") {
        Work::Remote { endpoint, .. } => endpoint.address.to_string(),
        Work::Constant(result) => result.to_string(),
        Work::Fail(failure) => failure.to_data().to_string(),
        Work::Unbound { .. } => "nobody".to_owned(),
        Work::Invoke { function, .. } => function.name.clone(),
        Work::Mock(_) | Work::Activity | Work::Api(_) => "the run".to_owned(),
    }
}

const TASKS: &str = r#"
[tasks."arn:aws:states:::sqs:*"]
endpoint = "http://localhost:9324/"
region = "eu-central-1"

[tasks."arn:aws:states:::sqs:sendMessage"]
result = 1

[tasks."arn:aws:states:::dynamodb:*"]
result = "any"

[tasks."arn:aws:states:::dynamodb:put*"]
endpoint = "aws"

[tasks."arn:aws:states:::sns:publish"]
error = "SNS.NotFoundException"
cause = "gone"

[tasks."arn:aws:states:::aws-sdk:sqs:*"]
result = "sdk"
"#;

#[test]
fn the_exact_text_wins_then_the_same_call_then_the_longest_beginning() {
    let functions = add(TASKS, Trust::Named).unwrap();
    for (resource, expected) in [
        ("sqs:sendMessage", "1"),
        ("sqs:sendMessage.waitForTaskToken", "1"),
        ("sqs:purgeQueue", "http://localhost:9324"),
        ("sqs:purgeQueue.waitForTaskToken", "http://localhost:9324"),
        ("dynamodb:getItem", "\"any\""),
        ("dynamodb:putItem", "AWS"),
        (
            "sns:publish",
            r#"{"Error":"SNS.NotFoundException","Cause":"gone"}"#,
        ),
        ("aws-sdk:sqs:sendMessage", "\"sdk\""),
        ("events:putEvents", "nobody"),
        ("aws-sdk:dynamodb:putItem", "nobody"),
        ("sqsx:sendMessage", "nobody"),
        ("states:startExecution", "the run"),
    ] {
        let text = format!("arn:aws:states:::{resource}");
        assert_eq!(worker(&functions, &text), expected, "{resource}");
    }
}

#[test]
fn a_job_is_not_the_call_that_begins_it() {
    let text = "[tasks.\"arn:aws:states:::ecs:runTask\"]\nresult = 1";
    let functions = add(text, Trust::Named).unwrap();
    assert_eq!(worker(&functions, "arn:aws:states:::ecs:runTask"), "1");
    assert_eq!(
        worker(&functions, "arn:aws:states:::ecs:runTask.sync"),
        "nobody"
    );
}

const FUNCTIONS: &str = r#"
[functions.pay]
endpoint = "http://127.0.0.1:3001"
region = "eu-west-1"
aliases = ["PayArn"]

[tasks."arn:aws:states:::lambda:*"]
endpoint = "aws"
"#;

fn called(functions: &Functions, resource: &str, input: &str) -> (Endpoint, RemoteWork) {
    match resolve(functions, resource, input) {
        Work::Remote { endpoint, work } => (endpoint, work),
        _ => panic!("{resource} goes nowhere"),
    }
}

#[test]
fn a_function_of_another_server_is_found_like_any_other() {
    let functions = add(FUNCTIONS, Trust::Named).unwrap();
    let server = Endpoint {
        address: Address::Url("http://127.0.0.1:3001".to_owned()),
        region: Some("eu-west-1".to_owned()),
    };
    for (resource, qualifier) in [
        ("arn:aws:lambda:us-east-1:000000000000:function:pay", None),
        (
            "arn:aws:lambda:us-east-1:000000000000:function:pay:PROD",
            Some("PROD"),
        ),
        ("pay", None),
        ("${PayArn}", None),
    ] {
        let (endpoint, work) = called(&functions, resource, "[1]");
        assert_eq!(endpoint, server, "{resource}");
        let expected = RemoteWork::Function {
            name: "pay".into(),
            qualifier: qualifier.map(Into::into),
            invocation_type: None,
            payload: Data::parse("[1]").unwrap(),
            envelope: Envelope::None,
        };
        assert_eq!(work, expected, "{resource}");
    }
    let function = functions.find("pay").unwrap();
    assert_eq!(function.endpoint(), Some(&server));
    assert!(
        functions
            .guest(function)
            .unwrap_err()
            .to_string()
            .contains("another server")
    );
}

#[test]
fn aws_itself_is_given_the_reference_as_it_is() {
    let functions = add(FUNCTIONS, Trust::Named).unwrap();
    let arn = "arn:aws:lambda:us-east-1:1:function:other:PROD";
    let input =
        format!(r#"{{"FunctionName": "{arn}", "InvocationType": "Event", "Payload": null}}"#);
    let (endpoint, work) = called(&functions, "arn:aws:states:::lambda:invoke", &input);
    assert_eq!(endpoint.address, Address::Aws);
    let expected = RemoteWork::Function {
        name: arn.into(),
        qualifier: None,
        invocation_type: Some("Event".into()),
        payload: Data::empty_object(),
        envelope: Envelope::LambdaInvoke,
    };
    assert_eq!(work, expected);
}

#[test]
fn what_was_only_found_sends_nothing_anywhere() {
    for (text, what) in [
        (FUNCTIONS, "function pay"),
        (TASKS, "task arn:aws:states:::dynamodb:put*"),
    ] {
        let error = add(text, Trust::Found).err().unwrap();
        assert!(
            error.starts_with(what) && error.contains("--functions"),
            "{error}"
        );
    }
    assert!(add("[tasks.x]\nresult = 1", Trust::Found).is_ok());
}

#[test]
fn mistakes_are_told_with_their_places() {
    for (text, expected) in [
        (
            "[tasks.x]\nendpoint = \"localhost:1\"",
            "an endpoint is a URL",
        ),
        (
            "[tasks.x]\nendpoint = \"http://u:p@h\"",
            "an endpoint is a URL",
        ),
        (
            "[tasks.x]\nendpoint = \"http://h/?q\"",
            "an endpoint is a URL",
        ),
        ("[tasks.x]\nendpoint = \"ftp://h\"", "an endpoint is a URL"),
        (
            "[tasks.x]\nendpoint = \"http://:1\"",
            "an endpoint is a URL",
        ),
        ("[tasks.x]\nendpoint = 1", "expected a string, not a number"),
        ("[tasks.x]\nendpoin = \"aws\"", "did you mean `endpoint`?"),
        (
            "[tasks.x]\nendpoint = \"aws\"\nregion = \"EU/../x\"",
            "a region is a name",
        ),
        (
            "[tasks.x]\nresult = 1\nregion = \"a\"",
            "`region` means nothing without `endpoint`",
        ),
        (
            "[tasks.x]\nresult = 1\ncause = \"a\"",
            "`cause` means nothing without `error`",
        ),
        (
            "[tasks.x]\nresult = 1\nendpoint = \"aws\"",
            "give exactly one of",
        ),
        ("[tasks.x]", "give exactly one of"),
        ("[tasks.\"*\"]\nresult = 1", "a `*` stands at the end"),
        (
            "[tasks.\"arn:aws:states:::*\"]\nresult = 1",
            "a `*` stands at the end",
        ),
        (
            "[tasks.\"arn:aws:states:::sqs*\"]\nresult = 1",
            "a `*` stands at the end",
        ),
        (
            "[tasks.\"arn:aws:states:::aws-sdk:*\"]\nresult = 1",
            "a `*` stands at the end",
        ),
        (
            "[tasks.\"arn:aws:states:::s*s:send\"]\nresult = 1",
            "a `*` stands at the end",
        ),
        (
            "[functions.f]\nendpoint = \"aws\"\nmodule = \"m\"",
            "`module` means nothing beside",
        ),
        (
            "[functions.f]\nendpoint = \"aws\"\nfuel = 1",
            "`fuel` means nothing beside",
        ),
        (
            "[functions.f]\nregion = \"a\"\nmodule = \"m\"",
            "`region` means nothing without",
        ),
        (
            "[defaults.function]\nendpoint = \"aws\"",
            "`endpoint` is no default",
        ),
    ] {
        let mistakes = read(text).unwrap_err();
        assert!(
            mistakes.starts_with("wf-host.toml:") && mistakes.contains(expected),
            "{text}\n{mistakes}"
        );
    }
}

#[test]
fn the_lines_that_would_bind_a_service_show_every_way() {
    let functions = add("", Trust::Named).unwrap();
    let missing = unbound(&program("arn:aws:states:::sqs:sendMessage"), &functions);
    let [missing] = missing.as_slice() else {
        panic!("{missing:?}");
    };
    for way in ["result", "function", "endpoint", "error"] {
        let snippet = &missing.snippet;
        assert!(snippet.contains(&format!("{way} = ")), "{snippet}");
    }
    let manifest = read(&missing.snippet).unwrap();
    assert!(
        manifest
            .tasks
            .contains_key("arn:aws:states:::sqs:sendMessage")
    );
}
