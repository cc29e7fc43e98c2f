//! The patterns of the models, which are Java's.

use regex::Regex;

/// A pattern that all of a text must match. Looking around is not a thing of [`Regex`]: what must be ahead of the
/// beginning and what must not be behind the end are patterns of their own.
#[derive(Debug)]
pub(super) struct Pattern {
    whole: Regex,
    ahead: Option<Regex>,
    behind: Option<Regex>,
}

impl Pattern {
    /// Reads a pattern; none if it says what cannot be said here.
    pub fn new(pattern: &str) -> Option<Pattern> {
        let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
        let (ahead, rest) = match pattern.strip_prefix("(?=") {
            Some(rest) => rest
                .split_once(')')
                .map(|(ahead, rest)| (Some(ahead), rest))?,
            None => (None, pattern),
        };
        let (rest, behind) = match rest.strip_suffix(')').and_then(|r| r.rsplit_once("(?<!")) {
            Some((rest, behind)) => (rest, Some(behind)),
            None => (rest, None),
        };
        let regex = |text: String| Regex::new(&ascii(&text)).ok();
        Some(Pattern {
            whole: regex(format!("^(?:{rest})$"))?,
            ahead: match ahead {
                Some(ahead) => Some(regex(format!("^(?:{ahead})"))?),
                None => None,
            },
            behind: match behind {
                Some(behind) => Some(regex(format!("(?:{behind})$"))?),
                None => None,
            },
        })
    }

    /// Whether all of a text matches.
    pub fn is_match(&self, text: &str) -> bool {
        self.whole.is_match(text)
            && self.ahead.as_ref().is_none_or(|ahead| ahead.is_match(text))
            && !self
                .behind
                .as_ref()
                .is_some_and(|behind| behind.is_match(text))
    }
}

/// The pattern with its classes as Java means them: of ASCII alone.
fn ascii(pattern: &str) -> String {
    pattern
        .replace(r"\w", "[0-9A-Za-z_]")
        .replace(r"\d", "[0-9]")
        .replace(r"\s", r"[ \t\n\x0B\f\r]")
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn looks_around() {
        let alias = Pattern::new(r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$").unwrap();
        assert!(alias.is_match("PROD") && alias.is_match("1.0"));
        assert!(!alias.is_match("10") && !alias.is_match("a b") && !alias.is_match(""));
        let role = Pattern::new(r"[\w+=,.@-]+").unwrap();
        assert!(role.is_match("a_role@x") && !role.is_match("röle") && !role.is_match("a b"));
        let name = Pattern::new(r"[0-9a-z\.]*(?<!\.)").unwrap();
        assert!(name.is_match("a.b") && !name.is_match("a."));
    }
}
