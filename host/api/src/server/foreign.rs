//! Requests that mean a service which is not served: told so in that service's own protocol.

use axum::http::StatusCode;
use axum::response::Response;

use super::protocol::{self, xml};

/// The protocol of a service that is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// AWS JSON
    Json,
    /// The query protocol, with XML answers.
    Query,
    /// REST with JSON.
    RestJson,
    /// REST with XML, as S3 has it.
    RestXml,
}

/// A service that is not served.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Foreign {
    /// Its name as the request has it; empty if it has none.
    name: String,
    style: Style,
}

/// A status that no client tries again for.
const STATUS: StatusCode = StatusCode::NOT_IMPLEMENTED;
const CODE: &str = "NotImplemented";

impl Foreign {
    pub fn new(name: &str, style: Style) -> Foreign {
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let name = name.chars().filter(plain).take(64).collect();
        Foreign { name, style }
    }

    fn message(&self) -> String {
        let what = match &*self.name {
            "" => "wf-host cannot tell which service this request means.".to_owned(),
            name => format!("wf-host does not serve {name}."),
        };
        format!(
            "{what} It serves Step Functions, Lambda, IAM, STS and CloudWatch Logs. Where a workflow calls another \
             service, [tasks] in wf-host.toml binds that resource to a guest, a constant or an endpoint: \
             wf-host help config"
        )
    }

    /// The answer.
    pub fn answer(&self, request_id: &str) -> Response {
        let message = self.message();
        match self.style {
            Style::Json => {
                let body = protocol::json::error_body(CODE, "message", &message, &[]);
                protocol::response(STATUS, "application/x-amz-json-1.0", body)
            }
            Style::RestJson => {
                let body = protocol::json::error_body(CODE, "message", &message, &[]);
                protocol::response(STATUS, "application/json", body)
            }
            Style::Query => {
                let body = xml::error(None, "Sender", CODE, &message, request_id);
                protocol::response(STATUS, "text/xml", body)
            }
            Style::RestXml => {
                let body = xml::rest_error(CODE, &message, request_id);
                protocol::response(STATUS, "application/xml", body)
            }
        }
    }

    /// The code that its answer has.
    pub fn code(&self) -> &'static str {
        CODE
    }
}
