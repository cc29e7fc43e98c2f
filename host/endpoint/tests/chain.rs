//! The chain of credentials, each time in a process of its own whose environment says where they are.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::process::Command;

use common::{Reply, Server, ask, function_call, service_call};
use data::Data;
use endpoint::{Endpoints, Settings};

const URL: &str = "ENDPOINT_TEST_URL";

/// The other process: one call of a queue, or of a function, with whatever credentials there are.
#[tokio::test]
#[ignore = "run by the tests beside it, in an environment that they make"]
async fn child() {
    let url = std::env::var(URL).unwrap();
    let endpoints = Endpoints::new(Settings::default());
    let call = if std::env::var_os("ENDPOINT_TEST_FUNCTION").is_some() {
        let function = Data::parse(r#"{"name": "pay", "bare": true}"#).unwrap();
        function_call(&url, &function)
    } else {
        service_call(&url, "sqs:sendMessage", Data::empty_object())
    };
    match ask(&endpoints, call).await {
        Ok(result) => assert!(result.as_object().is_some(), "{result}"),
        Err(failure) => panic!("failed: {}", failure.to_data()),
    }
}

/// Runs the other process; whether it came to a result, and what it said.
async fn run(server: &Server, environment: &[(&str, &str)]) -> (bool, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "child", "--include-ignored", "--nocapture"])
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("HOME", "/nonexistent")
        .env(URL, server.url())
        .envs(environment.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), said + &told)
}

/// The access key that the server was shown.
fn shown(server: &Server) -> Option<String> {
    let asked = server.asked();
    let authorization = asked.last()?.header("authorization")?.to_owned();
    let scope = authorization.split("Credential=").nth(1)?;
    scope.split('/').next().map(str::to_owned)
}

fn sent() -> Reply {
    Reply::json(200, r#"{"MessageId":"1"}"#)
}

#[tokio::test]
async fn the_environment_comes_first() {
    let server = Server::start([sent()]).await;
    let environment = [
        ("AWS_ACCESS_KEY_ID", "AKIDFROMENV"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_PROFILE", "none-such"),
    ];
    let (ok, said) = run(&server, &environment).await;
    assert!(ok, "{said}");
    assert_eq!(shown(&server).as_deref(), Some("AKIDFROMENV"));
}

#[tokio::test]
async fn a_profile_comes_next() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    let text = "[other]\naws_access_key_id = AKIDFROMFILE\naws_secret_access_key = secret\n";
    std::fs::write(&file, text).unwrap();
    let server = Server::start([sent()]).await;
    let environment = [
        ("AWS_SHARED_CREDENTIALS_FILE", file.to_str().unwrap()),
        ("AWS_PROFILE", "other"),
    ];
    let (ok, said) = run(&server, &environment).await;
    assert!(ok, "{said}");
    assert_eq!(shown(&server).as_deref(), Some("AKIDFROMFILE"));
}

#[tokio::test]
async fn a_container_is_asked_over_the_same_client() {
    let keys = r#"{"AccessKeyId":"AKIDFROMHOST","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z"}"#;
    let container = Server::start([Reply::json(200, keys)]).await;
    let server = Server::start([sent()]).await;
    let uri = format!("{}/keys", container.url());
    let environment = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri.as_str())];
    let (ok, said) = run(&server, &environment).await;
    assert!(ok, "{said}");
    assert_eq!(shown(&server).as_deref(), Some("AKIDFROMHOST"));
    assert_eq!(container.asked()[0].path, "/keys");
}

#[tokio::test]
async fn without_credentials_nothing_is_sent_to_a_service() {
    let server = Server::start([]).await;
    let (ok, said) = run(&server, &[]).await;
    assert!(!ok);
    assert!(
        said.contains("SQS.SdkClientException") && said.contains("Unable to load credentials"),
        "{said}"
    );
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_function_of_another_server_is_called_without_credentials() {
    let server = Server::start([Reply::json(200, "{}")]).await;
    let (ok, said) = run(&server, &[("ENDPOINT_TEST_FUNCTION", "1")]).await;
    assert!(ok, "{said}");
    assert_eq!(server.asked()[0].header("authorization"), None);
}
