//! The `Resource` of a Task.

use data::EcoString;

use crate::compiler::Compiler;
use crate::diagnostic::Code;
use crate::place::Item;
use crate::placeholder;
use crate::program::{Pattern, Resource, ResourceKind};

const ACCEPTED: &str = "a Resource is a Lambda function's ARN or bare name, \
     arn:aws:states:REGION:ACCOUNT:activity:NAME, \
     or arn:aws:states:::SERVICE:ACTION with .sync, .sync:2 or .waitForTaskToken behind it, or without";

impl Compiler<'_> {
    pub fn resource(&mut self, item: &Item) -> Option<Resource> {
        let text = self.string(item)?;
        let Some(kind) = kind_of(&text) else {
            let message = "Value is not a valid resource ARN".to_owned();
            self.error(item, Code::SchemaValidationFailed, message)
                .hint(ACCEPTED);
            return None;
        };
        if self.express {
            self.check_express(item, &kind);
        }
        Some(Resource { text, kind })
    }

    /// What an Express state machine cannot do, in the words of AWS.
    fn check_express(&mut self, item: &Item, kind: &ResourceKind) {
        let what = match kind {
            ResourceKind::Activity => "Activity ARN",
            ResourceKind::Service {
                pattern: Pattern::Sync | Pattern::Sync2,
                ..
            } => "'.sync' service integration",
            ResourceKind::Service {
                pattern: Pattern::WaitForTaskToken,
                ..
            } => {
                // AWS ends this one message with a blank.
                "'.waitForTaskToken' service integration "
            }
            _ => return,
        };
        let message = format!("Express state machine does not support {what}");
        self.error(item, Code::SchemaValidationFailed, message);
    }
}

fn kind_of(text: &str) -> Option<ResourceKind> {
    if is_bare_name(text) || is_placeholder(text) {
        return Some(ResourceKind::LambdaFunction);
    }
    let parts = placeholder::split(text, ':');
    let [scheme, partition, service, region, account, rest @ ..] = parts.as_slice() else {
        return None;
    };
    if *scheme != "arn" || partition.is_empty() {
        return None;
    }
    match (*service, rest) {
        ("lambda", ["function", name]) => is_function(name).then_some(ResourceKind::LambdaFunction),
        ("lambda", ["function", name, qualifier]) => {
            (is_function(name) && is_part(qualifier)).then_some(ResourceKind::LambdaFunction)
        }
        ("states", ["activity", name]) if !region.is_empty() && !account.is_empty() => {
            is_part(name).then_some(ResourceKind::Activity)
        }
        ("states", rest) if region.is_empty() && account.is_empty() => service_call(rest),
        _ => None,
    }
}

/// `SERVICE:ACTION`, already split at its colons; `.sync:2` holds one more.
fn service_call(parts: &[&str]) -> Option<ResourceKind> {
    let (service, parts) = match parts {
        ["aws-sdk", service, rest @ ..] if is_part(service) => {
            (EcoString::from(format!("aws-sdk:{service}")), rest)
        }
        [service, rest @ ..] if is_part(service) => (EcoString::from(*service), rest),
        _ => return None,
    };
    let (action, pattern) = match parts {
        [call] => match call.split_once('.') {
            None => (*call, Pattern::RequestResponse),
            Some((action, "sync")) => (action, Pattern::Sync),
            Some((action, "waitForTaskToken")) => (action, Pattern::WaitForTaskToken),
            Some(_) => return None,
        },
        [call, "2"] => (call.strip_suffix(".sync")?, Pattern::Sync2),
        _ => return None,
    };
    is_part(action).then(|| ResourceKind::Service {
        service,
        action: action.into(),
        pattern,
    })
}

/// The action of a service that a text names, if it is called as it is, without waiting for a job or token.
pub(crate) fn action_of(text: &str, of: &str) -> Option<EcoString> {
    match kind_of(text)? {
        ResourceKind::Service {
            service,
            action,
            pattern: Pattern::RequestResponse,
        } if service == of => Some(action),
        ResourceKind::Service { .. } | ResourceKind::LambdaFunction | ResourceKind::Activity => {
            None
        }
    }
}

fn is_bare_name(text: &str) -> bool {
    (1..=140).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// A placeholder that stands for a whole ARN, alone or with a version or alias behind it.
fn is_placeholder(text: &str) -> bool {
    match placeholder::split(text, ':').as_slice() {
        [whole] => placeholder::whole(whole).is_some(),
        [whole, qualifier] => placeholder::whole(whole).is_some() && is_part(qualifier),
        _ => false,
    }
}

fn is_function(name: &str) -> bool {
    name.len() <= 140 && is_part(name)
}

/// Whether it could be a part of an ARN; a placeholder without a value could.
fn is_part(part: &str) -> bool {
    let rest = placeholder::without(part);
    !part.is_empty()
        && rest
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-.$".contains(&b))
}
