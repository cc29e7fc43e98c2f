//! The ARNs of the service: `arn:PARTITION:states:REGION:ACCOUNT:KIND:REST`.

use data::EcoString;

use super::refuse::{invalid, invalid_arn};
use crate::error::ApiError;

const STATE_MACHINE: &str = "stateMachine";

/// What a text names, if it is an ARN of one of `kinds`.
fn parts<'t>(text: &'t str, kinds: &[&str]) -> Result<Vec<&'t str>, ApiError> {
    if !text.starts_with("arn:") {
        return Err(invalid_arn(format!("Invalid ARN prefix: {text}")));
    }
    let parts: Vec<&str> = text.splitn(7, ':').collect();
    let [_, partition, service, region, account, kind, rest] = parts[..] else {
        return Err(invalid_arn(format!("ARN is too short: {text}")));
    };
    if partition.is_empty() || region.is_empty() || account.is_empty() || rest.is_empty() {
        return Err(invalid_arn(format!("ARN has an empty part: {text}")));
    }
    if service != "states" {
        let detail = format!("Service not valid in this context: {service}");
        return Err(invalid_arn(detail));
    }
    if !kinds.contains(&kind) {
        let detail = format!("Resource type not valid in this context: {kind}");
        return Err(invalid_arn(detail));
    }
    Ok(rest.split(':').collect())
}

/// An ARN of that kind whose own part has that many parts; the error says what is wrong.
fn plain(text: &str, kind: &str, count: usize) -> Result<(), ApiError> {
    let parts = parts(text, &[kind])?;
    if parts.len() == count && parts.iter().all(|part| !part.is_empty()) {
        return Ok(());
    }
    Err(invalid_arn(format!("ARN does not name one {kind}: {text}")))
}

/// The region of an ARN; empty if the text is none.
pub(super) fn region(text: &str) -> &str {
    text.split(':').nth(3).unwrap_or_default()
}

/// `arn:...:execution:MACHINE:NAME`
pub(super) fn execution(text: &str) -> Result<(), ApiError> {
    plain(text, "execution", 2)
}

/// `arn:...:activity:NAME`
pub(super) fn activity(text: &str) -> Result<(), ApiError> {
    plain(text, "activity", 1)
}

/// `arn:...:mapRun:MACHINE/LABEL:ID`
pub(super) fn map_run(text: &str) -> Result<(), ApiError> {
    plain(text, "mapRun", 2)
}

/// An ARN of a state machine, version or alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MachineArn {
    /// The whole, without the test case.
    pub text: EcoString,
    /// That of the state machine alone.
    pub machine: EcoString,
    /// What stands behind the machine's name.
    pub qualifier: Option<Qualifier>,
    /// What stands behind `#`: the case of a mock file.
    pub case: Option<EcoString>,
}

/// Which of a machine's revisions is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Qualifier {
    Version(u32),
    Alias(EcoString),
}

impl MachineArn {
    /// Reads one. A machine with a label means a Distributed Map inside of it, which no operation takes.
    pub fn parse(text: &str) -> Result<MachineArn, ApiError> {
        let (text, case) = match text.split_once('#') {
            Some((text, case)) => (text, Some(EcoString::from(case))),
            None => (text, None),
        };
        let own = parts(text, &[STATE_MACHINE])?;
        if own[0].contains('/') {
            let message = format!("This operation does not support labeled ARNs: '{text}'");
            let reason = "API_DOES_NOT_SUPPORT_LABELED_ARNS";
            return Err(invalid(message, Some(reason)));
        }
        let (machine, qualifier) = match own[..] {
            [_] => (text, None),
            [_, last] if !last.is_empty() => {
                let machine = &text[..text.len() - last.len() - 1];
                (machine, Some(Qualifier::parse(last)))
            }
            _ => {
                let detail = format!("ARN does not name one {STATE_MACHINE}: {text}");
                return Err(invalid_arn(detail));
            }
        };
        Ok(MachineArn {
            text: text.into(),
            machine: machine.into(),
            qualifier,
            case,
        })
    }

    /// Reads one that must be a state machine's own.
    pub fn unqualified(text: &str) -> Result<MachineArn, ApiError> {
        let arn = MachineArn::parse(text)?;
        match arn.qualifier {
            None => Ok(arn),
            Some(_) => Err(invalid_arn(format!("ARN must not be qualified: {text}"))),
        }
    }

    /// Reads a version's; its number with it.
    pub fn version(text: &str) -> Result<(MachineArn, u32), ApiError> {
        let arn = MachineArn::parse(text)?;
        match arn.qualifier {
            Some(Qualifier::Version(number)) => Ok((arn, number)),
            _ => Err(invalid_arn(format!("ARN does not name a version: {text}"))),
        }
    }

    /// Reads an alias's; its name with it.
    pub fn alias(text: &str) -> Result<(MachineArn, EcoString), ApiError> {
        let arn = MachineArn::parse(text)?;
        match &arn.qualifier {
            Some(Qualifier::Alias(name)) => {
                let name = name.clone();
                Ok((arn, name))
            }
            _ => Err(invalid_arn(format!("ARN does not name an alias: {text}"))),
        }
    }
}

impl Qualifier {
    fn parse(text: &str) -> Qualifier {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if digits => Qualifier::Version(number),
            _ => Qualifier::Alias(text.into()),
        }
    }
}

/// Whether a text is what IAM calls a role.
pub(super) fn role(text: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let is_role = matches!(parts[..], ["arn", _, "iam", "", account, resource]
        if !account.is_empty() && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty()));
    if is_role {
        return Ok(());
    }
    let message = format!("Invalid Role Arn: '{text}'");
    Err(ApiError::new("InvalidArn", message))
}
