//! Shared arrays.

use std::ops::Deref;
use std::sync::Arc;

use crate::value::Data;

/// An immutable, shared JSON array.
#[derive(Clone, Debug)]
pub struct Array(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    size: usize,
    depth: u32,
    items: Vec<Data>,
}

impl Array {
    /// The items.
    pub fn items(&self) -> &[Data] {
        &self.0.items
    }

    /// Bytes as compact JSON.
    pub fn size(&self) -> usize {
        self.0.size
    }

    /// Levels of nesting, this array included.
    pub fn depth(&self) -> u32 {
        self.0.depth
    }

    /// The same array with one item replaced; `None` if there is no such index.
    #[must_use]
    pub fn with(&self, index: usize, item: Data) -> Option<Array> {
        let mut items = self.0.items.clone();
        *items.get_mut(index)? = item;
        Some(items.into())
    }

    /// Whether both are the very same allocation.
    pub fn ptr_eq(&self, other: &Array) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl From<Vec<Data>> for Array {
    fn from(items: Vec<Data>) -> Self {
        let size = 2 + items.len().saturating_sub(1) + items.iter().map(Data::size).sum::<usize>();
        let depth = 1 + items.iter().map(Data::depth).max().unwrap_or(0);
        Array(Arc::new(Inner { size, depth, items }))
    }
}

impl FromIterator<Data> for Array {
    fn from_iter<I: IntoIterator<Item = Data>>(items: I) -> Self {
        items.into_iter().collect::<Vec<_>>().into()
    }
}

impl Deref for Array {
    type Target = [Data];

    fn deref(&self) -> &[Data] {
        &self.0.items
    }
}

impl PartialEq for Array {
    fn eq(&self, other: &Self) -> bool {
        self.ptr_eq(other) || self.0.items == other.0.items
    }
}
