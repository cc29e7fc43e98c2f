//! Which service and operation a request means.

use crate::world::{World, nothing, request};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

fn signed(service: &str) -> String {
    format!(
        "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// A request means an operation of a service in a region.
#[track_caller]
fn means(line: &str, headers: &[&str], body: &str, expected: &str) {
    let world = World::new(nothing);
    let answer = world.ask(&request(line, headers, body));
    assert!(answer.status < 300, "{line} {headers:?}: {answer:?}");
    assert!(
        answer
            .header("x-amzn-requestid")
            .is_some_and(|id| id.len() == 36)
    );
    let heard = world.only();
    let found = format!(
        "{} {} {}",
        heard.service, heard.operation, heard.caller.region
    );
    assert_eq!(found, expected, "{line} {headers:?}");
}

#[test]
fn by_target() {
    let target = "X-Amz-Target: AWSStepFunctions.ListStateMachines";
    means(
        "POST /",
        &[target],
        "{}",
        "stepfunctions ListStateMachines us-east-1",
    );
    means(
        "POST /",
        &[target, &signed("states")],
        "{}",
        "stepfunctions ListStateMachines eu-west-1",
    );
    // The target says more than the scope.
    means(
        "POST /",
        &[target, &signed("s3")],
        "{}",
        "stepfunctions ListStateMachines eu-west-1",
    );
    // What a model does not have is the service's business.
    means(
        "POST /",
        &["x-amz-target: AWSStepFunctions.Fly"],
        "{}",
        "stepfunctions Fly us-east-1",
    );
    means(
        "POST /",
        &["X-Amz-Target: Logs_20140328.CreateLogGroup"],
        "{}",
        "logs CreateLogGroup us-east-1",
    );
    // What curl says of every body.
    means(
        "POST /",
        &[target, FORM],
        "{}",
        "stepfunctions ListStateMachines us-east-1",
    );
}

#[test]
fn by_path() {
    let lambda = "/2015-03-31/functions";
    means(
        &format!("GET {lambda}"),
        &[],
        "",
        "lambda ListFunctions us-east-1",
    );
    means(
        &format!("GET {lambda}/"),
        &[],
        "",
        "lambda ListFunctions us-east-1",
    );
    means(
        &format!("POST {lambda}"),
        &[&signed("lambda")],
        "{}",
        "lambda CreateFunction eu-west-1",
    );
    means(
        &format!("POST {lambda}/f/invocations"),
        &[],
        "{}",
        "lambda Invoke us-east-1",
    );
    means(
        &format!("GET {lambda}/arn%3Aaws%3Alambda%3Ax%3Af/policy?Qualifier=1"),
        &[],
        "",
        "lambda GetPolicy us-east-1",
    );
    means(
        "GET /2017-03-31/tags/arn:aws:lambda:x:1:function:f",
        &[],
        "",
        "lambda ListTags us-east-1",
    );
    means(
        "DELETE /2017-10-31/functions/f/concurrency",
        &[],
        "",
        "lambda DeleteFunctionConcurrency us-east-1",
    );
}

#[test]
fn by_action() {
    let (iam, sts) = ("&Version=2010-05-08", "&Version=2011-06-15");
    means(
        "POST /",
        &[FORM],
        &format!("Action=ListRoles{iam}"),
        "iam ListRoles us-east-1",
    );
    means(
        "POST /",
        &[FORM],
        "Action=ListRoles",
        "iam ListRoles us-east-1",
    );
    means(
        "POST /",
        &[FORM],
        &format!("Action=GetCallerIdentity{sts}"),
        "sts GetCallerIdentity us-east-1",
    );
    means(
        "POST /",
        &[FORM],
        "Action=GetCallerIdentity",
        "sts GetCallerIdentity us-east-1",
    );
    means(
        "POST /",
        &[FORM, &signed("iam")],
        "Action=Fly",
        "iam Fly eu-west-1",
    );
    means(
        &format!("GET /?Action=GetCallerIdentity{sts}"),
        &[],
        "",
        "sts GetCallerIdentity us-east-1",
    );
    let presigned = "X-Amz-Credential=AKID%2F20260101%2Feu-west-1%2Fsts%2Faws4_request";
    means(
        &format!("GET /?Action=GetCallerIdentity{sts}&{presigned}"),
        &[],
        "",
        "sts GetCallerIdentity eu-west-1",
    );
}

#[test]
fn by_host() {
    let world = World::new(nothing);
    for (host, path, expected) in [
        (
            "iam.localhost.localstack.cloud:4566",
            "/?Action=ListRoles",
            "iam ListRoles",
        ),
        (
            "sts.us-east-1.localhost.localstack.cloud",
            "/?Action=GetCallerIdentity",
            "sts GetCallerIdentity",
        ),
        (
            "lambda.us-east-1.localhost.localstack.cloud",
            "/2015-03-31/functions",
            "lambda ListFunctions",
        ),
    ] {
        world.behind.heard.lock().unwrap().clear();
        let answer = world.ask(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(answer.status, 200, "{host}: {answer:?}");
        let heard = world.only();
        assert_eq!(
            format!("{} {}", heard.service, heard.operation),
            expected,
            "{host}"
        );
    }
    let states = "GET / HTTP/1.1\r\nHost: sync-states.us-east-1.localhost.localstack.cloud\r\n\r\n";
    let answer = world.ask(states);
    assert_eq!(answer.status, 404);
    assert!(
        answer.body.contains("AWSStepFunctions.NAME"),
        "{}",
        answer.body
    );
}

/// A request is answered with an error that names the status, and says all of this.
#[track_caller]
fn refused(line: &str, headers: &[&str], body: &str, status: u16, says: &[&str]) {
    let world = World::new(nothing);
    let answer = world.ask(&request(line, headers, body));
    assert_eq!(answer.status, status, "{line} {headers:?}: {answer:?}");
    for part in says {
        assert!(
            answer.body.contains(part),
            "{line}: {part}\n{}",
            answer.body
        );
    }
    assert!(world.heard().is_empty());
}

#[test]
fn other_services_hear_it_in_their_protocol() {
    let served = "It serves Step Functions, Lambda, IAM, STS and CloudWatch Logs";
    let bound = "[tasks] in wf-host.toml";
    let json = "\"__type\":\"NotImplemented\"";
    let target = "X-Amz-Target: DynamoDB_20120810.PutItem";
    refused(
        "POST /",
        &[target, &signed("dynamodb")],
        "{}",
        501,
        &[json, "not serve dynamodb", served, bound],
    );
    refused(
        "POST /",
        &[target],
        "not JSON",
        501,
        &[json, "not serve DynamoDB_20120810", served],
    );
    refused(
        "POST /",
        &["X-Amz-Target: AmazonSQS.SendMessage", &signed("sqs")],
        "{}",
        501,
        &[json, "sqs"],
    );
    let xml = "<Type>Sender</Type><Code>NotImplemented</Code>";
    refused(
        "POST /",
        &[FORM, &signed("sns")],
        "Action=Publish",
        501,
        &[xml, "<ErrorResponse>", "not serve sns", bound],
    );
    refused(
        "POST /",
        &[FORM],
        "Action=Publish&Version=2010-03-31",
        501,
        &[xml, served],
    );
    let s3 = "<Error><Code>NotImplemented</Code>";
    refused(
        "PUT /bucket/key",
        &[&signed("s3")],
        "data",
        501,
        &[s3, "not serve s3", served],
    );
    refused("GET /", &[&signed("s3")], "", 501, &[s3]);
    refused(
        "GET /2015-03-31/functions",
        &[&signed("s3")],
        "",
        501,
        &[s3],
    );
    refused(
        "GET /restapis",
        &[&signed("apigateway")],
        "",
        501,
        &[json, "apigateway"],
    );
    refused(
        "POST /anything",
        &[],
        "",
        501,
        &[json, "cannot tell which service"],
    );
    refused(
        "POST /",
        &[&signed("<script>")],
        "",
        501,
        &["cannot tell which service"],
    );
}

#[test]
fn what_a_service_does_not_have() {
    let unknown = "UnknownOperationException";
    let world = World::new(nothing);
    for line in [
        "PATCH /2015-03-31/functions",
        "GET /2015-03-31/functions//policy",
        "GET /2015-03-31/functions/f/fly/x",
    ] {
        let answer = world.ask(&request(line, &[], ""));
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (404, Some(unknown)),
            "{line}"
        );
    }
    refused("POST /", &[&signed("states")], "{}", 404, &[unknown]);
    refused(
        "POST /",
        &[&signed("logs")],
        "{}",
        404,
        &[unknown, "Logs_20140328.NAME"],
    );
    refused(
        "POST /",
        &[FORM, &signed("iam")],
        "",
        400,
        &["<Code>MissingAction</Code>"],
    );
    refused(
        "POST /",
        &[FORM, &signed("iam")],
        "Action=ListRoles&Version=2011-06-15",
        400,
        &["<Code>InvalidAction</Code>"],
    );
}
