//! The one place where a Task's `Resource` meets its worker.

use std::sync::Arc;

use asl::{Pattern, Resource, ResourceKind};
use data::Data;
use engine::{Failure, TaskRequest};

use super::bind::Invoke;
use super::{Function, Functions, Meant};
use crate::manifest::TaskBinding;
use crate::remote::{Endpoint, RemoteWork};

/// What is to be done for a task.
pub enum Work {
    /// Invoke a function with an event.
    Invoke {
        /// The function.
        function: Arc<Function>,
        /// The event.
        event: Data,
        /// How its answer reaches the workflow.
        envelope: Envelope,
    },
    /// The result is known.
    Constant(Data),
    /// A mock says what becomes of the task, from its beginning to its end.
    Mock(Result<Data, Failure>),
    /// Offer it to the workers of an activity.
    Activity,
    /// Call the Step Functions API, which is the run itself.
    Api(ApiCall),
    /// Ask another server.
    Remote {
        /// The server.
        endpoint: Endpoint,
        /// What is asked.
        work: RemoteWork,
    },
    /// The request itself is wrong.
    Fail(Failure),
    /// Nothing stands behind the resource.
    Unbound {
        /// How the task fails.
        failure: Failure,
        /// What to put into `wf-host.toml` to bind it.
        snippet: String,
    },
}

/// An operation of the Step Functions API that a task may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiCall {
    /// `states:startExecution`, waited for in one of four ways.
    StartExecution(Pattern),
    /// `aws-sdk:sfn:startExecution`
    SdkStartExecution,
    /// `aws-sdk:sfn:getActivityTask`
    GetActivityTask,
    /// `aws-sdk:sfn:sendTaskSuccess`
    SendTaskSuccess,
    /// `aws-sdk:sfn:sendTaskFailure`
    SendTaskFailure,
    /// `aws-sdk:sfn:sendTaskHeartbeat`
    SendTaskHeartbeat,
}

impl ApiCall {
    fn of(resource: &ResourceKind) -> Option<ApiCall> {
        let ResourceKind::Service {
            service,
            action,
            pattern,
        } = resource
        else {
            return None;
        };
        let call = match (service.as_str(), action.as_str()) {
            ("states", "startExecution") => return Some(ApiCall::StartExecution(*pattern)),
            ("aws-sdk:sfn", "startExecution") => ApiCall::SdkStartExecution,
            ("aws-sdk:sfn", "getActivityTask") => ApiCall::GetActivityTask,
            ("aws-sdk:sfn", "sendTaskSuccess") => ApiCall::SendTaskSuccess,
            ("aws-sdk:sfn", "sendTaskFailure") => ApiCall::SendTaskFailure,
            ("aws-sdk:sfn", "sendTaskHeartbeat") => ApiCall::SendTaskHeartbeat,
            _ => return None,
        };
        (*pattern == Pattern::RequestResponse).then_some(call)
    }
}

/// How a function's answer reaches the workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// As it is.
    None,
    /// As the response of Lambda's Invoke.
    LambdaInvoke,
}

impl Functions {
    /// Finds the worker of a task. A deployed function that is named without its region may be of any.
    pub fn resolve(&self, request: &TaskRequest) -> Work {
        self.resolve_in(request, None)
    }

    /// Finds the worker of a task of an execution in a region: a deployed function that is named without its
    /// region is of that one.
    pub fn resolve_in(&self, request: &TaskRequest, region: Option<&str>) -> Work {
        let resource = &request.resource;
        if let Some(binding) = self.binding(resource) {
            return self.bound(binding, request, region);
        }
        match &resource.kind {
            ResourceKind::LambdaFunction => {
                self.invoke(Invoke::bare(&resource.text, request.input.clone()), region)
            }
            ResourceKind::Service { .. } if is_invoke(resource) => {
                let call = Invoke::of(&request.input);
                call.map_or_else(Work::Fail, |call| self.invoke(call, region))
            }
            ResourceKind::Activity => Work::Activity,
            ResourceKind::Service { .. } => match ApiCall::of(&resource.kind) {
                Some(call) => Work::Api(call),
                None => unbound_resource(&resource.text),
            },
        }
    }

    /// Whether something stands behind a resource; a function name that is computed counts as bound.
    pub fn is_bound(&self, resource: &Resource, function_name: Option<&str>) -> bool {
        if self.binding(resource).is_some() {
            return true;
        }
        match &resource.kind {
            ResourceKind::LambdaFunction => self.is_known(&resource.text),
            ResourceKind::Service { .. } if is_invoke(resource) => {
                function_name.is_none_or(|name| self.is_known(name))
            }
            ResourceKind::Activity => true,
            ResourceKind::Service { .. } => ApiCall::of(&resource.kind).is_some(),
        }
    }

    /// The function that a resource means, as far as its text says.
    pub(crate) fn named(
        &self,
        resource: &Resource,
        function_name: Option<&str>,
    ) -> Option<Arc<Function>> {
        match self.binding(resource) {
            Some(TaskBinding::Function(name)) => self.lookup(name),
            Some(TaskBinding::Result(_) | TaskBinding::Error(_) | TaskBinding::Endpoint(_)) => None,
            None if resource.kind == ResourceKind::LambdaFunction => self.lookup(&resource.text),
            None => self.lookup(function_name?),
        }
    }

    /// The name of the function that a request goes to: that of its entry or, without one, as the request has it.
    pub(crate) fn function_of(&self, request: &TaskRequest) -> Option<String> {
        let resource = &request.resource;
        let reference = match self.binding(resource) {
            Some(TaskBinding::Function(name)) => name.as_str(),
            Some(TaskBinding::Result(_) | TaskBinding::Error(_) | TaskBinding::Endpoint(_))
            | None => match &resource.kind {
                ResourceKind::Service { .. } if is_invoke(resource) => {
                    request.input.get("FunctionName")?.as_str()?
                }
                ResourceKind::LambdaFunction => resource.text.as_str(),
                ResourceKind::Service { .. } | ResourceKind::Activity => return None,
            },
        };
        let known = self.lookup(reference).map(|function| function.name.clone());
        Some(known.unwrap_or_else(|| function_name(reference).to_owned()))
    }

    /// The function that a name, an ARN or a placeholder means, of those that were there from the beginning.
    pub fn find(&self, reference: &str) -> Option<&Arc<Function>> {
        self.get(reference)
            .or_else(|| self.get(function_name(reference)))
    }

    /// The function that a name, an ARN or a placeholder means, deployed or not, if it can run.
    pub fn lookup(&self, reference: &str) -> Option<Arc<Function>> {
        match self.meant(reference, None, None) {
            Meant::Function(function) => Some(function),
            Meant::Unsupported(_) | Meant::Unknown => None,
        }
    }

    fn is_known(&self, reference: &str) -> bool {
        !matches!(self.meant(reference, None, None), Meant::Unknown)
    }

    pub(super) fn invoke(&self, call: Invoke<'_>, region: Option<&str>) -> Work {
        let function = match self.meant(call.reference, call.qualifier, region) {
            Meant::Function(function) => function,
            Meant::Unsupported(failure) => return Work::Fail(failure),
            Meant::Unknown => return unbound_function(call.reference),
        };
        if let Some(endpoint) = function.endpoint() {
            return call.of_function(&function, endpoint);
        }
        Work::Invoke {
            function,
            event: call.event,
            envelope: call.envelope,
        }
    }
}

/// Whether the task is a call of a Lambda function.
pub(crate) fn is_lambda(resource: &Resource) -> bool {
    resource.kind == ResourceKind::LambdaFunction || is_invoke(resource)
}

/// Whether the task calls the Step Functions API, which other executions of the run answer.
pub(crate) fn is_api(resource: &Resource) -> bool {
    ApiCall::of(&resource.kind).is_some()
}

/// Whether the task is the `lambda:invoke` integration.
pub(crate) fn is_invoke(resource: &Resource) -> bool {
    matches!(
        &resource.kind,
        ResourceKind::Service { service, action, .. } if service == "lambda" && action == "invoke"
    )
}

/// Whether the worker's answer only says that the request was taken.
pub(crate) fn waits_for_token(resource: &Resource) -> bool {
    matches!(
        resource.kind,
        ResourceKind::Service {
            pattern: Pattern::WaitForTaskToken,
            ..
        }
    )
}

/// Whether the service first takes the request and answers later.
pub(crate) fn submits(resource: &Resource) -> bool {
    matches!(
        resource.kind,
        ResourceKind::Service {
            pattern: Pattern::Sync | Pattern::Sync2 | Pattern::WaitForTaskToken,
            ..
        }
    )
}

/// The name of a function in a name, an ARN (of any partition, with or without a qualifier) or a placeholder.
///
/// ```
/// use runtime::function_name;
/// assert_eq!(function_name("arn:aws-cn:lambda:cn-north-1:1:function:pay:PROD"), "pay");
/// assert_eq!(function_name("pay:$LATEST"), "pay");
/// assert_eq!(function_name("${PayFunctionArn}"), "PayFunctionArn");
/// ```
pub fn function_name(reference: &str) -> &str {
    Reference::of(reference).name
}

/// A reference to a function, taken apart.
pub(super) struct Reference<'r> {
    pub name: &'r str,
    /// As an ARN, whole or partial, says it.
    pub region: Option<&'r str>,
    /// The version or alias behind the name.
    pub qualifier: Option<&'r str>,
}

impl Reference<'_> {
    pub(super) fn of(reference: &str) -> Reference<'_> {
        if reference.starts_with("${") && reference.ends_with('}') {
            return Reference {
                name: inside(reference),
                region: None,
                qualifier: None,
            };
        }
        let (before, rest) = match reference.split_once(":function:") {
            Some((before, rest)) => (Some(before), rest),
            None => (None, reference),
        };
        let (name, qualifier) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier)),
            None => (rest, None),
        };
        Reference {
            name: inside(name),
            region: before
                .and_then(|before| before.split(':').nth(3))
                .filter(|region| !region.is_empty()),
            qualifier,
        }
    }
}

/// The name inside of a placeholder, or the name itself.
fn inside(name: &str) -> &str {
    let inside = name
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    inside.unwrap_or(name)
}

fn unbound_function(reference: &str) -> Work {
    let name = function_name(reference);
    let arn = if reference.starts_with("arn:") {
        reference.to_owned()
    } else {
        format!("arn:aws:lambda:us-east-1:000000000000:function:{name}")
    };
    Work::Unbound {
        failure: Failure::new(
            "Lambda.ResourceNotFoundException",
            format!("Function not found: {arn} (Service: Lambda, Status Code: 404)"),
        ),
        snippet: format!(
            "[functions.{}]\nmodule = \"guests/{}.wasm\"",
            toml_key(name),
            file_stem(name)
        ),
    }
}

fn unbound_resource(resource: &str) -> Work {
    Work::Unbound {
        failure: Failure::new(
            engine::errors::RUNTIME,
            format!(
                "Nothing is bound to the resource {resource}. Bind it in wf-host.toml, under [tasks.{}]: see wf-host \
                 help config",
                quoted(resource)
            ),
        ),
        snippet: format!(
            "[tasks.{}]
result = {{}}                          # the answer, always the same
# or: function = \"NAME\"            # a function of this file answers
# or: endpoint = \"http://HOST:PORT\" # a server that speaks AWS's protocol; \"aws\" for AWS itself
# or: error = \"NAME\", cause = \"TEXT\", each on a line of its own: it always fails",
            quoted(resource)
        ),
    }
}

/// What to put into `wf-host.toml` to bind a function or another resource.
pub(crate) fn binding_snippet(resource: &Resource, function_name: Option<&str>) -> String {
    let work = match (&resource.kind, function_name) {
        (ResourceKind::LambdaFunction, _) => unbound_function(&resource.text),
        (_, Some(name)) => unbound_function(name),
        _ => unbound_resource(&resource.text),
    };
    match work {
        Work::Unbound { snippet, .. } => snippet,
        Work::Invoke { .. }
        | Work::Constant(_)
        | Work::Mock(_)
        | Work::Activity
        | Work::Api(_)
        | Work::Remote { .. }
        | Work::Fail(_) => String::new(),
    }
}

fn toml_key(name: &str) -> String {
    let bare = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if bare { name.to_owned() } else { quoted(name) }
}

/// A basic string of TOML; JSON's escapes are among its own.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    data::write_string(text, &mut out);
    out
}

fn file_stem(name: &str) -> String {
    name.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
        .to_lowercase()
}
