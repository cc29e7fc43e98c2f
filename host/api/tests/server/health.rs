//! Health and metrics.

use data::Data;

use crate::world::{World, form, nothing, request, states};

#[test]
fn every_path_of_health_says_what_is_there() {
    let world = World::new(nothing);
    for path in ["/", "/health", "/_wf-host/health", "/_localstack/health"] {
        let answer = world.ask(&request(&format!("GET {path}"), &[], ""));
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("application/json")),
            "{path}"
        );
        let health = answer.json();
        let services = health.get("services").and_then(Data::as_object).unwrap();
        let names: Vec<&str> = services.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["stepfunctions", "lambda", "iam", "sts", "logs"]);
        assert!(
            services
                .values()
                .all(|state| state.as_str() == Some("available")),
            "{health}"
        );
        assert_eq!(
            health.get("version").and_then(Data::as_str),
            Some(env!("CARGO_PKG_VERSION"))
        );
        // As scripts search for it.
        assert!(
            answer.body.contains("\"stepfunctions\": \"available\""),
            "{}",
            answer.body
        );
    }
    let mut client = world.connect();
    for path in ["/", "/health"] {
        client.send(request(&format!("HEAD {path}"), &[], ""));
        assert_eq!(client.head().unwrap().status, 200, "{path}");
    }
    assert!(world.heard().is_empty());
}

#[test]
fn a_service_runs_once_it_is_used() {
    let world = World::new(nothing);
    world.ask(&states("ListActivities", "{}"));
    let health = world.ask(&request("GET /health", &[], "")).json();
    assert_eq!(
        health
            .pointer("/services/stepfunctions")
            .and_then(Data::as_str),
        Some("running")
    );
    assert_eq!(
        health.pointer("/services/lambda").and_then(Data::as_str),
        Some("available")
    );
}

#[test]
fn requests_are_counted_by_what_the_models_know() {
    let world = World::new(|operation, _| match operation {
        "ListRoles" => Err(api::ApiError::new("ServiceFailure", "oh")),
        _ => Ok(Data::empty_object()),
    });
    world.ask(&states("ListActivities", "{}"));
    world.ask(&states("ListActivities", "{}"));
    world.ask(&states("ListActivities", "{"));
    world.ask(&states("Fly-9f2c", "{}"));
    world.ask(&form("Action=ListRoles"));
    let answer = world.ask(&request("GET /metrics", &[], ""));
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("application/openmetrics-text")
    );
    for line in [
        "wf_host_requests_total{service=\"stepfunctions\",operation=\"ListActivities\",code=\"OK\"} 2",
        "wf_host_requests_total{service=\"stepfunctions\",operation=\"ListActivities\",code=\"SerializationException\"} 1",
        "wf_host_requests_total{service=\"stepfunctions\",operation=\"unknown\",code=\"OK\"} 1",
        "wf_host_requests_total{service=\"iam\",operation=\"ListRoles\",code=\"ServiceFailure\"} 1",
        "wf_host_request_duration_seconds_count{service=\"stepfunctions\",operation=\"ListActivities\"} 3",
    ] {
        assert!(
            answer.body.lines().any(|found| found == line),
            "{line}\n{}",
            answer.body
        );
    }
    assert!(!answer.body.contains("Fly-9f2c"));
}

/// What the command line asks of a running server.
#[test]
fn all_executions_are_shown_to_whoever_may_ask() {
    let world = World::new(nothing);
    let ask = |line: &str| world.ask(&request(line, &[], ""));
    let stats = ask("GET /_wf-host/stats?machine=m&status=FAILED");
    assert_eq!(
        (stats.status, stats.body.as_str()),
        (200, "\"statistics of m\"")
    );
    let executions = ask("GET /_wf-host/executions?after=arn&limit=3");
    let asked = Data::from("executions (\"arn\", Some(3))").to_string();
    assert_eq!((executions.status, executions.body), (200, asked));
    let wrong = ask("GET /_wf-host/executions?limit=none");
    assert_eq!(wrong.status, 400);
    let code = wrong.json().get("__type").cloned();
    assert_eq!(code, Some("ValidationException".into()));
    let strange = "GET /_wf-host/stats HTTP/1.1\r\nHost: example.com\r\n\r\n";
    assert_eq!(world.ask(strange).status, 403);
    let page = request(
        "GET /_wf-host/executions",
        &["Origin: http://example.com"],
        "",
    );
    assert_eq!(world.ask(&page).status, 403);
}
