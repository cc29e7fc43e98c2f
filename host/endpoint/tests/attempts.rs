//! What is tried again, what is not, and what happens where nobody answers.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::{Reply, Server, ask, endpoints, function_call, service_call};
use data::Data;
use endpoint::MOST_ANSWER;
use engine::Failure;

fn send(url: &str) -> runtime::remote::RemoteCall {
    let parameters = Data::parse(r#"{"QueueUrl": "http://q/1", "MessageBody": "b"}"#).unwrap();
    service_call(url, "aws-sdk:sqs:sendMessage", parameters)
}

fn invoke(url: &str) -> runtime::remote::RemoteCall {
    let function = Data::parse(r#"{"name": "pay", "payload": 1, "bare": true}"#).unwrap();
    function_call(url, &function)
}

const SENT: &str = r#"{"MessageId":"1"}"#;
const THROTTLED: &str = r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#;

/// The outcome, how many requests there were, and the pauses between them.
async fn outcome(script: Vec<Reply>) -> (Result<Data, Failure>, usize, Vec<Duration>) {
    let server = Server::start(script).await;
    let (endpoints, noted) = endpoints();
    let answer = ask(&endpoints, send(&server.url())).await;
    (answer, server.asked().len(), noted.pauses())
}

fn error(answer: Result<Data, Failure>) -> String {
    answer.unwrap_err().error.unwrap().to_string()
}

#[tokio::test]
async fn what_passes_is_tried_again_after_a_longer_pause_each_time() {
    let faults = [
        Reply::json(500, "{}"),
        Reply::json(503, "<html>busy</html>"),
        Reply::json(400, THROTTLED),
        Reply::HangUp,
    ];
    for fault in faults {
        let script = vec![fault.clone(), fault, Reply::json(200, SENT)];
        let (answer, requests, pauses) = outcome(script).await;
        assert_eq!(answer.unwrap().to_string(), SENT);
        assert_eq!(requests, 3);
        assert_eq!(pauses.len(), 2);
        assert!(pauses[0] <= Duration::from_secs(1), "{pauses:?}");
        assert!(pauses[1] <= Duration::from_secs(2), "{pauses:?}");
    }
}

#[tokio::test]
async fn the_third_attempt_is_the_last() {
    let (answer, requests, pauses) = outcome(vec![Reply::json(400, THROTTLED); 3]).await;
    assert_eq!(error(answer), "Sqs.SqsException");
    assert_eq!((requests, pauses.len()), (3, 2));
}

#[tokio::test]
async fn a_refusal_stands() {
    let refusal = r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no"}"#;
    let (answer, requests, pauses) = outcome(vec![Reply::json(400, refusal)]).await;
    assert_eq!(error(answer), "Sqs.QueueDoesNotExistException");
    assert_eq!((requests, pauses.len()), (1, 0));
}

#[tokio::test]
async fn an_answer_above_the_limit_is_not_read() {
    let answer = |length: usize| Reply::Answer {
        status: 200,
        headers: Vec::new(),
        body: Bytes::from(format!("\"{}\"", "x".repeat(length - 2))),
    };
    let server = Server::start([answer(MOST_ANSWER), answer(MOST_ANSWER + 1)]).await;
    let (endpoints, noted) = endpoints();
    let whole = ask(&endpoints, invoke(&server.url())).await.unwrap();
    assert_eq!(whole.size(), MOST_ANSWER);
    let failure = ask(&endpoints, invoke(&server.url())).await.unwrap_err();
    assert_eq!(failure.error.as_deref(), Some("States.DataLimitExceeded"));
    assert!(failure.cause.unwrap().contains(&server.url()));
    assert_eq!(server.asked().len(), 2);
    assert!(noted.pauses().is_empty());
}

/// A port that nobody listens at.
async fn nobody() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn where_nobody_listens_the_cause_names_the_server() {
    let url = nobody().await;
    for (call, error) in [
        (send(&url), "Sqs.SdkClientException"),
        (invoke(&url), "Lambda.SdkClientException"),
    ] {
        let (endpoints, noted) = endpoints();
        let failure = ask(&endpoints, call).await.unwrap_err();
        assert_eq!(failure.error.as_deref(), Some(error));
        let cause = failure.cause.unwrap();
        let begin = format!("Unable to execute HTTP request: Connect to {url} failed: ");
        assert!(cause.starts_with(&begin), "{cause}");
        assert_eq!(noted.pauses().len(), 2);
    }
}

#[tokio::test]
async fn nobody_is_redirected() {
    let other = Server::start([Reply::json(200, SENT)]).await;
    let away = Reply::Answer {
        status: 307,
        headers: vec![("location".into(), other.url())],
        body: Bytes::new(),
    };
    let server = Server::start([away]).await;
    let (endpoints, _) = endpoints();
    let failure = ask(&endpoints, send(&server.url())).await.unwrap_err();
    assert_eq!(failure.error.as_deref(), Some("Sqs.SqsException"));
    assert_eq!((server.asked().len(), other.asked().len()), (1, 0));
}

#[tokio::test]
async fn calls_one_after_another_share_a_connection() {
    let server = Server::start(vec![Reply::json(200, SENT); 5]).await;
    let (endpoints, _) = endpoints();
    for _ in 0..5 {
        ask(&endpoints, send(&server.url())).await.unwrap();
    }
    assert_eq!((server.asked().len(), server.connections()), (5, 1));
}

#[tokio::test]
async fn calls_side_by_side_do_not_mix() {
    let names: Vec<String> = (0..32)
        .map(|n| format!(r#"{{"MessageId":"{n}"}}"#))
        .collect();
    let server = Server::start(names.iter().map(|body| Reply::json(200, body))).await;
    let (endpoints, _) = endpoints();
    let calls = (0..32).map(|_| {
        let (endpoints, call) = (endpoints.clone(), send(&server.url()));
        tokio::spawn(async move { ask(&endpoints, call).await.unwrap().to_string() })
    });
    let calls: Vec<_> = calls.collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    let (mut expected, mut found) = (names, answers);
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}
