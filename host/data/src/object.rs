//! Shared objects that keep the order of their keys.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use ecow::EcoString;

use crate::json::escaped_len;
use crate::value::Data;

/// Up to this many keys a scan is faster than hashing.
const SCANNED: usize = 24;

/// An immutable, shared JSON object; keys keep the order in which they came.
#[derive(Clone, Debug)]
pub struct Object(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    size: usize,
    depth: u32,
    entries: Vec<(EcoString, Data)>,
    index: OnceLock<HashMap<EcoString, usize>>,
}

impl Object {
    /// Starts a new object.
    pub fn builder() -> ObjectBuilder {
        ObjectBuilder::default()
    }

    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&Data> {
        self.0.position(key).map(|at| &self.0.entries[at].1)
    }

    /// Whether there is a value under `key`.
    pub fn contains_key(&self, key: &str) -> bool {
        self.0.position(key).is_some()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    /// Keys and values in their order.
    pub fn iter(
        &self,
    ) -> impl DoubleEndedIterator<Item = (&EcoString, &Data)> + ExactSizeIterator + Clone {
        self.0.entries.iter().map(|(key, value)| (key, value))
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Data> + ExactSizeIterator + Clone {
        self.0.entries.iter().map(|(_, value)| value)
    }

    /// Bytes as compact JSON.
    pub fn size(&self) -> usize {
        self.0.size
    }

    /// Levels of nesting, this object included.
    pub fn depth(&self) -> u32 {
        self.0.depth
    }

    /// The same object with `value` under `key`: in the old place if the key exists, else at the end.
    #[must_use]
    pub fn with(&self, key: impl Into<EcoString> + AsRef<str>, value: Data) -> Object {
        let position = self.0.position(key.as_ref());
        let mut entries = Vec::with_capacity(self.len() + usize::from(position.is_none()));
        entries.extend_from_slice(&self.0.entries);
        let mut size = self.0.size + value.size();
        let depth = match position {
            Some(at) => {
                let old = std::mem::replace(&mut entries[at].1, value);
                size -= old.size();
                depth_of(&entries)
            }
            None => {
                let key = key.into();
                size += escaped_len(&key) + 1 + usize::from(!entries.is_empty());
                let depth = self.0.depth.max(1 + value.depth());
                entries.push((key, value));
                depth
            }
        };
        Inner::shared(size, depth, entries)
    }

    /// The same object without `key`.
    #[must_use]
    pub fn without(&self, key: &str) -> Object {
        let mut builder = Object::builder();
        for (name, value) in self.iter().filter(|(name, _)| *name != key) {
            builder.insert(name.clone(), value.clone());
        }
        builder.build()
    }

    /// Whether both are the very same allocation.
    pub fn ptr_eq(&self, other: &Object) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

fn depth_of(entries: &[(EcoString, Data)]) -> u32 {
    1 + entries
        .iter()
        .map(|(_, value)| value.depth())
        .max()
        .unwrap_or(0)
}

impl Inner {
    fn shared(size: usize, depth: u32, entries: Vec<(EcoString, Data)>) -> Object {
        Object(Arc::new(Inner {
            size,
            depth,
            entries,
            index: OnceLock::new(),
        }))
    }

    fn position(&self, key: &str) -> Option<usize> {
        if self.entries.len() <= SCANNED {
            return self.entries.iter().position(|(name, _)| name == key);
        }
        let index = self.index.get_or_init(|| {
            let numbered = self.entries.iter().enumerate();
            numbered.map(|(at, (name, _))| (name.clone(), at)).collect()
        });
        index.get(key).copied()
    }
}

impl Default for Object {
    fn default() -> Self {
        Object::builder().build()
    }
}

/// Equal when both hold the same keys with equal values, in whatever order.
impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.ptr_eq(other)
            || (self.len() == other.len()
                && self
                    .iter()
                    .all(|(key, value)| other.get(key) == Some(value)))
    }
}

impl<K: Into<EcoString>> FromIterator<(K, Data)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, Data)>>(entries: I) -> Self {
        let mut builder = Object::builder();
        for (key, value) in entries {
            builder.insert(key.into(), value);
        }
        builder.build()
    }
}

/// An object being made. A key that comes twice keeps its first place and its last value.
#[derive(Debug, Default)]
pub struct ObjectBuilder {
    entries: Vec<(EcoString, Data)>,
    index: HashMap<EcoString, usize>,
}

impl ObjectBuilder {
    /// Puts `value` under `key`.
    pub fn insert(&mut self, key: EcoString, value: Data) {
        match self.position(&key) {
            Some(at) => self.entries[at].1 = value,
            None => {
                if !self.index.is_empty() {
                    self.index.insert(key.clone(), self.entries.len());
                }
                self.entries.push((key, value));
            }
        }
    }

    /// [`insert`](Self::insert) for chains.
    #[must_use]
    pub fn with(mut self, key: impl Into<EcoString>, value: impl Into<Data>) -> Self {
        self.insert(key.into(), value.into());
        self
    }

    /// The finished object.
    pub fn build(self) -> Object {
        let entries = self.entries;
        let keys: usize = entries.iter().map(|(key, _)| escaped_len(key) + 1).sum();
        let values: usize = entries.iter().map(|(_, value)| value.size()).sum();
        let size = 2 + entries.len().saturating_sub(1) + keys + values;
        Inner::shared(size, depth_of(&entries), entries)
    }

    fn position(&mut self, key: &str) -> Option<usize> {
        if self.entries.len() <= SCANNED {
            return self.entries.iter().position(|(name, _)| name == key);
        }
        if self.index.is_empty() {
            let numbered = self.entries.iter().enumerate();
            self.index = numbered.map(|(at, (name, _))| (name.clone(), at)).collect();
        }
        self.index.get(key).copied()
    }
}
