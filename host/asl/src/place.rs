//! Where in a definition the compiler is; a path only once somebody complains.

use data::{EcoString, Key, Node, Span};

/// A value of the definition with the way to it.
#[derive(Clone, Copy)]
pub(crate) struct Item<'a> {
    pub node: &'a Node,
    key: Option<&'a Key>,
    place: Place<'a>,
}

#[derive(Clone, Copy)]
struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> Item<'a> {
    pub fn root(node: &'a Node) -> Item<'a> {
        Item {
            node,
            key: None,
            place: Place {
                parent: None,
                step: Step::Root,
            },
        }
    }

    /// The value under `name`; the last one if it stands there twice.
    pub fn get(&self, name: &str) -> Option<Item<'_>> {
        let entry = self
            .node
            .entries()?
            .iter()
            .rev()
            .find(|(key, _)| key.name == name);
        entry.map(|(key, node)| self.child(key, node))
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The fields, if it is an object; of a name that stands there twice only the last, unless they are
    /// so many that only a `States` can be meant, where names that stand there twice are an error.
    pub fn fields(&self) -> impl Iterator<Item = Item<'_>> {
        let entries = self.node.entries().unwrap_or(&[]);
        let last = move |at: usize| {
            let name = &entries[at].0.name;
            entries.len() > MANY || entries[at + 1..].iter().all(|(key, _)| key.name != *name)
        };
        let entries = entries.iter().enumerate().filter(move |(at, _)| last(*at));
        entries.map(|(_, (key, node))| self.child(key, node))
    }

    /// The items, if it is an array.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        let items = self.node.items().unwrap_or(&[]).iter().enumerate();
        items.map(|(at, node)| {
            let place = Place {
                parent: Some(&self.place),
                step: Step::Index(at),
            };
            Item {
                node,
                key: None,
                place,
            }
        })
    }

    /// The item for a field of this object.
    pub fn child<'b>(&'b self, key: &'b Key, node: &'b Node) -> Item<'b> {
        let place = Place {
            parent: Some(&self.place),
            step: Step::Key(&key.name),
        };
        Item {
            node,
            key: Some(key),
            place,
        }
    }

    /// The field's name; empty for the root and for items of arrays.
    pub fn name(&self) -> &str {
        self.key.map_or("", |key| &key.name)
    }

    pub fn eco_name(&self) -> EcoString {
        self.key.map_or_else(EcoString::new, |key| key.name.clone())
    }

    /// What to underline for a complaint about the field as such: its name, if it has one.
    pub fn head(&self) -> Span {
        match self.key {
            Some(key) => key.span,
            None if self.node.entries().is_some() || self.node.items().is_some() => {
                Span::new(self.node.span.start, self.node.span.start + 1)
            }
            None => self.node.span,
        }
    }

    /// The way here as an RFC 6901 pointer.
    pub fn pointer(&self) -> String {
        let mut out = String::new();
        self.place.write_pointer(&mut out);
        out
    }

    /// The way here as AWS writes it.
    pub fn location(&self) -> String {
        let mut out = String::new();
        self.place.write_location(&mut out);
        if out.is_empty() { "/".into() } else { out }
    }
}

/// Objects with more fields than this are searched for twice-written names by the duplicate check alone.
const MANY: usize = 64;

impl Place<'_> {
    fn write_pointer(&self, out: &mut String) {
        if let Some(parent) = self.parent {
            parent.write_pointer(out);
        }
        match self.step {
            Step::Root => {}
            Step::Key(name) => {
                out.push('/');
                out.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Step::Index(at) => out.push_str(&format!("/{at}")),
        }
    }

    fn write_location(&self, out: &mut String) {
        if let Some(parent) = self.parent {
            parent.write_location(out);
        }
        match self.step {
            Step::Root => {}
            Step::Key(name) => {
                out.push('/');
                out.push_str(name);
            }
            Step::Index(at) => out.push_str(&format!("[{at}]")),
        }
    }
}
