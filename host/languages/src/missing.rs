//! Why there is no runtime of a language.

use std::path::PathBuf;

use crate::Language;

/// There is no runtime of a language that could be used. In words it names the command that installs one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}; to install it: {}", self.reason(), self.command())]
pub struct Missing {
    /// The language.
    pub language: Language,
    /// Where it was looked for, if there is a cache folder at all.
    pub folder: Option<PathBuf>,
    /// Why there is none.
    pub why: Why,
}

/// What stands in the way of using a runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is no cache folder.
    NoCache,
    /// It was never installed, or was removed.
    NotInstalled,
    /// It was made by another version of wf-host, of other packages or in another way.
    Outdated,
    /// What is there is not what was installed.
    Damaged,
}

impl Missing {
    /// The command that mends it.
    #[must_use]
    pub fn command(&self) -> String {
        let language = self.language;
        match self.why {
            Why::NoCache => format!("wf-host runtime install {language} --cache-dir DIR"),
            _ => format!("wf-host runtime install {language}"),
        }
    }

    fn reason(&self) -> String {
        let language = self.language;
        let folder = match &self.folder {
            Some(folder) => format!(" in {}", folder.display()),
            None => String::new(),
        };
        match self.why {
            Why::NoCache => {
                format!("there is no cache folder that the runtime of {language} could be in")
            }
            Why::NotInstalled => format!("the runtime of {language} is not installed{folder}"),
            Why::Outdated => {
                format!("the runtime of {language}{folder} was made for another version of wf-host")
            }
            Why::Damaged => format!("the runtime of {language}{folder} is damaged"),
        }
    }
}
