//! Reading tables strictly: an unknown key is an error that names its nearest neighbour.

use data::{Key, Node, Position, Source, Span, nearest};

/// A fault in a file, with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{position}: {message}")]
pub struct ManifestError {
    /// The file.
    pub file: String,
    /// Where in it.
    pub position: Position,
    /// What is wrong and what to do.
    pub message: String,
}

/// Collects what is wrong, so that all of it can be told at once.
pub(crate) struct Faults<'s> {
    source: &'s Source,
    pub(crate) found: Vec<ManifestError>,
}

impl<'s> Faults<'s> {
    pub(crate) fn new(source: &'s Source) -> Faults<'s> {
        Faults {
            source,
            found: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, span: Span, message: impl Into<String>) {
        self.found.push(ManifestError {
            file: self.source.name.to_string(),
            position: self.source.position(span),
            message: message.into(),
        });
    }

    /// The value, or a fault at the node's place.
    pub(crate) fn take<T>(&mut self, node: &Node, read: Result<T, String>) -> Option<T> {
        read.map_err(|message| self.add(node.span, message)).ok()
    }

    /// The entries of a table; anything else is a fault.
    pub(crate) fn entries<'n>(&mut self, what: &str, node: &'n Node) -> &'n [(Key, Node)] {
        node.entries().unwrap_or_else(|| {
            self.add(
                node.span,
                format!("{what} must be a table, not a {}", node.type_name()),
            );
            &[]
        })
    }

    /// Tells of a key that means nothing here.
    pub(crate) fn unknown(&mut self, key: &Key, known: &[&str]) {
        let hint = match nearest(&key.name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known keys: {}", known.join(", ")),
        };
        self.add(key.span, format!("unknown key `{}`; {hint}", key.name));
    }

    pub(crate) fn string(&mut self, node: &Node) -> Option<String> {
        let text = node.as_str().map(str::to_owned);
        self.take(
            node,
            text.ok_or_else(|| format!("expected a string, not a {}", node.type_name())),
        )
    }

    pub(crate) fn strings(&mut self, node: &Node) -> Vec<String> {
        match node.items() {
            Some(items) => items.iter().filter_map(|item| self.string(item)).collect(),
            None => {
                self.add(node.span, "expected a list of strings");
                Vec::new()
            }
        }
    }
}
