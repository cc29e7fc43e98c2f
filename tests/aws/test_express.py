"""EXPRESS machines: synchronous executions, and what they refuse."""

import json
import re
import socket

from harness import (
    ACCOUNT, FAIL, PASS, REGION, URL, WAIT, calls, client, equal, machine, missing, refuses, sfn, start, unique,
)

INTO = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"got.$": "$.a"}, "End": True}}}


def sync(arn: str, given: object = None, **more: object) -> dict[str, object]:
    text = {} if given is None else {"input": json.dumps(given)}
    return sfn().start_sync_execution(stateMachineArn=arn, **text, **more)


@calls("stepfunctions.StartSyncExecution")
def test_a_synchronous_execution_answers_with_its_output() -> None:
    arn, name = machine(INTO, type="EXPRESS"), unique()
    found = sync(arn, {"a": [1, 2]}, name=name, traceHeader="Root=1-5759e988-bd862e3fe1be46a994272793")
    equal((found["status"], json.loads(found["output"])), ("SUCCEEDED", {"got": [1, 2]}))
    equal((json.loads(found["input"]), found["name"], found["stateMachineArn"]), ({"a": [1, 2]}, name, arn))
    equal((found["inputDetails"], found["outputDetails"]), ({"included": True}, {"included": True}))
    prefix = f"arn:aws:states:{REGION}:{ACCOUNT}:express:{arn.rpartition(':')[2]}:{name}:"
    assert found["executionArn"].startswith(prefix) and len(found["executionArn"]) == len(prefix) + 36
    assert found["stopDate"] >= found["startDate"]
    billed = found["billingDetails"]
    assert billed["billedMemoryUsedInMB"] % 64 == 0 and billed["billedDurationInMilliseconds"] % 100 == 0, billed


@calls("stepfunctions.StartSyncExecution")
def test_a_failure_and_a_timeout_are_answers_too() -> None:
    found = sync(machine(FAIL, type="EXPRESS"))
    equal((found["status"], found["error"], found["cause"]), ("FAILED", "E", "because"))
    assert "output" not in found
    found = sync(machine({**WAIT, "TimeoutSeconds": 1}, type="EXPRESS"))
    equal(found["status"], "TIMED_OUT")


@calls("stepfunctions.StartSyncExecution")
def test_a_synchronous_execution_has_an_empty_object_as_its_usual_input() -> None:
    found = sync(machine(PASS, type="EXPRESS"))
    equal((found["input"], found["output"]), ("{}", "{}"))


@calls("stepfunctions.StartSyncExecution")
def test_the_same_name_may_be_used_again() -> None:
    arn, name = machine(PASS, type="EXPRESS"), unique()
    first, second = sync(arn, 1, name=name), sync(arn, 2, name=name)
    assert first["executionArn"] != second["executionArn"]
    equal((first["output"], second["output"]), ("1", "2"))


@calls("stepfunctions.StartSyncExecution")
def test_a_synchronous_execution_without_its_data() -> None:
    found = sync(machine(PASS, type="EXPRESS"), {"secret": 1}, includedData="METADATA_ONLY")
    assert "input" not in found and "output" not in found, found


@calls(refused=("stepfunctions.StartSyncExecution",))
def test_what_cannot_be_run_synchronously() -> None:
    express = machine(PASS, type="EXPRESS")
    with refuses("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine"):
        sync(machine(PASS))
    with refuses("StateMachineDoesNotExist"):
        sync(missing("stateMachine"))
    with refuses("InvalidArn"):
        sync("no-arn")
    with refuses("InvalidName"):
        sync(express, name="a b")
    with refuses("InvalidExecutionInput"):
        sfn().start_sync_execution(stateMachineArn=express, input="{")
    with refuses("ValidationException", "'input'"):
        sfn().start_sync_execution(stateMachineArn=express, input='"' + "x" * 262143 + '"')


@calls("stepfunctions.StartSyncExecution")
def test_versions_and_aliases_run_synchronously_too() -> None:
    arn = machine(PASS, type="EXPRESS", publish=True)
    alias = sfn().create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": arn + ":1", "weight": 100}]
    )["stateMachineAliasArn"]
    equal(sync(arn + ":1", 1)["output"], "1")
    equal(sync(alias, 2)["output"], "2")


@calls("stepfunctions.StartExecution", refused=("stepfunctions.DescribeExecution", "stepfunctions.ListExecutions"))
def test_an_asynchronous_express_execution_is_started_and_not_kept() -> None:
    arn = machine(PASS, type="EXPRESS")
    execution = start(arn, {"a": 1}, name="n")
    assert re.fullmatch(re.escape(arn.replace(":stateMachine:", ":express:")) + r":n:[0-9a-f-]{36}", execution), execution
    assert start(arn, {"a": 1}, name="n") != execution
    with refuses("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'"):
        sfn().describe_execution(executionArn=execution)
    with refuses("StateMachineTypeNotSupported"):
        sfn().list_executions(stateMachineArn=arn)


@calls("stepfunctions.StartSyncExecution")
def test_the_host_prefix_of_the_operation_is_no_hindrance() -> None:
    """Clients put `sync-` before the host; whoever resolves that name reaches the endpoint."""
    arn = machine(PASS, type="EXPRESS")
    port = URL.rpartition(":")[2]
    made = client("stepfunctions", inject_host_prefix=True)
    resolved: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, *more: object, **named: object) -> object:
        resolved.append(host)
        return real("127.0.0.1", *more, **named)

    socket.getaddrinfo = resolve  # type: ignore[assignment]
    try:
        found = made.start_sync_execution(stateMachineArn=arn, input="[1]")
    finally:
        socket.getaddrinfo = real
    equal(resolved, ["sync-" + URL.removeprefix("http://").removesuffix(":" + port)])
    equal(found["output"], "[1]")
