//! `runtime.json`: what is known of a runtime beside its module.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use data::{Data, Object};

use crate::folder;
use crate::hex::{hex, unhex};

/// The file's name.
pub(crate) const FILE: &str = "runtime.json";
/// The form of the file. Any other one was written by another version of wf-host.
const FORMAT: i64 = 1;
/// A larger file is not one of ours.
const MOST_BYTES: u64 = 64 << 10;

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The digest of all that it was made of.
    pub(crate) recipe: [u8; 32],
    /// The digest of the module, which is its file's name too.
    pub(crate) sha256: [u8; 32],
    /// The size of the module.
    pub(crate) bytes: u64,
    /// What is in it, for people.
    pub(crate) version: String,
}

/// What a file turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// One of this form.
    Kept(Kept),
    /// None.
    Nothing,
    /// One of another form.
    Foreign,
    /// None that could be read.
    Damaged,
}

/// Reads the file of a runtime's folder.
pub(crate) fn read(folder: &Path) -> Found {
    let path = folder.join(FILE);
    match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Nothing,
        Ok(metadata) if metadata.is_file() && metadata.len() <= MOST_BYTES => {}
        _ => return Found::Damaged,
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    let Ok(value) = Data::parse(&text) else {
        return Found::Damaged;
    };
    match value.get("format").and_then(Data::as_i64) {
        Some(FORMAT) => of_value(&value).map_or(Found::Damaged, Found::Kept),
        Some(_) => Found::Foreign,
        None => Found::Damaged,
    }
}

fn of_value(value: &Data) -> Option<Kept> {
    let text = |name: &str| value.get(name).and_then(Data::as_str);
    Some(Kept {
        recipe: unhex(text("recipe")?)?,
        sha256: unhex(text("sha256")?)?,
        bytes: u64::try_from(value.get("bytes")?.as_i64()?).ok()?,
        version: text("version")?.to_owned(),
    })
}

/// Writes the file of a runtime's folder: a reader sees what was there before, or all of this.
pub(crate) fn write(folder: &Path, kept: &Kept) -> io::Result<()> {
    let value = Object::builder()
        .with("format", FORMAT)
        .with("recipe", hex(&kept.recipe))
        .with("sha256", hex(&kept.sha256))
        .with("bytes", i64::try_from(kept.bytes).unwrap_or(i64::MAX))
        .with("version", kept.version.as_str());
    let text = Data::from(value.build()).to_pretty() + "\n";
    let new = folder::temporary(folder)?;
    let path = new.path().join(FILE);
    let mut file = File::create(&path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(path, folder.join(FILE))
}
