//! Work that leaves the house: calls of services and functions that another server answers.
//!
//! This room only says what is to be asked and of whom. Whoever speaks the protocols implements [`Remote`] and is
//! handed to [`Functions`](crate::Functions); without one such a task fails.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use asl::Pattern;
use data::{Data, EcoString};
use engine::{About, Failure};

use crate::functions::Envelope;

/// What a call comes to: the task's result, or its failure in AWS's words.
pub type RemoteAnswer = Result<Data, Failure>;

/// Answers tasks by asking other servers.
pub trait Remote: Send + Sync {
    /// Makes a call. A future that is dropped calls it off; what was sent by then stays sent.
    fn call(&self, call: RemoteCall) -> Pin<Box<dyn Future<Output = RemoteAnswer> + Send>>;
}

/// Where calls go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The server.
    pub address: Address,
    /// The region to sign for; the execution's unless it is given.
    pub region: Option<String>,
}

/// A server that speaks AWS's protocols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// AWS itself, in the call's region.
    Aws,
    /// `http://` or `https://`, a host, perhaps a port and a path; no slash at its end.
    Url(String),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Aws => f.write_str("AWS"),
            Address::Url(url) => f.write_str(url),
        }
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum RemoteWork {
    /// An action of a service.
    Service {
        /// As the `Resource` has it: `sqs`, or `aws-sdk:sqs`.
        service: EcoString,
        /// As the `Resource` has it: `sendMessage`.
        action: EcoString,
        /// How the task waits for it.
        pattern: Pattern,
        /// The action's parameters, as the task has them.
        parameters: Data,
    },
    /// Lambda's Invoke.
    Function {
        /// The function's name; for AWS itself also its ARN.
        name: EcoString,
        /// A version or an alias.
        qualifier: Option<EcoString>,
        /// `InvocationType`, where the task names one.
        invocation_type: Option<EcoString>,
        /// The event.
        payload: Data,
        /// How the answer reaches the workflow.
        envelope: Envelope,
    },
}

/// A call, complete.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteCall {
    /// The server.
    pub address: Address,
    /// The region to sign for.
    pub region: EcoString,
    /// What is asked.
    pub work: RemoteWork,
    /// The execution that asks, which EventBridge notes as a resource of each event.
    pub execution_arn: EcoString,
    /// Its state machine, likewise.
    pub state_machine_arn: EcoString,
}

impl RemoteCall {
    /// The call that a task of the execution `about` makes.
    pub fn new(endpoint: &Endpoint, work: RemoteWork, about: &About) -> RemoteCall {
        let region = endpoint.region.as_deref().map(EcoString::from);
        RemoteCall {
            address: endpoint.address.clone(),
            region: region.unwrap_or_else(|| about.region.clone()),
            work,
            execution_arn: about.execution_arn.clone(),
            state_machine_arn: about.state_machine_arn.clone(),
        }
    }
}
