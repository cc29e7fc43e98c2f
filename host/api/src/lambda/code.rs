//! What is in the zip of a function.
//!
//! A module is looked for under these names, in this order: `bootstrap.wasm` and `bootstrap`, as custom runtimes have it; the handler
//! and its file with `.wasm` behind it (`validate.handler`: `validate.handler.wasm`, then `validate.wasm`); the handler
//! itself, if it is a module; the only `.wasm` file that there is. Nothing is ever unpacked onto a disk.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT as BASE64;
use languages::package::{Package, PackageError};

use super::{invalid, refused};
use crate::ApiError;

/// Lambda's most for an upload that is not by way of S3.
const MOST_ZIPPED: usize = 50 << 20;
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
    let mut package = Package::open(code).map_err(|error| not_code(&error))?;
    let names: Vec<String> = package.names().map(str::to_owned).collect();
    let mut read = |at: usize| package.read(at).map_err(|error| not_code(&error));
    for wanted in wanted(handler) {
        let Some(at) = names.iter().position(|name| *name == wanted) else {
            continue;
        };
        let bytes = read(at)?;
        if wanted.ends_with(".wasm") || bytes.starts_with(MAGIC) {
            return Ok(Some(bytes));
        }
    }
    let mut modules = (0..)
        .zip(&names)
        .filter(|(_, name)| name.ends_with(".wasm"));
    match (modules.next(), modules.next()) {
        (Some((at, _)), None) => read(at).map(Some),
        _ => Ok(None),
    }
}

/// The words for a zip that is not within bounds are Lambda's, and its own are all of one error.
fn not_code(error: &PackageError) -> ApiError {
    invalid(error.to_string())
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
