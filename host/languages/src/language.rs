//! The languages whose handlers run as they are.

use std::fmt;

/// A language of functions that needs a runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// CPython.
    Python,
    /// JavaScript, with Node's modules.
    Node,
}

/// Every Python 3 that Lambda ever had. New ones are of the same form, and are taken too; Python 2 is another language.
const PYTHONS: &str = "python3.";
/// What Node's first runtime was called; all later ones are `nodejsN.x`.
const NODE: &str = "nodejs";

impl Language {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Language; 2] = [Language::Python, Language::Node];

    /// The language of one of Lambda's runtime identifiers, whatever its version: `python3.12`, `nodejs20.x`.
    /// None for all others, custom runtimes among them.
    #[must_use]
    pub fn of_runtime(runtime: &str) -> Option<Language> {
        if let Some(minor) = runtime.strip_prefix(PYTHONS) {
            return is_number(minor).then_some(Language::Python);
        }
        let version = runtime.strip_prefix(NODE)?;
        let known = match version.split_once('.') {
            None => version.is_empty(),
            // `nodejs4.3-edge` was one too.
            Some((major, "x" | "3" | "10" | "3-edge")) => is_number(major),
            Some(_) => false,
        };
        known.then_some(Language::Node)
    }

    /// The language that is called this on the command line: `python` or `node`.
    #[must_use]
    pub fn named(name: &str) -> Option<Language> {
        let mut all = Language::ALL.into_iter();
        all.find(|language| language.as_str() == name)
    }

    /// Its name on the command line and on disk.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Language::Python => "python",
            Language::Node => "node",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn every_version_that_lambda_had_is_of_its_language() {
        for runtime in ["python3.6", "python3.9", "python3.12", "python3.14"] {
            assert_eq!(
                Language::of_runtime(runtime),
                Some(Language::Python),
                "{runtime}"
            );
        }
        for runtime in [
            "nodejs",
            "nodejs4.3",
            "nodejs4.3-edge",
            "nodejs6.10",
            "nodejs8.10",
            "nodejs10.x",
            "nodejs20.x",
            "nodejs24.x",
        ] {
            assert_eq!(
                Language::of_runtime(runtime),
                Some(Language::Node),
                "{runtime}"
            );
        }
        let others = [
            "",
            "python",
            "python3",
            "python3.",
            "python2.7",
            "python4.0",
            "python.3",
            "python3.x",
            "python3.12-beta",
            "nodejs20",
            "nodejs.x",
            "node",
            "nodejs20.y",
            "java21",
            "provided.al2023",
            "ruby3.3",
            "Python3.12",
        ];
        for runtime in others {
            assert_eq!(Language::of_runtime(runtime), None, "{runtime}");
        }
    }

    #[test]
    fn names_are_read_as_they_are_shown() {
        for language in Language::ALL {
            assert_eq!(Language::named(&language.to_string()), Some(language));
        }
        assert_eq!(Language::named("javascript"), None);
    }
}
