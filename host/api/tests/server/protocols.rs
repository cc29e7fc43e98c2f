//! What each protocol makes of parameters, answers and errors.

use api::ApiError;
use data::Data;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::world::{World, form, nothing, request, states};

fn data(text: &str) -> Data {
    Data::parse(text).expect(text)
}

#[test]
fn json_goes_through_as_it_is() {
    let world = World::new(|_, _| Ok(data(r#"{"creationDate":1767225600.123,"x":null}"#)));
    let answer = world.ask(&states(
        "CreateActivity",
        r#"{"name": "ü", "tags": [{"key": "a"}]}"#,
    ));
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        Some("application/x-amz-json-1.0")
    );
    // AWS writes large numbers in this way, too.
    assert_eq!(answer.body, r#"{"creationDate":1.767225600123E9,"x":null}"#);
    let heard = world.only();
    assert_eq!(heard.parameters, r#"{"name":"ü","tags":[{"key":"a"}]}"#);
    assert_eq!(
        answer.header("x-amzn-requestid"),
        Some(&*heard.caller.request_id)
    );
    let logs = "X-Amz-Target: Logs_20140328.GetLogEvents";
    let answer = world.ask(&request("POST /", &[logs], "{}"));
    assert_eq!(
        answer.header("content-type"),
        Some("application/x-amz-json-1.1")
    );
}

#[test]
fn json_errors_name_themselves() {
    let world =
        World::new(|operation, _| match operation {
            "ListExecutions" => Err(ApiError::new("StateMachineDoesNotExist", "none \"there\"")
                .with_member("reason", "R")),
            _ => Err(ApiError::internal("oh")),
        });
    let answer = world.ask(&states("ListExecutions", "{}"));
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.body,
        r#"{"__type":"StateMachineDoesNotExist","message":"none \"there\"","reason":"R"}"#
    );
    let answer = world.ask(&states("ListActivities", "{}"));
    assert_eq!(answer.status, 500);
    assert_eq!(
        answer.body,
        r#"{"__type":"InternalFailure","message":"oh"}"#
    );
}

#[test]
fn json_that_is_none_is_refused() {
    let world = World::new(nothing);
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let deep = format!("{{\"a\":{deep}}}");
    let deep_objects = "{\"a\":".repeat(5000);
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"x\"",
        "1",
        "{}{}",
        "{\"a\":}",
        "{'a':1}",
        "{\"a\":1e999999}",
        "{\"a\":\"\u{1}\"}",
        &deep,
        &deep_objects,
    ] {
        let answer = world.ask(&states("ListActivities", body));
        let shown: String = body.chars().take(20).collect();
        assert_eq!(answer.status, 400, "{shown}: {answer:?}");
        assert_eq!(
            answer.json().get("__type").and_then(Data::as_str),
            Some("SerializationException"),
            "{shown}"
        );
    }
    assert!(world.heard().is_empty());
    let mut client = world.connect();
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\nContent-Length: 9\r\n\r\n";
    client.send(head);
    client.send(b"{\"a\":\"\xff\"}".get(..9).unwrap());
    let answer = client.answer().unwrap();
    assert!(
        answer.body.contains("SerializationException") && answer.body.contains("UTF-8"),
        "{answer:?}"
    );
    // Of a key that comes twice the last value counts, as in AWS's own parser.
    world.ask(&states("ListActivities", r#"{"a":1,"a":2}"#));
    assert_eq!(world.only().parameters, r#"{"a":2}"#);
}

#[test]
fn other_content_types_are_refused() {
    let world = World::new(nothing);
    let target = "X-Amz-Target: AWSStepFunctions.ListActivities";
    for kind in [
        "application/cbor",
        "text/xml; charset=utf-8",
        "multipart/form-data",
    ] {
        let answer = world.ask(&request(
            "POST /",
            &[target, &format!("Content-Type: {kind}")],
            "{}",
        ));
        assert_eq!(answer.status, 415, "{kind}");
        assert!(
            answer.body.contains("UnsupportedMediaTypeException"),
            "{kind}"
        );
    }
    for kind in [
        "application/json",
        "Application/X-Amz-Json-1.1; charset=utf-8",
    ] {
        let answer = world.ask(&request(
            "POST /",
            &[target, &format!("Content-Type: {kind}")],
            "{}",
        ));
        assert_eq!(answer.status, 200, "{kind}");
    }
}

#[track_caller]
fn reads_form(body: &str, parameters: &str) {
    let world = World::new(nothing);
    let answer = world.ask(&form(body));
    assert_eq!(answer.status, 200, "{body}: {answer:?}");
    assert_eq!(data(&world.only().parameters), data(parameters), "{body}");
}

#[test]
fn forms_become_parameters() {
    reads_form("Action=ListRoles&Version=2010-05-08", "{}");
    reads_form(
        "Action=GetRole&RoleName=a%2Fb+c%C3%BC",
        r#"{"RoleName":"a/b cü"}"#,
    );
    reads_form(
        "Action=ListRoles&MaxItems=10&Unknown=1&Unknown.x.1=2",
        r#"{"MaxItems":10}"#,
    );
    reads_form(
        "Action=TagRole&RoleName=r&Tags.member.2.Key=b&Tags.member.2.Value=2&Tags.member.10.Key=c&Tags.member.1.Key=a&Tags.member.1.Value=",
        r#"{"RoleName":"r","Tags":[{"Key":"a","Value":""},{"Key":"b","Value":"2"},{"Key":"c"}]}"#,
    );
    reads_form(
        "Action=UntagRole&TagKeys.member.1=a&TagKeys.member.2=b",
        r#"{"TagKeys":["a","b"]}"#,
    );
    reads_form("Action=UntagRole&TagKeys=", r#"{"TagKeys":[]}"#);
    reads_form(
        "Action=CreatePolicyVersion&SetAsDefault=true",
        r#"{"SetAsDefault":true}"#,
    );
}

#[test]
fn forms_that_are_wrong_are_refused() {
    let world = World::new(nothing);
    let deep = format!("Action=ListRoles&{}=1", "a.".repeat(5000));
    for (body, code) in [
        ("Action=ListRoles&MaxItems=ten", "SerializationException"),
        (
            "Action=CreatePolicyVersion&SetAsDefault=1",
            "SerializationException",
        ),
        (
            "Action=TagRole&Tags.member.x.Key=a",
            "SerializationException",
        ),
        ("Action=GetRole&RoleName.x=a", "SerializationException"),
        ("Action=", "MissingAction"),
        ("%ff%00=&&==&Version=2010-05-08", "MissingAction"),
        (&*deep, "MalformedQueryString"),
    ] {
        let answer = world.ask(&form(body));
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(
            answer.body.contains(&format!("<Code>{code}</Code>")),
            "{code}: {answer:?}"
        );
        assert!(leaves(&answer.body).contains(&"/ErrorResponse/Error/Type=Sender".to_owned()));
    }
    assert!(world.heard().is_empty());
}

/// The texts of a document, each with its path.
fn leaves(xml: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    let (mut path, mut found, mut text) = (Vec::new(), Vec::new(), String::new());
    loop {
        match reader.read_event().expect(xml) {
            Event::Start(start) => {
                path.push(String::from_utf8(start.name().as_ref().to_vec()).unwrap());
                text.clear();
            }
            Event::Text(part) => text.push_str(&part.decode().unwrap()),
            Event::GeneralRef(reference) => {
                let name = reference.decode().unwrap();
                text.push_str(quick_xml::escape::resolve_predefined_entity(&name).expect(&name));
            }
            Event::End(_) => {
                if !text.is_empty() {
                    found.push(format!("/{}={text}", path.join("/")));
                }
                text.clear();
                path.pop();
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

#[test]
fn answers_become_xml() {
    let world = World::new(|_, _| {
        Ok(data(
            r#"{"Role":{"RoleName":"<r>&","CreateDate":"2026-01-01T00:00:00Z","MaxSessionDuration":3600,"Secret":1,
                "Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":null}],"PermissionsBoundary":null}}"#,
        ))
    });
    let answer = world.ask(&form("Action=GetRole&RoleName=r"));
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("text/xml"))
    );
    let root = "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role>";
    assert!(answer.body.starts_with(root), "{}", answer.body);
    let id = answer.header("x-amzn-requestid").unwrap();
    let role = "/GetRoleResponse/GetRoleResult/Role";
    assert_eq!(
        leaves(&answer.body),
        [
            format!("{role}/RoleName=<r>&"),
            format!("{role}/CreateDate=2026-01-01T00:00:00Z"),
            format!("{role}/MaxSessionDuration=3600"),
            format!("{role}/Tags/member/Key=a"),
            format!("{role}/Tags/member/Value=1"),
            format!("{role}/Tags/member/Key=b"),
            format!("/GetRoleResponse/ResponseMetadata/RequestId={id}"),
        ]
    );
    // An operation without an answer has no element for it.
    let answer = world.ask(&form("Action=DeleteRole&RoleName=r"));
    assert!(!answer.body.contains("DeleteRoleResult"), "{}", answer.body);
    assert!(
        answer.body.contains("<ResponseMetadata>"),
        "{}",
        answer.body
    );
}

#[test]
fn seconds_become_a_date_in_xml() {
    let world = World::new(|_, _| Ok(data(r#"{"Role":{"CreateDate":1767225600.5}}"#)));
    let answer = world.ask(&form("Action=GetRole&RoleName=r"));
    assert!(
        answer
            .body
            .contains("<CreateDate>2026-01-01T00:00:00.5Z</CreateDate>"),
        "{}",
        answer.body
    );
}

#[test]
fn query_errors_have_the_models_status_and_name() {
    let world = World::new(|operation, _| match operation {
        "GetRole" => Err(ApiError::new("NoSuchEntity", "no <r>")),
        "DeleteRole" => Err(ApiError::new("DeleteConflictException", "used")),
        _ => Err(ApiError::internal("oh")),
    });
    for (action, status, side, code) in [
        ("GetRole", 404, "Sender", "NoSuchEntity"),
        ("DeleteRole", 409, "Sender", "DeleteConflict"),
        ("ListRoles", 500, "Receiver", "InternalFailure"),
    ] {
        let answer = world.ask(&form(&format!("Action={action}&Version=2010-05-08")));
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (status, Some("text/xml")),
            "{action}"
        );
        let found = leaves(&answer.body);
        let id = answer.header("x-amzn-requestid").unwrap();
        assert_eq!(found[0], format!("/ErrorResponse/Error/Type={side}"));
        assert_eq!(found[1], format!("/ErrorResponse/Error/Code={code}"));
        assert_eq!(found[3], format!("/ErrorResponse/RequestId={id}"));
    }
}

#[track_caller]
fn reads_rest(line: &str, headers: &[&str], body: &str, parameters: &str) {
    let world = World::new(nothing);
    let answer = world.ask(&request(line, headers, body));
    assert!(answer.status < 300, "{line}: {answer:?}");
    assert_eq!(data(&world.only().parameters), data(parameters), "{line}");
}

#[test]
fn rest_members_come_from_everywhere() {
    let lambda = "/2015-03-31/functions";
    reads_rest(
        &format!("GET {lambda}?MaxItems=5&Marker=a%26b&x=1"),
        &[],
        "",
        r#"{"MaxItems":5,"Marker":"a&b"}"#,
    );
    reads_rest(
        &format!(
            "POST {lambda}/arn%3Aaws%3Alambda%3Ax%3A1%3Afunction%3Af/invocations?Qualifier=%24LATEST"
        ),
        &[
            "X-Amz-Invocation-Type: Event",
            "X-Amz-Log-Type: Tail",
            "X-Amz-Client-Context: e30=",
        ],
        "{\"no\": [object",
        r#"{"FunctionName":"arn:aws:lambda:x:1:function:f","Qualifier":"$LATEST","InvocationType":"Event","LogType":"Tail","ClientContext":"e30=","Payload":"{\"no\": [object"}"#,
    );
    reads_rest(
        &format!("POST {lambda}/f/invocations"),
        &[],
        "",
        r#"{"FunctionName":"f"}"#,
    );
    // The path says more than the body.
    reads_rest(
        &format!("PUT {lambda}/f/configuration"),
        &[],
        r#"{"FunctionName":"g","Timeout":5,"Environment":{"Variables":{"A":"b"}}}"#,
        r#"{"FunctionName":"f","Timeout":5,"Environment":{"Variables":{"A":"b"}}}"#,
    );
    reads_rest(
        &format!("DELETE {lambda}/f/policy/s?RevisionId=r"),
        &[],
        "",
        r#"{"FunctionName":"f","StatementId":"s","RevisionId":"r"}"#,
    );
    reads_rest(
        "DELETE /2017-03-31/tags/arn:f?tagKeys=a&tagKeys=b",
        &[],
        "",
        r#"{"Resource":"arn:f","TagKeys":["a","b"]}"#,
    );
    reads_rest(
        "POST /2017-03-31/tags/arn:f",
        &[],
        r#"{"Tags":{"a":"b"}}"#,
        r#"{"Resource":"arn:f","Tags":{"a":"b"}}"#,
    );
}

#[test]
fn rest_requests_that_are_wrong_are_refused() {
    let world = World::new(nothing);
    for (line, body) in [
        ("GET /2015-03-31/functions?MaxItems=ten", ""),
        ("POST /2015-03-31/functions", "{"),
        ("POST /2015-03-31/functions", "[]"),
    ] {
        let answer = world.ask(&request(line, &[], body));
        let found = (answer.status, answer.header("x-amzn-errortype"));
        assert_eq!(found, (400, Some("SerializationException")), "{line}");
    }
    let mut client = world.connect();
    client.send("POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n");
    client.send(b"\xff");
    let answer = client.answer().unwrap();
    assert_eq!(
        answer.header("x-amzn-errortype"),
        Some("InvalidRequestContentException")
    );
    assert!(world.heard().is_empty());
}

#[test]
fn rest_answers_go_everywhere() {
    let world = World::new(|operation, parameters| match operation {
        "Invoke" if parameters.get("InvocationType").is_some() => Ok(data(r#"{"StatusCode":202}"#)),
        "Invoke" => Ok(data(
            r#"{"StatusCode":200,"FunctionError":"Unhandled","LogResult":"bG9n","ExecutedVersion":"$LATEST","Payload":"{\"errorType\":\"E\"}"}"#,
        )),
        "CreateFunction" => Ok(data(r#"{"FunctionName":"f","Timeout":3}"#)),
        "DeleteFunction" => Ok(data(r#"{"StatusCode":204}"#)),
        _ => Ok(Data::empty_object()),
    });
    let invoke = "POST /2015-03-31/functions/f/invocations";
    let answer = world.ask(&request(invoke, &[], "{}"));
    assert_eq!(
        (answer.status, &*answer.body),
        (200, "{\"errorType\":\"E\"}")
    );
    assert_eq!(answer.header("x-amz-function-error"), Some("Unhandled"));
    assert_eq!(answer.header("x-amz-log-result"), Some("bG9n"));
    assert_eq!(answer.header("x-amz-executed-version"), Some("$LATEST"));
    let answer = world.ask(&request(invoke, &["X-Amz-Invocation-Type: Event"], "{}"));
    assert_eq!((answer.status, &*answer.body), (202, ""));
    let answer = world.ask(&request("POST /2015-03-31/functions", &[], "{}"));
    assert_eq!(
        (answer.status, &*answer.body),
        (201, r#"{"FunctionName":"f","Timeout":3}"#)
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
    for line in [
        "DELETE /2015-03-31/functions/f",
        "DELETE /2017-03-31/tags/f?tagKeys=a",
    ] {
        let answer = world.ask(&request(line, &[], ""));
        assert_eq!((answer.status, &*answer.body), (204, ""), "{line}");
    }
}

#[test]
fn rest_errors_name_themselves_in_a_header() {
    let world = World::new(|operation, _| match operation {
        "GetFunction" => Err(ApiError::new("ResourceNotFoundException", "no f")),
        "Invoke" => Err(ApiError::new("TooManyRequestsException", "Rate Exceeded.")
            .with_member(
                "Reason",
                "ReservedFunctionConcurrentInvocationLimitExceeded",
            )
            .with_member("retryAfterSeconds", "1")),
        "CreateFunction" => Err(ApiError::new("ValidationException", "bad\r\nX: y")),
        _ => Err(ApiError::internal("oh")),
    });
    let function = "/2015-03-31/functions/f";
    let answer = world.ask(&request(&format!("GET {function}"), &[], ""));
    assert_eq!(
        (answer.status, answer.header("x-amzn-errortype")),
        (404, Some("ResourceNotFoundException"))
    );
    assert_eq!(answer.body, r#"{"Type":"User","Message":"no f"}"#);
    let answer = world.ask(&request(&format!("POST {function}/invocations"), &[], ""));
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (429, Some("1"))
    );
    assert_eq!(
        answer.body,
        r#"{"Type":"User","message":"Rate Exceeded.","Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"}"#
    );
    let answer = world.ask(&request("POST /2015-03-31/functions", &[], "{}"));
    assert_eq!((answer.status, answer.header("x")), (400, None));
    let answer = world.ask(&request("GET /2015-03-31/functions", &[], ""));
    assert_eq!(
        (answer.status, answer.header("x-amzn-errortype")),
        (500, Some("InternalFailure"))
    );
    assert!(
        answer.body.contains(r#""Type":"Service""#),
        "{}",
        answer.body
    );
}
