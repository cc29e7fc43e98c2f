//! What is in the zip of a function.
//!
//! A module is looked for under these names, in this order: `bootstrap.wasm` and `bootstrap`, as custom runtimes have it; the handler
//! and its file with `.wasm` behind it (`validate.handler`: `validate.handler.wasm`, then `validate.wasm`); the handler
//! itself, if it is a module; the only `.wasm` file that there is. Nothing is ever unpacked onto a disk.

use std::io::{Cursor, Read as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT as BASE64;
use zip::ZipArchive;
use zip::read::ZipFile;

use super::{invalid, refused};
use crate::ApiError;

/// Lambda's most for an upload that is not by way of S3.
const MOST_ZIPPED: usize = 50 << 20;
/// Lambda's most for all files of a function together.
const MOST_UNZIPPED: u64 = 250 << 20;
/// More files than this no function has.
const MOST_FILES: usize = 65_535;
/// How many times its packed size a file may have: deflate itself cannot do better than 1032.
const MOST_RATIO: u64 = 1100;
/// What a module begins with.
const MAGIC: &[u8] = b"\0asm";

/// The bytes of a blob in a request.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, ApiError> {
    if text.len() / 4 * 3 > MOST_ZIPPED {
        let message = format!(
            "Request must be smaller than {MOST_ZIPPED} bytes for the CreateFunction operation"
        );
        return Err(refused("RequestTooLargeException", message));
    }
    let bytes = BASE64
        .decode(text)
        .map_err(|_| ApiError::new("SerializationException", "ZipFile is not base64"))?;
    if bytes.is_empty() {
        return Err(invalid("Uploaded file must be a non-empty zip"));
    }
    Ok(bytes)
}

/// The module of a function's code: the code itself, or a file in it. None: there is none in a zip that holds up.
pub(super) fn module(code: &[u8], handler: Option<&str>) -> Result<Option<Vec<u8>>, ApiError> {
    if code.starts_with(MAGIC) {
        return Ok(Some(code.to_vec()));
    }
    let mut archive = ZipArchive::new(Cursor::new(code)).map_err(|_| damaged())?;
    let names = survey(&mut archive)?;
    for wanted in wanted(handler) {
        let Some(at) = names.iter().position(|name| *name == wanted) else {
            continue;
        };
        let bytes = unpack(&mut archive, at)?;
        if wanted.ends_with(".wasm") || bytes.starts_with(MAGIC) {
            return Ok(Some(bytes));
        }
    }
    let mut modules = (0..)
        .zip(&names)
        .filter(|(_, name)| name.ends_with(".wasm"));
    match (modules.next(), modules.next()) {
        (Some((at, _)), None) => unpack(&mut archive, at).map(Some),
        _ => Ok(None),
    }
}

/// What a person reads whose zip has no module where one must be.
pub(super) fn no_module(runtime: &str, handler: Option<&str>) -> ApiError {
    invalid(format!(
        "The code for the runtime {runtime} has no WebAssembly module: looked for {}, and for a single file that \
         ends in .wasm. Native bootstrap executables do not run here; build for the target wasm32-wasip1.",
        wanted(handler).join(", ")
    ))
}

fn wanted(handler: Option<&str>) -> Vec<String> {
    let mut names = vec!["bootstrap.wasm".to_owned(), "bootstrap".to_owned()];
    if let Some(handler) = handler {
        let file = handler.rsplit_once('.').map_or(handler, |(file, _)| file);
        let more = [
            format!("{handler}.wasm"),
            format!("{file}.wasm"),
            handler.to_owned(),
            file.to_owned(),
        ];
        more.into_iter().for_each(|name| {
            if !names.contains(&name) {
                names.push(name);
            }
        });
    }
    names
}

/// The names of all files, after what the directory says of them was found to be within bounds.
fn survey(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Vec<String>, ApiError> {
    if archive.is_empty() {
        return Err(invalid("Uploaded file must be a non-empty zip"));
    }
    if archive.len() > MOST_FILES {
        return Err(invalid(format!(
            "The zip has {} files; at most {MOST_FILES} are allowed",
            archive.len()
        )));
    }
    let mut total = 0u64;
    let mut names = Vec::with_capacity(archive.len());
    for at in 0..archive.len() {
        let file = archive.by_index_raw(at).map_err(|_| damaged())?;
        names.push(safe_name(&file)?);
        if file.size()
            > file
                .compressed_size()
                .saturating_mul(MOST_RATIO)
                .saturating_add(64)
        {
            return Err(damaged());
        }
        total = total.saturating_add(file.size());
        if total > MOST_UNZIPPED {
            return Err(too_large());
        }
    }
    if archive.has_overlapping_files().unwrap_or(true) {
        return Err(damaged());
    }
    Ok(names)
}

/// The file's name, if it stays below where the zip is unpacked.
fn safe_name<R: std::io::Read>(file: &ZipFile<'_, R>) -> Result<String, ApiError> {
    let name = file.name().map_err(|_| damaged())?.into_owned();
    let leads_out = name.starts_with(['/', '\\'])
        || name.contains('\0')
        || name.get(1..2) == Some(":")
        || name.split(['/', '\\']).any(|part| part == "..");
    if leads_out {
        return Err(invalid(format!(
            "The zip has a file whose name leads out of it: {:?}",
            name.chars().take(100).collect::<String>()
        )));
    }
    Ok(name.strip_prefix("./").unwrap_or(&name).to_owned())
}

/// One file's bytes, and never more than the directory said there would be.
fn unpack(archive: &mut ZipArchive<Cursor<&[u8]>>, at: usize) -> Result<Vec<u8>, ApiError> {
    let file = archive.by_index(at).map_err(|_| damaged())?;
    let size = file.size();
    let mut bytes = Vec::new();
    file.take(size.min(MOST_UNZIPPED) + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| damaged())?;
    if bytes.len() as u64 != size {
        return Err(damaged());
    }
    Ok(bytes)
}

fn damaged() -> ApiError {
    invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
}

fn too_large() -> ApiError {
    invalid(format!(
        "Unzipped size must be smaller than {MOST_UNZIPPED} bytes"
    ))
}
