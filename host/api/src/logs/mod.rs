//! CloudWatch Logs: groups, streams and events in memory.
//!
//! Error codes are those of the service model, wordings those of the service. What a group holds is bounded
//! ([`GROUP_BYTES`]): beyond it the events that came first are dropped.
//!
//! If there is a store ([`Logs::open`]), groups with their retention and tags outlive the process, and so do resource
//! policies. Streams and their events never do.

mod answer;
mod events;
pub mod execution;
mod filter;
pub mod function;
mod group;
mod groups;
mod json_pattern;
mod kept;
mod pattern;
mod policies;
mod streams;
mod tags;
mod token;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use data::{Data, EcoString};
use engine::Timestamp;
use journal::{Forgetful, JournalError, Resources};

pub use group::GROUP_BYTES;

use crate::caller::Caller;
use crate::error::ApiError;
use crate::given;
use crate::keeper::{self, Keeper, Unreadable};
use crate::model::LOGS;
use group::Group;
use kept::{GROUP, Touched};
use policies::Policy;

/// CloudWatch Logs.
#[derive(Debug)]
pub struct Logs {
    regions: Mutex<Regions>,
    keeper: Keeper,
}

/// By name.
type Regions = BTreeMap<EcoString, Region>;

/// What a region holds.
#[derive(Debug, Default)]
struct Region {
    /// By name.
    groups: BTreeMap<String, Group>,
    /// Resource policies by name, those of one resource by its ARN.
    policies: BTreeMap<String, Policy>,
    /// What the operation under way may have changed.
    touched: Touched,
}

/// The operations that change nothing but what does not outlive the process.
const STREAMS: [&str; 3] = ["CreateLogStream", "DeleteLogStream", "PutLogEvents"];

/// An operation under way: who asks, when, and for what.
struct Request<'r> {
    now: Timestamp,
    caller: &'r Caller,
    parameters: &'r Data,
}

impl Default for Logs {
    fn default() -> Logs {
        Logs {
            regions: Mutex::default(),
            keeper: Keeper::new(Arc::new(Forgetful::default())),
        }
    }
}

impl Logs {
    /// No groups, and none that outlives the process.
    pub fn new() -> Logs {
        Logs::default()
    }

    /// The groups and policies that a store holds, and what of it cannot be read.
    pub fn open(resources: Arc<dyn Resources>) -> Result<(Logs, Vec<Unreadable>), JournalError> {
        let keeper = Keeper::new(resources);
        let (regions, unreadable) = kept::restore(&keeper)?;
        let regions = Mutex::new(regions);
        Ok((Logs { regions, keeper }, unreadable))
    }

    /// Carries out an operation. Moments are numbers of milliseconds, as the service has them. What changes groups or
    /// policies is answered when it is kept.
    pub async fn call(
        &self,
        now: Timestamp,
        caller: &Caller,
        operation: &str,
        parameters: &Data,
    ) -> Result<Data, ApiError> {
        if !LOGS.operations.contains_key(operation) {
            return Err(unknown(operation));
        }
        check(operation, parameters)?;
        let request = Request {
            now,
            caller,
            parameters,
        };
        let answer = self.carry_out(&request, operation)?;
        self.keeper.kept(operation).await?;
        Ok(answer)
    }

    fn carry_out(&self, request: &Request<'_>, operation: &str) -> Result<Data, ApiError> {
        let name = &request.caller.region;
        let mut regions = self.lock();
        let region = regions.entry(name.clone()).or_default();
        let answer = dispatch(region, request, operation);
        let touched = std::mem::take(&mut region.touched);
        if answer.is_ok() && keeper::changes(operation) && !STREAMS.contains(&operation) {
            self.keeper.put(region.written(name, &touched));
        }
        answer
    }

    /// Keeps a line that the host itself has to say; group and stream are made if need be, as Lambda and Step
    /// Functions make them.
    pub fn write(&self, region: &str, group: &str, stream: &str, at: Timestamp, message: String) {
        self.write_all(region, group, stream, std::iter::once((at, message)));
    }

    /// Keeps lines that belong together, each with its moment; without lines nothing is made.
    pub fn write_all(
        &self,
        region: &str,
        group: &str,
        stream: &str,
        lines: impl IntoIterator<Item = (Timestamp, String)>,
    ) {
        let mut lines = lines.into_iter().peekable();
        let Some((first, _)) = lines.peek() else {
            return;
        };
        let made = *first;
        let mut regions = self.lock();
        let of = EcoString::from(region);
        let region = regions.entry(of.clone()).or_default();
        if !region.groups.contains_key(group) {
            region.groups.insert(group.to_owned(), Group::new(made));
            let touched = Touched::from([(GROUP, group.to_owned())]);
            self.keeper.put(region.written(&of, &touched));
        }
        let Some(group) = region.groups.get_mut(group) else {
            return;
        };
        group.stream_or_new(stream, made);
        for (at, message) in lines {
            group.push(stream, at, at, message);
        }
        group.shrink();
    }

    fn lock(&self) -> MutexGuard<'_, Regions> {
        self.regions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn dispatch(region: &mut Region, request: &Request<'_>, operation: &str) -> Result<Data, ApiError> {
    match operation {
        "CreateLogGroup" => groups::create(region, request),
        "DescribeLogGroups" => groups::describe(region, request),
        "DeleteLogGroup" => groups::delete(region, request),
        "PutRetentionPolicy" => groups::put_retention(region, request),
        "DeleteRetentionPolicy" => groups::delete_retention(region, request),
        "CreateLogStream" => streams::create(region, request),
        "DescribeLogStreams" => streams::describe(region, request),
        "DeleteLogStream" => streams::delete(region, request),
        "PutLogEvents" => events::put(region, request),
        "GetLogEvents" => events::get(region, request),
        "FilterLogEvents" => filter::filter(region, request),
        "TagResource" => tags::tag_resource(region, request),
        "UntagResource" => tags::untag_resource(region, request),
        "ListTagsForResource" => tags::of_resource(region, request),
        "TagLogGroup" => tags::tag_group(region, request),
        "UntagLogGroup" => tags::untag_group(region, request),
        "ListTagsLogGroup" => tags::of_group(region, request),
        "PutResourcePolicy" => policies::put(region, request),
        "DescribeResourcePolicies" => policies::describe(region, request),
        "DeleteResourcePolicy" => policies::delete(region, request),
        _ => Err(unknown(operation)),
    }
}

impl Region {
    /// The group of that name, without the events that its retention has ended for, to look at or to change or remove
    /// it.
    fn group(&mut self, name: &str, now: Timestamp) -> Result<&mut Group, ApiError> {
        let group = self.groups.get_mut(name).ok_or_else(no_such_group)?;
        self.touched.insert((GROUP, name.to_owned()));
        group.expire(now);
        Ok(group)
    }

    /// Notes that something is changed.
    fn touch(&mut self, kind: &'static str, key: &str) {
        self.touched.insert((kind, key.to_owned()));
    }
}

impl Request<'_> {
    /// The name that `logGroupName` or `logGroupIdentifier` (a name or an ARN) gives; exactly one must be there.
    fn group_name(&self) -> Result<&str, ApiError> {
        let name = given::maybe(self.parameters, "logGroupName");
        let identifier = given::maybe(self.parameters, "logGroupIdentifier");
        match (name, identifier) {
            (Some(name), None) => Ok(name),
            (None, Some(identifier)) => Ok(name_of(identifier)),
            (None, None) => Err(invalid(
                "Either logGroupName or logGroupIdentifier must be specified.",
            )),
            (Some(_), Some(_)) => Err(invalid(
                "LogGroup name and LogGroup identifier are mutually exclusive parameters.",
            )),
        }
    }

    /// `arn:aws:logs:REGION:ACCOUNT:log-group:NAME`
    fn group_arn(&self, name: &str) -> EcoString {
        self.caller.arn("logs", &format!("log-group:{name}"))
    }
}

/// The name in a group's ARN, with or without `:*` at its end; what is no ARN is a name.
fn name_of(identifier: &str) -> &str {
    match identifier.split_once(":log-group:") {
        Some((_, name)) => name.strip_suffix(":*").unwrap_or(name),
        None => identifier,
    }
}

/// The model's constraints under the name that this service has for all its refusals.
fn check(operation: &str, parameters: &Data) -> Result<(), ApiError> {
    if given::items(parameters, "logEvents").len() > events::PER_BATCH {
        // The common wording would repeat the whole batch.
        return Err(invalid(
            "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have \
             length less than or equal to 10000",
        ));
    }
    LOGS.check(operation, parameters).map_err(|error| {
        if error.code == "SerializationException" {
            return error;
        }
        given::renamed(error, "InvalidParameterException")
    })?;
    for name in ["startTime", "endTime"] {
        if let Some(at) = given::integer(parameters, name).filter(|at| *at < 0) {
            return Err(negative(at, name));
        }
    }
    Ok(())
}

fn unknown(operation: &str) -> ApiError {
    let message = format!("wf-host serves no operation {operation} of CloudWatch Logs");
    ApiError::new("UnknownOperationException", message)
}

fn negative(value: i64, place: &str) -> ApiError {
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: Member must have \
         value greater than or equal to 0"
    ))
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", message)
}

fn no_such_group() -> ApiError {
    let message = "The specified log group does not exist.";
    ApiError::new("ResourceNotFoundException", message)
}

fn no_such_stream() -> ApiError {
    let message = "The specified log stream does not exist.";
    ApiError::new("ResourceNotFoundException", message)
}
