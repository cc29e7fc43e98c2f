//! Reference Paths: paths that name exactly one place, where a result can be put.

use data::{Array, Data, EcoString, Object};

use crate::error::SyntaxError;
use crate::jsonpath::{Path, Root, Step};

/// A path of fields and array indexes only: `$.a['b'][0]`.
#[derive(Clone, Debug)]
pub struct ReferencePath {
    text: EcoString,
    steps: Box<[Place]>,
}

#[derive(Clone, Debug)]
enum Place {
    Field(EcoString),
    Item(usize),
}

/// Why a value cannot be put where a Reference Path says; AWS's `States.ResultPathMatchFailure`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("Unable to apply step \"{step}\" to input {input}")]
pub struct InsertError {
    /// The step that does not fit, as in a path.
    pub step: String,
    /// What it was applied to.
    pub input: Data,
}

impl ReferencePath {
    /// Compiles `$`, `$.a`, `$['a']`, `$.a[0]` and so on.
    pub fn parse(text: &str) -> Result<ReferencePath, SyntaxError> {
        let path = Path::parse(text)?;
        if *path.root() != Root::Input {
            return Err(SyntaxError::new("A Reference Path begins with '$'", 0));
        }
        let steps: Option<_> = path.steps().iter().map(Place::of).collect();
        let steps = steps.ok_or_else(|| {
            SyntaxError::new("A Reference Path has fields and array indexes only", 0)
        })?;
        Ok(ReferencePath {
            text: text.into(),
            steps,
        })
    }

    /// The path as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands at the place in `root`.
    pub fn get<'d>(&self, root: &'d Data) -> Option<&'d Data> {
        self.steps.iter().try_fold(root, |at, step| match step {
            Place::Field(name) => at.get(name),
            Place::Item(index) => at.as_array()?.get(*index),
        })
    }

    /// `root` with `value` at the place; all beside the way to it is shared with `root`.
    ///
    /// Objects that are missing on the way are made. A field of anything but an object, an item of anything
    /// but an array and an index past the end are errors.
    pub fn insert(&self, root: &Data, value: Data) -> Result<Data, InsertError> {
        let mut above = Vec::with_capacity(self.steps.len());
        let mut at = Some(root);
        for step in &self.steps {
            above.push(at);
            at = match at {
                Some(data) => step.below(data)?,
                None => step.below_nothing()?,
            };
        }
        let places = self.steps.iter().zip(above).rev();
        Ok(places.fold(value, |value, (step, at)| step.put(at, value)))
    }
}

impl Place {
    fn of(step: &Step) -> Option<Place> {
        match step {
            Step::Child(name) => Some(Place::Field(name.clone())),
            Step::Index(index) => Some(Place::Item(usize::try_from(*index).ok()?)),
            Step::Children(_)
            | Step::Indexes(_)
            | Step::Slice { .. }
            | Step::Wildcard
            | Step::Scan
            | Step::Filter(_)
            | Step::Function(_) => None,
        }
    }

    /// What stands here in `data`, or nothing where a field can be added.
    fn below<'d>(&self, data: &'d Data) -> Result<Option<&'d Data>, InsertError> {
        match (self, data) {
            (Place::Field(name), Data::Object(object)) => Ok(object.get(name)),
            (Place::Item(index), Data::Array(array)) if *index < array.len() => {
                Ok(array.get(*index))
            }
            _ => Err(InsertError {
                step: self.to_string(),
                input: data.clone(),
            }),
        }
    }

    fn below_nothing<'d>(&self) -> Result<Option<&'d Data>, InsertError> {
        match self {
            Place::Field(_) => Ok(None),
            Place::Item(_) => Err(InsertError {
                step: self.to_string(),
                input: Data::empty_object(),
            }),
        }
    }

    fn put(&self, at: Option<&Data>, value: Data) -> Data {
        match (self, at) {
            (Place::Field(name), Some(Data::Object(object))) => {
                object.with(name.clone(), value).into()
            }
            (Place::Item(index), Some(Data::Array(array))) => replaced(array, *index, value),
            (Place::Field(name), _) => Object::from_iter([(name.clone(), value)]).into(),
            (Place::Item(_), _) => value,
        }
    }
}

fn replaced(array: &Array, index: usize, value: Data) -> Data {
    array.with(index, value).map_or(Data::Null, Data::from)
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Field(name) => f.write_str(name),
            Place::Item(index) => write!(f, "[{index}]"),
        }
    }
}
