//! Values that a recording's own code computed from several calls: `op` is null. What they are is told from the values.

use data::{Data, Object};

use crate::compare::Comparison;
use crate::recording::{Recording, text_of};
use crate::service::{Service, printed};

/// Whether there is anything that the service is asked for.
pub fn is_any(recording: &Recording) -> bool {
    let is_sync = |execution: &Data| text_of(execution, "op") == Some("StartSyncExecution");
    recording.calls().next().is_some() || recording.executions().any(is_sync)
}

/// Makes the calls that a value was computed from, and compares it.
pub async fn check(
    service: &mut Service<'_>,
    call: &Data,
    comparison: &mut Comparison,
) -> Result<(), String> {
    let expected = call.get("expected").cloned().unwrap_or_default();
    if is_client_side(&expected) {
        return Ok(());
    }
    let found = if let Some(text) = exception_text(&expected) {
        exception(service, text, &expected).await
    } else if is_list_of(&expected, "type") {
        machines(service, &expected).await
    } else if is_list_of(&expected, "detail-type") {
        service.events()
    } else if expected.get("event_timestamp").is_some() {
        let event_type = text_of(&expected, "type").unwrap_or_default();
        service.logged(event_type).await
    } else {
        return Err(format!("nobody knows how this was computed: {expected}"));
    };
    comparison.value(&expected, &found)
}

/// botocore refuses these parameters itself: no call is made.
fn is_client_side(expected: &Data) -> bool {
    exception_text(expected).is_some_and(|text| text.starts_with("Parameter validation failed:"))
}

fn exception_text(expected: &Data) -> Option<&str> {
    expected
        .as_str()
        .or_else(|| text_of(expected, "exception_value"))
}

fn is_list_of(expected: &Data, member: &str) -> bool {
    let items = expected.as_array().map_or(&[][..], |array| array.items());
    !items.is_empty() && items.iter().all(|item| item.get(member).is_some())
}

/// The exception of the operation that the text names, for something that is no ARN or names nothing.
async fn exception(service: &mut Service<'_>, text: &str, expected: &Data) -> Data {
    let op = text.split_once("when calling the ").map(|(_, rest)| rest);
    let op = op
        .and_then(|rest| rest.split(' ').next())
        .unwrap_or_default();
    let (member, kind) = match op {
        "DescribeExecution" | "GetExecutionHistory" => ("executionArn", "execution:machine:none"),
        "DescribeActivity" | "GetActivityTask" => ("activityArn", "activity:none"),
        _ => ("stateMachineArn", "stateMachine:none"),
    };
    let nothing = format!("arn:aws:states:us-east-1:000000000000:{kind}");
    let prefix = text.split_once("Invalid ARN prefix: ");
    let given = prefix.map_or(nothing.as_str(), |(_, given)| given.trim_end_matches('\''));
    let params = Object::builder().with(member, given).build().into();
    let (code, said) = match service.ask(op, &params).await {
        Ok(answer) => ("none".to_owned(), answer.to_string()),
        Err(error) => (error.code.to_string(), printed(op, &error)),
    };
    if expected.as_str().is_some() {
        return said.into();
    }
    let exception = Object::builder()
        .with("exception_typename", code)
        .with("exception_value", said);
    exception.build().into()
}

/// A page of ListStateMachines: that which follows the last one, if that was not all.
async fn machines(service: &mut Service<'_>, expected: &Data) -> Data {
    let size = expected.as_array().map_or(0, |array| array.items().len());
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let mut params = Object::builder().with("maxResults", size);
    if let Some(token) = service.next_token() {
        params.insert("nextToken".into(), token);
    }
    match service
        .ask("ListStateMachines", &params.build().into())
        .await
    {
        Ok(page) => page.get("stateMachines").cloned().unwrap_or_default(),
        Err(error) => error.message.into(),
    }
}

/// Activities that ListActivities shows and no call created.
pub fn listed_activities(recording: &Recording) -> Vec<String> {
    let lists = recording
        .calls()
        .filter(|call| text_of(call, "op") == Some("ListActivities"));
    let lists = lists.filter_map(|call| call.get("expected")?.get("activities")?.as_array());
    let items = lists.flat_map(|list| list.items());
    items
        .filter_map(|item| text_of(item, "name").map(str::to_owned))
        .collect()
}
