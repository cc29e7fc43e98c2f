//! The items of a map run, one by one or in batches.

use data::{Array, Data, Object};
use engine::{Batching, Failure, ItemSource, MapItem};

/// The most bytes of a batch: the most that a state's input can have.
const MOST_BYTES: u64 = 262_144;

/// The items, and how far they have been handed out.
pub(crate) struct Items {
    all: All,
    next: usize,
    /// An item that was selected and did not fit into its batch any more.
    held: Option<Data>,
    batching: Option<Batching>,
}

enum All {
    /// Those of the state's input, shared with it.
    Shared { items: Array, keyed: bool },
    /// Those that were read.
    Read(Vec<MapItem>),
}

/// What one child works on.
pub(crate) struct Batch {
    /// The child's input.
    pub input: Data,
    /// How many items are in it.
    pub items: u64,
}

/// What `ItemSelector` makes of an item; none if nobody wants it any more.
pub(crate) type Select<'s> = &'s mut dyn FnMut(&MapItem) -> Option<Result<Data, Failure>>;

impl Items {
    pub(crate) fn of(source: &ItemSource, batching: Option<Batching>) -> Items {
        let shared = match source {
            ItemSource::Input { items, keyed } => items.as_array().map(|items| All::Shared {
                items: items.clone(),
                keyed: *keyed,
            }),
            ItemSource::Reader { .. } => None,
        };
        Items {
            all: shared.unwrap_or_else(|| All::Read(Vec::new())),
            next: 0,
            held: None,
            batching,
        }
    }

    pub(super) fn set(&mut self, read: Vec<MapItem>) {
        self.all = All::Read(read);
    }

    fn len(&self) -> usize {
        match &self.all {
            All::Shared { items, .. } => items.len(),
            All::Read(items) => items.len(),
        }
    }

    /// How many were not handed out yet.
    pub(crate) fn left(&self) -> u64 {
        let left = self.len().saturating_sub(self.next);
        (left + usize::from(self.held.is_some())) as u64
    }

    /// How many children they will take, as far as it can be known before their bytes are.
    pub(super) fn batches_left(&self) -> u64 {
        match &self.batching {
            None => self.left(),
            Some(batching) => {
                let most = batching.max_items.unwrap_or(u64::MAX).max(1);
                self.left().div_ceil(most)
            }
        }
    }

    fn take(&mut self) -> Option<MapItem> {
        let index = u32::try_from(self.next).ok()?;
        let item = match &self.all {
            All::Shared { items, keyed } => MapItem {
                index,
                value: items.get(self.next)?.clone(),
                keyed: *keyed,
                source: "STATE_DATA".into(),
            },
            All::Read(items) => items.get(self.next)?.clone(),
        };
        self.next += 1;
        Some(item)
    }

    /// The next item, selected.
    fn selected(&mut self, select: Select<'_>) -> Option<Result<Data, Failure>> {
        match self.held.take() {
            Some(held) => Some(Ok(held)),
            None => select(&self.take()?),
        }
    }

    /// What the next child works on; none if there is nothing left.
    pub(crate) fn next(&mut self, select: Select<'_>) -> Option<Result<Batch, Failure>> {
        let Some(batching) = self.batching.clone() else {
            let input = self.selected(select)?;
            return Some(input.map(|input| Batch { input, items: 1 }));
        };
        let most = batching.max_items.unwrap_or(u64::MAX).max(1);
        let bytes = batching.max_input_bytes.unwrap_or(MOST_BYTES);
        let bytes = bytes.min(MOST_BYTES);
        let mut size = batch(&batching, Vec::new()).size() as u64;
        let mut values: Vec<Data> = Vec::new();
        while (values.len() as u64) < most {
            let value = match self.selected(select) {
                None => break,
                Some(Ok(value)) => value,
                Some(Err(failure)) => return Some(Err(failure)),
            };
            // The comma between two items.
            let comma = u64::from(!values.is_empty());
            size += value.size() as u64 + comma;
            if !values.is_empty() && size > bytes {
                self.held = Some(value);
                break;
            }
            values.push(value);
        }
        let items = values.len() as u64;
        (items > 0).then(|| {
            Ok(Batch {
                input: batch(&batching, values),
                items,
            })
        })
    }
}

/// A batch as a child's input.
fn batch(batching: &Batching, items: Vec<Data>) -> Data {
    let mut input = Object::builder();
    if let Some(own) = &batching.batch_input {
        input.insert("BatchInput".into(), own.clone());
    }
    let items: Data = items.into_iter().collect();
    input.with("Items", items).build().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(items: &str, batching: Batching) -> Vec<String> {
        let items = Data::parse(items).unwrap();
        let source = ItemSource::Input {
            items,
            keyed: false,
        };
        let mut items = Items::of(&source, Some(batching));
        let mut select = |item: &MapItem| Some(Ok(item.value.clone()));
        let mut all = Vec::new();
        while let Some(batch) = items.next(&mut select) {
            let batch = batch.unwrap();
            all.push(format!("{} {}", batch.items, batch.input));
        }
        assert_eq!(items.left(), 0);
        all
    }

    fn batching(max_items: Option<u64>, max_input_bytes: Option<u64>) -> Batching {
        Batching {
            max_items,
            max_input_bytes,
            batch_input: None,
        }
    }

    #[test]
    fn a_batch_ends_with_its_items_or_bytes() {
        let by_items = batches("[1,2,3]", batching(Some(2), None));
        assert_eq!(by_items, [r#"2 {"Items":[1,2]}"#, r#"1 {"Items":[3]}"#]);
        // {"Items":[1111,22]} has 19 bytes.
        let by_bytes = batches("[1111,22,3]", batching(None, Some(19)));
        assert_eq!(by_bytes, [r#"2 {"Items":[1111,22]}"#, r#"1 {"Items":[3]}"#]);
        let own = Batching {
            batch_input: Some(Data::from("x")),
            ..batching(Some(9), Some(1))
        };
        let one_each = [
            r#"1 {"BatchInput":"x","Items":[1]}"#,
            r#"1 {"BatchInput":"x","Items":[2]}"#,
        ];
        assert_eq!(batches("[1,2]", own), one_each);
        assert_eq!(batches("[]", batching(Some(1), None)), [""; 0]);
    }
}
