//! Every case of `tests/cases`: what a task asks, what the server is sent, and what the task gets.
//! `WF_HOST_BLESS=1` rewrites what is expected. Each request's signature is checked by the official signer.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_types::date_time::{DateTime, Format};
use bytes::Bytes;
use common::{
    ACCESS_KEY, Asked, REGION, Reply, Server, ask, endpoints, function_call, keys, service_call,
};
use data::{Data, Object};
use engine::Failure;

/// Headers that every request has, checked for all of them at once.
const COMMON: [&str; 8] = [
    "accept",
    "authorization",
    "content-length",
    "host",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "connection",
];

/// A server whose port is the same in every run, as an expectation has it.
const SERVER: &str = "http://SERVER";

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[tokio::test]
async fn every_case_asks_and_gets_what_it_says() {
    let bless = std::env::var_os("WF_HOST_BLESS").is_some();
    let mut wrong = Vec::new();
    let mut count = 0;
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap();
        let cases = Data::parse(&text).unwrap();
        let mut blessed = Vec::new();
        for case in cases.as_array().unwrap().items() {
            let found = outcome(case).await;
            let case = case.as_object().unwrap();
            if case.get("expected") != Some(&found) {
                let name = case.get("name").unwrap();
                wrong.push(format!("{}: {name}\n{}", file.display(), found.to_pretty()));
            }
            blessed.push(Data::from(case.with("expected", found)));
            count += 1;
        }
        if bless {
            let text = Data::from(blessed).to_pretty() + "\n";
            std::fs::write(&file, text).unwrap();
        }
    }
    assert!(count > 40, "only {count} cases");
    assert!(bless || wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a case comes to: the request, and the result or failure.
async fn outcome(case: &Data) -> Data {
    let name = case.get("name").unwrap().to_string();
    let server = Server::start(reply(case)).await;
    let (endpoints, _) = endpoints();
    let call = match case.get("function") {
        Some(function) => function_call(&server.url(), function),
        None => {
            let resource = case.get("resource").and_then(Data::as_str).unwrap();
            let parameters = case.get("parameters").cloned().unwrap_or_default();
            service_call(&server.url(), resource, parameters)
        }
    };
    let answer = ask(&endpoints, call).await;
    let mut outcome = Object::builder();
    for asked in server.asked() {
        check_signature(&name, &asked);
        outcome.insert("request".into(), request(&asked));
    }
    match answer {
        Ok(result) => outcome.insert("result".into(), result),
        Err(failure) => outcome.insert("failure".into(), shown(&failure, &server)),
    }
    outcome.build().into()
}

fn reply(case: &Data) -> Option<Reply> {
    let answer = case.get("answer")?;
    let headers = answer.get("headers").and_then(Data::as_object).cloned();
    let headers = headers.unwrap_or_default();
    let headers = headers.iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.as_str().unwrap().to_owned()));
    let body = match answer.get("body") {
        None => String::new(),
        Some(Data::String(text)) => text.as_str().to_owned(),
        Some(json) => json.to_string(),
    };
    let status = answer
        .get("status")
        .map_or(200, |status| status.as_i64().unwrap());
    Some(Reply::Answer {
        status: u16::try_from(status).unwrap(),
        headers: headers.collect(),
        body: Bytes::from(body),
    })
}

fn request(asked: &Asked) -> Data {
    let mut headers = Object::builder();
    for (name, value) in &asked.headers {
        if !COMMON.contains(&name.as_str()) {
            headers.insert(name.as_str().into(), Data::from(value.to_str().unwrap()));
        }
    }
    let body = String::from_utf8(asked.body.to_vec()).unwrap();
    Object::builder()
        .with("method", asked.method.as_str())
        .with("path", asked.path.as_str())
        .with("headers", headers.build())
        .with(
            "body",
            Data::parse(&body).unwrap_or_else(|_| Data::from(body)),
        )
        .build()
        .into()
}

fn shown(failure: &Failure, server: &Server) -> Data {
    let cause = failure.cause.as_deref().unwrap_or_default();
    Object::builder()
        .with("error", failure.error.as_deref().unwrap_or_default())
        .with("cause", cause.replace(&server.url(), SERVER))
        .build()
        .into()
}

/// The official signer comes to the same signature over what arrived.
fn check_signature(name: &str, asked: &Asked) {
    let authorization = asked.header("authorization").unwrap();
    let scope = authorization.split(['=', ',']).nth(1).unwrap();
    let [access_key, _, region, service, "aws4_request"] = scope.split('/').collect::<Vec<_>>()[..]
    else {
        panic!("{name}: {scope}");
    };
    assert_eq!((access_key, region), (ACCESS_KEY, REGION), "{name}");
    let signed = authorization.split("SignedHeaders=").nth(1).unwrap();
    let signed: Vec<&str> = signed.split(',').next().unwrap().split(';').collect();
    for wanted in ["host", "x-amz-date", "x-amz-security-token"] {
        assert!(signed.contains(&wanted), "{name}: {wanted} is not signed");
    }
    let own = [
        "host",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-content-sha256",
    ];
    let headers = signed.iter().filter(|header| !own.contains(*header));
    let headers = headers.map(|header| (*header, asked.header(header).unwrap()));
    let uri = format!("http://{}{}", asked.header("host").unwrap(), asked.path);
    let body = SignableBody::Bytes(&asked.body);
    let signable = SignableRequest::new(asked.method.as_str(), uri, headers, body).unwrap();
    let identity = keys().into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(date(asked.header("x-amz-date").unwrap()))
        .settings(settings(service))
        .build()
        .unwrap();
    let (again, _) = sign(signable, &parameters.into()).unwrap().into_parts();
    let again = again.headers().find(|(name, _)| *name == "authorization");
    assert_eq!(again.map(|(_, value)| value), Some(authorization), "{name}");
}

fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    settings
}

/// `20260101T000000Z`
fn date(basic: &str) -> SystemTime {
    let part = |from: usize, to: usize| &basic[from..to];
    let text = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(9, 11),
        part(11, 13),
        part(13, 15)
    );
    let moment = DateTime::from_str(&text, Format::DateTime).unwrap();
    SystemTime::try_from(moment).unwrap()
}
