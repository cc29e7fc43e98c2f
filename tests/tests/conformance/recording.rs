//! The recordings as they lie there.

use std::path::Path;

use data::Data;

/// One scenario that AWS was put through, and what it answered.
pub struct Recording {
    /// Its name.
    pub id: String,
    /// The file it comes from, without its ending.
    pub file: String,
    data: Data,
}

/// All recordings of a folder in the order of their files; none if there is no such folder.
pub fn all(folder: &Path) -> Option<Vec<Recording>> {
    let files = std::fs::read_dir(folder).ok()?;
    let mut files: Vec<_> = files.map(|file| file.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    Some(files.iter().flat_map(|file| read(file)).collect())
}

fn read(file: &Path) -> Vec<Recording> {
    let text = std::fs::read_to_string(file).expect("a recording is readable");
    let name = file.file_stem().expect("a file has a name");
    let records = Data::parse(&text).expect("a recording is JSON");
    let records = records.as_array().expect("an array of recordings");
    let recording = |data: &Data| Recording {
        id: text_of(data, "id").expect("an id").to_owned(),
        file: name.to_string_lossy().into_owned(),
        data: data.clone(),
    };
    records.iter().map(recording).collect()
}

impl Recording {
    /// The executions that AWS ran, in order.
    pub fn executions(&self) -> impl Iterator<Item = &Data> {
        self.list("executions")
    }

    /// The executions of which something was written down.
    pub fn watched(&self) -> impl Iterator<Item = &Data> {
        self.executions().filter(|execution| {
            let expected = execution.get("expected").and_then(Data::as_object);
            expected.is_some_and(|expected| !expected.is_empty())
        })
    }

    /// The other calls that were made, in order.
    pub fn calls(&self) -> impl Iterator<Item = &Data> {
        self.list("api_calls")
    }

    /// The machines that were made.
    pub fn machines(&self) -> impl Iterator<Item = &Data> {
        self.list("state_machines")
    }

    /// The machine of an execution.
    pub fn machine(&self, execution: &Data) -> Option<&Data> {
        let name = execution.get("sm")?;
        self.machines()
            .find(|machine| machine.get("ref") == Some(name))
    }

    /// The functions by name: `behaviour`, `timeout`.
    pub fn functions(&self) -> impl Iterator<Item = (&str, &Data)> {
        let functions = self.data.get("functions").and_then(Data::as_object);
        functions
            .into_iter()
            .flat_map(|functions| functions.iter().map(|(name, one)| (name.as_str(), one)))
    }

    /// The services besides Step Functions that it took.
    pub fn needs(&self, service: &str) -> bool {
        self.list("needs")
            .any(|need| need.as_str() == Some(service))
    }

    fn list(&self, name: &str) -> impl Iterator<Item = &Data> {
        let list = self.data.get(name).and_then(Data::as_array);
        list.into_iter().flat_map(|list| list.items())
    }
}

/// The text of a member.
pub fn text_of<'d>(data: &'d Data, name: &str) -> Option<&'d str> {
    data.get(name).and_then(Data::as_str)
}
