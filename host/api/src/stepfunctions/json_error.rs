//! What AWS says of a text that is no JSON. Its reader is Jackson, whose messages it shows.

use data::{Data, EcoString};

const VALUES: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/// Reads JSON; the error is Jackson's message without the place.
pub(super) fn parse(text: &str) -> Result<Data, String> {
    Data::parse(text).map_err(|error| {
        let rest = text.get(error.offset..).unwrap_or_default();
        said(&error.message, rest)
    })
}

/// Jackson's message for what our reader found wrong at the beginning of `rest`.
fn said(found: &str, rest: &str) -> String {
    let wanted = |start: &str| found.starts_with(start);
    let Some(character) = rest.chars().next() else {
        return "Unexpected end-of-input".to_owned();
    };
    if wanted("expected a key") {
        return unexpected(character, "was expecting double-quote to start field name");
    }
    if wanted("expected `:`") {
        let what = "was expecting a colon to separate field name and value";
        return unexpected(character, what);
    }
    if wanted("expected `,` or `]`") {
        return unexpected(character, "was expecting comma to separate Array entries");
    }
    if wanted("expected `,` or `}`") {
        return unexpected(character, "was expecting comma to separate Object entries");
    }
    if wanted("a control character") {
        let code = u32::from(character);
        return format!(
            "Illegal unquoted character ((CTRL-CHAR, code {code})): has to be escaped using backslash to be \
             included in string value"
        );
    }
    if wanted("expected a digit") {
        return unexpected(character, "expected digit (0-9)");
    }
    if wanted("unknown escape") {
        let escaped = rest.chars().nth(1).unwrap_or(character);
        return format!("Unrecognized character escape {}", shown(escaped));
    }
    if wanted("expected a JSON value") || wanted("expected the end") {
        return value(character, rest);
    }
    found.to_owned()
}

/// Something that is not the beginning of a value.
fn value(character: char, rest: &str) -> String {
    let token: EcoString = rest.chars().take_while(|c| is_part(*c)).collect();
    if token.is_empty() {
        let what = format!("expected a valid value {VALUES}");
        return unexpected(character, &what);
    }
    format!("Unrecognized token '{token}': was expecting {VALUES}")
}

fn unexpected(character: char, expected: &str) -> String {
    format!("Unexpected character ({}): {expected}", shown(character))
}

fn shown(character: char) -> String {
    let code = u32::from(character);
    if character.is_control() {
        return format!("(CTRL-CHAR, code {code})");
    }
    format!("'{character}' (code {code})")
}

/// What Java takes for a part of an identifier.
fn is_part(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$'
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn errors_are_those_of_jackson() {
        for (text, expected) in [
            (
                "not some json",
                "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', \
                 'true' or 'false')",
            ),
            (
                "{'not': 'json'",
                "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
            ),
            (
                r#"{"a" 1}"#,
                "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
            ),
            (
                r#"{"a": 1 "b": 2}"#,
                "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
            ),
            (
                "[1 2]",
                "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
            ),
            (
                "[,]",
                "Unexpected character (',' (code 44)): expected a valid value (JSON String, Number, Array, \
                 Object or token 'null', 'true' or 'false')",
            ),
            (r#"{"a": "#, "Unexpected end-of-input"),
            (
                "\"a\nb\"",
                "Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err(), expected, "{text}");
        }
        assert!(parse("null").unwrap().is_null());
    }
}
