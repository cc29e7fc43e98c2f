//! The one pipeline through which data goes into a state and comes out of it.
//!
//! raw input -> InputPath -> Parameters -> work -> ResultSelector -> ResultPath -> OutputPath

use asl::{DataPath, Quantity, ResultPath};
use data::Data;
use query::{Path, Scope, Surroundings, Template};

use crate::failure::{Failure, errors};

/// Why data cannot go on: an error in the machine, told as AWS tells it.
#[derive(Debug)]
pub(crate) struct Fault {
    pub error: &'static str,
    pub detail: String,
}

impl Fault {
    pub(crate) fn runtime(detail: impl Into<String>) -> Fault {
        Fault {
            error: errors::RUNTIME,
            detail: detail.into(),
        }
    }

    /// The failure, its cause led in as AWS does.
    pub(crate) fn in_state(self, name: &str, entered: crate::ids::EventId) -> Failure {
        let cause = format!(
            "An error occurred while executing the state '{name}' (entered at the event id #{}). {}",
            entered.0, self.detail
        );
        Failure::new(self.error, cause)
    }
}

pub(crate) type Flow<T = Data> = Result<T, Fault>;

/// InputPath or OutputPath applied to `data`.
pub(crate) fn data_path(path: &DataPath, data: &Data, outside: &dyn Surroundings) -> Flow {
    match path {
        DataPath::Whole => Ok(data.clone()),
        DataPath::Null => Ok(Data::empty_object()),
        DataPath::Path(path) => select(path, data, outside),
    }
}

/// A path that must find something.
pub(crate) fn select(path: &Path, data: &Data, outside: &dyn Surroundings) -> Flow {
    let found = path.evaluate(&Scope {
        input: data,
        outside,
    });
    found.map_err(|error| Fault::runtime(format!("Invalid path '{}' : {error}", path.as_str())))
}

/// Parameters, ResultSelector or ItemSelector applied to `data`; without one the data itself.
pub(crate) fn template(
    template: Option<&Template>,
    data: &Data,
    outside: &dyn Surroundings,
) -> Flow {
    let Some(template) = template else {
        return Ok(data.clone());
    };
    let value = template.evaluate(&Scope {
        input: data,
        outside,
    });
    value.map_err(|error| Fault::runtime(error.to_string()))
}

/// ResultPath: the raw input with the result in its place.
pub(crate) fn result_path(path: &ResultPath, raw: &Data, result: Data) -> Flow {
    match path {
        ResultPath::Whole => Ok(result),
        ResultPath::Discard => Ok(raw.clone()),
        ResultPath::At(path) => path.insert(raw, result).map_err(|_| Fault {
            error: errors::RESULT_PATH_MATCH_FAILURE,
            detail: format!(
                "Unable to apply ReferencePath {} to input {raw}",
                path.as_str()
            ),
        }),
    }
}

/// `SecondsPath` and its like: a whole number that is not negative.
pub(crate) fn quantity(
    field: &str,
    quantity: &Quantity,
    data: &Data,
    outside: &dyn Surroundings,
) -> Flow<u64> {
    let path = match quantity {
        Quantity::Value(value) => return Ok(*value),
        Quantity::Path(path) => path,
    };
    let found = path.evaluate(&Scope {
        input: data,
        outside,
    });
    let Ok(value) = found else {
        let path = path.as_str();
        let detail = format!("The {field} parameter does not reference an input value: {path}");
        return Err(Fault::runtime(detail));
    };
    let Some(number) = value.as_i64() else {
        let path = path.as_str();
        let detail =
            format!("The {field} parameter cannot be parsed as a long value: {path} == {value}");
        return Err(Fault::runtime(detail));
    };
    u64::try_from(number).map_err(|_| {
        let path = path.as_str();
        Fault::runtime(format!(
            "The {field} parameter references a negative value: {path} == {value}"
        ))
    })
}
