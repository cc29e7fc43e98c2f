//! One reader for everything a person writes: JSON, YAML and TOML become the same tree of places.

mod toml;
mod yaml;

use crate::node::Node;
use crate::source::{Position, Source, Span};

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 8259 JSON.
    Json,
    /// YAML 1.2; its JSON schema only: no tags, no timestamps.
    Yaml,
    /// TOML 1.1, without dates.
    Toml,
}

impl Format {
    /// The format that a file name's ending stands for; `None` for another ending.
    pub fn of_name(name: &str) -> Option<Format> {
        let ending = name.rsplit('.').next()?.to_ascii_lowercase();
        match ending.as_str() {
            "json" => Some(Format::Json),
            "yaml" | "yml" => Some(Format::Yaml),
            "toml" => Some(Format::Toml),
            _ => None,
        }
    }
}

/// Why a text cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}:{position}: {message}")]
pub struct ReadError {
    /// The source's name.
    pub name: String,
    /// What is wrong.
    pub message: String,
    /// The place, as bytes.
    pub span: Span,
    /// The place, as editors count.
    pub position: Position,
}

/// Reads a whole source.
pub fn read(source: &Source, format: Format) -> Result<Node, ReadError> {
    let outcome = match format {
        Format::Json => Node::parse_json(&source.text)
            .map_err(|error| (error.message, Span::new(error.offset, error.offset))),
        Format::Yaml => yaml::read(&source.text),
        Format::Toml => toml::read(&source.text),
    };
    outcome.map_err(|(message, span)| ReadError {
        name: source.name.to_string(),
        message,
        span,
        position: source.position(span),
    })
}

type Failure = (String, Span);
