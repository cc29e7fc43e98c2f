//! Tasks that leave the house: calls of AWS's services, or of servers that speak as they do.
//!
//! [`Endpoints`] implements the runtime's [`Remote`]: it turns a task's parameters into a request of the service's
//! protocol, signs it with the user's credentials, sends it with the SDKs' retries, and turns the answer into what the
//! task's result or failure would be on AWS. SQS, SNS, DynamoDB, EventBridge and S3 can be asked so, and functions by
//! Lambda's Invoke.
//!
//! What this room must never know: executions, clocks of a run, files that name endpoints, and whether the user
//! wanted a call to be made; whoever hands calls to it has decided that.
//!
//! ```
//! use std::sync::Arc;
//! use endpoint::{Endpoints, Settings};
//!
//! // Nothing is read or connected before the first call.
//! let remote: Arc<dyn runtime::remote::Remote> = Arc::new(Endpoints::new(Settings::default()));
//! ```

mod call;
mod credentials;
mod exceptions;
mod failure;
mod http;
mod lambda;
mod metadata;
mod request;
mod retry;
mod service;
mod sign;
mod xml;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use runtime::remote::{Remote, RemoteAnswer, RemoteCall};

use call::Caller;
pub use credentials::Credentials;
pub use http::MOST_ANSWER;
pub use retry::{ATTEMPTS, Pause, Sleep};

/// How calls are made.
#[derive(Clone)]
pub struct Settings {
    /// What requests are signed with.
    pub credentials: Credentials,
    /// What waits between the attempts of a call.
    pub pause: Arc<dyn Pause>,
}

impl Default for Settings {
    /// The usual chain of credentials, and time as it is.
    fn default() -> Settings {
        Settings {
            credentials: Credentials::Chain,
            pause: Arc::new(Sleep),
        }
    }
}

/// Answers tasks by asking other servers; clones share connections and credentials.
#[derive(Clone)]
pub struct Endpoints {
    caller: Arc<Caller>,
}

impl Endpoints {
    /// Ready to call; what a call needs is made by the first.
    pub fn new(settings: Settings) -> Endpoints {
        Endpoints {
            caller: Arc::new(Caller::new(settings)),
        }
    }
}

impl Remote for Endpoints {
    fn call(&self, call: RemoteCall) -> Pin<Box<dyn Future<Output = RemoteAnswer> + Send>> {
        let caller = Arc::clone(&self.caller);
        Box::pin(async move { caller.answer(&call).await })
    }
}
