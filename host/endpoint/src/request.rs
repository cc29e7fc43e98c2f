//! A request as a service's protocol wants it, before it is signed.

use std::time::Duration;

use bytes::Bytes;
use data::EcoString;
use hyper::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use runtime::remote::Address;

use crate::failure::Refusal;

/// How long a service has to answer: three times the longest poll of a queue.
const PATIENCE: Duration = Duration::from_secs(60);

/// All but RFC 3986's unreserved characters, as signatures want it.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The same, but slashes stay: they divide a key.
const PATH: &AsciiSet = &SEGMENT.remove(b'/');

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub method: Method,
    /// Scheme, authority and perhaps the beginning of a path.
    pub base: String,
    /// Encoded, beginning with a slash.
    pub path: String,
    /// Encoded, without a question mark; empty if there is none.
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// The service's name in signatures.
    pub service: &'static str,
    pub region: EcoString,
    pub patience: Duration,
    /// Whether a function is called.
    pub is_function: bool,
}

impl Outgoing {
    /// A request for the service whose hosts and signatures bear `service`.
    pub fn new(method: Method, address: &Address, service: &'static str, region: &str) -> Outgoing {
        let base = match address {
            Address::Url(url) => url.clone(),
            Address::Aws => format!("https://{service}.{region}.{}", suffix(region)),
        };
        Outgoing {
            method,
            base,
            path: "/".to_owned(),
            query: String::new(),
            headers: Vec::new(),
            body: Bytes::new(),
            service,
            region: region.into(),
            patience: PATIENCE,
            is_function: false,
        }
    }

    pub fn header(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push((name.to_owned(), value.into()));
    }

    /// Adds a parameter behind the question mark.
    pub fn ask(&mut self, name: &str, value: &str) {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.push_str(&segment(name));
        self.query.push('=');
        self.query.push_str(&segment(value));
    }

    /// A refusal of this request: HEAD's has no body that could say what is missing.
    pub fn refusal(&self, mut refusal: Refusal) -> Refusal {
        if self.method == Method::HEAD && refusal.status == 404 && refusal.code.is_empty() {
            refusal.code = "NoSuchKey".to_owned();
        }
        if refusal.code.is_empty() && self.is_function {
            let code = match refusal.status {
                404 => "ResourceNotFoundException",
                429 => "TooManyRequestsException",
                _ => "",
            };
            refusal.code = code.to_owned();
        }
        refusal
    }

    pub fn uri(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{}{}{mark}{}", self.base, self.path, self.query)
    }
}

/// The domain of a region's hosts.
pub(crate) fn suffix(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    }
}

/// A text as one segment of a path, or as a part of a query.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// A text as the rest of a path.
pub(crate) fn path(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}
