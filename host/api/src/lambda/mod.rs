//! Lambda: functions that are deployed, read, changed, invoked and removed while the host runs.
//!
//! The code of a function is a zip, or a bare module. If there is a WebAssembly module in it ([`code`] says where it is
//! looked for), the module runs as a guest, whatever the function's `Runtime` says. A zip for another runtime is kept;
//! its invocations fail with `Runtime.NotSupported`, unless the functions file has a guest of that name, which then
//! runs in its place. Functions of the functions file can be invoked, and nothing else: whoever deploys functions finds
//! only those that were created.
//!
//! What is deployed is ready at once: `State` is `Active` and `LastUpdateStatus` `Successful` in the first answer.
//! Layers, VPCs, dead letter queues and tracing are kept and shown; nothing here acts on them.
//!
//! If there is a store ([`Lambda::open`]), functions outlive the process with all that was said of them and their code,
//! which is compiled again when an invocation first needs it.

mod check;
mod code;
mod concurrency;
mod configuration;
mod create;
mod invoke;
mod kept;
mod logs;
mod name;
mod permissions;
mod read;
mod store;
mod tags;
mod update;
mod versions;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data::Data;
use journal::{Forgetful, JournalError, Resources};
use runtime::Functions;
use runtime::host::Host;

use crate::keeper::{Keeper, Unreadable};
use crate::{ApiError, Caller};
use store::Store;

pub use logs::{log_group, log_lines};

/// The Lambda service.
pub struct Lambda {
    host: Host,
    functions: Arc<Functions>,
    store: Mutex<Store>,
    keeper: Keeper,
}

/// An operation that needs to wait for nothing.
type Operation = fn(&Lambda, &Caller, &Data) -> Result<Data, ApiError>;

impl Lambda {
    /// The service of a host, over the functions that its tasks call. What is deployed lasts as long as the process.
    pub fn new(host: Host, functions: Arc<Functions>) -> Lambda {
        Lambda {
            host,
            functions,
            store: Mutex::default(),
            keeper: Keeper::new(Arc::new(Forgetful::default())),
        }
    }

    /// The same with the functions that a store holds, which are deployed again, and what of it cannot be read.
    pub fn open(
        host: Host,
        functions: Arc<Functions>,
        resources: Arc<dyn Resources>,
    ) -> Result<(Lambda, Vec<Unreadable>), JournalError> {
        let keeper = Keeper::new(resources);
        let (store, unreadable) = kept::restore(&keeper)?;
        let lambda = Lambda {
            host,
            functions,
            store: Mutex::new(store),
            keeper,
        };
        lambda.deploy_all();
        Ok((lambda, unreadable))
    }

    /// Carries out an operation: its parameters and its answer are in the service model's member names, wherever
    /// they travel in a request. Blobs in bodies (`ZipFile`) are base64; `Payload`, a body by itself, is the body's
    /// text. `StatusCode` of Invoke's and DeleteFunction's answers is the status. What changes something is answered
    /// when it is kept.
    ///
    /// # Errors
    /// Those that the model declares, `ValidationException` and `SerializationException` for parameters that it does
    /// not allow, and `UnknownOperationException`.
    pub async fn call(
        &self,
        caller: &Caller,
        operation: &str,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        check::parameters(operation, parameters)?;
        let answer = self.carry_out(caller, operation, parameters).await?;
        self.keeper.kept(operation).await?;
        Ok(answer)
    }

    async fn carry_out(
        &self,
        caller: &Caller,
        operation: &str,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        match operation {
            "CreateFunction" => return self.create_function(caller, parameters).await,
            "UpdateFunctionCode" => return self.update_function_code(caller, parameters).await,
            "UpdateFunctionConfiguration" => {
                return self.update_function_configuration(caller, parameters).await;
            }
            "Invoke" => return self.invoke(caller, parameters).await,
            _ => {}
        }
        let answer: Operation = match operation {
            "GetFunction" => Lambda::get_function,
            "GetFunctionConfiguration" => Lambda::get_function_configuration,
            "ListFunctions" => Lambda::list_functions,
            "DeleteFunction" => Lambda::delete_function,
            "PublishVersion" => Lambda::publish_version,
            "ListVersionsByFunction" => Lambda::list_versions,
            "TagResource" => Lambda::tag_resource,
            "UntagResource" => Lambda::untag_resource,
            "ListTags" => Lambda::list_tags,
            "AddPermission" => Lambda::add_permission,
            "RemovePermission" => Lambda::remove_permission,
            "GetPolicy" => Lambda::get_policy,
            "PutFunctionConcurrency" => Lambda::put_function_concurrency,
            "GetFunctionConcurrency" => Lambda::get_function_concurrency,
            "DeleteFunctionConcurrency" => Lambda::delete_function_concurrency,
            "GetAccountSettings" => Lambda::get_account_settings,
            "GetFunctionCodeSigningConfig" => Lambda::get_function_code_signing_config,
            _ => {
                let message = format!("Lambda's operation {operation} is not offered here");
                return Err(ApiError::new("UnknownOperationException", message).with_status(404));
            }
        };
        answer(self, caller, parameters)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An exception that the sender is to blame for, as Lambda writes it.
fn refused(code: &'static str, message: impl Into<String>) -> ApiError {
    let status = crate::model::LAMBDA
        .shapes
        .get(code)
        .and_then(|shape| shape.status);
    ApiError::new(code, message)
        .with_status(status.unwrap_or(400))
        .with_member("Type", "User")
}

/// A parameter that has a value which cannot be meant.
fn invalid(message: impl Into<String>) -> ApiError {
    refused("InvalidParameterValueException", message)
}

/// A random UUID.
fn uuid() -> String {
    uuid::Builder::from_random_bytes(rand::random())
        .into_uuid()
        .to_string()
}
