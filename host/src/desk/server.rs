//! A running `wf-host serve`, asked over HTTP.

use anyhow::Result;
use data::Data;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::http::request::Builder;
use hyper::{Request, StatusCode, Uri};
use journal::Filter;

use super::http::{Answer, Http};
use crate::exit::{Exit, because, because_hint};
use crate::output;

/// Where a server looks for what names no region.
const REGION: &str = "us-east-1";

/// A server that said that it is one of ours.
pub struct Server {
    http: Http,
}

impl Server {
    /// The server at a URL, which must be a wf-host.
    pub async fn reach(url: &str) -> Result<Server> {
        let server = Server {
            http: Http::new(base(url)?),
        };
        let answer = server.get("/_wf-host/health").await?;
        let health = parsed(&answer);
        let edition = health.as_ref().and_then(|health| health.get("edition"));
        if edition.and_then(Data::as_str) != Some("wf-host") {
            let base = server.http.base();
            let message = format!("what answers at {base} is no wf-host");
            return Err(because(Exit::BadFile, message));
        }
        Ok(server)
    }

    /// Carries out an operation of Step Functions.
    pub async fn call(&self, operation: &str, parameters: &Data) -> Result<Data> {
        let request = Request::post(self.uri("/"))
            .header(CONTENT_TYPE, "application/x-amz-json-1.0")
            .header("x-amz-target", format!("AWSStepFunctions.{operation}"))
            .header(
                AUTHORIZATION,
                signature(super::region_of(parameters).unwrap_or(REGION)),
            );
        self.ask(request, parameters.to_string()).await
    }

    /// A page of executions.
    pub async fn list(&self, filter: &Filter) -> Result<Data> {
        self.look("/_wf-host/executions", filter).await
    }

    /// Figures of executions.
    pub async fn stats(&self, filter: &Filter) -> Result<Data> {
        self.look("/_wf-host/stats", filter).await
    }

    async fn look(&self, path: &str, filter: &Filter) -> Result<Data> {
        let path = format!("{path}?{}", query(filter));
        self.ask(Request::get(self.uri(&path)), String::new()).await
    }

    async fn get(&self, path: &str) -> Result<Answer> {
        let request = Request::get(self.uri(path)).body(Full::default());
        self.http
            .send(request.map_err(|error| unsendable(&error))?)
            .await
    }

    async fn ask(&self, request: Builder, body: String) -> Result<Data> {
        let request = request.body(Full::new(Bytes::from(body)));
        let answer = self
            .http
            .send(request.map_err(|error| unsendable(&error))?)
            .await?;
        match parsed(&answer) {
            Some(value) if answer.status == StatusCode::OK => Ok(value),
            value => Err(self.refusal(&answer, value.as_ref())),
        }
    }

    fn uri(&self, path: &str) -> String {
        format!("{}{path}", self.http.base())
    }

    /// What the server said instead of an answer. A refusal names itself; everything else is the server's fault.
    fn refusal(&self, answer: &Answer, value: Option<&Data>) -> anyhow::Error {
        let text = |name: &str| value?.get(name)?.as_str();
        let message = text("message").or_else(|| text("Message"));
        let base = self.http.base();
        match text("__type") {
            Some(code) if answer.status.is_client_error() => {
                super::refused(code, message.unwrap_or_default())
            }
            Some(code) => {
                let message = message.unwrap_or_default();
                because(
                    Exit::HostFault,
                    output::harmless_text(&format!("{base}: {code}: {message}")),
                )
            }
            None => {
                let status = answer.status;
                because(Exit::BadFile, format!("{base} answered {status}"))
            }
        }
    }
}

/// `http://HOST:PORT` of a URL without anything behind it.
fn base(url: &str) -> Result<String> {
    let wrong = |why: &str| {
        because_hint(
            Exit::Usage,
            format!("--server {url}: {why}"),
            "it is the URL that wf-host serve prints, such as http://127.0.0.1:4566",
        )
    };
    let uri: Uri = url.parse().map_err(|_| wrong("this is no URL"))?;
    let authority = uri.authority().ok_or_else(|| wrong("this is no URL"))?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") => return Err(wrong("wf-host serve speaks http, and https is not offered")),
        _ => return Err(wrong("the URL must begin with http://")),
    }
    match uri.path_and_query().map(|path| path.as_str()) {
        None | Some("/") if !authority.as_str().contains('@') => Ok(format!("http://{authority}")),
        _ => Err(wrong("the URL must be http://HOST:PORT and nothing more")),
    }
}

fn unsendable(error: &hyper::http::Error) -> anyhow::Error {
    because(
        Exit::Usage,
        format!("the request cannot be written: {error}"),
    )
}

fn parsed(answer: &Answer) -> Option<Data> {
    Data::parse(std::str::from_utf8(&answer.body).ok()?).ok()
}

/// A signature that signs nothing: what counts is the region, in which the server looks.
fn signature(region: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=wf-host/20260101/{region}/states/aws4_request, SignedHeaders=host, Signature=none"
    )
}

/// The filter as a query string.
fn query(filter: &Filter) -> String {
    let machine = filter.state_machine_arn.as_ref();
    let machine = machine.or(filter.state_machine.as_ref()).cloned();
    let pairs = [
        ("machine", machine),
        ("status", filter.status.clone()),
        ("since", filter.since.map(|since| since.to_iso_millis())),
        ("until", filter.until.map(|until| until.to_iso_millis())),
        ("after", filter.after.clone()),
        ("limit", filter.limit.map(|limit| limit.to_string())),
    ];
    let pairs = pairs
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::Timestamp;

    #[test]
    fn a_url_is_that_of_a_server_and_nothing_more() {
        for (url, expected) in [
            ("http://127.0.0.1:4566", "http://127.0.0.1:4566"),
            ("http://localhost:80/", "http://localhost:80"),
            ("http://[::1]:4566", "http://[::1]:4566"),
        ] {
            assert_eq!(base(url).ok().as_deref(), Some(expected), "{url}");
        }
        for url in [
            "",
            "localhost:4566",
            "https://localhost",
            "ftp://localhost",
            "http://a/b",
            "http://a?b",
            "http://me@a",
            "/tmp/x",
        ] {
            assert!(base(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_filter_is_a_query() {
        let filter = Filter {
            state_machine_arn: Some("arn:aws:states:us-east-1:0:stateMachine:m".to_owned()),
            since: Some(Timestamp(0)),
            limit: Some(5),
            ..Filter::default()
        };
        assert_eq!(
            query(&filter),
            "machine=arn%3Aaws%3Astates%3Aus-east-1%3A0%3AstateMachine%3Am&since=1970-01-01T00%3A00%3A00.000Z&limit=5"
        );
    }
}
