//! The one pipeline through which data goes into a state and comes out of it.
//!
//! JSONPath: raw input -> InputPath -> Parameters -> work -> ResultSelector -> ResultPath -> OutputPath
//!
//! JSONata: raw input -> Arguments -> work -> Output
//!
//! Assign is evaluated beside the way out, in both languages with the variables as they were on entry.

use asl::{
    DataPath, Dataflow, PathFlow, PayloadTemplate, Percentage, Quantity, ResultPath, State,
    StateKind,
};
use data::Data;
use query::{JsonataError, JsonataTemplate, Path, Scope, States, Surroundings, Template};

use crate::failure::{Failure, errors};
use crate::inspect::{Around, Stage};
use crate::jsonata;

/// Why data cannot go on: an error in the machine, told as AWS tells it.
#[derive(Debug)]
pub(crate) struct Fault {
    pub error: &'static str,
    pub detail: String,
    /// The JSONata expression that failed, which says the detail; AWS shows an event of its own for that.
    pub query: Option<Box<JsonataError>>,
}

impl Fault {
    pub(crate) fn new(error: &'static str, detail: impl Into<String>) -> Fault {
        Fault {
            error,
            detail: detail.into(),
            query: None,
        }
    }

    pub(crate) fn runtime(detail: impl Into<String>) -> Fault {
        Fault::new(errors::RUNTIME, detail)
    }

    /// The same about a field of an entry of a list, such as `Choices[0]`.
    pub(crate) fn within(mut self, list: &str, at: usize) -> Fault {
        if let Some(query) = &mut self.query {
            query.field.insert_str(0, &format!("{list}[{at}]/"));
        }
        self
    }

    /// What happened, in AWS's words.
    pub(crate) fn detail(&self) -> String {
        match &self.query {
            Some(query) => query.to_string(),
            None => self.detail.clone(),
        }
    }

    /// The failure, its cause led in as AWS does.
    pub(crate) fn in_state(&self, name: &str, entered: crate::ids::EventId) -> Failure {
        let cause = format!(
            "An error occurred while executing the state '{name}' (entered at the event id #{}). {}",
            entered.0,
            self.detail()
        );
        Failure::new(self.error, cause)
    }
}

impl From<JsonataError> for Fault {
    fn from(error: JsonataError) -> Fault {
        Fault {
            error: errors::QUERY_EVALUATION_ERROR,
            detail: String::new(),
            query: Some(Box::new(error)),
        }
    }
}

pub(crate) type Flow<T = Data> = Result<T, Fault>;

/// What a state leaves behind.
#[derive(Debug)]
pub(crate) struct Exit {
    pub output: Data,
    /// The variables that it sets, an object; none if it sets none.
    pub assigned: Option<Data>,
}

/// The state's input after `InputPath`; JSONata has no such field.
pub(crate) fn effective_input(state: &State, raw: &Data, outside: &impl Around) -> Flow {
    match &state.flow {
        Dataflow::JsonPath(flow) => seen(
            Stage::InputPath,
            data_path(&flow.input_path, raw, outside)?,
            outside,
        ),
        Dataflow::Jsonata(_) => Ok(raw.clone()),
    }
}

/// Tells of a value that came out of a stage, and hands it on.
fn seen(stage: Stage, value: Data, outside: &impl Around) -> Flow {
    outside.saw(stage, &value);
    Ok(value)
}

/// Parameters or Arguments: what the state's work is given. `input` is the effective input.
pub(crate) fn arguments(state: &State, input: &Data, outside: &impl Around) -> Flow {
    match &state.flow {
        Dataflow::JsonPath(flow) => seen(
            Stage::Parameters,
            template(flow.parameters.as_ref(), input, outside)?,
            outside,
        ),
        Dataflow::Jsonata(flow) => {
            let states = jsonata::states(input, outside);
            let arguments = or_else(flow.arguments.as_ref(), "Arguments", &states, || {
                input.clone()
            });
            seen(Stage::Arguments, arguments?, outside)
        }
    }
}

/// The way out of a state that did its work. `value` is the result of a Task, Parallel or Map, what a Pass
/// made up, and the effective input of the others.
pub(crate) fn conclude(
    state: &State,
    raw: &Data,
    value: Data,
    outside: &impl Around,
) -> Flow<Exit> {
    match &state.flow {
        Dataflow::JsonPath(flow) => {
            let value = selected(flow, value, outside)?;
            let value = seen(Stage::ResultSelector, value, outside)?;
            let assigned = assign(state.assign.as_ref(), &value, outside)?;
            let output = path_output(flow, raw, value, outside)?;
            Ok(Exit { output, assigned })
        }
        Dataflow::Jsonata(flow) => {
            let mut states = jsonata::states(raw, outside);
            states.result = has_result(&state.kind).then_some(&value);
            let (output, assigned) = (flow.output.as_ref(), state.assign.as_ref());
            jsonata_exit(output, assigned, &states, || value.clone())
        }
    }
}

/// Only these states have a result; the others know their input alone.
fn has_result(kind: &StateKind) -> bool {
    matches!(
        kind,
        StateKind::Task(_) | StateKind::Parallel(_) | StateKind::Map(_)
    )
}

/// ResultSelector.
pub(crate) fn selected(flow: &PathFlow, value: Data, outside: &dyn Surroundings) -> Flow {
    match &flow.result_selector {
        None => Ok(value),
        selector => template(selector.as_ref(), &value, outside),
    }
}

/// ResultPath and OutputPath.
pub(crate) fn path_output(flow: &PathFlow, raw: &Data, value: Data, outside: &impl Around) -> Flow {
    let output = result_path(&flow.result_path, raw, value)?;
    let output = seen(Stage::ResultPath, output, outside)?;
    data_path(&flow.output_path, &output, outside)
}

/// Output and Assign of a JSONata state, rule or catcher.
pub(crate) fn jsonata_exit(
    output: Option<&JsonataTemplate>,
    assigned: Option<&PayloadTemplate>,
    states: &States<'_>,
    otherwise: impl FnOnce() -> Data,
) -> Flow<Exit> {
    let output = or_else(output, "Output", states, otherwise)?;
    let assigned = match assigned {
        Some(PayloadTemplate::Jsonata(template)) => Some(template.evaluate("Assign", states)?),
        _ => None,
    };
    let assigned = assigned.filter(sets_any);
    Ok(Exit { output, assigned })
}

fn or_else(
    template: Option<&JsonataTemplate>,
    field: &str,
    states: &States<'_>,
    otherwise: impl FnOnce() -> Data,
) -> Flow {
    match template {
        None => Ok(otherwise()),
        Some(template) => Ok(template.evaluate(field, states)?),
    }
}

/// `Assign` in either language; `value` is what `$` or `$states.input` means.
pub(crate) fn assign(
    assign: Option<&PayloadTemplate>,
    value: &Data,
    outside: &dyn Surroundings,
) -> Flow<Option<Data>> {
    let Some(assign) = assign else {
        return Ok(None);
    };
    let variables = payload(assign, "Assign", value, outside)?;
    Ok(Some(variables).filter(sets_any))
}

/// An empty Assign sets nothing, and AWS shows none.
fn sets_any(variables: &Data) -> bool {
    variables.as_object().is_some_and(|all| !all.is_empty())
}

/// A payload template of either language; `value` is what `$` or `$states.input` means.
pub(crate) fn payload(
    payload: &PayloadTemplate,
    field: &str,
    value: &Data,
    outside: &dyn Surroundings,
) -> Flow {
    match payload {
        PayloadTemplate::JsonPath(path) => template(Some(path), value, outside),
        PayloadTemplate::Jsonata(template) => {
            Ok(template.evaluate(field, &jsonata::states(value, outside))?)
        }
    }
}

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
        ResultPath::At(path) => path.insert(raw, result).map_err(|_| {
            let path = path.as_str();
            Fault::new(
                errors::RESULT_PATH_MATCH_FAILURE,
                format!("Unable to apply ReferencePath {path} to input {raw}"),
            )
        }),
    }
}

/// A whole number that is not negative, by the name of its field without `Path`.
pub(crate) fn quantity(
    field: &str,
    quantity: &Quantity,
    data: &Data,
    outside: &dyn Surroundings,
) -> Flow<u64> {
    let path = match quantity {
        Quantity::Value(value) => return Ok(*value),
        Quantity::Path(path) => path,
        Quantity::Jsonata(expression) => return jsonata::whole(field, expression, data, outside),
    };
    let found = path.evaluate(&Scope {
        input: data,
        outside,
    });
    let Ok(value) = found else {
        let path = path.as_str();
        let detail = format!("The {field}Path parameter does not reference an input value: {path}");
        return Err(Fault::runtime(detail));
    };
    let Some(number) = value.as_i64() else {
        let path = path.as_str();
        let detail = format!(
            "The {field}Path parameter cannot be parsed as a long value: {path} == {value}"
        );
        return Err(Fault::runtime(detail));
    };
    u64::try_from(number).map_err(|_| {
        let path = path.as_str();
        Fault::runtime(format!(
            "The {field}Path parameter references a negative value: {path} == {value}"
        ))
    })
}

/// A number from 0 to 100, by the name of its field without `Path`.
pub(crate) fn percentage(
    field: &str,
    percentage: &Percentage,
    data: &Data,
    outside: &dyn Surroundings,
) -> Flow<f64> {
    let path = match percentage {
        Percentage::Value(value) => return Ok(*value),
        Percentage::Jsonata(expression) => {
            return jsonata::percentage(field, expression, data, outside);
        }
        Percentage::Path(path) => path,
    };
    let scope = Scope {
        input: data,
        outside,
    };
    let found = path.evaluate(&scope).ok();
    let number = found.and_then(|value| value.as_number().map(data::Number::as_f64));
    let number = number.filter(|number| (0.0..=100.0).contains(number));
    number.ok_or_else(|| {
        let path = path.as_str();
        Fault::runtime(format!(
            "The {field}Path parameter must reference a number from 0 to 100: {path}"
        ))
    })
}
