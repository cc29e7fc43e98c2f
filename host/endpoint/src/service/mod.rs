//! The services that can be asked, and how Step Functions' integrations call each of them.

mod json;
mod query;
mod s3;
mod s3_members;
mod words;

use asl::Pattern;
use data::{Data, Object};
use engine::{Failure, errors};
use runtime::remote::{RemoteAnswer, RemoteCall};

use crate::exceptions;
use crate::failure::{Naming, Wording};
use crate::http::Answer;
use crate::metadata::with_metadata;
use crate::request::Outgoing;

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Sqs,
    Sns,
    DynamoDb,
    EventBridge,
    S3,
}

/// Which integration calls: they differ in the names of errors and in what a result looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `sqs:sendMessage`
    Optimized,
    /// `aws-sdk:sqs:sendMessage`
    Sdk,
}

/// An action of a service, as an integration calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    pub service: Service,
    pub dialect: Dialect,
    /// As the service's model has it: `SendMessage`.
    pub operation: String,
}

/// The actions with an integration of their own. Step Functions has none for S3, whose actions are called as by the
/// SDK under either name.
const OPTIMIZED: [(&str, &str, Service); 10] = [
    ("sqs", "sendMessage", Service::Sqs),
    ("sns", "publish", Service::Sns),
    ("dynamodb", "getItem", Service::DynamoDb),
    ("dynamodb", "putItem", Service::DynamoDb),
    ("dynamodb", "updateItem", Service::DynamoDb),
    ("dynamodb", "deleteItem", Service::DynamoDb),
    ("events", "putEvents", Service::EventBridge),
    ("s3", "getObject", Service::S3),
    ("s3", "putObject", Service::S3),
    ("s3", "listObjectsV2", Service::S3),
];

/// The services that the SDK's integration can ask, by their names there.
const SDK: [(&str, Service); 5] = [
    ("sqs", Service::Sqs),
    ("sns", Service::Sns),
    ("dynamodb", Service::DynamoDb),
    ("eventbridge", Service::EventBridge),
    ("s3", Service::S3),
];

impl Action {
    /// The action that a Resource's service and action mean.
    pub fn of(service: &str, action: &str, pattern: Pattern) -> Result<Action, Failure> {
        let found = match service.strip_prefix("aws-sdk:") {
            Some(name) => {
                let known = SDK.iter().find(|(known, _)| *known == name);
                known.map(|(_, service)| (*service, Dialect::Sdk))
            }
            None => {
                let known = OPTIMIZED.iter();
                let mut known = known.filter(|(s, a, _)| *s == service && *a == action);
                known
                    .next()
                    .map(|(_, _, service)| (*service, Dialect::Optimized))
            }
        };
        let (service, dialect) = match (found, pattern) {
            (Some(found), Pattern::RequestResponse | Pattern::WaitForTaskToken) => found,
            (_, _) => return Err(unknown(service, action, pattern)),
        };
        let action = Action {
            service,
            dialect,
            operation: capitalized(action),
        };
        if service == Service::S3 && !s3::knows(&action.operation) {
            return Err(unknown("aws-sdk:s3", &action.operation, pattern));
        }
        Ok(action)
    }

    /// The request for it.
    pub fn request(&self, call: &RemoteCall, parameters: &Data) -> Result<Outgoing, Failure> {
        let Some(parameters) = parameters.as_object() else {
            return Err(invalid(
                "The parameters of a service's action are an object",
            ));
        };
        let parameters = words::as_service_wants(self, call, parameters);
        match self.service {
            Service::Sqs | Service::DynamoDb | Service::EventBridge => {
                Ok(json::request(self, call, &parameters))
            }
            Service::Sns => query::request(self, call, &parameters),
            Service::S3 => s3::request(&self.operation, call, &parameters),
        }
    }

    /// What the task gets from an answer that the service gave with success.
    pub fn answer(&self, answer: &Answer) -> RemoteAnswer {
        let result = match self.service {
            Service::Sqs | Service::DynamoDb | Service::EventBridge => json::result(answer),
            Service::Sns => query::result(&self.operation, answer),
            Service::S3 => s3::result(&self.operation, answer),
        };
        let result = result.ok_or_else(|| {
            let cause = format!("Unable to unmarshall response of {}", self.operation);
            self.naming().unreached(&cause)
        })?;
        match self.dialect {
            Dialect::Sdk => Ok(words::as_sdk_has(self, &result).into()),
            Dialect::Optimized if self.service == Service::S3 => Ok(result.into()),
            Dialect::Optimized => self.optimized(&result, answer),
        }
    }

    fn optimized(&self, result: &Object, answer: &Answer) -> RemoteAnswer {
        let failed = result.get("FailedEntryCount").and_then(Data::as_i64);
        if self.service == Service::EventBridge && failed.is_some_and(|count| count > 0) {
            let cause = Data::from(result.clone()).to_string();
            return Err(Failure::new("EventBridge.FailedEntry", cause));
        }
        let mut all = Object::builder();
        for (name, value) in result.iter() {
            all.insert(name.clone(), value.clone());
        }
        Ok(with_metadata(all, answer).build().into())
    }

    /// What its refusals are called.
    pub fn naming(&self) -> Naming {
        let (prefixes, services, commons, exceptions) = match self.service {
            Service::Sqs => (
                ["SQS", "Sqs"],
                ["AmazonSQS", "Sqs"],
                ["AmazonSQSException", "SqsException"],
                exceptions::SQS,
            ),
            Service::Sns => (
                ["SNS", "Sns"],
                ["AmazonSNS", "Sns"],
                ["AmazonSNSException", "SnsException"],
                exceptions::SNS,
            ),
            Service::DynamoDb => (
                ["DynamoDB", "DynamoDb"],
                ["AmazonDynamoDBv2", "DynamoDb"],
                ["AmazonDynamoDBException", "DynamoDbException"],
                exceptions::DYNAMODB,
            ),
            Service::EventBridge => (
                ["EventBridge", "EventBridge"],
                ["AmazonEventBridge", "EventBridge"],
                ["AmazonEventBridgeException", "EventBridgeException"],
                exceptions::EVENTBRIDGE,
            ),
            Service::S3 => (
                ["S3", "S3"],
                ["S3", "S3"],
                ["S3Exception", "S3Exception"],
                exceptions::S3,
            ),
        };
        let sdk = self.dialect == Dialect::Sdk || self.service == Service::S3;
        let at = usize::from(sdk);
        Naming {
            prefix: prefixes[at],
            service: services[at],
            common: commons[at],
            exceptions: Some(exceptions),
            wording: if sdk {
                Wording::Commas
            } else {
                Wording::Semicolons
            },
        }
    }
}

/// A request that cannot be made as it is written.
fn invalid(cause: impl Into<String>) -> Failure {
    Failure::new(errors::RUNTIME, cause.into())
}

fn unknown(service: &str, action: &str, pattern: Pattern) -> Failure {
    let behind = match pattern {
        Pattern::RequestResponse => "",
        Pattern::Sync => ".sync",
        Pattern::Sync2 => ".sync:2",
        Pattern::WaitForTaskToken => ".waitForTaskToken",
    };
    let own: Vec<String> = OPTIMIZED
        .iter()
        .map(|(service, action, _)| format!("{service}:{action}"))
        .collect();
    let sdk: Vec<String> = SDK
        .iter()
        .map(|(name, _)| format!("aws-sdk:{name}"))
        .collect();
    invalid(format!(
        "An endpoint cannot be asked for {service}:{action}{behind}; it can be for {} and {}. Bind a function or a \
         result instead.",
        own.join(", "),
        sdk.join(", ")
    ))
}

fn capitalized(action: &str) -> String {
    let mut letters = action.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
