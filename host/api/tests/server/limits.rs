//! Requests that are too large or too slow.

use std::time::Duration;

use api::server::Settings;

use crate::world::{World, form, nothing, request, states};

fn hasty() -> Settings {
    Settings {
        head_timeout: Duration::from_millis(300),
        body_pause: Duration::from_millis(300),
        ..Settings::default()
    }
}

#[test]
fn large_bodies_are_taken_up_to_the_limit() {
    let world = World::new(nothing);
    let definition = "x".repeat(2 << 20);
    let answer = world.ask(&states(
        "CreateStateMachine",
        &format!("{{\"definition\":\"{definition}\"}}"),
    ));
    assert_eq!(answer.status, 200);
    let zip = "A".repeat(60_000_000);
    let answer = world.ask(&request(
        "POST /2015-03-31/functions",
        &[],
        &format!("{{\"Code\":{{\"ZipFile\":\"{zip}\"}}}}"),
    ));
    assert_eq!(answer.status, 201);
    assert!(world.heard()[1].parameters.len() > zip.len());
}

#[test]
fn larger_bodies_are_refused_and_read_to_their_end() {
    let world = World::new(nothing);
    let much = "x".repeat(9 << 20);
    let too_large = "RequestEntityTooLargeException";
    let answer = world.ask(&states("CreateStateMachine", &much));
    assert_eq!(
        (answer.status, answer.header("connection")),
        (413, Some("close"))
    );
    assert!(answer.body.contains(too_large), "{}", answer.body);
    let answer = world.ask(&form(&format!("Action=CreateRole&RoleName={much}")));
    assert_eq!(answer.status, 413);
    assert!(
        answer.body.contains(&format!("<Code>{too_large}</Code>")),
        "{}",
        answer.body
    );
    let answer = world.ask(&request(
        "POST /2015-03-31/functions/f/invocations",
        &[],
        &much,
    ));
    assert_eq!(
        (answer.status, answer.header("x-amzn-errortype")),
        (413, Some("RequestTooLargeException"))
    );
    assert!(
        answer.body.contains("smaller than 6291456 bytes"),
        "{}",
        answer.body
    );
    assert!(world.heard().is_empty());
}

#[test]
fn a_body_without_length_is_held_against_the_limit_too() {
    let world = World::new(nothing);
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut client = world.connect();
    client.send(head);
    client.send("1\r\n{\r\n1\r\n}\r\n0\r\n\r\n");
    assert_eq!(client.answer().unwrap().status, 200);
    assert_eq!(world.only().parameters, "{}");
    client.send(head);
    let chunk = format!("100000\r\n{}\r\n", "x".repeat(0x10_0000));
    for _ in 0..6 {
        client.send(&chunk);
    }
    client.send("0\r\n\r\n");
    assert_eq!(client.answer().unwrap().status, 413);
}

#[test]
fn a_length_without_end_is_refused_at_once() {
    let world = World::with(hasty(), nothing);
    let mut client = world.connect();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\nContent-Length: 999999999999999\r\n\r\n");
    assert_eq!(client.answer().unwrap().status, 413);
    assert!(client.is_closed());
}

#[test]
fn heads_are_bounded() {
    let world = World::new(nothing);
    let long = "x".repeat(100 * 1024);
    let many: String = (0..500).map(|n| format!("X-{n}: y\r\n")).collect();
    for headers in [
        format!("X: {long}\r\n"),
        many,
        format!("Host: localhost\r\nCookie: {long}\r\n"),
    ] {
        let mut client = world.connect();
        client.send(format!("GET /health HTTP/1.1\r\n{headers}\r\n"));
        let answer = client.answer().unwrap();
        assert_eq!(answer.status, 431);
        assert!(client.is_closed());
    }
    let mut client = world.connect();
    client.try_send(format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assert!(matches!(client.answer().unwrap().status, 414 | 431));
}

#[test]
fn what_is_no_http_is_refused() {
    let world = World::new(nothing);
    for text in [
        "\r\n\r\n\r\nhello\r\n\r\n",
        "GET\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    ] {
        let mut client = world.connect();
        client.send(text);
        let answer = client.answer();
        assert!(answer.is_none_or(|answer| answer.status == 400), "{text:?}");
        assert!(client.is_closed());
    }
}

#[test]
fn slow_heads_are_cut() {
    let world = World::with(hasty(), nothing);
    let mut client = world.connect();
    client.send("GET /health HTTP/1.1\r\nHost: local");
    assert!(client.is_closed());
    let mut idle = world.connect();
    assert!(idle.is_closed());
}

#[test]
fn slow_bodies_are_refused() {
    let world = World::with(hasty(), nothing);
    let mut client = world.connect();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\nContent-Length: 10\r\n\r\n{");
    let answer = client.answer().unwrap();
    assert_eq!(answer.status, 408);
    assert!(
        answer.body.contains("RequestTimeoutException"),
        "{}",
        answer.body
    );
    assert!(client.is_closed());
    assert!(world.heard().is_empty());
}

#[test]
fn a_body_that_drips_has_an_end_too() {
    let settings = Settings {
        body_timeout: Duration::from_millis(300),
        ..Settings::default()
    };
    let world = World::with(settings, nothing);
    let mut client = world.connect();
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\nTransfer-Encoding: chunked\r\n\r\n");
    while client.try_send("1\r\n \r\n") {
        std::thread::yield_now();
    }
    assert!(world.heard().is_empty());
}
