//! Pictures of numbers and of times: those that would make too much, and those that the engine panics at.

use std::rc::Rc;

use jsonata_core::value::JValue;

use super::{native, signature};
use crate::jsonata::budget::Run;
use crate::jsonata::catalogue::plain;
use crate::jsonata::message::Thrown;

/// A number in a picture that has more digits than this only asks for padding.
const MAX_DIGITS: usize = 4;
/// Widths and digits of a year above this: no number has as many.
const MAX_WIDTH: usize = 18;
/// The most markers in the picture of a text that is read.
const MAX_MARKERS: usize = 50;
/// The longest picture, in bytes.
const MAX_PICTURE: usize = 4096;

/// Whether a function may be called with its picture.
pub(super) fn check(name: &str, args: &[JValue]) -> Result<(), Thrown> {
    if name.starts_with("format")
        && args
            .first()
            .and_then(JValue::as_f64)
            .is_some_and(|value| !value.is_finite())
    {
        return Err(coded("D1001"));
    }
    let Some(JValue::String(picture)) = args.get(1) else {
        return Ok(());
    };
    if picture.len() > MAX_PICTURE {
        return Err(Thrown::memory());
    }
    if name == "formatNumber" && args.len() == 2 && picture.split(';').any(lacks_exponent) {
        return Err(coded("D3093"));
    }
    match name {
        "fromMillis" => dated(picture),
        "toMillis" if has_foreign_digits(picture) => Err(Thrown::internal()),
        // The engine makes a pattern of it, in which words of numbers take the most room.
        "toMillis" if picture.matches('[').count() > MAX_MARKERS => Err(Thrown::memory()),
        "toMillis" => dated(picture),
        "parseInteger" => parsed(picture, args.first()),
        // A Roman number has a letter for each thousand.
        "formatInteger" if picture.starts_with(['i', 'I']) => {
            match args[0].as_f64().unwrap_or(0.0).abs() > 1e7 {
                true => Err(Thrown::memory()),
                false => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

fn coded(code: &'static str) -> Thrown {
    Thrown::new(code, plain(code).unwrap_or_default())
}

/// Whether a picture of a number ends with the sign of an exponent, without one (measured on AWS).
fn lacks_exponent(picture: &str) -> bool {
    let number = picture.strip_suffix('e');
    number.is_some_and(|number| number.ends_with(|c: char| c.is_ascii_digit() || c == '#'))
}

/// A picture of a time.
fn dated(picture: &str) -> Result<(), Thrown> {
    for marker in picture.split('[').skip(1) {
        let marker = marker.split(']').next().unwrap_or_default();
        let marker: String = marker.split_whitespace().collect();
        component(&marker)?;
    }
    Ok(())
}

/// One marker of a picture: `Y0001,4-4`.
fn component(marker: &str) -> Result<(), Thrown> {
    let mut letters = marker.chars();
    let Some(component) = letters.next() else {
        return Ok(());
    };
    if !component.is_ascii_alphabetic() {
        let message =
            format!("Unknown component specifier \"{component}\" in date/time picture string");
        return Err(Thrown::new("D3132", message));
    }
    let (presentation, width) = letters
        .as_str()
        .rsplit_once(',')
        .unwrap_or((letters.as_str(), ""));
    let is_digit = |c: char| c.is_ascii_digit() || c == '#';
    let mut digits = marker.split(|c| !is_digit(c));
    if !matches!(component, 'Z' | 'z') && digits.any(|run| run.len() > MAX_DIGITS) {
        return Err(Thrown::memory());
    }
    let widths = width
        .split('-')
        .filter_map(|number| number.parse::<usize>().ok());
    if presentation.chars().count() > MAX_WIDTH || widths.max() > Some(MAX_WIDTH) {
        return Err(Thrown::memory());
    }
    if component == 'f' && presentation.starts_with(['N', 'n']) {
        let message = "The 'name' modifier can only be applied to months and days in the date/time picture string, not \"f\"";
        return Err(Thrown::new("D3133", message));
    }
    Ok(())
}

fn has_foreign_digits(picture: &str) -> bool {
    picture.chars().any(|c| !c.is_ascii() && c.is_numeric())
}

/// A whole number in digits other than ours: each letter is one of them, or stands in the picture.
fn parsed(picture: &str, text: Option<&JValue>) -> Result<(), Thrown> {
    let Some(JValue::String(text)) = text else {
        return Ok(());
    };
    if has_foreign_digits(picture)
        && !text
            .chars()
            .all(|c| picture.contains(c) || (!c.is_ascii() && c.is_numeric()))
    {
        return Err(Thrown::internal());
    }
    Ok(())
}

/// The text and the picture of a time that names no year, with what is missing before its first component put
/// before them: the engine would look at the clock.
pub(super) fn completed(run: &Rc<Run>, args: &[JValue]) -> Option<[JValue; 2]> {
    let (Some(JValue::String(text)), Some(JValue::String(picture))) = (args.first(), args.get(1))
    else {
        return None;
    };
    let names = |components: &str| {
        let mut markers = picture.split('[').skip(1);
        markers.any(|marker| marker.trim_start().starts_with(|c| components.contains(c)))
    };
    let missing = if names("YX") {
        return None;
    } else if names("MxdWw") {
        "[Y0001]|"
    } else if names("D") {
        "[Y0001]-[M01]|"
    } else if names("PHhmsf") {
        "[Y0001]-[M01]-[D01]|"
    } else {
        return None;
    };
    let now = [JValue::Number(run.now as f64), JValue::string(missing)];
    let from_millis = signature::find("fromMillis")?;
    let now = native::call(run, from_millis, &JValue::Undefined, &now).ok()?;
    let text = format!("{}{text}", now.as_str()?);
    Some([
        JValue::string(text),
        JValue::string(format!("{missing}{picture}")),
    ])
}
