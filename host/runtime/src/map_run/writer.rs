//! What becomes of the results of child executions: the Map's own result, or objects in S3.

use asl::{OutputType, ResultWriter, Transformation};
use data::{Data, EcoString, Object, ObjectBuilder};
use engine::{Execution, Status, Timestamp};

/// A result, in the form in which it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    succeeded: bool,
    value: Data,
}

/// Which form a result is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The output alone.
    Output,
    /// The output with what is known of its execution.
    Described,
}

impl Form {
    /// The form that a Map's writer wants: outputs, unless they are exported as they are.
    pub(super) fn of(writer: Option<&ResultWriter>) -> Form {
        match writer.map(|writer| (writer.transformation, writer.exports)) {
            Some((Some(Transformation::None), _) | (None, true)) => Form::Described,
            Some((Some(Transformation::Compact | Transformation::Flatten), _) | (None, false))
            | None => Form::Output,
        }
    }
}

impl Outcome {
    /// The result of a child that is over. One that did not succeed is kept with all that is known of it.
    pub(crate) fn of(child: &Execution, form: Form, described: impl FnOnce() -> Data) -> Outcome {
        match (child.status(), form) {
            (Status::Succeeded { output }, Form::Output) => Outcome {
                succeeded: true,
                value: output.clone(),
            },
            (status, _) => Outcome {
                succeeded: matches!(status, Status::Succeeded { .. }),
                value: in_words(described(), child),
            },
        }
    }
}

/// A description as the writer has it: moments as text.
fn in_words(described: Data, child: &Execution) -> Data {
    let Some(object) = described.as_object() else {
        return described;
    };
    let text = |at: Timestamp| Data::from(at.to_iso_millis());
    let stopped = child.stopped_at().unwrap_or(child.started_at());
    let object = object.with("StartDate", text(child.started_at()));
    object.with("StopDate", text(stopped)).into()
}

/// What is written of a child that was never started.
pub(crate) fn pending(machine_arn: &EcoString, input: &Data) -> Data {
    Object::builder()
        .with("Input", input.to_string())
        .with(
            "InputDetails",
            Object::builder().with("Included", true).build(),
        )
        .with("StateMachineArn", machine_arn.clone())
        .with("Status", "PENDING")
        .build()
        .into()
}

/// An object that is to be put into S3.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// `Bucket`
    pub bucket: EcoString,
    /// `Key`
    pub key: EcoString,
    /// `Body`
    pub body: EcoString,
}

/// What is written, and what the Map's result says of it.
pub(super) struct Export {
    pub files: Vec<File>,
    pub output: Data,
}

/// The Map's result if nothing is exported.
pub(super) fn output(writer: Option<&ResultWriter>, outcomes: Vec<Option<Outcome>>) -> Data {
    let values = outcomes.into_iter().flatten().map(|outcome| outcome.value);
    let values = transformed(writer, values.collect());
    match writer.map(|writer| writer.output_type) {
        Some(OutputType::JsonLines) => lines(&values).into(),
        Some(OutputType::Json) | None => values.into_iter().collect(),
    }
}

/// The files of results by how their executions ended, and the manifest that names them, which comes last.
pub(super) fn export(
    writer: Option<&ResultWriter>,
    place: &Data,
    map_run_arn: &EcoString,
    outcomes: Vec<Option<Outcome>>,
    pending: Vec<Data>,
) -> Export {
    let text = |name: &str| place.get(name).and_then(Data::as_str).unwrap_or_default();
    let bucket: EcoString = text("Bucket").into();
    let uuid = map_run_arn.rsplit(':').next().unwrap_or_default();
    let folder = match text("Prefix").trim_end_matches('/') {
        "" => uuid.to_owned(),
        prefix => format!("{prefix}/{uuid}"),
    };
    let (succeeded, failed): (Vec<_>, Vec<_>) = outcomes
        .into_iter()
        .flatten()
        .partition(|outcome| outcome.succeeded);
    let values = |outcomes: Vec<Outcome>| outcomes.into_iter().map(|outcome| outcome.value);
    let parts = [
        ("FAILED", values(failed).collect()),
        ("PENDING", pending),
        (
            "SUCCEEDED",
            transformed(writer, values(succeeded).collect()),
        ),
    ];
    let mut files = Vec::new();
    let mut named = Object::builder();
    for (status, values) in parts {
        let file = written(writer, &values).map(|(body, ending)| File {
            bucket: bucket.clone(),
            key: format!("{folder}/{status}_0.{ending}").into(),
            body,
        });
        let listed: Data = file.iter().map(listed).collect();
        named.insert(status.into(), listed);
        files.extend(file);
    }
    let manifest = Object::builder()
        .with("DestinationBucket", bucket.clone())
        .with("MapRunArn", map_run_arn.clone())
        .with("ResultFiles", named.build());
    let key: EcoString = format!("{folder}/manifest.json").into();
    files.push(File {
        bucket: bucket.clone(),
        key: key.clone(),
        body: Data::from(manifest.build()).to_string().into(),
    });
    let details = Object::builder().with("Bucket", bucket).with("Key", key);
    let output = Object::builder()
        .with("MapRunArn", map_run_arn.clone())
        .with("ResultWriterDetails", details.build());
    Export {
        files,
        output: output.build().into(),
    }
}

/// The text of a file and how its name ends; none if there is nothing in it.
fn written(writer: Option<&ResultWriter>, values: &[Data]) -> Option<(EcoString, &'static str)> {
    if values.is_empty() {
        return None;
    }
    Some(match writer.map(|writer| writer.output_type) {
        Some(OutputType::JsonLines) => (lines(values).into(), "jsonl"),
        Some(OutputType::Json) | None => {
            let all: Data = values.iter().cloned().collect();
            (all.to_string().into(), "json")
        }
    })
}

fn listed(file: &File) -> Data {
    let size = i64::try_from(file.body.len()).unwrap_or(i64::MAX);
    let listed: ObjectBuilder = Object::builder().with("Key", file.key.clone());
    listed.with("Size", size).build().into()
}

/// FLATTEN puts the items of arrays in a row.
fn transformed(writer: Option<&ResultWriter>, values: Vec<Data>) -> Vec<Data> {
    let transformation = writer.and_then(|writer| writer.transformation);
    if transformation != Some(Transformation::Flatten) {
        return values;
    }
    let mut flat = Vec::new();
    for value in values {
        match value.as_array() {
            Some(items) => flat.extend(items.iter().cloned()),
            None => flat.push(value),
        }
    }
    flat
}

fn lines(values: &[Data]) -> String {
    let lines = values.iter().map(|value| format!("{value}\n"));
    lines.collect()
}
