//! How long a text may be that is to be parsed.
//!
//! The engine's parser has no bound but on nesting, and its tree takes hundreds of bytes for each token.

use super::error::JsonataSyntaxError;

/// The most tokens, words of texts and comments included: AWS's definitions have a megabyte at most.
const MAX_TOKENS: usize = 100_000;
/// The longest signature of a function, in bytes: the parser makes a pattern of it.
const MAX_SIGNATURE: usize = 200;

/// Refuses a text that would take too much room.
pub(super) fn check(text: &str) -> Result<(), JsonataSyntaxError> {
    let too_long = |message: &str, offset| JsonataSyntaxError {
        unsupported: false,
        message: message.into(),
        offset,
    };
    if let Some(offset) = excess(text) {
        return Err(too_long("The expression is too long", offset));
    }
    match long_signature(text) {
        Some(offset) => Err(too_long("The function signature is too long", offset)),
        None => Ok(()),
    }
}

/// Where the first token stands that is one too many.
fn excess(text: &str) -> Option<usize> {
    if text.len() <= MAX_TOKENS {
        return None;
    }
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii();
    let mut tokens = 0;
    let mut before = b' ';
    for (at, byte) in text.bytes().enumerate() {
        if !(byte.is_ascii_whitespace() || is_word(byte) && is_word(before)) {
            tokens += 1;
        }
        if tokens > MAX_TOKENS {
            return Some(text.floor_char_boundary(at));
        }
        before = byte;
    }
    None
}

/// Where a signature begins that is too long: it follows the parameters of a function.
fn long_signature(text: &str) -> Option<usize> {
    let belongs = |byte: &u8| byte.is_ascii_alphabetic() || b"()<>:?+-".contains(byte);
    let mut starts = text.match_indices('<').filter(|(at, _)| {
        let before = text[..*at].trim_end();
        before.ends_with(')')
    });
    starts.find_map(|(at, _)| {
        let rest = text[at..].bytes().take(MAX_SIGNATURE + 1);
        let length = rest.take_while(|byte| belongs(byte)).count();
        (length > MAX_SIGNATURE).then_some(at)
    })
}
