//! Who may ask at all. No web page can drive the endpoint: a name that an attacker lets point at this machine is not
//! admitted as a host (DNS rebinding), a page from elsewhere not as an origin, and no answer has a CORS header.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::{Shared, protocol};

/// A name that the whole world resolves to 127.0.0.1.
const LOCALSTACK: &str = "localhost.localstack.cloud";

/// What boto3 and others put before the host of StartSyncExecution.
const SYNC: &str = "sync-";

/// The hosts that a request may be addressed to.
#[derive(Debug)]
pub(super) struct Admitted {
    /// The names that somebody admitted.
    names: Vec<String>,
    /// The address that is listened on.
    bound: IpAddr,
}

impl Admitted {
    /// Admits this machine's own names, those that were `allowed`, and the address that the server was told to bind:
    /// as it was written, and as it was found to be.
    pub fn new(allowed: &[String], written: &str, bound: SocketAddr) -> Admitted {
        let named = without_port(written);
        let names = allowed.iter().map(String::as_str).chain(named);
        Admitted {
            names: names.map(str::to_ascii_lowercase).collect(),
            bound: bound.ip(),
        }
    }

    /// Whether requests may be addressed to a host, with or without a port.
    fn admits(&self, host: &str) -> bool {
        let Some(name) = without_port(host) else {
            return false;
        };
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        self.admits_name(&name) || name.strip_prefix(SYNC).is_some_and(|n| self.admits_name(n))
    }

    fn admits_name(&self, name: &str) -> bool {
        let own = ["localhost", LOCALSTACK];
        own.iter().any(|own| name == *own || is_below(name, own))
            || self.admits_address(name)
            || self
                .names
                .iter()
                .any(|allowed| match allowed.strip_prefix("*.") {
                    Some(parent) => is_below(name, parent),
                    None => name == allowed,
                })
    }

    /// No name can be made to point elsewhere where there is none: if all addresses are listened on, each is as good
    /// as another.
    fn admits_address(&self, name: &str) -> bool {
        address(name).is_some_and(|address| {
            address.is_loopback() || address == self.bound || self.bound.is_unspecified()
        })
    }

    /// Why a request is refused, if it is.
    fn refuses(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<String> {
        let mut hosts = headers.get_all(HOST).iter();
        let host = match (hosts.next().map(|host| host.to_str()), hosts.next()) {
            (Some(Ok(host)), None) => host,
            _ => return Some("a request must have one Host header".to_owned()),
        };
        let authority = uri.authority().map(|authority| authority.as_str());
        if let Some(host) = std::iter::once(host)
            .chain(authority)
            .find(|host| !self.admits(host))
        {
            let host = shown(host);
            return Some(format!(
                "the host \"{host}\" is not admitted: use localhost, or start with wf-host serve --allow-host {}",
                without_port(&host).unwrap_or("NAME")
            ));
        }
        let origins = headers.get_all(ORIGIN).iter();
        let mut foreign = origins.filter(|origin| !self.admits_origin(origin.to_str().ok()));
        if let Some(origin) = foreign.next() {
            let origin = shown(&String::from_utf8_lossy(origin.as_bytes()));
            return Some(format!("a page of \"{origin}\" may not use this endpoint"));
        }
        let site = headers.get("sec-fetch-site").map(|site| site.as_bytes());
        if site.is_some_and(|site| site.eq_ignore_ascii_case(b"cross-site")) {
            return Some("a page of another site may not use this endpoint".to_owned());
        }
        let preflight = *method == Method::OPTIONS;
        preflight.then(|| "web pages may not use this endpoint".to_owned())
    }

    fn admits_origin(&self, origin: Option<&str>) -> bool {
        let host = origin.and_then(|origin| {
            let (scheme, host) = origin.split_once("://")?;
            matches!(scheme, "http" | "https").then_some(host)
        });
        host.is_some_and(|host| self.admits(host) && !self.is_elsewhere(host))
    }

    /// Whether a page of this host may be anybody's: where all addresses are listened on, a request may be addressed to
    /// each, but a page at an address need not come from this machine.
    fn is_elsewhere(&self, host: &str) -> bool {
        let address = without_port(host).and_then(address);
        self.bound.is_unspecified()
            && address.is_some_and(|address| {
                let mut named = self.names.iter().filter_map(|name| self::address(name));
                !address.is_loopback() && !named.any(|named| named == address)
            })
    }
}

/// The address that stands for a host's name, an IPv6 one in brackets or without.
fn address(name: &str) -> Option<IpAddr> {
    let bare = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    bare.unwrap_or(name).parse().ok()
}

fn is_below(name: &str, parent: &str) -> bool {
    let label = name
        .strip_suffix(parent)
        .and_then(|rest| rest.strip_suffix('.'));
    label.is_some_and(|label| !label.is_empty())
}

/// `HOST` or `HOST:PORT` without its port. An IPv6 address stands in brackets.
fn without_port(host: &str) -> Option<&str> {
    let end = match host.starts_with('[') {
        true => host.find(']')? + 1,
        false => host.find(':').unwrap_or(host.len()),
    };
    let (name, port) = host.split_at(end);
    let digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(digits);
    (is_port && !name.is_empty()).then_some(name)
}

/// As much of a header as an answer should say again.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Lets a request through, or refuses it with 403.
pub(super) async fn guard(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let refused = shared
        .admitted
        .refuses(request.method(), request.uri(), request.headers());
    let Some(why) = refused else {
        return next.run(request).await;
    };
    tracing::warn!(reason = %why, "request refused");
    let body = protocol::json::error_body("AccessDeniedException", "message", &why, &[]);
    protocol::response(StatusCode::FORBIDDEN, "application/json", body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(bound: &str, allowed: &[&str]) -> Admitted {
        let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        Admitted::new(&allowed, bound, bound.parse().expect("an address"))
    }

    #[test]
    fn this_machine_is_admitted_and_no_other() {
        let local = admitted("127.0.0.1:4566", &["Box", "*.test"]);
        for host in [
            "localhost",
            "LocalHost:4566",
            "localhost.",
            "a.localhost",
            "127.0.0.1:4566",
            "127.8.0.1",
            "[::1]",
            "[::1]:80",
            "sync-localhost:4566",
            "sync-127.0.0.1:4566",
            "localhost.localstack.cloud:4566",
            "sync-states.us-east-1.localhost.localstack.cloud",
            "box:1",
            "sync-box",
            "a.b.test",
        ] {
            assert!(local.admits(host), "{host}");
        }
        for host in [
            "",
            ":80",
            "example.com",
            "localhost.example.com",
            "evil-localhost",
            "xlocalhost.localstack.cloud",
            "localhost:80:80",
            "localhost:x",
            "10.0.0.1",
            "0.0.0.0",
            "[::2]",
            "[::1",
            "[::1]x",
            "test",
            ".test",
            "sync-",
            "sync-example.com",
            "user@localhost",
            "localhost/",
            "2130706433",
            "sync-sync-localhost",
        ] {
            assert!(!local.admits(host), "{host}");
        }
    }

    #[test]
    fn the_bound_address_is_admitted() {
        let one = admitted("10.0.0.1:4566", &[]);
        assert!(one.admits("10.0.0.1:4566"));
        assert!(!one.admits("10.0.0.2:4566"));
        let all = admitted("0.0.0.0:4566", &[]);
        assert!(all.admits("10.0.0.2:4566"));
        assert!(!all.admits("example.com:4566"));
    }

    #[test]
    fn pages_at_other_addresses_are_foreign_even_if_all_addresses_are_listened_on() {
        let all = admitted("0.0.0.0:4566", &["10.0.0.2"]);
        for origin in [
            "http://10.0.0.2:80",
            "http://127.0.0.1:3000",
            "http://localhost",
        ] {
            assert!(all.admits_origin(Some(origin)), "{origin}");
        }
        for origin in ["http://203.0.113.5", "https://[2001:db8::1]:8443"] {
            assert!(!all.admits_origin(Some(origin)), "{origin}");
        }
    }

    #[test]
    fn origins_are_those_of_admitted_hosts() {
        let local = admitted("127.0.0.1:4566", &["box"]);
        for origin in [
            "http://localhost:3000",
            "https://127.0.0.1",
            "http://box",
            "http://[::1]:80",
        ] {
            assert!(local.admits_origin(Some(origin)), "{origin}");
        }
        for origin in [
            "null",
            "",
            "http://example.com",
            "file://",
            "moz-extension://localhost",
            "localhost",
        ] {
            assert!(!local.admits_origin(Some(origin)), "{origin}");
        }
        assert!(!local.admits_origin(None));
    }
}
