//! What is wrong with the parameters of a request, in Lambda's words.

use data::Data;
use regex::Regex;

use super::invalid;
use crate::ApiError;
use crate::model::LAMBDA;

/// Bounds that the service has and its model does not: member, least, most.
const BOUNDS: [(&str, i64, i64); 2] = [("Timeout", 1, 900), ("MemorySize", 128, 10_240)];
const SCRATCH: (i64, i64) = (512, 10_240);

/// The most bytes of all environment variables together.
const MOST_ENVIRONMENT: usize = 4096;

/// Variables that Lambda sets itself.
const RESERVED: [&str; 18] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/// What is accepted by the model and does nothing here, so that whoever relies on it must hear of it.
const UNSUPPORTED: [&str; 8] = [
    "AcceleratorConfig",
    "CapacityProviderConfig",
    "DurableConfig",
    "FileSystemConfigs",
    "ImageConfig",
    "PublishTo",
    "RuntimeConfig",
    "TenancyConfig",
];

/// Checks the parameters of an operation against the model and what the service wants beyond it.
pub(super) fn parameters(operation: &str, parameters: &Data) -> Result<(), ApiError> {
    // Lambda names the runtimes in an exception of its own.
    let others = parameters
        .as_object()
        .map(|members| members.without("Runtime"));
    let others = others.map_or_else(|| parameters.clone(), Data::from);
    LAMBDA.check(operation, &others).map_err(in_lambdas_words)?;
    if !operation.ends_with("Function") && !operation.starts_with("UpdateFunction") {
        return Ok(());
    }
    runtime(parameters)?;
    bounds(parameters)?;
    for (member, shape) in [("Role", "RoleArn"), ("Handler", "Handler")] {
        matches(member, shape, parameters)?;
    }
    environment(parameters)?;
    let unsupported = UNSUPPORTED.iter().find(|member| given(parameters, member));
    match unsupported {
        Some(member) => Err(invalid(format!("{member} is not supported here"))),
        None => Ok(()),
    }
}

fn given(parameters: &Data, member: &str) -> bool {
    let empty = |value: &Data| {
        value.is_null()
            || value.as_array().is_some_and(|items| items.is_empty())
            || value.as_object().is_some_and(data::Object::is_empty)
    };
    parameters.get(member).is_some_and(|value| !empty(value))
}

/// One constraint that one member breaks.
fn broken(member: &str, shown: &str, rule: &str) -> ApiError {
    let message = format!(
        "1 validation error detected: Value '{shown}' at '{member}' failed to satisfy constraint: Member must {rule}"
    );
    ApiError::new("ValidationException", message)
}

/// A member that does not match its pattern.
pub(super) fn pattern(member: &str, shown: &str, pattern: &str) -> ApiError {
    broken(
        member,
        shown,
        &format!("satisfy regular expression pattern: {pattern}"),
    )
}

/// Lambda writes members with a small first letter.
fn in_lambdas_words(mut error: ApiError) -> ApiError {
    let mut words = error.message.split(" at '");
    let mut message = words.next().unwrap_or_default().to_owned();
    for rest in words {
        message.push_str(" at '");
        let mut letters = rest.chars();
        message.extend(letters.next().map(|first| first.to_ascii_lowercase()));
        message.push_str(letters.as_str());
    }
    error.message = message;
    error
}

fn runtime(parameters: &Data) -> Result<(), ApiError> {
    let Some(given) = parameters.get("Runtime").filter(|value| !value.is_null()) else {
        return Ok(());
    };
    let known = LAMBDA.shapes.get("Runtime").map(|shape| &shape.values);
    let known = known.map(Vec::as_slice).unwrap_or_default();
    let Some(text) = given.as_str() else {
        let message = format!("{} cannot be converted to String", given.type_name());
        return Err(ApiError::new("SerializationException", message));
    };
    if known.iter().any(|one| one == text) {
        return Ok(());
    }
    Err(invalid(format!(
        "Value {text} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or be a \
         valid ARN",
        known.join(", ")
    )))
}

fn bounds(parameters: &Data) -> Result<(), ApiError> {
    for (member, least, most) in BOUNDS {
        let value = parameters.get(member).and_then(Data::as_i64);
        within(&camel(member), value, least, most)?;
    }
    let size = parameters
        .pointer("/EphemeralStorage/Size")
        .and_then(Data::as_i64);
    within("ephemeralStorage.size", size, SCRATCH.0, SCRATCH.1)
}

fn within(member: &str, value: Option<i64>, least: i64, most: i64) -> Result<(), ApiError> {
    let rule = match value {
        Some(value) if value > most => format!("have value less than or equal to {most}"),
        Some(value) if value < least => format!("have value greater than or equal to {least}"),
        _ => return Ok(()),
    };
    Err(broken(
        member,
        &value.unwrap_or_default().to_string(),
        &rule,
    ))
}

fn camel(member: &str) -> String {
    let mut letters = member.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// Whether a member matches its shape's pattern, which is for all of it.
fn matches(member: &str, shape: &str, parameters: &Data) -> Result<(), ApiError> {
    let wanted = LAMBDA
        .shapes
        .get(shape)
        .and_then(|shape| shape.pattern.as_deref());
    let given = parameters.get(member).and_then(Data::as_str);
    let (Some(wanted), Some(given)) = (wanted, given) else {
        return Ok(());
    };
    let whole = Regex::new(&format!("^(?:{wanted})$"));
    if whole.is_ok_and(|whole| whole.is_match(given)) {
        return Ok(());
    }
    Err(pattern(&camel(member), given, wanted))
}

fn environment(parameters: &Data) -> Result<(), ApiError> {
    let variables = parameters.pointer("/Environment/Variables");
    let Some(variables) = variables.and_then(Data::as_object) else {
        return Ok(());
    };
    let first = |name: &str| name.starts_with(|first: char| first.is_ascii_alphabetic());
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut names = variables.iter().map(|(name, _)| name.as_str());
    let reserved: Vec<&str> = names
        .clone()
        .filter(|name| RESERVED.contains(name))
        .collect();
    if !reserved.is_empty() {
        return Err(invalid(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided contains reserved keys that are currently not supported for modification. Reserved keys used \
             in this request: {}",
            reserved.join(", ")
        )));
    }
    if let Some(wrong) =
        names.find(|name| !(first(name) && name.len() > 1 && name.bytes().all(rest)))
    {
        let shape = LAMBDA.shapes.get("EnvironmentVariableName");
        let wanted = shape
            .and_then(|shape| shape.pattern.as_deref())
            .unwrap_or_default();
        return Err(broken(
            "environment.variables",
            wrong,
            &format!(
                "satisfy constraint: [Member must satisfy regular expression pattern: {wanted}]"
            ),
        ));
    }
    if variables
        .values()
        .any(|value| value.as_str().is_some_and(|value| value.contains('\0')))
    {
        return Err(invalid(
            "An environment variable's value must not contain a NUL",
        ));
    }
    if variables.size() > MOST_ENVIRONMENT {
        return Err(invalid(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided exceeded the 4KB limit.",
        ));
    }
    Ok(())
}
