//! What of a state machine may be updated: read from parameters, with AWS's rules.

use data::{Data, Object};
use engine::About;

use super::arn;
use super::registry::Settings;
use super::wire::{flag, items, member, needed, owned, put, text};
use crate::error::ApiError;

/// Seconds that a data key is used again, unless told otherwise (service model).
const REUSE_SECONDS: i64 = 300;

impl Settings {
    /// The settings of a machine that is made.
    pub fn of_new(parameters: &Data) -> Result<Settings, ApiError> {
        let role_arn = needed(parameters, "roleArn");
        arn::role(role_arn)?;
        Ok(Settings {
            definition: needed(parameters, "definition").into(),
            role_arn: role_arn.into(),
            logging: logging(member(parameters, "loggingConfiguration"))?,
            tracing: tracing(member(parameters, "tracingConfiguration")),
            encryption: encryption(parameters)?,
        })
    }

    /// The settings of a machine whose definition stands in a file: no logging, no tracing.
    pub fn of_file(definition: &str) -> Settings {
        Settings {
            definition: definition.into(),
            role_arn: About::local("", "").role_arn,
            logging: logging(None).expect("logging that is off needs nothing"),
            tracing: tracing(None),
            encryption: None,
        }
    }

    /// These settings with what the parameters of an update change.
    pub fn updated(&self, parameters: &Data) -> Result<Settings, ApiError> {
        let mut settings = self.clone();
        if let Some(definition) = owned(parameters, "definition") {
            settings.definition = definition;
        }
        if let Some(role_arn) = owned(parameters, "roleArn") {
            arn::role(&role_arn)?;
            settings.role_arn = role_arn;
        }
        if let Some(given) = member(parameters, "loggingConfiguration") {
            settings.logging = logging(Some(given))?;
        }
        if let Some(given) = member(parameters, "tracingConfiguration") {
            settings.tracing = tracing(Some(given));
        }
        if let Some(given) = encryption(parameters)? {
            settings.encryption = Some(given);
        }
        Ok(settings)
    }
}

fn logging(given: Option<&Data>) -> Result<Data, ApiError> {
    let refuse = |detail: &str| {
        let message = format!("Invalid Logging Configuration: {detail}");
        Err(ApiError::new("InvalidLoggingConfiguration", message))
    };
    let nothing = Data::empty_object();
    let given = given.unwrap_or(&nothing);
    let level = text(given, "level").unwrap_or("OFF");
    let destinations = items(given, "destinations");
    if destinations.len() > 1 || (level != "OFF" && destinations.is_empty()) {
        return refuse("Must specify exactly one Log Destination.");
    }
    for destination in destinations {
        let group = member(destination, "cloudWatchLogsLogGroup");
        let Some(group) = group.and_then(|group| text(group, "logGroupArn")) else {
            return refuse("Must specify exactly one Log Destination.");
        };
        let parts: Vec<&str> = group.splitn(7, ':').collect();
        let Some(["arn", _, "logs", _, _, "log-group", name]) = parts.get(..) else {
            return refuse("Log Destination must be the ARN of a CloudWatch Logs log group.");
        };
        if !name.ends_with(":*") {
            return refuse("Log Group ARN must be provided with '*' qualifier.");
        }
    }
    let mut logging = Object::builder()
        .with("level", level)
        .with("includeExecutionData", flag(given, "includeExecutionData"));
    let has_any = !destinations.is_empty();
    let destinations = has_any.then(|| destinations.iter().cloned().collect::<Data>());
    put(&mut logging, "destinations", destinations);
    Ok(logging.build().into())
}

fn tracing(given: Option<&Data>) -> Data {
    let enabled = given.is_some_and(|given| flag(given, "enabled"));
    Object::builder().with("enabled", enabled).build().into()
}

/// `encryptionConfiguration` with its defaults; none if there is none.
pub(super) fn encryption(parameters: &Data) -> Result<Option<Data>, ApiError> {
    let refuse = |detail: &str| {
        let message = format!("Invalid Encryption Configuration: {detail}");
        Err(ApiError::new("InvalidEncryptionConfiguration", message))
    };
    let Some(given) = member(parameters, "encryptionConfiguration") else {
        return Ok(None);
    };
    let key = member(given, "kmsKeyId");
    let period = member(given, "kmsDataKeyReusePeriodSeconds");
    let kind = needed(given, "type");
    let encryption = Object::builder().with("type", kind);
    if kind == "AWS_OWNED_KEY" {
        if key.is_some() || period.is_some() {
            return refuse("An AWS owned key takes neither a key id nor a reuse period.");
        }
        return Ok(Some(encryption.build().into()));
    }
    let Some(key) = key else {
        return refuse("A customer managed key needs its key id.");
    };
    let period = period.cloned().unwrap_or_else(|| REUSE_SECONDS.into());
    let encryption = encryption
        .with("kmsKeyId", key.clone())
        .with("kmsDataKeyReusePeriodSeconds", period);
    Ok(Some(encryption.build().into()))
}
