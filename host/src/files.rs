//! Reading what the user names, with errors that say which file and what to do.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Result;
use data::{Data, Format, Source};

use crate::exit::{Exit, because, because_hint};

/// Larger files are none of ours; the largest definition that AWS takes has 1 MB.
const MOST_BYTES: u64 = 8 << 20;

/// Reads a text file with its format, taken from its ending.
pub fn source(path: &Path) -> Result<(Source, Format)> {
    let name = path.display().to_string();
    if path.is_dir() {
        return Err(because(
            Exit::BadFile,
            format!("{name} is a folder, not a file"),
        ));
    }
    if !path.exists() {
        return Err(because(Exit::BadFile, format!("{name}: No such file")));
    }
    let format = Format::of_name(&name).ok_or_else(|| {
        because_hint(
            Exit::BadFile,
            format!("{name}: unknown kind of file"),
            "the ending must be .json, .yaml, .yml or .toml",
        )
    })?;
    Ok((Source::new(name, text(path)?), format))
}

/// Reads a text file of a reasonable size.
pub fn text(path: &Path) -> Result<String> {
    as_text(bytes(path, MOST_BYTES)?, &path.display().to_string())
}

/// Reads a regular file of at most `most` bytes. Pipes and devices, which may never end, are refused.
pub fn bytes(path: &Path, most: u64) -> Result<Vec<u8>> {
    let name = path.display();
    let unreadable = |error: std::io::Error| because(Exit::BadFile, format!("{name}: {error}"));
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(because(
            Exit::BadFile,
            format!("{name} is a folder, not a file"),
        ));
    }
    if !metadata.is_file() {
        return Err(because(
            Exit::BadFile,
            format!("{name} is not a regular file"),
        ));
    }
    if metadata.len() > most {
        let (size, most) = (metadata.len() >> 20, most >> 20);
        let message = format!("{name} has {size} MB; at most {most} MB are read");
        return Err(because(Exit::BadFile, message));
    }
    bounded(
        std::fs::File::open(path).map_err(unreadable)?,
        most,
        &name.to_string(),
    )
}

fn bounded(reader: impl Read, most: u64, name: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = reader.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| because(Exit::BadFile, format!("{name}: {error}")))?;
    if bytes.len() as u64 > most {
        let message = format!("{name} has more than {} MB", most >> 20);
        return Err(because(Exit::BadFile, message));
    }
    Ok(bytes)
}

/// Bytes as text; the error names the first that is out of place.
pub fn as_text(bytes: Vec<u8>, name: &str) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let message = format!("{name}: not UTF-8: the byte at offset {at} is out of place");
        because(Exit::BadFile, message)
    })
}

/// The value of a flag that takes JSON, `@file` or `-`.
pub fn json(argument: &str, flag: &str) -> Result<Data> {
    if let Some(path) = argument.strip_prefix('@') {
        let path = Path::new(path);
        let text = text(path)?;
        return parse(&text, &path.display().to_string(), Exit::BadFile);
    }
    if argument == "-" {
        let text = as_text(
            bounded(std::io::stdin().lock(), MOST_BYTES, "stdin")?,
            "stdin",
        )?;
        return parse(&text, "stdin", Exit::BadFile);
    }
    parse(argument, flag, Exit::Usage)
}

fn parse(text: &str, name: &str, exit: Exit) -> Result<Data> {
    Data::parse(text).map_err(|error| {
        let message = format!("{name}:{}: {}", error.position, error.message);
        because_hint(
            exit,
            message,
            "it must be JSON, @FILE with JSON, or - for stdin",
        )
    })
}

/// The name of a state machine that a file stands for: its stem without `.asl`.
pub fn machine_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let stem = stem.strip_suffix(".asl").unwrap_or(&stem);
    let name: String = stem
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '-'
            }
        })
        .take(80)
        .collect();
    if name.is_empty() {
        "machine".to_owned()
    } else {
        name
    }
}

/// The folder of a file.
pub fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The definitions that a path stands for: itself, or what a folder holds, in order of name.
pub fn definitions(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let unreadable =
        |error: std::io::Error| because(Exit::BadFile, format!("{}: {error}", path.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?.path();
        let name = entry
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if [".asl.json", ".asl.yaml", ".asl.yml"]
            .iter()
            .any(|ending| name.ends_with(ending))
        {
            found.push(entry);
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(because_hint(
            Exit::BadFile,
            format!("{}: no definitions", path.display()),
            "a folder stands for the *.asl.json, *.asl.yaml and *.asl.yml in it; name other files",
        ));
    }
    Ok(found)
}

/// The files in and below a folder whose names `wanted` takes, in order of path. Hidden folders, links to folders and
/// those in which build tools keep what they make are left out.
pub fn below(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    const MADE: [&str; 2] = ["target", "node_modules"];
    let unreadable =
        |error: std::io::Error| because(Exit::BadFile, format!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(unreadable)?;
        if !kind.is_dir() {
            found.extend(wanted(&name).then(|| entry.path()));
        } else if !name.starts_with('.') && !MADE.contains(&name.as_str()) {
            found.extend(below(&entry.path(), wanted)?);
        }
    }
    found.sort();
    Ok(found)
}

/// Refuses to write where something is read or written already, or where nothing can be written, before anything is
/// done. Each file comes with the flag that names it; `read` is what must not be overwritten.
pub fn check_outputs(read: &[&Path], written: &[(&str, &Path)]) -> Result<()> {
    let same = |a: &Path, b: &Path| a == b || (real(a).is_some() && real(a) == real(b));
    for (at, (flag, path)) in written.iter().enumerate() {
        let name = path.display();
        if path.as_os_str() == "-" {
            continue;
        }
        if let Some(input) = read.iter().find(|input| same(input, path)) {
            let message = format!(
                "{flag} {name} would overwrite {}, which is read",
                input.display()
            );
            return Err(because(Exit::Usage, message));
        }
        if let Some((other, _)) = written[..at].iter().find(|(_, other)| same(other, path)) {
            let message = format!("{other} and {flag} both write {name}");
            return Err(because(Exit::Usage, message));
        }
        if path.is_dir() || !folder(path).is_dir() {
            let message =
                format!("{flag} {name}: cannot be written: no such folder, or a folder itself");
            return Err(because(Exit::BadFile, message));
        }
    }
    Ok(())
}

fn real(path: &Path) -> Option<PathBuf> {
    std::fs::canonicalize(path).ok()
}
