//! Functions on bytes: `States.Base64Encode`, `States.Base64Decode`, `States.Hash`, `States.UUID`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data::Data;
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::Outcome;
use crate::java;

/// The longest text that these functions take, in UTF-16 units.
const MAX_LENGTH: usize = 10_000;

fn short_text(data: &Data) -> Result<&str, String> {
    let text = data.as_str().ok_or("The first argument must be a string")?;
    if java::length(text) > MAX_LENGTH {
        return Err(format!(
            "The first argument must not be longer than {MAX_LENGTH} characters"
        ));
    }
    Ok(text)
}

pub(super) fn base64_encode(data: &Data) -> Outcome {
    Ok(Data::from(STANDARD.encode(short_text(data)?)))
}

pub(super) fn base64_decode(data: &Data) -> Outcome {
    let bytes = STANDARD
        .decode(short_text(data)?)
        .map_err(|_| "The argument is not valid Base64")?;
    Ok(Data::from(String::from_utf8_lossy(&bytes).into_owned()))
}

/// A hash in lower-case hexadecimal. Anything but a text is hashed as its JSON.
pub(super) fn hash(data: &Data, algorithm: &Data) -> Outcome {
    let json = match data {
        Data::String(_) => data.clone(),
        other => Data::from(other.to_string()),
    };
    let text = short_text(&json)?;
    let hash = algorithm.as_str().and_then(|name| digest(text, name));
    hash.map(Data::from).ok_or_else(|| {
        "The second argument must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512".into()
    })
}

/// A hash in lower-case hexadecimal; none if there is no such algorithm.
pub(crate) fn digest(text: &str, algorithm: &str) -> Option<String> {
    Some(match algorithm {
        "MD5" => hex(&Md5::digest(text)),
        "SHA-1" => hex(&Sha1::digest(text)),
        "SHA-256" => hex(&Sha256::digest(text)),
        "SHA-384" => hex(&Sha384::digest(text)),
        "SHA-512" => hex(&Sha512::digest(text)),
        _ => return None,
    })
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| {
        char::from(if value < 10 {
            b'0' + value
        } else {
            b'a' + value - 10
        })
    };
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// The bits as a version 4 UUID.
pub(super) fn uuid(bits: u128) -> Data {
    Data::from(version_4(bits))
}

/// The same as a text.
pub(crate) fn version_4(bits: u128) -> String {
    let bits = bits & !(0xF << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}
