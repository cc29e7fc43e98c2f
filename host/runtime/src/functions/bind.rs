//! Which entry of `[tasks]` a `Resource` means.

use asl::{Resource, ResourceKind};
use data::{Data, EcoString};
use engine::{Failure, TaskRequest};

use super::resolve::{Envelope, Work, function_name, is_invoke};
use super::{Function, Functions};
use crate::manifest::TaskBinding;
use crate::remote::{Address, Endpoint, RemoteWork};

/// What a Resource ends with that waits for its task's token.
const FOR_TOKEN: &str = ".waitForTaskToken";

impl Functions {
    /// The entry for a `Resource`: that of its exact text; else, since a task that waits for its token makes the
    /// same call, that of the text without it; else that with the longest beginning before its `*`.
    pub(super) fn binding(&self, resource: &Resource) -> Option<&TaskBinding> {
        let text = resource.text.as_str();
        let same_call = text.strip_suffix(FOR_TOKEN);
        let exact = self.tasks.get(text);
        exact
            .or_else(|| self.tasks.get(same_call?))
            .or_else(|| self.pattern(text))
    }

    fn pattern(&self, text: &str) -> Option<&TaskBinding> {
        let patterns = self.tasks.iter().filter_map(|(key, binding)| {
            let begin = key.strip_suffix('*')?;
            text.starts_with(begin).then_some((begin.len(), binding))
        });
        patterns.max_by_key(|(length, _)| *length).map(|(_, b)| b)
    }

    /// What an entry makes of a task.
    pub(super) fn bound(
        &self,
        binding: &TaskBinding,
        request: &TaskRequest,
        region: Option<&str>,
    ) -> Work {
        match binding {
            TaskBinding::Result(result) => Work::Constant(result.clone()),
            TaskBinding::Error(failure) => Work::Fail(failure.clone()),
            TaskBinding::Function(name) => {
                self.invoke(Invoke::bare(name, request.input.clone()), region)
            }
            TaskBinding::Endpoint(endpoint) => match remote_work(&endpoint.address, request) {
                Ok(work) => Work::Remote {
                    endpoint: endpoint.clone(),
                    work,
                },
                Err(failure) => Work::Fail(failure),
            },
        }
    }
}

/// What a task asks of the server that its resource is bound to.
fn remote_work(address: &Address, request: &TaskRequest) -> Result<RemoteWork, Failure> {
    let resource = &request.resource;
    match &resource.kind {
        ResourceKind::Service { .. } if is_invoke(resource) => {
            Ok(Invoke::of(&request.input)?.of_reference(address))
        }
        ResourceKind::Service {
            service,
            action,
            pattern,
        } => Ok(RemoteWork::Service {
            service: service.clone(),
            action: action.clone(),
            pattern: *pattern,
            parameters: request.input.clone(),
        }),
        ResourceKind::LambdaFunction => {
            let invoke = Invoke::bare(&resource.text, request.input.clone());
            Ok(invoke.of_reference(address))
        }
        ResourceKind::Activity => Err(Failure::new(
            engine::errors::RUNTIME,
            format!("The activity {} has no endpoint", resource.text),
        )),
    }
}

/// A call of a function.
pub(super) struct Invoke<'r> {
    pub reference: &'r str,
    pub event: Data,
    pub envelope: Envelope,
    pub qualifier: Option<&'r str>,
    invocation_type: Option<&'r str>,
}

impl<'r> Invoke<'r> {
    /// By the function's own ARN or name.
    pub fn bare(reference: &'r str, event: Data) -> Invoke<'r> {
        Invoke {
            reference,
            event,
            envelope: Envelope::None,
            qualifier: None,
            invocation_type: None,
        }
    }

    /// By `lambda:invoke`.
    pub fn of(parameters: &'r Data) -> Result<Invoke<'r>, Failure> {
        let text = |name: &str| parameters.get(name).and_then(Data::as_str);
        let Some(reference) = text("FunctionName") else {
            let cause = "The field 'FunctionName' is required but was missing, or is not a string";
            return Err(Failure::new(engine::errors::RUNTIME, cause));
        };
        // As on AWS, a payload that is null is one that was not sent.
        let event = parameters.get("Payload").filter(|event| !event.is_null());
        Ok(Invoke {
            reference,
            event: event.cloned().unwrap_or_else(Data::empty_object),
            envelope: Envelope::LambdaInvoke,
            qualifier: text("Qualifier"),
            invocation_type: text("InvocationType"),
        })
    }

    /// The call of a function with an entry, by the entry's name.
    pub fn of_function(self, function: &Function, endpoint: &Endpoint) -> Work {
        Work::Remote {
            endpoint: endpoint.clone(),
            work: self.named(function.name.as_str().into()),
        }
    }

    /// The call of a function as it was referred to: AWS understands an ARN, other servers know names only.
    fn of_reference(self, address: &Address) -> RemoteWork {
        let (reference, qualifier) = (self.reference, self.qualifier);
        match address {
            Address::Aws => self.with(reference.into(), qualifier),
            Address::Url(_) => self.named(function_name(reference).into()),
        }
    }

    fn named(self, name: EcoString) -> RemoteWork {
        let qualifier = self.qualifier.or_else(|| qualifier(self.reference));
        self.with(name, qualifier)
    }

    fn with(self, name: EcoString, qualifier: Option<&str>) -> RemoteWork {
        RemoteWork::Function {
            name,
            qualifier: qualifier.map(EcoString::from),
            invocation_type: self.invocation_type.map(EcoString::from),
            payload: self.event,
            envelope: self.envelope,
        }
    }
}

/// The version or alias behind a function's name or ARN.
fn qualifier(reference: &str) -> Option<&str> {
    let rest = reference
        .split_once(":function:")
        .map_or(reference, |(_, rest)| rest);
    rest.split_once(':').map(|(_, qualifier)| qualifier)
}
