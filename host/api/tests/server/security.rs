//! Who may ask.

use api::server::Settings;

use crate::world::{World, nothing};

fn ask(world: &World, line: &str, headers: &[&str]) -> (u16, String) {
    let headers: String = headers
        .iter()
        .map(|header| format!("{header}\r\n"))
        .collect();
    let answer = world.ask(&format!("{line} HTTP/1.1\r\n{headers}\r\n"));
    let cors = answer
        .headers
        .iter()
        .any(|(name, _)| name.starts_with("access-control"));
    assert!(!cors, "{answer:?}");
    (answer.status, answer.body)
}

#[test]
fn hosts_and_origins() {
    let allowed_hosts = vec!["box".to_owned(), "*.test".to_owned()];
    let world = World::with(
        Settings {
            allowed_hosts,
            ..Settings::default()
        },
        nothing,
    );
    for (headers, admitted) in [
        (&["Host: localhost:4566"][..], true),
        (&["Host: 127.0.0.1"], true),
        (&["Host: [::1]:4566"], true),
        (&["Host: sync-localhost:4566"], true),
        (&["Host: a.b.localhost.localstack.cloud:4566"], true),
        (&["Host: BOX:80"], true),
        (&["Host: a.test"], true),
        (&["Host: attacker.example"], false),
        (&["Host: localhost.attacker.example"], false),
        (&["Host: "], false),
        (&[], false),
        (&["Host: localhost", "Host: attacker.example"], false),
        (&["Host: localhost", "Origin: http://localhost:3000"], true),
        (
            &["Host: localhost", "Origin: http://attacker.example"],
            false,
        ),
        (&["Host: localhost", "Origin: null"], false),
        (
            &[
                "Host: localhost",
                "Origin: http://localhost",
                "Origin: http://a.example",
            ],
            false,
        ),
        (&["Host: localhost", "Sec-Fetch-Site: cross-site"], false),
        (&["Host: localhost", "Sec-Fetch-Site: none"], true),
    ] {
        for path in ["/", "/health", "/metrics", "/2015-03-31/functions"] {
            let (status, body) = ask(&world, &format!("GET {path}"), headers);
            let expected = if admitted { 200 } else { 403 };
            assert_eq!(status, expected, "{path} {headers:?}: {body}");
            assert_eq!(body.contains("AccessDeniedException"), !admitted, "{body}");
        }
    }
}

#[test]
fn a_refusal_says_what_to_do() {
    let world = World::new(nothing);
    let (_, body) = ask(&world, "GET /", &["Host: wf-host:4566"]);
    assert!(
        body.contains("wf-host serve --allow-host wf-host"),
        "{body}"
    );
}

#[test]
fn a_target_of_its_own_host_is_held_against_both() {
    let world = World::new(nothing);
    assert_eq!(
        ask(&world, "GET http://localhost/health", &["Host: localhost"]).0,
        200
    );
    assert_eq!(
        ask(
            &world,
            "GET http://attacker.example/health",
            &["Host: localhost"]
        )
        .0,
        403
    );
}

#[test]
fn preflights_are_refused() {
    let world = World::new(nothing);
    for path in ["/", "/health", "/2015-03-31/functions", "*"] {
        let headers = [
            "Host: localhost",
            "Origin: http://localhost",
            "Access-Control-Request-Method: POST",
        ];
        assert_eq!(
            ask(&world, &format!("OPTIONS {path}"), &headers).0,
            403,
            "{path}"
        );
    }
    assert!(world.heard().is_empty());
}
