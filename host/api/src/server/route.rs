//! Which service and operation a request means.
//!
//! In this order: `X-Amz-Target`; the service of the credential scope; Lambda's paths; the query protocol, whose
//! `Action` stands in the body; the host's name.

use std::sync::LazyLock;

use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use super::foreign::{Foreign, Style};
use super::scope::Scope;
use super::services::ServiceName;
use crate::model;

/// What a request means, as far as its head says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// AWS JSON: the operation is named, the parameters are the body.
    Json(ServiceName, String),
    /// REST: an operation of Lambda and what stands in its path.
    Rest(&'static str, Labels),
    /// The query protocol: the operation is in the query string or the body. None: so is the service.
    Query(Option<ServiceName>),
    /// A service that is served, but no operation of it.
    Nothing(ServiceName, String),
    /// A service that is not served.
    Foreign(Foreign),
    /// Nobody in particular.
    Health,
}

/// The members of an operation's parameters that stand in its path.
pub(super) type Labels = Vec<(&'static str, String)>;

/// Finds out what a request means.
pub(super) fn route(head: &Parts, scope: Option<&Scope>) -> Route {
    if let Some(target) = header(&head.headers, "x-amz-target") {
        return by_target(target, scope);
    }
    let signed = scope.map(|scope| &*scope.service);
    let named = signed.or_else(|| host_service(&head.headers));
    let service = named.and_then(ServiceName::of_scope);
    match (service, named) {
        (None, Some(name)) if signed.is_some() || is_query(head) => {
            Route::Foreign(Foreign::new(name, style(name, head)))
        }
        (Some(ServiceName::Lambda), _) => rest(head),
        (Some(service @ (ServiceName::Iam | ServiceName::Sts)), _) => Route::Query(Some(service)),
        (Some(service @ (ServiceName::StepFunctions | ServiceName::Logs)), _) => {
            let prefix = target_prefix(service);
            let message = format!("X-Amz-Target names no operation, such as {prefix}.NAME");
            Route::Nothing(service, message)
        }
        (None, _) if is_lambda_path(head.uri.path()) => rest(head),
        (None, _) if is_query(head) => Route::Query(None),
        (None, _) if head.uri.path() == "/" && is_read(head) => Route::Health,
        (None, _) => {
            let name = named.unwrap_or_default();
            Route::Foreign(Foreign::new(name, style(name, head)))
        }
    }
}

fn is_read(head: &Parts) -> bool {
    matches!(head.method, Method::GET | Method::HEAD)
}

fn by_target(target: &str, scope: Option<&Scope>) -> Route {
    let (prefix, operation) = target.split_once('.').unwrap_or((target, ""));
    match prefix {
        "AWSStepFunctions" => Route::Json(ServiceName::StepFunctions, operation.to_owned()),
        "Logs_20140328" => Route::Json(ServiceName::Logs, operation.to_owned()),
        _ => {
            let name = scope.map_or(prefix, |scope| &*scope.service);
            Route::Foreign(Foreign::new(name, Style::Json))
        }
    }
}

fn target_prefix(service: ServiceName) -> &'static str {
    match service {
        ServiceName::Logs => "Logs_20140328",
        _ => "AWSStepFunctions",
    }
}

/// The protocol in which the clients of a service that is not served want to hear so.
fn style(service: &str, head: &Parts) -> Style {
    match service {
        "s3" | "s3express" | "route53" | "cloudfront" => Style::RestXml,
        _ if is_query(head) => Style::Query,
        _ => Style::RestJson,
    }
}

/// The service that a host's name begins with: `states.us-east-1.amazonaws.com`, also with `sync-` before it.
fn host_service(headers: &HeaderMap) -> Option<&str> {
    let host = header(headers, HOST.as_str())?;
    let (first, rest) = host.split_once('.')?;
    let name = first.strip_prefix("sync-").unwrap_or(first);
    let named = name.bytes().all(|byte| byte.is_ascii_lowercase());
    let below = rest.contains("localhost") || rest.contains("amazonaws.com");
    (named && below && name != "localhost").then_some(name)
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a request speaks the query protocol: by its content type, or by an `Action` in its query string.
fn is_query(head: &Parts) -> bool {
    let form = header(&head.headers, CONTENT_TYPE.as_str())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let action = |query: &str| form_urlencoded::parse(query.as_bytes()).any(|(k, _)| k == "Action");
    (form && head.method == Method::POST) || head.uri.query().is_some_and(action)
}

/// Whether a path begins with the date of a version of Lambda's interface.
fn is_lambda_path(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    PATHS.iter().any(|known| known.template[0] == first)
}

/// An operation's method and the segments of its path; those that are a label begin with `{`.
struct Path {
    method: Method,
    template: Vec<&'static str>,
    operation: &'static str,
}

static PATHS: LazyLock<Vec<Path>> = LazyLock::new(|| {
    let operations = model::LAMBDA.operations.iter();
    let placed = operations.filter_map(|(name, operation)| {
        let (method, path, _) = operation.http.as_ref()?;
        Some(Path {
            method: method.parse().ok()?,
            template: path.split('/').skip(1).collect(),
            operation: name,
        })
    });
    placed.collect()
});

fn rest(head: &Parts) -> Route {
    let path = head.uri.path();
    let found = PATHS
        .iter()
        .filter(|known| known.method == head.method)
        .find_map(|known| Some((known.operation, labels(&known.template, path)?)));
    match found {
        Some((operation, labels)) => Route::Rest(operation, labels),
        None => {
            let message = format!(
                "wf-host serves no operation {} {path} of Lambda",
                head.method
            );
            Route::Nothing(ServiceName::Lambda, message)
        }
    }
}

/// What the labels of a template stand for in a path; none if the path is another. A slash at its end is no segment.
fn labels(template: &[&'static str], path: &str) -> Option<Labels> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut segments = path.split('/');
    let mut labels = Vec::new();
    for part in template {
        let segment = segments.next()?;
        match part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'))
        {
            Some(label) if !segment.is_empty() => labels.push((label, unescaped(segment)?)),
            None if *part == segment => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some(labels)
}

/// A segment of a path with its `%XX` read; none if that is no UTF-8.
fn unescaped(segment: &str) -> Option<String> {
    let bytes = segment.as_bytes();
    let mut read = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        match escaped.and_then(hexadecimal) {
            Some(byte) => {
                read.push(byte);
                at += 3;
            }
            None => {
                read.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(read).ok()
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(digits[at]).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_of_lambda_means_its_own_operation() {
        for path in PATHS.iter() {
            let filled: Vec<&str> = path
                .template
                .iter()
                .map(|part| {
                    if part.starts_with('{') {
                        "arn%3Aa"
                    } else {
                        part
                    }
                })
                .collect();
            let request = axum::http::Request::builder()
                .method(path.method.clone())
                .uri(format!("/{}", filled.join("/")));
            let (head, ()) = request.body(()).expect("a request").into_parts();
            match route(&head, None) {
                Route::Rest(operation, labels) => {
                    assert_eq!(operation, path.operation);
                    assert!(
                        labels.iter().all(|(_, value)| value == "arn:a"),
                        "{labels:?}"
                    );
                }
                other => panic!("{}: {other:?}", path.operation),
            }
        }
    }

    #[test]
    fn escapes_are_read_once() {
        assert_eq!(unescaped("a%2Fb%2").as_deref(), Some("a/b%2"));
        assert_eq!(unescaped("%25%zz+").as_deref(), Some("%%zz+"));
        assert_eq!(unescaped("%+1").as_deref(), Some("%+1"));
        assert_eq!(unescaped("%ff"), None);
    }
}
