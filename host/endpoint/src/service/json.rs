//! AWS JSON, 1.0 and 1.1: one path, the operation in a header, the parameters as the body.

use bytes::Bytes;
use data::{Data, Object};
use hyper::Method;
use runtime::remote::RemoteCall;

use super::{Action, Service};
use crate::http::Answer;
use crate::request::Outgoing;

pub(super) fn request(action: &Action, call: &RemoteCall, parameters: &Object) -> Outgoing {
    let (service, target, version) = match action.service {
        Service::DynamoDb => ("dynamodb", "DynamoDB_20120810", "1.0"),
        Service::EventBridge => ("events", "AWSEvents", "1.1"),
        Service::Sqs | Service::Sns | Service::S3 => ("sqs", "AmazonSQS", "1.0"),
    };
    let mut outgoing = Outgoing::new(Method::POST, &call.address, service, &call.region);
    outgoing.header("content-type", format!("application/x-amz-json-{version}"));
    outgoing.header("x-amz-target", format!("{target}.{}", action.operation));
    outgoing.body = Bytes::from(Data::from(parameters.clone()).to_string());
    outgoing
}

/// The answer's members; `None` if it is no JSON object.
pub(super) fn result(answer: &Answer) -> Option<Object> {
    let text = std::str::from_utf8(&answer.body).ok()?;
    if text.trim().is_empty() {
        return Some(Object::default());
    }
    Data::parse(text).ok()?.as_object().cloned()
}
