//! A version of a function as Lambda shows it.

use std::fmt::Write as _;
use std::time::Duration;

use data::{Data, Object};
use engine::Timestamp;
use runtime::Deployment;
use sha2::{Digest, Sha256};

use super::name::{LATEST, arn};
use super::store::Version;

/// What a function has that nobody said otherwise of.
const TIMEOUT: i64 = 3;
const MEMORY_MB: i64 = 128;
const SCRATCH_MB: i64 = 512;

/// A version's `FunctionConfiguration`; its ARN has the version's number if it was published or `qualified`.
pub(super) fn configuration(
    region: &str,
    name: &str,
    version: &Version,
    qualified: bool,
) -> Object {
    let qualifier = (qualified || version.version != LATEST).then_some(version.version.as_str());
    let mut shown = Object::builder()
        .with("FunctionName", name)
        .with("FunctionArn", arn(region, name, qualifier));
    for (member, value) in &version.settings {
        let response = match *member {
            "SnapStart" | "LoggingConfig" | "VpcConfig" | "Layers" | "Environment" => continue,
            member => member,
        };
        shown.insert(response.into(), value.clone());
    }
    if let Some(environment) = version.settings.get("Environment") {
        shown.insert("Environment".into(), environment.clone());
    }
    if let Some(layers) = version.settings.get("Layers").and_then(Data::as_array) {
        let layer = |layer: &Data| Object::builder().with("Arn", layer.clone()).build().into();
        shown.insert("Layers".into(), layers.items().iter().map(layer).collect());
    }
    if let Some(vpc) = version.settings.get("VpcConfig").and_then(Data::as_object) {
        shown.insert("VpcConfig".into(), vpc.with("VpcId", Data::from("")).into());
    }
    let runtime = version.text("Runtime");
    if let Some(runtime) = runtime {
        shown.insert(
            "RuntimeVersionConfig".into(),
            runtime_version(region, runtime),
        );
    }
    shown
        .with("CodeSize", length(version.code.bytes.len()))
        .with("CodeSha256", version.code.sha256.as_str())
        .with("Architectures", version.architectures.clone())
        .with("LastModified", moment(version.modified))
        .with("RevisionId", version.revision.as_str())
        .with("Version", version.version.clone())
        .with("PackageType", "Zip")
        .with("SnapStart", snap_start(version))
        .with("LoggingConfig", logging(name, version))
        .with("State", "Active")
        .with("LastUpdateStatus", "Successful")
        .build()
}

/// A version as the runtime gets it.
pub(super) fn deployment(
    region: &str,
    name: &str,
    version: &Version,
    concurrency: Option<u32>,
) -> Deployment {
    let unsigned = |value: i64| u64::try_from(value).unwrap_or_default();
    let variables = version.settings.get("Environment");
    let variables = variables.and_then(|all| all.get("Variables")?.as_object());
    let variables = variables.into_iter().flat_map(Object::iter);
    let text = |value: &Data| value.as_str().unwrap_or_default().to_owned();
    let scratch = version.settings.get("EphemeralStorage");
    let scratch = scratch.and_then(|scratch| scratch.get("Size")?.as_i64());
    Deployment {
        region: region.into(),
        name: name.to_owned(),
        version: version.version.clone(),
        code: version.code.code.clone(),
        runtime: version.text("Runtime").map(str::to_owned),
        handler: version.text("Handler").map(str::to_owned),
        timeout: Duration::from_secs(unsigned(version.number("Timeout", TIMEOUT))),
        memory: unsigned(version.number("MemorySize", MEMORY_MB)) << 20,
        scratch: unsigned(scratch.unwrap_or(SCRATCH_MB)) << 20,
        environment: variables
            .map(|(name, value)| (name.to_string(), text(value)))
            .chain(log_settings(version))
            .collect(),
        concurrency,
    }
}

/// The variables that tell a runtime of Lambda's how to log.
fn log_settings(version: &Version) -> Vec<(String, String)> {
    let wanted = version.settings.get("LoggingConfig");
    let text = |member: &str| wanted.and_then(|wanted| wanted.get(member)?.as_str());
    let settings = [
        ("AWS_LAMBDA_LOG_FORMAT", text("LogFormat")),
        ("AWS_LAMBDA_LOG_LEVEL", text("ApplicationLogLevel")),
    ];
    let said = settings
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    said.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// What CreateFunction fills in.
pub(super) fn defaults() -> [(&'static str, Data); 5] {
    [
        ("Description", Data::from("")),
        ("Timeout", TIMEOUT.into()),
        ("MemorySize", MEMORY_MB.into()),
        ("TracingConfig", one("Mode", "PassThrough")),
        ("EphemeralStorage", one("Size", SCRATCH_MB)),
    ]
}

/// An object with one member.
pub(super) fn one(member: &'static str, value: impl Into<Data>) -> Data {
    Object::builder().with(member, value).build().into()
}

/// A length as data has it.
pub(super) fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// `2026-01-01T00:00:00.000+0000`
fn moment(at: Timestamp) -> String {
    at.to_iso_millis().replace('Z', "+0000")
}

fn snap_start(version: &Version) -> Data {
    let wanted = version.settings.get("SnapStart");
    let apply_on = wanted.and_then(|wanted| wanted.get("ApplyOn")?.as_str());
    let shown = Object::builder().with("ApplyOn", apply_on.unwrap_or("None"));
    shown.with("OptimizationStatus", "Off").build().into()
}

fn logging(name: &str, version: &Version) -> Data {
    let wanted = version
        .settings
        .get("LoggingConfig")
        .and_then(Data::as_object);
    let mut shown = Object::builder()
        .with("LogFormat", "Text")
        .with("LogGroup", super::log_group(name));
    for (member, value) in wanted.into_iter().flat_map(Object::iter) {
        shown.insert(member.clone(), value.clone());
    }
    shown.build().into()
}

/// What runs functions of a runtime here, named as Lambda names the builds of its own.
fn runtime_version(region: &str, runtime: &str) -> Data {
    let digest = Sha256::digest(runtime.as_bytes());
    let build = digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing into a String cannot fail");
        text
    });
    one(
        "RuntimeVersionArn",
        format!("arn:aws:lambda:{region}::runtime:{build}"),
    )
}
