//! Reading tables strictly: an unknown key is an error that names its nearest neighbour.

use crate::nearest::nearest;
use crate::node::{Key, Node};
use crate::source::{Position, Source, Span};

/// A mistake in a file, with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{position}: {message}")]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// Where in it.
    pub position: Position,
    /// What is wrong and what to do.
    pub message: String,
}

/// Collects what is wrong with a file, so that all of it can be told at once.
#[derive(Debug)]
pub struct Mistakes<'s> {
    source: &'s Source,
    /// What was found, in the order of reading.
    pub found: Vec<Mistake>,
}

impl<'s> Mistakes<'s> {
    /// Nothing is wrong so far.
    pub fn new(source: &'s Source) -> Mistakes<'s> {
        Mistakes {
            source,
            found: Vec::new(),
        }
    }

    /// All that was found, in the order of the text.
    pub fn in_order(mut self) -> Vec<Mistake> {
        self.found
            .sort_by(|a, b| (&a.file, a.position).cmp(&(&b.file, b.position)));
        self.found
    }

    /// The text that is read.
    pub fn source(&self) -> &'s Source {
        self.source
    }

    /// Notes what is wrong at a place.
    pub fn add(&mut self, span: Span, message: impl Into<String>) {
        self.found.push(Mistake {
            file: self.source.name.to_string(),
            position: self.source.position(span),
            message: message.into(),
        });
    }

    /// The value, or a mistake at the node's place.
    pub fn take<T>(&mut self, node: &Node, read: Result<T, String>) -> Option<T> {
        read.map_err(|message| self.add(node.span, message)).ok()
    }

    /// The entries of a table; anything else is a mistake, and so is a key that is written twice.
    pub fn entries<'n>(&mut self, what: &str, node: &'n Node) -> &'n [(Key, Node)] {
        let Some(entries) = node.entries() else {
            self.add(
                node.span,
                format!("{what} must be a table, not {}", with_article(node)),
            );
            return &[];
        };
        for (at, (key, _)) in entries.iter().enumerate() {
            if entries[..at]
                .iter()
                .any(|(other, _)| other.name == key.name)
            {
                self.add(key.span, format!("`{}` is written twice", key.name));
            }
        }
        entries
    }

    /// Tells of a key that means nothing here.
    pub fn unknown(&mut self, key: &Key, known: &[&str]) {
        let hint = match nearest(&key.name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known keys: {}", known.join(", ")),
        };
        self.add(key.span, format!("unknown key `{}`; {hint}", key.name));
    }

    /// The string that the node is.
    pub fn string(&mut self, node: &Node) -> Option<String> {
        let text = node.as_str().map(str::to_owned);
        self.take(
            node,
            text.ok_or_else(|| format!("expected a string, not {}", with_article(node))),
        )
    }

    /// The strings of a list.
    pub fn strings(&mut self, node: &Node) -> Vec<String> {
        match node.items() {
            Some(items) => items.iter().filter_map(|item| self.string(item)).collect(),
            None => {
                self.add(node.span, "expected a list of strings");
                Vec::new()
            }
        }
    }
}

/// The type of a node in a sentence.
fn with_article(node: &Node) -> String {
    let name = node.type_name();
    match name {
        "array" | "object" => format!("an {name}"),
        "null" => name.to_owned(),
        _ => format!("a {name}"),
    }
}
