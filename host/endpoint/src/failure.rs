//! What a refused call is called in a workflow.

use data::Data;
use engine::Failure;

use crate::http::Answer;
use crate::xml::Element;

/// The exception for an answer that never came.
const CLIENT: &str = "SdkClientException";

/// What a service said when it refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub status: u16,
    /// As the service's model has it.
    pub code: String,
    /// As the older SDK shows it, where that differs.
    pub shown: Option<String>,
    pub message: Option<String>,
    pub request_id: Option<String>,
    /// S3's second id.
    pub extended: Option<String>,
}

impl Refusal {
    /// Reads any of AWS's forms; what is in none of them is known by its status only.
    pub fn of(answer: &Answer) -> Refusal {
        let mut refusal = Refusal {
            status: answer.status.as_u16(),
            request_id: request_id(answer).map(str::to_owned),
            extended: answer.header("x-amz-id-2").map(str::to_owned),
            ..Refusal::default()
        };
        let text = String::from_utf8_lossy(&answer.body);
        match text.trim_start().starts_with('<') {
            true => refusal.read_xml(&text),
            false => refusal.read_json(answer, &text),
        }
        refusal
    }

    fn read_json(&mut self, answer: &Answer, text: &str) {
        let body = Data::parse(text).unwrap_or_default();
        let member = |names: [&str; 2]| {
            let found = names.iter().find_map(|name| body.get(name)?.as_str());
            found.map(str::to_owned)
        };
        let code = answer.header("x-amzn-errortype").map(str::to_owned);
        let code = code
            .or_else(|| member(["__type", "code"]))
            .unwrap_or_default();
        self.code = short(&code).to_owned();
        self.message = member(["message", "Message"]);
        let query = answer.header("x-amzn-query-error");
        self.shown = query.map(|error| error.split(';').next().unwrap_or(error).to_owned());
    }

    fn read_xml(&mut self, text: &str) {
        let Some(root) = Element::parse(text) else {
            return;
        };
        let error = root.child("Error").unwrap_or(&root);
        let of = |element: &Element, name: &str| element.text_of(name).map(str::to_owned);
        self.code = of(error, "Code").unwrap_or_default();
        self.message = of(error, "Message");
        let id = of(&root, "RequestId").or_else(|| of(error, "RequestId"));
        self.request_id = id.or(self.request_id.take());
        self.extended = of(error, "HostId").or(self.extended.take());
    }
}

/// A code without the namespace before it and the address behind it.
fn short(code: &str) -> &str {
    let code = code.rsplit('#').next().unwrap_or(code);
    code.split([':', ',']).next().unwrap_or(code)
}

/// The id that a service gave a request.
pub(crate) fn request_id(answer: &Answer) -> Option<&str> {
    let names = ["x-amzn-requestid", "x-amz-request-id"];
    names.iter().find_map(|name| answer.header(name))
}

/// Which generation of the SDK an integration calls with; they word the cause differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wording {
    /// `(Service: AmazonSQS; Status Code: 400; Error Code: ...; Request ID: ...; Proxy: null)`
    Semicolons,
    /// `(Service: Sqs, Status Code: 400, Request ID: ...)`
    Commas,
}

/// How an integration names what goes wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Naming {
    /// What stands before the dot.
    pub prefix: &'static str,
    /// The service in a cause.
    pub service: &'static str,
    /// The exception for codes that the service's model does not name.
    pub common: &'static str,
    /// The exceptions by code; `None` if every code is one.
    pub exceptions: Option<&'static [(&'static str, &'static str)]>,
    pub wording: Wording,
}

impl Naming {
    /// A service's refusal.
    pub fn refused(&self, refusal: &Refusal) -> Failure {
        let error = format!("{}.{}", self.prefix, self.exception(&refusal.code));
        let message = refusal.message.as_deref().unwrap_or("null");
        let status = refusal.status;
        let id = refusal.request_id.as_deref().unwrap_or("null");
        let service = self.service;
        let cause = match self.wording {
            Wording::Semicolons => {
                let code = refusal.shown.as_deref().unwrap_or(&refusal.code);
                format!(
                    "{message} (Service: {service}; Status Code: {status}; Error Code: {code}; Request ID: {id}; \
                     Proxy: null)"
                )
            }
            Wording::Commas => {
                let more = refusal.extended.as_deref();
                let more =
                    more.map_or_else(String::new, |id| format!(", Extended Request ID: {id}"));
                format!(
                    "{message} (Service: {service}, Status Code: {status}, Request ID: {id}{more})"
                )
            }
        };
        Failure::new(error, cause)
    }

    /// A call that got no answer.
    pub fn unreached(&self, why: &str) -> Failure {
        Failure::new(format!("{}.{CLIENT}", self.prefix), why)
    }

    fn exception(&self, code: &str) -> String {
        let named = match self.exceptions {
            Some(known) => {
                let found = known.iter().find(|(known, _)| *known == code);
                found.map(|(_, exception)| (*exception).to_owned())
            }
            None => suffixed(code),
        };
        let named = named.unwrap_or_else(|| self.common.to_owned());
        match (self.wording, named.strip_prefix("KMS")) {
            // The newer SDK writes abbreviations as words.
            (Wording::Commas, Some(rest)) => format!("Kms{rest}"),
            _ => named,
        }
    }
}

/// A code as the name of an exception, if it can be one.
fn suffixed(code: &str) -> Option<String> {
    if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let stem = code.strip_suffix("Exception").unwrap_or(code);
    Some(format!("{stem}Exception"))
}
