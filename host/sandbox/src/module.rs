//! What can be told from a module's bytes without compiling them.

use crate::guest::LoadError;

const MAGIC: [u8; 4] = *b"\0asm";
const MODULE_VERSION: [u8; 4] = [1, 0, 0, 0];

/// Components share the magic number; their layer field is 1.
const COMPONENT_LAYER: [u8; 2] = [1, 0];

/// What WebAssembly code is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A core module.
    Module,
    /// A component.
    Component,
}

/// Tells modules from components, and refuses all else, saying what it is instead.
pub(crate) fn kind(wasm: &[u8]) -> Result<Kind, LoadError> {
    let Some((magic, rest)) = wasm.split_first_chunk::<4>() else {
        return Err(LoadError::NotWasm {
            found: describe(wasm),
        });
    };
    if *magic != MAGIC {
        return Err(LoadError::NotWasm {
            found: describe(wasm),
        });
    }
    match rest.first_chunk::<4>() {
        Some(&MODULE_VERSION) => Ok(Kind::Module),
        Some([_, _, layer @ ..]) if *layer == COMPONENT_LAYER => Ok(Kind::Component),
        _ => Err(LoadError::NotWasm {
            found: "WebAssembly of an unknown version",
        }),
    }
}

fn describe(bytes: &[u8]) -> &'static str {
    match bytes {
        [] => "an empty file",
        [0x7f, b'E', b'L', b'F', ..] => "a native ELF program",
        [b'#', b'!', ..] => "a script",
        [b'(', ..] => "WebAssembly text; turn it into a binary first",
        _ => "something else",
    }
}

/// True when the module carries function names, so that backtraces can show them.
pub(crate) fn has_names(wasm: &[u8]) -> bool {
    let mut rest = wasm.get(8..).unwrap_or_default();
    while let Some((id, body, next)) = section(rest) {
        if id == 0 && custom_name(body) == Some(b"name") {
            return true;
        }
        rest = next;
    }
    false
}

/// The first section's id and body, and what follows it.
fn section(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&id, rest) = bytes.split_first()?;
    let (length, rest) = leb128(rest)?;
    let (body, next) = rest.split_at_checked(length)?;
    Some((id, body, next))
}

fn custom_name(body: &[u8]) -> Option<&[u8]> {
    let (length, rest) = leb128(body)?;
    rest.get(..length)
}

/// An unsigned 32-bit LEB128 number, and what follows it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}
