//! `TestStateOutput` of the service model.

use data::{Data, EcoString, Number, Object, ObjectBuilder};

use crate::failure::Failure;
use crate::inspect::Stage;
use crate::time::Timestamp;

/// What became of the state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestStateOutput {
    /// The state's output; none if it failed and nobody caught that.
    pub output: Option<Data>,
    /// `error` and `cause`, also those of a failure that is caught or to be tried again.
    pub failure: Failure,
    /// What happened on the way; none at the level INFO.
    pub inspection_data: Option<Box<InspectionData>>,
    /// Where execution would go on; none where it ends, fails or is tried again.
    pub next_state: Option<EcoString>,
    /// How it ended.
    pub status: TestExecutionStatus,
    /// When a Wait state would be over. No part of the API: who tests against a real clock waits for it.
    pub until: Option<Timestamp>,
}

/// `TestExecutionStatus`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TestExecutionStatus {
    /// It did its work.
    #[default]
    Succeeded,
    /// It failed, and the execution with it.
    Failed,
    /// It failed and would be tried again.
    Retriable,
    /// It failed and a catcher has it.
    CaughtError,
}

impl TestExecutionStatus {
    /// The word that AWS uses.
    pub fn as_str(self) -> &'static str {
        match self {
            TestExecutionStatus::Succeeded => "SUCCEEDED",
            TestExecutionStatus::Failed => "FAILED",
            TestExecutionStatus::Retriable => "RETRIABLE",
            TestExecutionStatus::CaughtError => "CAUGHT_ERROR",
        }
    }
}

/// `InspectionData`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InspectionData {
    /// The raw input.
    pub input: Data,
    /// What came out of the stages that the state has, in the order of the pipeline: the member's name and the
    /// data, such as `afterInputPath`.
    pub stages: Vec<(&'static str, Data)>,
    /// `toleratedFailureCount` of a Map.
    pub tolerated_failure_count: Option<u64>,
    /// `toleratedFailurePercentage` of a Map.
    pub tolerated_failure_percentage: Option<f64>,
    /// `maxConcurrency` of a Map.
    pub max_concurrency: Option<u64>,
    /// What an HTTP task sent and received; at the level TRACE.
    pub http: Option<Box<HttpExchange>>,
    /// The variables after the state; none if there are none.
    pub variables: Option<Data>,
    /// Who is responsible for the failure.
    pub error_details: Option<InspectionErrorDetails>,
}

/// `InspectionErrorDetails`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InspectionErrorDetails {
    /// The catcher that has the error.
    pub catch_index: Option<u32>,
    /// The retrier that is responsible for the error, whether it has attempts left or not.
    pub retry_index: Option<u32>,
    /// How long it would wait, in whole seconds; none if its attempts are spent.
    pub retry_backoff_interval_seconds: Option<u64>,
}

/// What an HTTP task sent and received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpExchange {
    /// `InspectionDataRequest`
    pub request: HttpRequest,
    /// `InspectionDataResponse`; none if there was no answer.
    pub response: Option<HttpResponse>,
}

/// `InspectionDataRequest`; every member is a text as the service model has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRequest {
    /// Such as `https`.
    pub protocol: String,
    /// Such as `GET`.
    pub method: String,
    /// Where it went.
    pub url: String,
    /// The headers.
    pub headers: String,
    /// The body, if there was one.
    pub body: Option<String>,
}

/// `InspectionDataResponse`; every member is a text as the service model has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// Such as `https`.
    pub protocol: String,
    /// Such as `200`.
    pub status_code: String,
    /// Such as `OK`.
    pub status_message: String,
    /// The headers.
    pub headers: String,
    /// The body.
    pub body: String,
}

impl TestStateOutput {
    /// The JSON form of the API: data between the stages is JSON text.
    pub fn to_data(&self) -> Data {
        let mut out = Object::builder();
        if let Some(output) = &self.output {
            out.insert("output".into(), output.to_string().into());
        }
        for (name, text) in [
            ("error", &self.failure.error),
            ("cause", &self.failure.cause),
        ] {
            if let Some(text) = text {
                out.insert(name.into(), text.clone().into());
            }
        }
        if let Some(inspection) = &self.inspection_data {
            out.insert("inspectionData".into(), inspection.to_data());
        }
        if let Some(next) = &self.next_state {
            out.insert("nextState".into(), next.clone().into());
        }
        out.with("status", self.status.as_str()).build().into()
    }
}

impl InspectionData {
    /// The JSON form of the API.
    pub fn to_data(&self) -> Data {
        let mut out = Object::builder().with("input", self.input.to_string());
        for (name, value) in &self.stages {
            out.insert((*name).into(), value.to_string().into());
        }
        put(
            &mut out,
            "toleratedFailureCount",
            self.tolerated_failure_count,
        );
        let percentage = self.tolerated_failure_percentage.and_then(Number::float);
        if let Some(percentage) = percentage {
            out.insert("toleratedFailurePercentage".into(), percentage.into());
        }
        put(&mut out, "maxConcurrency", self.max_concurrency);
        if let Some(http) = &self.http {
            out.insert("request".into(), http.request.to_data());
            if let Some(response) = &http.response {
                out.insert("response".into(), response.to_data());
            }
        }
        if let Some(variables) = &self.variables {
            out.insert("variables".into(), variables.to_string().into());
        }
        if let Some(details) = &self.error_details {
            out.insert("errorDetails".into(), details.to_data());
        }
        out.build().into()
    }
}

impl InspectionErrorDetails {
    fn to_data(self) -> Data {
        let mut out = Object::builder();
        put(&mut out, "catchIndex", self.catch_index.map(u64::from));
        put(&mut out, "retryIndex", self.retry_index.map(u64::from));
        let seconds = self.retry_backoff_interval_seconds;
        put(&mut out, "retryBackoffIntervalSeconds", seconds);
        out.build().into()
    }
}

fn put(out: &mut ObjectBuilder, name: &str, number: Option<u64>) {
    if let Some(number) = number {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        out.insert(name.into(), number.into());
    }
}

impl HttpRequest {
    fn to_data(&self) -> Data {
        let mut out = Object::builder()
            .with("protocol", self.protocol.as_str())
            .with("method", self.method.as_str())
            .with("url", self.url.as_str())
            .with("headers", self.headers.as_str());
        if let Some(body) = &self.body {
            out.insert("body".into(), body.as_str().into());
        }
        out.build().into()
    }
}

impl HttpResponse {
    fn to_data(&self) -> Data {
        let out = Object::builder()
            .with("protocol", self.protocol.as_str())
            .with("statusCode", self.status_code.as_str())
            .with("statusMessage", self.status_message.as_str())
            .with("headers", self.headers.as_str());
        out.with("body", self.body.as_str()).build().into()
    }
}

impl Stage {
    /// The member of `InspectionData` that shows it.
    pub(super) fn member(self) -> &'static str {
        match self {
            Stage::InputPath => "afterInputPath",
            Stage::Parameters => "afterParameters",
            Stage::Arguments => "afterArguments",
            Stage::ItemsPath => "afterItemsPath",
            Stage::ItemSelector => "afterItemSelector",
            Stage::Result => "result",
            Stage::ResultSelector => "afterResultSelector",
            Stage::ResultPath => "afterResultPath",
        }
    }
}
