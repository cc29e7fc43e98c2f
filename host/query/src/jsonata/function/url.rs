//! Percent-encoding, as JavaScript does it: the engine's own leaves blanks and takes broken codes.

use std::fmt::Write;

use jsonata_core::value::JValue;

use super::Answer;
use crate::jsonata::message::{Thrown, shown};

/// What stays in a part of a URL, besides letters and digits.
pub(super) const COMPONENT: &str = "-_.!~*'()";
/// What stays in a whole URL.
pub(super) const WHOLE: &str = "-_.!~*'();,/?:@&=+$#";
/// What stays encoded in a whole URL.
pub(super) const RESERVED: &str = ";,/?:@&=+$#";

pub(super) fn encode(value: &JValue, kept: &str) -> Answer {
    let JValue::String(text) = value else {
        return Ok(value.clone());
    };
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let letter = char::from(byte);
        if letter.is_ascii_alphanumeric() || kept.contains(letter) {
            out.push(letter);
        } else {
            write!(out, "%{byte:02X}").expect("writing into a String cannot fail");
        }
    }
    Ok(JValue::string(out))
}

pub(super) fn decode(function: &str, value: &JValue, encoded: &str) -> Answer {
    let JValue::String(text) = value else {
        return Ok(value.clone());
    };
    decoded(text.as_bytes(), encoded).map_or_else(
        || {
            let message = format!("Malformed URL passed to ${function}(): {}", shown(value));
            Err(Thrown::new("D3140", message).into())
        },
        |text| Ok(JValue::string(text)),
    )
}

fn decoded(text: &[u8], encoded: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        let (code, after) = rest.split_at_checked(2)?;
        let decoded = u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok()?;
        rest = after;
        if encoded.contains(char::from(decoded)) && decoded.is_ascii() {
            out.push(b'%');
            out.extend_from_slice(code);
        } else {
            out.push(decoded);
        }
    }
    String::from_utf8(out).ok()
}
