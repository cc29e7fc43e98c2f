//! Placeholders in recordings: `<uuid:1>`, `<ArnPart_0idx>`, `lambda_function_name`, `date`.
//!
//! They stand for what differs from run to run. Which value a placeholder stands for is found by comparing:
//! in a whole recording it is always the same one, and no other placeholder stands for it. So it does not
//! matter in which order they were numbered.

use std::collections::BTreeMap;

use data::Data;
use engine::Timestamp;

/// What the placeholders of a recording stand for.
#[derive(Clone, Debug, Default)]
pub struct Bindings(BTreeMap<String, String>);

#[derive(Clone, Copy)]
enum Token<'p> {
    Literal(&'p str),
    Placeholder(&'p str),
}

/// Words that stand for a moment.
const MOMENTS: [&str; 5] = [
    "timestamp",
    "datetime",
    "date",
    "start-time",
    "entered-time",
];
/// Words that stand for a moment as a number.
const NUMBERED: [&str; 3] = ["start-date", "stop-date", "creation-date"];
/// Words that stand for a role's ARN.
const ROLES: [&str; 2] = ["snf_role_arn", "sfn_role_arn"];
/// Words that stand for an ARN or a name, also inside of a text; a number may follow.
const NAMES: [&str; 5] = [
    "activity_arn",
    "activity_name",
    "invalid_execution_arn",
    "ssm_nonexistent_arn",
    "sm_nonexistent_arn",
];

/// Whether a word that is all of a value stands for another value. `key` is the member's name: the values of
/// some members were replaced by it.
pub fn word_stands_for(key: &str, word: &str, found: &Data) -> bool {
    // A header may come with the list of its values.
    let one = match found.as_array().map(|values| values.items()) {
        Some([one]) => one,
        _ => found,
    };
    let Some(text) = one.as_str() else {
        let is_moment = NUMBERED.contains(&word) || MOMENTS.contains(&word);
        // What has not stopped has no such moment.
        return (is_moment && one.as_number().is_some()) || (word == "stop-date" && one.is_null());
    };
    let is_role = text.starts_with("arn:<partition>:iam::111111111111:role/");
    let is_header = ["X-Amzn-Trace-Id", "x-amzn-RequestId", "RequestId"].contains(&word);
    (MOMENTS.contains(&word) && is_moment(text))
        || (is_role_word(word) && is_role)
        || (is_header && key == word)
}

/// A role's word, or that with a number where a recording has several.
fn is_role_word(word: &str) -> bool {
    let plain = word.trim_end_matches(|c: char| c.is_ascii_digit());
    ROLES.contains(&word)
        || plain
            .strip_suffix("_t")
            .is_some_and(|word| ROLES.contains(&word))
}

fn is_moment(text: &str) -> bool {
    let is_http_date = text.len() == 29 && text.ends_with(" GMT");
    // Milliseconds, as logs have them.
    let is_number = text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit());
    Timestamp::parse(text).is_some() || is_http_date || is_number
}

impl Bindings {
    /// Whether a recorded text, with its placeholders, can be this text; binds those that were free.
    pub fn match_text(&mut self, pattern: &str, text: &str) -> bool {
        if pattern == text {
            return true;
        }
        let tokens = tokens(pattern);
        if !tokens
            .iter()
            .any(|token| matches!(token, Token::Placeholder(_)))
        {
            return false;
        }
        let mut tried = self.clone();
        let matches = tried.match_tokens(&tokens, text);
        if matches {
            *self = tried;
        }
        matches
    }

    fn match_tokens(&mut self, tokens: &[Token], text: &str) -> bool {
        let Some((first, rest)) = tokens.split_first() else {
            return text.is_empty();
        };
        let name = match first {
            Token::Literal(literal) => {
                let after = text.strip_prefix(literal);
                return after.is_some_and(|after| self.match_tokens(rest, after));
            }
            Token::Placeholder(name) => *name,
        };
        if let Some(value) = self.0.get(name).cloned() {
            let after = text.strip_prefix(value.as_str());
            return after.is_some_and(|after| self.match_tokens(rest, after));
        }
        let ends = (1..=text.len()).filter(|end| text.is_char_boundary(*end));
        ends.into_iter().any(|end| {
            let (value, after) = text.split_at(end);
            if !self.may_be(name, value) {
                return false;
            }
            let before = self.clone();
            self.0.insert(name.to_owned(), value.to_owned());
            let matches = self.match_tokens(rest, after);
            if !matches {
                *self = before;
            }
            matches
        })
    }

    fn may_be(&self, name: &str, value: &str) -> bool {
        let fits = !name.starts_with("uuid:") || is_uuid(value) || value == format!("<{name}>");
        fits && self.0.values().all(|other| other != value)
    }
}

fn is_uuid(text: &str) -> bool {
    let dashes = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| {
            if dashes.contains(&at) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
}

fn tokens(pattern: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < pattern.len() {
        let Some((name, length)) = pattern.get(at..).and_then(placeholder) else {
            at += 1;
            continue;
        };
        if start < at {
            tokens.push(Token::Literal(&pattern[start..at]));
        }
        tokens.push(Token::Placeholder(name));
        at += length;
        start = at;
    }
    if start < pattern.len() {
        tokens.push(Token::Literal(&pattern[start..]));
    }
    tokens
}

/// The placeholder that a text begins with, and how long it is. Some come without brackets; partition and
/// region are in our values too.
fn placeholder(text: &str) -> Option<(&str, usize)> {
    if let Some(rest) = text.strip_prefix('<') {
        let name = &rest[..rest.find('>')?];
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_:-".contains(&b));
        let is_free = !["partition", "region"].contains(&name);
        return (is_name && is_free).then_some((name, name.len() + 2));
    }
    if let Some(name) = NAMES.iter().find(|name| text.starts_with(**name)) {
        let rest = &text[name.len()..];
        let number = rest.strip_prefix('_').unwrap_or_default();
        let number = number.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_numbered = rest.len() > number.len() + 1 && rest.starts_with('_');
        let length = name.len()
            + if is_numbered {
                rest.len() - number.len()
            } else {
                0
            };
        return Some((&text[..length], length));
    }
    let rest = text.strip_prefix("lambda_function_")?;
    let numbered = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = if numbered.len() < rest.len() {
        numbered.strip_prefix('_')?
    } else {
        rest
    };
    let length = text.len() - rest.strip_prefix("name")?.len();
    Some((&text[..length], length))
}
