//! The credential scope of a signature: who signed, for which region and service. Signatures are not checked.

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use data::EcoString;

/// The region of requests that name none.
const REGION: &str = "us-east-1";

/// `AKID/DATE/REGION/SERVICE/aws4_request`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    /// The access key.
    pub access_key: EcoString,
    /// The region; [`REGION`] if the scope has none or an odd one.
    pub region: EcoString,
    /// The service's signing name.
    pub service: EcoString,
}

impl Scope {
    /// The scope of a request, from its `Authorization` or, if it is presigned, from its query string.
    pub(super) fn of(head: &Parts) -> Option<Scope> {
        let signed = head
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once("Credential="))
            .and_then(|(_, rest)| rest.split([',', ' ']).next())
            .and_then(Scope::parse);
        signed.or_else(|| {
            let query = head.uri.query()?;
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            let (_, credential) = pairs.find(|(name, _)| name == "X-Amz-Credential")?;
            Scope::parse(&credential)
        })
    }

    fn parse(text: &str) -> Option<Scope> {
        let mut parts = text.rsplit('/');
        if parts.next()? != "aws4_request" {
            return None;
        }
        let service = parts.next().filter(|service| plain(service))?;
        // Without a date behind it this part is the date itself: a signature for several regions names none.
        let region = parts.next().filter(|part| !is_date(part));
        let rest: Vec<&str> = parts.collect();
        let access_key = rest.last().filter(|key| plain(key)).copied();
        Some(Scope {
            access_key: access_key?.into(),
            region: region
                .filter(|region| plain(region))
                .unwrap_or(REGION)
                .into(),
            service: service.into(),
        })
    }
}

/// The region of a request.
pub(super) fn region(scope: Option<&Scope>) -> EcoString {
    scope.map_or(REGION.into(), |scope| scope.region.clone())
}

fn is_date(part: &str) -> bool {
    part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a part holds only what the parts of a scope may hold, so that it may stand in an ARN.
fn plain(part: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=128).contains(&part.len()) && part.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(credential: &str, expected: Option<(&str, &str, &str)>) {
        let found = Scope::parse(credential);
        let found = found
            .as_ref()
            .map(|scope| (&*scope.access_key, &*scope.region, &*scope.service));
        assert_eq!(found, expected, "{credential}");
    }

    #[test]
    fn a_scope_is_taken_apart() {
        check(
            "AKID/20260101/eu-central-1/states/aws4_request",
            Some(("AKID", "eu-central-1", "states")),
        );
        check(
            "AKID/20260101/s3/aws4_request",
            Some(("AKID", "us-east-1", "s3")),
        );
        check(
            "AKID/20260101/a:b/states/aws4_request",
            Some(("AKID", "us-east-1", "states")),
        );
        check("AKID/20260101/eu-central-1/states", None);
        check("aws4_request", None);
        check("states/aws4_request", None);
        check("", None);
    }
}
