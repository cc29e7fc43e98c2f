"""CloudWatch Logs: groups, streams and events, those of executions and of functions too."""

import json
import time
from typing import Any

from harness import (
    ACCOUNT, FAIL, PASS, REGION, WAIT, calls, client, ended, equal, events, function, machine, refuses, sfn, start,
    task, unique, until,
)


def logs() -> Any:
    return client("logs")


def group(**more: Any) -> str:
    name = unique("/test/group")
    logs().create_log_group(logGroupName=name, **more)
    return name


def arn_of(name: str) -> str:
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}"


def now() -> int:
    return int(time.time() * 1000)


@calls("logs.CreateLogGroup", "logs.DescribeLogGroups", "logs.DeleteLogGroup")
def test_groups_are_made_listed_and_deleted() -> None:
    prefix = unique("/listed")
    for number in range(5):
        logs().create_log_group(logGroupName=f"{prefix}/{number}")
    pages = list(
        logs().get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix, PaginationConfig={"PageSize": 2})
    )
    listed = [one for page in pages for one in page["logGroups"]]
    equal([one["logGroupName"] for one in listed], [f"{prefix}/{number}" for number in range(5)])
    equal([len(page["logGroups"]) for page in pages], [2, 2, 1])
    first = listed[0]
    equal((first["arn"], first["logGroupArn"]), (arn_of(f"{prefix}/0") + ":*", arn_of(f"{prefix}/0")))
    assert abs(first["creationTime"] - now()) < 120_000 and first["storedBytes"] >= 0
    logs().delete_log_group(logGroupName=f"{prefix}/0")
    found = logs().describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    equal([one["logGroupName"] for one in found], [f"{prefix}/{number}" for number in range(1, 5)])
    with refuses("ResourceNotFoundException", "The specified log group does not exist."):
        logs().delete_log_group(logGroupName=f"{prefix}/0")


@calls(refused=("logs.CreateLogGroup", "logs.CreateLogStream", "logs.DescribeLogGroups"))
def test_what_is_no_group_and_no_stream() -> None:
    name = group()
    with refuses("ResourceAlreadyExistsException", "The specified log group already exists"):
        logs().create_log_group(logGroupName=name)
    with refuses("InvalidParameterException"):
        logs().create_log_group(logGroupName="a b")
    with refuses("InvalidParameterException", "less than or equal to 512"):
        logs().create_log_group(logGroupName="g" * 513)
    with refuses("InvalidParameterException", "'limit'"):
        logs().describe_log_groups(limit=51)
    logs().create_log_stream(logGroupName=name, logStreamName="s")
    with refuses("ResourceAlreadyExistsException", "The specified log stream already exists"):
        logs().create_log_stream(logGroupName=name, logStreamName="s")
    with refuses("ResourceNotFoundException", "The specified log group does not exist."):
        logs().create_log_stream(logGroupName=unique("missing"), logStreamName="s")
    with refuses("InvalidParameterException"):
        logs().create_log_stream(logGroupName=name, logStreamName="a:b")


@calls("logs.CreateLogStream", "logs.DescribeLogStreams", "logs.DeleteLogStream")
def test_streams_are_made_listed_and_deleted() -> None:
    name = group()
    for stream in ("b/1", "a/1", "a/2"):
        logs().create_log_stream(logGroupName=name, logStreamName=stream)
    found = logs().describe_log_streams(logGroupName=name)["logStreams"]
    equal([one["logStreamName"] for one in found], ["a/1", "a/2", "b/1"])
    equal(found[0]["arn"], arn_of(name) + ":log-stream:a/1")
    pages = logs().get_paginator("describe_log_streams").paginate(
        logGroupName=name, logStreamNamePrefix="a/", PaginationConfig={"PageSize": 1}
    )
    equal([one["logStreamName"] for page in pages for one in page["logStreams"]], ["a/1", "a/2"])
    backwards = logs().describe_log_streams(logGroupName=name, descending=True)["logStreams"]
    equal([one["logStreamName"] for one in backwards], ["b/1", "a/2", "a/1"])
    logs().put_log_events(logGroupName=name, logStreamName="a/2", logEvents=[{"timestamp": now(), "message": "m"}])
    latest = logs().describe_log_streams(logGroupName=name, orderBy="LastEventTime", descending=True)["logStreams"]
    equal(latest[0]["logStreamName"], "a/2")
    logs().delete_log_stream(logGroupName=name, logStreamName="a/1")
    with refuses("ResourceNotFoundException"):
        logs().delete_log_stream(logGroupName=name, logStreamName="a/1")
    with refuses("ResourceNotFoundException"):
        logs().describe_log_streams(logGroupName=unique("missing"))


@calls("logs.PutLogEvents", "logs.GetLogEvents", refused=("logs.PutLogEvents", "logs.GetLogEvents"))
def test_events_are_put_and_read_in_pages() -> None:
    name, began = group(), now()
    logs().create_log_stream(logGroupName=name, logStreamName="s")
    given = [{"timestamp": began + number, "message": f"line {number}"} for number in range(10)]
    logs().put_log_events(logGroupName=name, logStreamName="s", logEvents=given)
    first = logs().get_log_events(logGroupName=name, logStreamName="s", startFromHead=True, limit=4)
    equal([one["message"] for one in first["events"]], [f"line {number}" for number in range(4)])
    equal([one["timestamp"] for one in first["events"]], [began + number for number in range(4)])
    assert all(one["ingestionTime"] >= began for one in first["events"])
    seen, token = list(first["events"]), first["nextForwardToken"]
    while True:
        page = logs().get_log_events(logGroupName=name, logStreamName="s", limit=4, nextToken=token)
        seen += page["events"]
        if page["nextForwardToken"] == token:
            break
        token = page["nextForwardToken"]
    equal([one["message"] for one in seen], [f"line {number}" for number in range(10)])
    last = logs().get_log_events(logGroupName=name, logStreamName="s", limit=3)
    equal([one["message"] for one in last["events"]], ["line 7", "line 8", "line 9"])
    part = logs().get_log_events(
        logGroupName=name, logStreamName="s", startTime=began + 2, endTime=began + 4, startFromHead=True
    )
    equal([one["message"] for one in part["events"]], ["line 2", "line 3"])
    with refuses("ResourceNotFoundException", "The specified log stream does not exist."):
        logs().put_log_events(logGroupName=name, logStreamName="missing", logEvents=given)
    with refuses("ResourceNotFoundException", "The specified log group does not exist."):
        logs().get_log_events(logGroupName=unique("missing"), logStreamName="s")
    with refuses("InvalidParameterException"):
        logs().put_log_events(logGroupName=name, logStreamName="s", logEvents=given[::-1])
    with refuses("InvalidParameterException"):
        logs().put_log_events(logGroupName=name, logStreamName="s", logEvents=[])


@calls("logs.FilterLogEvents", refused=("logs.FilterLogEvents",))
def test_events_are_filtered_over_streams() -> None:
    name, began = group(), now()
    for stream in ("a-1", "a-2", "b-1"):
        logs().create_log_stream(logGroupName=name, logStreamName=stream)
        logs().put_log_events(logGroupName=name, logStreamName=stream, logEvents=[
            {"timestamp": began, "message": f"ERROR in {stream}"}, {"timestamp": began + 1, "message": "fine"},
        ])

    def found(**more: Any) -> list[tuple[str, str]]:
        pages = logs().get_paginator("filter_log_events").paginate(logGroupName=name, **more)
        return [(one["logStreamName"], one["message"]) for page in pages for one in page["events"]]

    equal(sorted(found(filterPattern="ERROR")), [(stream, f"ERROR in {stream}") for stream in ("a-1", "a-2", "b-1")])
    equal(len(found()), 6)
    equal(len(found(PaginationConfig={"PageSize": 1})), 6)
    equal(sorted(found(logStreamNamePrefix="a-", filterPattern="ERROR")), [("a-1", "ERROR in a-1"), ("a-2", "ERROR in a-2")])
    equal(found(logStreamNames=["b-1"], filterPattern="fine"), [("b-1", "fine")])
    equal(found(startTime=began + 2), [])
    with refuses("ResourceNotFoundException"):
        logs().filter_log_events(logGroupName=unique("missing"))


@calls("logs.PutRetentionPolicy", "logs.DeleteRetentionPolicy", refused=("logs.PutRetentionPolicy",))
def test_retention() -> None:
    name = group()

    def kept() -> Any:
        return logs().describe_log_groups(logGroupNamePrefix=name)["logGroups"][0].get("retentionInDays")

    equal(kept(), None)
    logs().put_retention_policy(logGroupName=name, retentionInDays=14)
    equal(kept(), 14)
    with refuses("InvalidParameterException"):
        logs().put_retention_policy(logGroupName=name, retentionInDays=2)
    logs().delete_retention_policy(logGroupName=name)
    equal(kept(), None)
    with refuses("ResourceNotFoundException"):
        logs().put_retention_policy(logGroupName=unique("missing"), retentionInDays=1)
    with refuses("ResourceNotFoundException"):
        logs().delete_retention_policy(logGroupName=unique("missing"))


@calls(
    "logs.TagResource", "logs.UntagResource", "logs.ListTagsForResource", "logs.TagLogGroup", "logs.UntagLogGroup",
    "logs.ListTagsLogGroup", refused=("logs.ListTagsForResource", "logs.ListTagsLogGroup"),
)
def test_tags_in_both_ways_that_there_are() -> None:
    name = group(tags={"a": "1"})
    logs().tag_resource(resourceArn=arn_of(name), tags={"b": "2"})
    logs().tag_log_group(logGroupName=name, tags={"c": "3"})
    expected = {"a": "1", "b": "2", "c": "3"}
    equal(logs().list_tags_for_resource(resourceArn=arn_of(name))["tags"], expected)
    equal(logs().list_tags_log_group(logGroupName=name)["tags"], expected)
    logs().untag_resource(resourceArn=arn_of(name), tagKeys=["a"])
    logs().untag_log_group(logGroupName=name, tags=["b"])
    equal(logs().list_tags_for_resource(resourceArn=arn_of(name))["tags"], {"c": "3"})
    with refuses("ResourceNotFoundException"):
        logs().list_tags_for_resource(resourceArn=arn_of("missing"))
    with refuses("ResourceNotFoundException"):
        logs().list_tags_log_group(logGroupName="missing")


@calls("logs.PutResourcePolicy", "logs.DescribeResourcePolicies", "logs.DeleteResourcePolicy")
def test_resource_policies() -> None:
    name = unique("policy")
    document = json.dumps({"Version": "2012-10-17", "Statement": []})
    put = logs().put_resource_policy(policyName=name, policyDocument=document)["resourcePolicy"]
    equal((put["policyName"], put["policyDocument"]), (name, document))
    listed = logs().describe_resource_policies()["resourcePolicies"]
    equal([one["policyDocument"] for one in listed if one["policyName"] == name], [document])
    logs().delete_resource_policy(policyName=name)
    with refuses("ResourceNotFoundException"):
        logs().delete_resource_policy(policyName=name)


def logging_to(name: str, level: str, data: bool = True) -> dict[str, Any]:
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": arn_of(name) + ":*"}}
    return {"level": level, "includeExecutionData": data, "destinations": [destination]}


def logged(name: str) -> list[dict[str, Any]]:
    pages = logs().get_paginator("filter_log_events").paginate(logGroupName=name)
    return [json.loads(one["message"]) for page in pages for one in page["events"]]


@calls("logs.FilterLogEvents", "stepfunctions.DescribeStateMachine")
def test_an_execution_is_logged_event_by_event() -> None:
    name = group()
    configuration = logging_to(name, "ALL")
    arn = machine(PASS, loggingConfiguration=configuration)
    equal(sfn().describe_state_machine(stateMachineArn=arn)["loggingConfiguration"], configuration)
    execution = ended(start(arn, {"a": 1}))["executionArn"]
    found = until(lambda: len(logged(name)) >= 4 and logged(name))
    history = events(execution)
    equal([one["type"] for one in found], [one["type"] for one in history])
    equal([one["id"] for one in found], [str(one["id"]) for one in history])
    equal({one["execution_arn"] for one in found}, {execution})
    equal(found[0]["previous_event_id"], "0")
    stamps = [str(int(one["timestamp"].timestamp() * 1000 + 0.5)) for one in history]
    equal([one["event_timestamp"] for one in found], stamps)
    equal(json.loads(found[0]["details"]["input"]), {"a": 1})


@calls("logs.FilterLogEvents")
def test_what_is_logged_depends_on_the_level() -> None:
    good, bad = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}, FAIL
    for level, definition, expected in (
        ("ERROR", good, []), ("ERROR", bad, ["ExecutionFailed"]), ("FATAL", bad, ["ExecutionFailed"]), ("FATAL", good, []),
        ("OFF", bad, []),
    ):
        name = group()
        configuration = logging_to(name, level) if level != "OFF" else {"level": "OFF"}
        ended(start(machine(definition, loggingConfiguration=configuration), {}))
        if expected:
            until(lambda: logged(name))
        kinds = [one["type"] for one in logged(name)]
        assert set(expected) <= set(kinds) and "ExecutionStarted" not in kinds and bool(kinds) == bool(expected), kinds


@calls("logs.FilterLogEvents")
def test_execution_data_is_logged_only_where_it_may_be() -> None:
    name = group()
    ended(start(machine(PASS, loggingConfiguration=logging_to(name, "ALL", data=False)), {"secret": 42}))
    found = until(lambda: len(logged(name)) >= 4 and logged(name))
    assert "secret" not in json.dumps(found), found


@calls("logs.FilterLogEvents", "stepfunctions.StartSyncExecution")
def test_an_express_execution_is_known_by_its_log() -> None:
    name = group()
    arn = machine(PASS, type="EXPRESS", loggingConfiguration=logging_to(name, "ALL"))
    found = sfn().start_sync_execution(stateMachineArn=arn, input='{"a": 1}')
    entries = until(lambda: len(logged(name)) >= 4 and logged(name))
    equal({one["execution_arn"] for one in entries}, {found["executionArn"]})
    equal([one["type"] for one in entries][-1], "ExecutionSucceeded")


@calls("logs.FilterLogEvents")
def test_an_aborted_execution_is_logged_as_fatal() -> None:
    name = group()
    execution = start(machine(WAIT, loggingConfiguration=logging_to(name, "FATAL")))
    sfn().stop_execution(executionArn=execution, error="E")
    found = until(lambda: logged(name))
    equal([one["type"] for one in found], ["ExecutionAborted"])


@calls("logs.FilterLogEvents", "logs.DescribeLogStreams")
def test_a_function_logs_to_its_group() -> None:
    made = function("faulty")
    name = f"/aws/lambda/{made['FunctionName']}"
    client("lambda").invoke(FunctionName=made["FunctionName"], Payload=json.dumps({"do": "log", "line": "one"}))
    ended(start(machine(task(made["FunctionArn"])), {"do": "log", "line": "two"}))

    def lines() -> list[str]:
        return [one["message"] for one in logs().filter_log_events(logGroupName=name)["events"]]

    found = until(lambda: any("two" in one for one in lines()) and lines())
    for word in ("START RequestId: ", "one", "END RequestId: ", "REPORT RequestId: "):
        assert any(word in one for one in found), (word, found)
    streams = logs().describe_log_streams(logGroupName=name)["logStreams"]
    assert all("[$LATEST]" in one["logStreamName"] for one in streams), streams
