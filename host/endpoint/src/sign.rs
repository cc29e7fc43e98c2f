//! Signatures, version 4, by the official signer.

use std::time::SystemTime;

use aws_credential_types::Credentials as Keys;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use hyper::Request;

use crate::request::Outgoing;

/// The request with its signature, or without one where there are no keys; an error says what cannot be sent.
pub(crate) fn signed(
    outgoing: &Outgoing,
    keys: Option<Keys>,
    now: SystemTime,
) -> Result<Request<Bytes>, String> {
    let mut request = Request::builder()
        .method(outgoing.method.clone())
        .uri(outgoing.uri());
    for (name, value) in &outgoing.headers {
        request = request.header(name, value);
    }
    let request = request.body(outgoing.body.clone());
    let mut request = request.map_err(|error| error.to_string())?;
    if let Some(keys) = keys {
        add_signature(&mut request, outgoing, keys, now)?;
    }
    Ok(request)
}

fn add_signature(
    request: &mut Request<Bytes>,
    outgoing: &Outgoing,
    keys: Keys,
    now: SystemTime,
) -> Result<(), String> {
    let identity = keys.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&outgoing.region)
        .name(outgoing.service)
        .time(now)
        .settings(settings(outgoing.service))
        .build()
        .map_err(|error| error.to_string())?;
    let headers = outgoing.headers.iter();
    let signable = SignableRequest::new(
        outgoing.method.as_str(),
        outgoing.uri(),
        headers.map(|(name, value)| (name.as_str(), value.as_str())),
        SignableBody::Bytes(&outgoing.body),
    );
    let signable = signable.map_err(|error| error.to_string())?;
    let output = sign(signable, &parameters.into()).map_err(|error| error.to_string())?;
    let (instructions, _) = output.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}

/// S3 takes paths as they are and wants to be told the body's hash.
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    settings
}
