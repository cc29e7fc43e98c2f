//! The texts that programs are compiled from, as the journal keeps them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use asl::{Options, Program, Severity};
use data::{Data, EcoString, Format, Object, Source};
use journal::Definition;
use sha2::{Digest, Sha256};

/// A definition to be kept, with the values of its `${NAME}`.
pub fn definition(text: &str, format: Format, define: &BTreeMap<String, String>) -> Definition {
    let format = match format {
        Format::Json => "json",
        Format::Yaml => "yaml",
        Format::Toml => "toml",
    };
    let define: Object = define
        .iter()
        .map(|(name, value)| (EcoString::from(name.as_str()), Data::from(value.as_str())))
        .collect();
    let define = Data::from(define).to_string();
    let mut hash = Sha256::new();
    for part in [format, &define, text] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut digest = String::with_capacity(64);
    for byte in hash.finalize() {
        // Writing to a string does not fail.
        let _ = write!(digest, "{byte:02x}");
    }
    Definition {
        digest: digest.into(),
        text: text.into(),
        format: format.into(),
        define: define.into(),
    }
}

/// The program of a definition; the error is why there is none. `is_function` says which plain names may stand for a
/// `Resource`.
pub fn compile(
    definition: &Definition,
    express: bool,
    is_function: &dyn Fn(&str) -> bool,
) -> Result<Arc<Program>, String> {
    let format = match definition.format.as_str() {
        "json" => Format::Json,
        "yaml" => Format::Yaml,
        "toml" => Format::Toml,
        other => return Err(format!("its definition is written in {other}")),
    };
    let define = Data::parse(&definition.define).unwrap_or_default();
    let define = define
        .as_object()
        .into_iter()
        .flat_map(|define| define.iter());
    let define = define.map(|(name, value)| {
        let value = value.as_str().unwrap_or_default();
        (name.to_string(), value.to_owned())
    });
    let compiled = asl::compile(
        &Source::new("definition", &*definition.text),
        format,
        &Options {
            definitions: &define.collect(),
            is_function,
            express,
        },
    );
    compiled.program.map(Arc::new).ok_or_else(|| {
        let mut errors = compiled.diagnostics.iter();
        let first = errors.find(|one| one.severity == Severity::Error);
        let message = first.map_or("", |error| error.message.as_str());
        format!("its definition is not valid: {message}")
    })
}
