//! How much coverage is enough.

use std::fmt;

use data::{Mistakes, Node, Value};

use super::summary::{Kind, Summary, Total};

/// What is wanted of each kind, from 0 to 1: `{"states": 0.9, "retry": 1.0}`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thresholds(Vec<(Kind, f64)>);

impl Thresholds {
    /// Reads the table of thresholds; a kind that is not named has none.
    pub fn read(node: &Node, mistakes: &mut Mistakes<'_>) -> Thresholds {
        let mut wanted = Vec::new();
        for (key, node) in mistakes.entries("coverage", node) {
            match Kind::parse(&key.name) {
                Some(kind) => wanted.extend(mistakes.take(node, ratio(node)).map(|r| (kind, r))),
                None => mistakes.unknown(key, &Kind::ALL.map(Kind::as_str)),
            }
        }
        Thresholds(wanted)
    }

    /// The kinds of which less happened than is wanted.
    pub fn unmet(&self, summary: &Summary) -> Vec<Shortfall> {
        let judged = self.0.iter().map(|(kind, wanted)| Shortfall {
            kind: *kind,
            wanted: *wanted,
            found: summary.total(*kind),
        });
        judged.filter(|s| s.found.ratio() < s.wanted).collect()
    }
}

fn ratio(node: &Node) -> Result<f64, String> {
    let number = match &node.value {
        Value::Number(number) => Some(number.as_f64()),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    };
    number
        .filter(|ratio| (0.0..=1.0).contains(ratio))
        .ok_or_else(|| "expected a number from 0 to 1".to_owned())
}

/// A threshold that is not reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shortfall {
    /// Of what there is too little.
    pub kind: Kind,
    /// The ratio that is wanted.
    pub wanted: f64,
    /// What there is.
    pub found: Total,
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shortfall {
            kind,
            wanted,
            found,
        } = self;
        let (hit, total, percent) = (found.hit, found.total, found.percent());
        let kind = kind.as_str();
        let wanted = wanted * 100.0;
        write!(
            f,
            "coverage: {kind} {hit} of {total} ({percent}%), wanted are {wanted}%"
        )
    }
}
