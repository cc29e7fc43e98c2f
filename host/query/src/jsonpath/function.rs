//! The functions of paths: `$.items.length()`.

use std::fmt;

use data::{Data, Number};

use super::Steps;
use super::miss::Missing;
use super::select::{Document, select_steps};

/// A call at the end of a path.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    kind: Kind,
    arguments: Box<[Argument]>,
}

#[derive(Clone, Debug)]
pub(crate) enum Argument {
    Value(Data),
    /// A path; `$` and `@` both mean the document here.
    Path(Steps),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Length,
    Min,
    Max,
    Sum,
    Average,
    Deviation,
    Concat,
    Append,
    Keys,
    First,
    Last,
    Index,
}

const NAMES: [(&str, Kind); 13] = [
    ("length", Kind::Length),
    ("size", Kind::Length),
    ("min", Kind::Min),
    ("max", Kind::Max),
    ("sum", Kind::Sum),
    ("avg", Kind::Average),
    ("stddev", Kind::Deviation),
    ("concat", Kind::Concat),
    ("append", Kind::Append),
    ("keys", Kind::Keys),
    ("first", Kind::First),
    ("last", Kind::Last),
    ("index", Kind::Index),
];

impl Kind {
    pub fn of(name: &str) -> Option<Kind> {
        NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, kind)| *kind)
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES
            .iter()
            .find(|(_, kind)| *kind == self.kind)
            .map_or("", |(name, _)| name);
        write!(
            f,
            "{name}({})",
            if self.arguments.is_empty() { "" } else { "..." }
        )
    }
}

type Called = Result<Data, Missing>;

impl Function {
    pub fn new(kind: Kind, arguments: Vec<Argument>) -> Function {
        Function {
            kind,
            arguments: arguments.into(),
        }
    }

    /// The value of the call on `data`.
    pub fn call(&self, data: &Data, document: &Document) -> Called {
        let arguments = self.arguments(document)?;
        match self.kind {
            Kind::Length => Ok(length(arguments.first().unwrap_or(data))),
            Kind::Min | Kind::Max | Kind::Sum | Kind::Average | Kind::Deviation => {
                aggregate(self.kind, data, &arguments)
            }
            Kind::Concat => Ok(concat(data, &arguments)),
            Kind::Append => Ok(append(data, arguments)),
            Kind::Keys => Ok(keys(data)),
            Kind::First => item(data, 0),
            Kind::Last => item(data, -1),
            Kind::Index => match arguments.first().and_then(Data::as_i64) {
                Some(index) => item(data, index),
                None => Err(Missing::Function("Expected an index")),
            },
        }
    }

    fn arguments(&self, document: &Document) -> Result<Vec<Data>, Missing> {
        let value = |argument: &Argument| match argument {
            Argument::Value(value) => Ok(value.clone()),
            Argument::Path(steps) => {
                select_steps(steps, document.root, document).map_err(|miss| miss.why())
            }
        };
        self.arguments.iter().map(value).collect()
    }
}

fn length(data: &Data) -> Data {
    match data {
        Data::Array(array) => Data::from(array.len() as i64),
        Data::Object(object) => Data::from(object.len() as i64),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => Data::Null,
    }
}

/// The values a function works on: the items of the array it is called on, then its arguments.
fn operands<'d>(data: &'d Data, arguments: &'d [Data]) -> impl Iterator<Item = &'d Data> {
    let items = data.as_array().map_or(&[][..], |array| array.items());
    let given = arguments.iter().flat_map(|argument| match argument {
        Data::Array(array) => array.items(),
        other => std::slice::from_ref(other),
    });
    items.iter().chain(given)
}

fn aggregate(kind: Kind, data: &Data, arguments: &[Data]) -> Called {
    let numbers: Vec<f64> = operands(data, arguments)
        .filter_map(|data| data.as_number().map(Number::as_f64))
        .collect();
    if numbers.is_empty() {
        return Err(Missing::Function(
            "Aggregation function attempted to calculate value using empty array",
        ));
    }
    let count = numbers.len() as f64;
    let sum: f64 = numbers.iter().sum();
    let value = match kind {
        Kind::Min => numbers.iter().copied().fold(f64::MAX, f64::min),
        // The library starts from the smallest positive double, so that is the maximum of negative numbers.
        Kind::Max => numbers.iter().copied().fold(f64::from_bits(1), f64::max),
        Kind::Average => sum / count,
        Kind::Deviation => {
            let squares: f64 = numbers.iter().map(|number| number * number).sum();
            (squares / count - sum * sum / count / count).sqrt()
        }
        _ => sum,
    };
    Number::float(value)
        .map(Data::from)
        .ok_or(Missing::Function("The result is not a number"))
}

fn concat(data: &Data, arguments: &[Data]) -> Data {
    let texts: String = operands(data, arguments).map(crate::java::text).collect();
    Data::from(texts)
}

fn append(data: &Data, arguments: Vec<Data>) -> Data {
    match data {
        Data::Array(array) => array.iter().cloned().chain(arguments).collect(),
        other => other.clone(),
    }
}

fn keys(data: &Data) -> Data {
    match data {
        Data::Object(object) => object
            .iter()
            .map(|(key, _)| Data::from(key.clone()))
            .collect(),
        _ => Data::Null,
    }
}

fn item(data: &Data, index: i64) -> Called {
    let Data::Array(array) = data else {
        return Err(Missing::Function("Expected an array"));
    };
    let index = if index < 0 {
        index.checked_add(array.len() as i64)
    } else {
        Some(index)
    };
    let found = index.and_then(|index| array.get(usize::try_from(index).ok()?));
    found
        .cloned()
        .ok_or(Missing::Function("The index is past the end of the array"))
}
