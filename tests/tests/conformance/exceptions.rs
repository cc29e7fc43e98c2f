//! Places where recordings cannot be met, from `exceptions.toml`.

use data::{Data, Format, Source};

use crate::recording::{Recording, text_of};

/// All exceptions.
pub struct Exceptions(Vec<Exception>);

/// One place of one recording that may differ.
#[derive(Clone, Debug)]
pub struct Exception {
    recording: String,
    /// The place as a JSONPath, or `$..Name` for every member of that name; what is below may differ too.
    pub path: String,
    /// Whether it did.
    pub is_used: bool,
}

impl Exceptions {
    /// Reads the file.
    pub fn read() -> Exceptions {
        let source = Source::new("exceptions.toml", include_str!("exceptions.toml"));
        let root = data::read(&source, Format::Toml).expect("exceptions.toml is TOML");
        let root = root.to_data();
        let list = root.get("exception").and_then(Data::as_array);
        let list = list.into_iter().flat_map(|list| list.items());
        Exceptions(list.map(exception).collect())
    }

    /// Those of a recording.
    pub fn of(&self, recording: &Recording) -> Vec<Exception> {
        let of = |exception: &&Exception| exception.recording == recording.id;
        self.0.iter().filter(of).cloned().collect()
    }
}

impl Exception {
    /// Whether a place may differ.
    pub fn covers(&self, place: &str) -> bool {
        let anywhere = self.path.strip_prefix("$..");
        let member = |name: &str| place.strip_suffix(name).is_some_and(|at| at.ends_with('.'));
        self.path == place || anywhere.is_some_and(member)
    }
}

fn exception(entry: &Data) -> Exception {
    let member = |name: &str| text_of(entry, name).map(str::to_owned);
    member("reason").expect("an exception has a reason");
    Exception {
        recording: member("recording").expect("an exception is of a recording"),
        path: member("path").expect("an exception has a path"),
        is_used: false,
    }
}
