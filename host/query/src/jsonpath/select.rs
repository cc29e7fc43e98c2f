//! Steps applied to a value.

use data::{Array, Data, EcoString, Object};

use super::miss::{Budget, Miss, Missing};
use super::{Step, Steps};

/// The value that `$` means inside filters and functions, and what may be spent on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document<'d> {
    pub root: &'d Data,
    pub budget: &'d Budget,
}

/// What an array has where its index is past the end.
static NOTHING: Data = Data::Null;

/// Follows fields and single indexes.
pub(super) fn walk<'d>(steps: &[Step], root: &'d Data) -> Result<&'d Data, Miss> {
    let mut at = root;
    for (number, step) in steps.iter().enumerate() {
        at = match (step, at) {
            (Step::Child(name), Data::Object(object)) => match object.get(name) {
                Some(value) => value,
                None if number + 1 == steps.len() => {
                    return Err(Miss::new(number, Missing::Result));
                }
                None => return Err(Miss::new(number, Missing::Property(name.clone()))),
            },
            (Step::Index(index), Data::Array(array)) => item(array, *index).unwrap_or(&NOTHING),
            (Step::Index(_), _) => return Err(Miss::new(number, not_an_array(at))),
            _ => return Err(Miss::new(number, Missing::Object(at.clone()))),
        };
    }
    Ok(at)
}

fn not_an_array(found: &Data) -> Missing {
    if std::ptr::eq(found, &NOTHING) {
        Missing::Nothing
    } else {
        Missing::Array(found.clone())
    }
}

/// Whether a walk leads past the end of an array.
pub(super) fn past_the_end(steps: &[Step], root: &Data) -> bool {
    walk(steps, root).is_ok_and(|found| std::ptr::eq(found, &NOTHING))
}

fn item(array: &Array, index: i32) -> Option<&Data> {
    let index = i64::from(index);
    let index = if index < 0 {
        index + array.len() as i64
    } else {
        index
    };
    array.get(usize::try_from(index).ok()?)
}

/// What steps of any kind find from `at`: the value of a definite path, the list of an indefinite one. An
/// index past the end of an array finds nothing here.
pub(crate) fn select_steps(steps: &Steps, at: &Data, document: &Document) -> Result<Data, Miss> {
    select_strictly(steps, at, document, false)
}

/// [`select_steps`]; with `strict` a field that some place on the way lacks spoils the whole.
pub(crate) fn select_strictly(
    steps: &Steps,
    at: &Data,
    document: &Document,
    strict: bool,
) -> Result<Data, Miss> {
    if steps.plain {
        document.budget.spend()?;
        return match walk(&steps.list, at)? {
            found if std::ptr::eq(found, &NOTHING) => {
                Err(Miss::new(steps.list.len(), Missing::Result))
            }
            found => Ok(found.clone()),
        };
    }
    let mut selection = Selection {
        steps: &steps.list,
        document,
        strict,
        found: Vec::new(),
    };
    match selection.apply(0, true, at) {
        Err(miss) if steps.definite || strict || !miss.is_not_found() => return Err(miss),
        Err(_) => selection.found.clear(),
        Ok(()) => {}
    }
    let mut found = selection.found;
    if steps.definite || steps.is_call() {
        return found
            .pop()
            .ok_or(Miss::new(steps.list.len(), Missing::Result));
    }
    Ok(found.into())
}

struct Selection<'s> {
    steps: &'s [Step],
    document: &'s Document<'s>,
    strict: bool,
    found: Vec<Data>,
}

type Done = Result<(), Miss>;

impl Selection<'_> {
    /// Applies the steps from number `at` on to `data`; `sure` while every step before was definite.
    fn apply(&mut self, at: usize, sure: bool, data: &Data) -> Done {
        self.document.budget.spend()?;
        let Some(step) = self.steps.get(at) else {
            self.found.push(data.clone());
            return Ok(());
        };
        self.document.budget.enter()?;
        let done = self.apply_step(at, step, sure, data);
        self.document.budget.leave();
        done
    }

    fn apply_step(&mut self, at: usize, step: &Step, sure: bool, data: &Data) -> Done {
        match step {
            Step::Child(name) => self.child(at, sure, name, data),
            Step::Children(names) => self.children(at, sure, names, data),
            Step::Index(index) => self.index(at, sure, *index, data),
            Step::Indexes(indexes) => self.indexes(at, sure, indexes, data),
            Step::Slice { from, to } => self.slice(at, sure, (*from, *to), data),
            Step::Wildcard => self.wildcard(at, data),
            Step::Scan => self.scan(at, data),
            Step::Filter(filter) => self.filter(at, sure, filter, data),
            Step::Function(function) => {
                let value = function.call(data, self.document);
                let value = value.map_err(|why| Miss::new(at, why))?;
                self.apply(at + 1, sure, &value)
            }
        }
    }

    fn is_last(&self, at: usize) -> bool {
        at + 1 == self.steps.len()
    }

    fn object<'d>(
        &self,
        at: usize,
        sure: bool,
        data: &'d Data,
    ) -> Result<Option<&'d Object>, Miss> {
        match data {
            Data::Object(object) => Ok(Some(object)),
            _ if sure => Err(Miss::new(at, Missing::Object(data.clone()))),
            _ => Ok(None),
        }
    }

    fn array<'d>(&self, at: usize, sure: bool, data: &'d Data) -> Result<Option<&'d Array>, Miss> {
        match data {
            Data::Array(array) => Ok(Some(array)),
            _ if sure => Err(Miss::new(at, not_an_array(data))),
            _ => Ok(None),
        }
    }

    fn child(&mut self, at: usize, sure: bool, name: &EcoString, data: &Data) -> Done {
        let Some(object) = self.object(at, sure, data)? else {
            return Ok(());
        };
        match object.get(name) {
            Some(value) => self.apply(at + 1, sure, value),
            None if self.is_last(at) && self.strict => Err(Miss::new(at, Missing::Result)),
            None if self.is_last(at) => Ok(()),
            None if sure || self.strict => Err(Miss::new(at, Missing::Property(name.clone()))),
            None => Ok(()),
        }
    }

    fn children(&mut self, at: usize, sure: bool, names: &[EcoString], data: &Data) -> Done {
        let Some(object) = self.object(at, sure, data)? else {
            return Ok(());
        };
        let present = names
            .iter()
            .filter_map(|name| Some((name, object.get(name)?)));
        if self.is_last(at) {
            if self.strict && present.clone().count() < names.len() {
                return Err(Miss::new(at, Missing::Result));
            }
            let merged = present.map(|(name, value)| (name.clone(), value.clone()));
            return self.apply(at + 1, sure, &Data::Object(merged.collect()));
        }
        for (_, value) in present {
            self.apply(at + 1, false, value)?;
        }
        Ok(())
    }

    fn index(&mut self, at: usize, sure: bool, index: i32, data: &Data) -> Done {
        let Some(array) = self.array(at, sure, data)? else {
            return Ok(());
        };
        match item(array, index) {
            Some(item) => self.apply(at + 1, sure, item),
            None if sure => self.apply(at + 1, sure, &NOTHING),
            None => Ok(()),
        }
    }

    fn indexes(&mut self, at: usize, sure: bool, indexes: &[i32], data: &Data) -> Done {
        let Some(array) = self.array(at, sure, data)? else {
            return Ok(());
        };
        for item in indexes.iter().filter_map(|index| item(array, *index)) {
            self.apply(at + 1, false, item)?;
        }
        Ok(())
    }

    fn slice(
        &mut self,
        at: usize,
        sure: bool,
        bounds: (Option<i32>, Option<i32>),
        data: &Data,
    ) -> Done {
        let Some(array) = self.array(at, sure, data)? else {
            return Ok(());
        };
        let length = i32::try_from(array.len()).unwrap_or(i32::MAX);
        let from_end = |bound: i32| {
            if bound < 0 {
                length.saturating_add(bound)
            } else {
                bound
            }
        };
        let (from, to) = match bounds {
            (Some(from), None) => (from_end(from).max(0), length),
            (None, Some(to)) => (0, from_end(to).min(length)),
            (Some(from), Some(to)) => (from.max(-length), to.min(length)),
            (None, None) => (0, length),
        };
        for index in from..to {
            if let Some(item) = item(array, index) {
                self.apply(at + 1, false, item)?;
            }
        }
        Ok(())
    }

    fn wildcard(&mut self, at: usize, data: &Data) -> Done {
        match data {
            Data::Object(object) => {
                for value in object.values() {
                    self.apply(at + 1, false, value)?;
                }
            }
            Data::Array(array) => {
                for item in array.iter() {
                    match self.apply(at + 1, false, item) {
                        Err(miss) if self.strict || !miss.is_not_found() => return Err(miss),
                        Err(_) | Ok(()) => {}
                    }
                }
            }
            _ if self.is_last(at) => {}
            _ => return Err(Miss::new(at, Missing::Wildcard(data.clone()))),
        }
        Ok(())
    }

    fn filter(
        &mut self,
        at: usize,
        sure: bool,
        filter: &crate::filter::Filter,
        data: &Data,
    ) -> Done {
        match data {
            Data::Object(_) if filter.accepts(data, self.document)? => {
                self.apply(at + 1, false, data)
            }
            Data::Object(_) => Ok(()),
            Data::Array(array) => {
                for item in array.iter() {
                    self.document.budget.spend()?;
                    if filter.accepts(item, self.document)? {
                        self.apply(at + 1, false, item)?;
                    }
                }
                Ok(())
            }
            _ if sure => Err(Miss::new(at, Missing::Filter(data.clone()))),
            _ => Ok(()),
        }
    }

    /// Visits `data` and all below it, parents first, with the step after the scan.
    fn scan(&mut self, at: usize, data: &Data) -> Done {
        let Some(step) = self.steps.get(at + 1) else {
            return Ok(());
        };
        let mut waiting = vec![data];
        while let Some(data) = waiting.pop() {
            self.document.budget.spend()?;
            match data {
                Data::Object(object) => {
                    self.scan_object(at + 1, step, data)?;
                    let first = waiting.len();
                    waiting.extend(object.values());
                    waiting[first..].reverse();
                }
                Data::Array(array) => {
                    self.scan_array(at + 1, step, data)?;
                    waiting.extend(array.iter().rev());
                }
                Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => {}
            }
        }
        Ok(())
    }

    fn scan_object(&mut self, at: usize, step: &Step, data: &Data) -> Done {
        let has = |name: &EcoString| data.get(name).is_some();
        let visit = match step {
            Step::Child(name) => self.strict || has(name),
            Step::Children(names) => self.strict || !self.is_last(at) || names.iter().all(has),
            Step::Wildcard => true,
            Step::Filter(filter) => filter.accepts(data, self.document)?,
            Step::Index(_)
            | Step::Indexes(_)
            | Step::Slice { .. }
            | Step::Scan
            | Step::Function(_) => false,
        };
        if visit {
            self.apply(at, false, data)
        } else {
            Ok(())
        }
    }

    /// The library takes a wildcard, index or filter that is not the last step for "every item".
    fn scan_array(&mut self, at: usize, step: &Step, data: &Data) -> Done {
        let visit = match step {
            Step::Wildcard | Step::Index(_) | Step::Indexes(_) | Step::Slice { .. } => true,
            Step::Filter(filter) => filter.accepts(data, self.document)?,
            Step::Child(_) | Step::Children(_) | Step::Scan | Step::Function(_) => false,
        };
        match data {
            _ if !visit => Ok(()),
            Data::Array(array) if !self.is_last(at) => array
                .iter()
                .try_for_each(|item| self.apply(at + 1, false, item)),
            _ => self.apply(at, false, data),
        }
    }
}
