//! Lambda's manners: what a function is told, and what its ends are called.
//!
//! Names marked *Lambda* are those that AWS Lambda reports. Where Lambda has no such end, because it has no
//! such limit, the name is ours and says which limit it was.
//!
//! | the guest | error | |
//! |---|---|---|
//! | returned an error | its `errorType` | Lambda |
//! | ran out of time | `Sandbox.Timedout` | Lambda |
//! | ran out of memory | `Runtime.OutOfMemory` | Lambda |
//! | exited with a code | `Runtime.ExitError` | Lambda |
//! | returned more than it may | `Function.ResponseSizeTooLarge` | Lambda |
//! | returned no JSON | `Runtime.MarshalError` | Lambda |
//! | ran into its concurrency | `Lambda.TooManyRequestsException` | Lambda |
//! | does not exist | `Lambda.ResourceNotFoundException` | Lambda |
//! | ran out of fuel | `Runtime.OutOfFuel` | ours |
//! | trapped: panic, unreachable, division by zero | `Runtime.Trap` | ours |
//! | recursed too deeply | `Runtime.StackOverflow` | ours |
//! | returned a pointer outside its memory | `Runtime.BadPointer` | ours |

use std::fmt::Write as _;

use data::{Data, Object};
use engine::{Failure, Timestamp};
use sandbox::{Contract, End};
use sha2::{Digest, Sha256};

use crate::functions::{Envelope, Function};
use crate::invoke::Manners;

/// What a handler returns that returns nothing, as on Lambda.
const NULL: &str = "null";

/// What an invocation is called.
#[derive(Clone)]
pub(crate) struct Call<'c> {
    pub function: &'c Function,
    pub manners: Manners,
    pub started: Timestamp,
}

impl Call<'_> {
    /// With the number of a published version; `$LATEST` is what an ARN without one means.
    fn arn(&self) -> String {
        let (region, name) = (&self.manners.region, &self.function.name);
        let qualifier = match self.manners.version.as_str() {
            "$LATEST" => String::new(),
            number => format!(":{number}"),
        };
        format!("arn:aws:lambda:{region}:000000000000:function:{name}{qualifier}")
    }

    fn memory_mb(&self) -> i64 {
        i64::try_from(self.function.limits.memory >> 20).unwrap_or(i64::MAX)
    }

    fn log_stream(&self) -> String {
        let (region, function) = (&self.manners.region, &self.function.name);
        log_stream(region, function, &self.manners.version, self.started)
    }

    /// The context object, as JSON.
    pub(crate) fn context(&self) -> String {
        let deadline = self.started.plus(self.function.limits.timeout);
        let context = Object::builder()
            .with("functionName", self.function.name.as_str())
            .with("functionVersion", self.manners.version.clone())
            .with("invokedFunctionArn", self.arn())
            .with("memoryLimitInMB", self.memory_mb())
            .with("awsRequestId", self.manners.request_id.as_str())
            .with(
                "logGroupName",
                format!("/aws/lambda/{}", self.function.name),
            )
            .with("logStreamName", self.log_stream())
            .with("deadlineMs", deadline.0);
        Data::from(context.build()).to_string()
    }

    /// The variables that Lambda sets, and the function's own over them.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let name = &self.function.name;
        let mut variables: Vec<(String, String)> = [
            ("AWS_LAMBDA_FUNCTION_NAME", name.clone()),
            (
                "AWS_LAMBDA_FUNCTION_VERSION",
                self.manners.version.to_string(),
            ),
            (
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                self.memory_mb().to_string(),
            ),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
            ("AWS_LAMBDA_LOG_STREAM_NAME", self.log_stream()),
            ("AWS_REGION", self.manners.region.to_string()),
            ("AWS_DEFAULT_REGION", self.manners.region.to_string()),
            ("AWS_REQUEST_ID", self.manners.request_id.clone()),
            ("AWS_EXECUTION_ENV", self.execution_environment()),
            ("LAMBDA_TASK_ROOT", "/var/task".into()),
            (
                "_HANDLER",
                self.function
                    .handler
                    .clone()
                    .unwrap_or_else(|| name.clone()),
            ),
            ("TZ", ":UTC".into()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into();
        if let Some(script) = self.function.script() {
            variables.extend(script.environment());
        }
        variables.retain(|(key, _)| self.function.environment.iter().all(|(own, _)| own != key));
        variables.extend(self.function.environment.iter().cloned());
        variables
    }

    /// As Lambda says which of its runtimes it is; a guest has none of them.
    fn execution_environment(&self) -> String {
        match self.function.script() {
            Some(script) => format!("AWS_Lambda_{}", script.runtime),
            None => "wf-host".to_owned(),
        }
    }

    /// What the workflow gets from an end.
    pub(crate) fn answer(
        &self,
        end: End,
        contract: Contract,
        envelope: Envelope,
    ) -> Result<Data, Failure> {
        let (payload, length) = match end {
            End::Returned(bytes) if bytes.trim_ascii().is_empty() => (Data::Null, NULL.len()),
            End::Returned(bytes) => (self.parse(&bytes)?, bytes.len()),
            End::FunctionError(bytes) => return Err(self.function_error(&bytes)),
            other => return Err(self.crash(other, contract)),
        };
        Ok(match envelope {
            Envelope::None => payload,
            Envelope::LambdaInvoke => self.invoke_response(payload, length),
        })
    }

    fn parse(&self, bytes: &[u8]) -> Result<Data, Failure> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            self.failure(
                "Runtime.MarshalError",
                &format!("the output is not JSON: not even UTF-8: {error}"),
                &[],
            )
        })?;
        Data::parse(text).map_err(|error| {
            let start: String = text.chars().take(80).collect();
            let message = format!("the output is not JSON: {error}; it begins with {start:?}");
            self.failure("Runtime.MarshalError", &message, &[])
        })
    }

    /// Error is the payload's `errorType`, Cause the payload as it is.
    fn function_error(&self, bytes: &[u8]) -> Failure {
        let text = String::from_utf8_lossy(bytes);
        match Data::parse(&text) {
            Ok(payload) => {
                let error = payload
                    .get("errorType")
                    .and_then(Data::as_str)
                    .unwrap_or("Error");
                Failure::new(error, text.as_ref())
            }
            Err(error) => {
                let message = format!("the function's error is not JSON: {error}");
                self.failure("Runtime.MarshalError", &message, &[])
            }
        }
    }

    fn crash(&self, end: End, contract: Contract) -> Failure {
        match end {
            End::TimedOut { limit } => {
                let message = format!("Task timed out after {:.2} seconds", limit.as_secs_f64());
                self.failure("Sandbox.Timedout", &message, &[])
            }
            End::OutOfFuel { limit, backtrace } => {
                let message = format!("used up its fuel of {limit}");
                self.failure("Runtime.OutOfFuel", &message, &backtrace)
            }
            End::OutOfMemory { limit, backtrace } => {
                let message = format!("used up its memory of {}", bytes(limit));
                self.failure("Runtime.OutOfMemory", &message, &backtrace)
            }
            End::OutputTooLarge { limit, length } => {
                let size = length.map_or_else(String::new, |length| format!(" ({length})"));
                let message = format!(
                    "Response payload size{size} exceeded maximum allowed payload size ({limit} bytes)."
                );
                self.failure("Function.ResponseSizeTooLarge", &message, &[])
            }
            End::BadPointer {
                what,
                pointer,
                length,
                memory,
            } => {
                let message = format!(
                    "{what} is at {pointer} with {length} bytes, outside of the guest's memory of {memory} bytes"
                );
                self.failure("Runtime.BadPointer", &message, &[])
            }
            End::Trapped { message, backtrace } => {
                self.failure("Runtime.Trap", &message, &backtrace)
            }
            End::StackOverflow { backtrace } => self.failure(
                "Runtime.StackOverflow",
                "the call stack is exhausted",
                &backtrace,
            ),
            End::Exited { code, .. } => {
                let kind = if contract != Contract::Reactor {
                    ""
                } else {
                    "; a reactor must not exit"
                };
                let message = format!("Runtime exited with error: exit status {code}{kind}");
                self.failure("Runtime.ExitError", &message, &[])
            }
            End::Returned(_) | End::FunctionError(_) => self.failure(
                "Runtime.Unknown",
                "the function ended in an unknown way",
                &[],
            ),
        }
    }

    fn failure(&self, error: &str, message: &str, backtrace: &[String]) -> Failure {
        let mut payload = Object::builder().with("errorType", error).with(
            "errorMessage",
            format!("RequestId: {} Error: {message}", self.manners.request_id),
        );
        if !backtrace.is_empty() {
            let frames: Data = backtrace
                .iter()
                .map(|frame| Data::from(frame.as_str()))
                .collect();
            payload.insert("stackTrace".into(), frames);
        }
        Failure::new(error, Data::from(payload.build()).to_string())
    }

    /// The throttle that Lambda answers above a function's concurrency.
    pub(crate) fn throttled(&self) -> Failure {
        let cause = format!(
            "Rate Exceeded. (Service: Lambda, Status Code: 429, Request ID: {})",
            self.manners.request_id
        );
        Failure::new("Lambda.TooManyRequestsException", cause)
    }

    /// The response of Lambda's Invoke, as the `lambda:invoke` integration hands it on: header names, their
    /// case and their order are AWS's. `length` is that of the payload as the function wrote it, in bytes.
    fn invoke_response(&self, payload: Data, length: usize) -> Data {
        let metadata = Object::builder()
            .with("AllHttpHeaders", self.all_headers(length))
            .with("HttpHeaders", self.headers(length))
            .with("HttpStatusCode", 200);
        let request = Object::builder().with("RequestId", self.manners.request_id.as_str());
        let response = Object::builder()
            .with("ExecutedVersion", self.manners.version.clone())
            .with("Payload", payload)
            .with("SdkHttpMetadata", metadata.build())
            .with("SdkResponseMetadata", request.build())
            .with("StatusCode", 200);
        response.build().into()
    }

    /// Every header with the list of its values.
    fn all_headers(&self, length: usize) -> Object {
        let one = |text: &str| Data::from(vec![Data::from(text)]);
        Object::builder()
            .with("X-Amz-Executed-Version", one(&self.manners.version))
            .with("x-amzn-Remapped-Content-Length", one("0"))
            .with("Connection", one("keep-alive"))
            .with("x-amzn-RequestId", one(&self.manners.request_id))
            .with("Content-Length", one(&length.to_string()))
            .with("Date", one(&self.started.to_http_date()))
            .with("X-Amzn-Trace-Id", one(&self.trace_id()))
            .with("Content-Type", one("application/json"))
            .build()
    }

    /// Every header with its first value.
    fn headers(&self, length: usize) -> Object {
        Object::builder()
            .with("Connection", "keep-alive")
            .with("Content-Length", length.to_string())
            .with("Content-Type", "application/json")
            .with("Date", self.started.to_http_date())
            .with("X-Amz-Executed-Version", self.manners.version.clone())
            .with("x-amzn-Remapped-Content-Length", "0")
            .with("x-amzn-RequestId", self.manners.request_id.as_str())
            .with("X-Amzn-Trace-Id", self.trace_id())
            .build()
    }

    fn trace_id(&self) -> String {
        let id = self.manners.request_id.replace('-', "");
        let seconds = self.started.0.div_euclid(1000);
        format!(
            "Root=1-{seconds:08x}-{};Sampled=0",
            id.get(..24).unwrap_or(&id)
        )
    }
}

/// The log stream of an invocation: `YYYY/MM/DD/[VERSION]` and 32 hexadecimal digits. Here all invocations of a day have
/// one, as if one instance had served them.
#[must_use]
pub fn log_stream(region: &str, function: &str, version: &str, started: Timestamp) -> String {
    let day = started.to_iso_millis();
    let day = day.get(..10).unwrap_or("0000-00-00").replace('-', "/");
    let instance = format!("{region}/{function}/{version}/{day}");
    let digest = Sha256::digest(instance.as_bytes());
    let hex = digest
        .iter()
        .take(16)
        .fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
    format!("{day}/[{version}]{hex}")
}

/// A size in the largest unit that it is a whole number of.
fn bytes(size: u64) -> String {
    match size {
        size if size % (1 << 20) == 0 => format!("{} MB", size >> 20),
        size if size % (1 << 10) == 0 => format!("{} KB", size >> 10),
        size => format!("{size} bytes"),
    }
}
