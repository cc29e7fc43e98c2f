//! AWS's service models: what a request must look like, said once for all operations.
//!
//! `host/api/models` holds names, types and constraints; `scripts/models` writes them.

mod check;
mod java;
mod mismatch;
mod pattern;

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use pattern::Pattern;
use serde::Deserialize;

pub use mismatch::Mismatch;

/// A service.
#[derive(Debug, Deserialize)]
pub struct Model {
    /// By name.
    pub operations: BTreeMap<String, Operation>,
    /// By name.
    pub shapes: BTreeMap<String, Shape>,
}

/// An operation of a service.
#[derive(Debug, Deserialize)]
pub struct Operation {
    /// The shape of its parameters.
    pub input: Option<String>,
    /// The shape of its answer.
    pub output: Option<String>,
    /// The element around the answer, in the query protocol.
    pub result: Option<String>,
    /// Method, path and status of a REST operation.
    pub http: Option<(String, String, u16)>,
    /// The exceptions that it declares.
    #[serde(default)]
    pub errors: Vec<String>,
}

/// A type with its constraints.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shape {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The least length, number of items or value.
    pub min: Option<f64>,
    /// The greatest.
    pub max: Option<f64>,
    /// What all of a text must match.
    pub pattern: Option<String>,
    #[serde(skip)]
    rule: OnceLock<Option<Pattern>>,
    /// The values that a text may have.
    #[serde(default, rename = "enum")]
    pub values: Vec<String>,
    /// The members that must be there.
    #[serde(default)]
    pub required: Vec<String>,
    /// The members of a structure.
    #[serde(default)]
    pub members: BTreeMap<String, Reference>,
    /// The items of a list.
    pub member: Option<Reference>,
    /// The keys of a map.
    pub key: Option<Reference>,
    /// The values of a map.
    pub value: Option<Reference>,
    /// The member that is the body of a REST request.
    pub payload: Option<String>,
    /// Whether a list has no element of its own, in the query protocol.
    #[serde(default)]
    pub flattened: bool,
    /// Whether it must not be logged.
    #[serde(default)]
    pub sensitive: bool,
    /// The HTTP status of an exception.
    pub status: Option<u16>,
    /// The name that an exception has on the wire, where that is another.
    pub code: Option<String>,
}

/// What a shape is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are those of the models")]
pub enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Timestamp,
    Blob,
}

/// The use of a shape, and where it travels.
#[derive(Debug, Deserialize)]
#[serde(from = "Written")]
pub struct Reference {
    /// The shape's name.
    pub shape: String,
    /// `uri`, `querystring`, `header` or `headers`; none: the body.
    pub location: Option<String>,
    /// Its name there.
    pub location_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Written {
    Name(String),
    Placed {
        shape: String,
        location: Option<String>,
        location_name: Option<String>,
    },
}

impl From<Written> for Reference {
    fn from(written: Written) -> Reference {
        let (shape, location, location_name) = match written {
            Written::Name(shape) => (shape, None, None),
            Written::Placed {
                shape,
                location,
                location_name,
            } => (shape, location, location_name),
        };
        Reference {
            shape,
            location,
            location_name,
        }
    }
}

/// Step Functions.
pub static STEP_FUNCTIONS: LazyLock<Model> =
    LazyLock::new(|| read(include_str!("../../models/stepfunctions.json")));
/// Lambda.
pub static LAMBDA: LazyLock<Model> =
    LazyLock::new(|| read(include_str!("../../models/lambda.json")));
/// IAM.
pub static IAM: LazyLock<Model> = LazyLock::new(|| read(include_str!("../../models/iam.json")));
/// STS.
pub static STS: LazyLock<Model> = LazyLock::new(|| read(include_str!("../../models/sts.json")));
/// CloudWatch Logs.
pub static LOGS: LazyLock<Model> = LazyLock::new(|| read(include_str!("../../models/logs.json")));

fn read(text: &str) -> Model {
    serde_json::from_str(text).expect("the models are read by a test")
}

impl Shape {
    /// The pattern, ready to match.
    fn rule(&self) -> Option<&Pattern> {
        let read = || self.pattern.as_deref().and_then(Pattern::new);
        self.rule.get_or_init(read).as_ref()
    }
}

impl Model {
    /// The shape of that name.
    pub fn shape(&self, reference: &Reference) -> &Shape {
        self.named(&reference.shape)
    }

    /// The shape of that name.
    pub fn named(&self, name: &str) -> &Shape {
        self.shapes
            .get(name)
            .expect("a model is closed, which a test checks")
    }

    /// The shape of an operation's parameters.
    pub fn input(&self, operation: &str) -> Option<&Shape> {
        let name = self.operations.get(operation)?.input.as_ref()?;
        self.shapes.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_is_closed() {
        for model in [&STEP_FUNCTIONS, &LAMBDA, &IAM, &STS, &LOGS] {
            let shapes = model.shapes.values();
            let parts = shapes.flat_map(|shape| {
                let inner = [&shape.member, &shape.key, &shape.value];
                shape.members.values().chain(inner.into_iter().flatten())
            });
            let operations = model.operations.values();
            let ends = operations.flat_map(|operation| [&operation.input, &operation.output]);
            let names = parts.map(|part| &part.shape).chain(ends.flatten());
            names.for_each(|name| assert!(model.shapes.contains_key(name), "{name}"));
            for (name, shape) in &model.shapes {
                assert!(shape.pattern.is_none() || shape.rule().is_some(), "{name}");
            }
        }
        assert_eq!(STEP_FUNCTIONS.operations.len(), 37);
    }
}
