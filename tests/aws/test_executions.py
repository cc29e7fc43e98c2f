"""Executions of STANDARD machines: started once, looked at, listed, stopped; their histories."""

import datetime
import json

from harness import (
    FAIL, PASS, WAIT, calls, ended, equal, events, machine, missing, output, refuses, run, sfn, start, task, types,
    unique, until,
)


@calls("stepfunctions.StartExecution", "stepfunctions.DescribeExecution")
def test_an_execution_is_described_as_it_was_started() -> None:
    arn, name = machine(PASS), unique()
    given = '{"b": [1, 2.50, "\u00fc"], "a": null}'
    started = sfn().start_execution(stateMachineArn=arn, name=name, input=given, traceHeader="Root=1-5759e988-bd862e3fe1be46a994272793")
    equal(started["executionArn"], arn.replace(":stateMachine:", ":execution:") + f":{name}")
    found = ended(started["executionArn"])
    equal((found["name"], found["stateMachineArn"], found["status"]), (name, arn, "SUCCEEDED"))
    equal((json.loads(found["input"]), json.loads(found["output"])), (json.loads(given), json.loads(given)))
    equal((found["inputDetails"], found["outputDetails"]), ({"included": True}, {"included": True}))
    equal(found["startDate"], started["startDate"])
    assert found["stopDate"] >= found["startDate"]
    equal((found["redriveCount"], found["redriveStatus"]), (0, "NOT_REDRIVABLE"))
    equal(found["redriveStatusReason"], "Execution is SUCCEEDED and cannot be redriven")
    assert found["traceHeader"].startswith("Root=")
    age = datetime.datetime.now(datetime.timezone.utc) - found["startDate"]
    assert abs(age.total_seconds()) < 120, age


@calls("stepfunctions.StartExecution", "stepfunctions.DescribeExecution")
def test_without_name_and_input_both_are_made_up() -> None:
    found = ended(start(machine(PASS)))
    equal((found["input"], found["output"]), ("{}", "{}"))
    equal(len(found["name"]), 36)


@calls("stepfunctions.StartExecution", refused=("stepfunctions.StartExecution",))
def test_a_name_starts_once() -> None:
    arn, name = machine(WAIT), unique()
    first = sfn().start_execution(stateMachineArn=arn, name=name, input='{"a": 1}')
    again = sfn().start_execution(stateMachineArn=arn, name=name, input='{"a": 1}')
    equal((again["executionArn"], again["startDate"]), (first["executionArn"], first["startDate"]))
    with refuses("ExecutionAlreadyExists", f"Execution Already Exists: '{first['executionArn']}'"):
        sfn().start_execution(stateMachineArn=arn, name=name, input='{"a": 2}')
    sfn().stop_execution(executionArn=first["executionArn"])
    with refuses("ExecutionAlreadyExists"):
        sfn().start_execution(stateMachineArn=arn, name=name, input='{"a": 1}')
    equal(len(sfn().list_executions(stateMachineArn=arn)["executions"]), 1)


@calls(refused=("stepfunctions.StartExecution",))
def test_what_cannot_be_started() -> None:
    arn = machine()

    def begun(**more: str) -> None:
        sfn().start_execution(**{"stateMachineArn": arn, **more})

    with refuses("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{missing('stateMachine')}'"):
        begun(stateMachineArn=missing("stateMachine"))
    with refuses("InvalidArn", "Invalid Arn: "):
        begun(stateMachineArn="no-arn")
    with refuses("InvalidName", "Invalid Name: 'a b'"):
        begun(name="a b")
    with refuses("ValidationException", "'name'", "less than or equal to 80"):
        begun(name="n" * 81)
    with refuses("InvalidExecutionInput", "Invalid State Machine Execution Input: 'Unrecognized token 'not'"):
        begun(input="not JSON")
    with refuses("InvalidExecutionInput", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"):
        begun(input="{'a': 1}")
    with refuses("ValidationException", "'input'", "less than or equal to 262144"):
        begun(input='"' + "x" * 262143 + '"')
    with refuses("ValidationException", "'traceHeader'"):
        begun(traceHeader="t" * 257)
    with refuses("ValidationException", "Value null at 'stateMachineArn'"):
        sfn().start_execution()
    equal(sfn().list_executions(stateMachineArn=arn)["executions"], [])


@calls("stepfunctions.StartExecution", "stepfunctions.DescribeExecution")
def test_the_largest_input_goes_through() -> None:
    given = '"' + "x" * 262142 + '"'
    execution = sfn().start_execution(stateMachineArn=machine(), name=unique().ljust(80, "n"), input=given)
    equal(ended(execution["executionArn"])["output"], given)


@calls("stepfunctions.DescribeExecution", "stepfunctions.GetExecutionHistory")
def test_a_failure_is_told() -> None:
    found = run(FAIL)
    equal((found["status"], found["error"], found["cause"]), ("FAILED", "E", "because"))
    assert "output" not in found
    equal(found["redriveStatus"], "REDRIVABLE")
    last = events(found["executionArn"])[-1]
    equal((last["type"], last["executionFailedEventDetails"]), ("ExecutionFailed", {"error": "E", "cause": "because"}))


@calls("stepfunctions.DescribeExecution")
def test_a_machine_that_takes_too_long_times_out() -> None:
    found = run({**WAIT, "TimeoutSeconds": 1})
    equal(found["status"], "TIMED_OUT")
    assert "error" not in found and "cause" not in found
    equal(types(found["executionArn"])[-1], "ExecutionTimedOut")


@calls(refused=("stepfunctions.DescribeExecution", "stepfunctions.GetExecutionHistory", "stepfunctions.StopExecution"))
def test_an_execution_that_does_not_exist() -> None:
    arn = missing("execution", "m:missing")
    for ask in (sfn().describe_execution, sfn().get_execution_history, sfn().stop_execution):
        with refuses("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'"):
            ask(executionArn=arn)
        with refuses("InvalidArn", "Invalid Arn: "):
            ask(executionArn="no-arn")
        with refuses("ValidationException", "Value null at 'executionArn'"):
            ask()
        with refuses("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'"):
            ask(executionArn=missing("express", "m:n:00000000-0000-0000-0000-000000000000"))


@calls("stepfunctions.DescribeExecution")
def test_an_execution_without_its_data() -> None:
    execution = ended(start(machine(), {"secret": 1}))["executionArn"]
    found = sfn().describe_execution(executionArn=execution, includedData="METADATA_ONLY")
    assert "input" not in found and "output" not in found, found


@calls("stepfunctions.StopExecution", "stepfunctions.DescribeExecution", "stepfunctions.GetExecutionHistory")
def test_a_stopped_execution_is_aborted() -> None:
    execution = start(machine(WAIT))
    stopped = sfn().stop_execution(executionArn=execution, error="Why", cause="enough")
    found = sfn().describe_execution(executionArn=execution)
    equal((found["status"], found["error"], found["cause"]), ("ABORTED", "Why", "enough"))
    equal(found["stopDate"], stopped["stopDate"])
    last = events(execution)[-1]
    equal((last["type"], last["executionAbortedEventDetails"]), ("ExecutionAborted", {"error": "Why", "cause": "enough"}))
    # Stopping what is over changes nothing.
    sfn().stop_execution(executionArn=execution, error="Again")
    equal(sfn().describe_execution(executionArn=execution)["error"], "Why")


@calls(refused=("stepfunctions.StopExecution",))
def test_an_error_has_at_most_256_characters_and_a_cause_32768() -> None:
    execution = start(machine(WAIT))
    with refuses("ValidationException", "'error'", "less than or equal to 256"):
        sfn().stop_execution(executionArn=execution, error="e" * 257)
    with refuses("ValidationException", "'cause'", "less than or equal to 32768"):
        sfn().stop_execution(executionArn=execution, cause="c" * 32769)
    sfn().stop_execution(executionArn=execution, error="e" * 256, cause="c" * 32768)
    equal(len(sfn().describe_execution(executionArn=execution)["cause"]), 32768)


@calls("stepfunctions.ListExecutions")
def test_executions_are_listed_the_youngest_first_and_in_pages() -> None:
    arn = machine()
    made = [ended(start(arn))["executionArn"] for _ in range(7)]
    pages = list(
        sfn().get_paginator("list_executions").paginate(stateMachineArn=arn, PaginationConfig={"PageSize": 3})
    )
    equal([len(page["executions"]) for page in pages], [3, 3, 1])
    listed = [one for page in pages for one in page["executions"]]
    equal([one["executionArn"] for one in listed], made[::-1])
    for one in listed:
        equal((one["status"], one["stateMachineArn"], one["redriveCount"]), ("SUCCEEDED", arn, 0))
        assert one["stopDate"] >= one["startDate"]


@calls("stepfunctions.ListExecutions")
def test_a_page_token_stands_while_executions_come() -> None:
    arn = machine()
    made = [ended(start(arn))["executionArn"] for _ in range(4)]
    first = sfn().list_executions(stateMachineArn=arn, maxResults=2)
    ended(start(arn))
    rest = sfn().list_executions(stateMachineArn=arn, maxResults=10, nextToken=first["nextToken"])
    found = [one["executionArn"] for one in first["executions"] + rest["executions"]]
    equal(found, made[::-1])


@calls("stepfunctions.ListExecutions")
def test_executions_are_listed_by_status() -> None:
    arn = machine({
        "StartAt": "C",
        "States": {
            "C": {"Type": "Choice", "Default": "W", "Choices": [
                {"Variable": "$.do", "StringEquals": "fail", "Next": "F"},
                {"Variable": "$.do", "StringEquals": "pass", "Next": "P"},
            ]},
            "F": {"Type": "Fail"}, "P": {"Type": "Pass", "End": True}, "W": {"Type": "Wait", "Seconds": 3600, "End": True},
        },
    })
    failed, passed = ended(start(arn, {"do": "fail"})), ended(start(arn, {"do": "pass"}))
    waiting, stopped = start(arn, {"do": "wait"}), start(arn, {"do": "wait"})
    sfn().stop_execution(executionArn=stopped)
    expected = {
        "FAILED": [failed["executionArn"]], "SUCCEEDED": [passed["executionArn"]], "RUNNING": [waiting],
        "ABORTED": [stopped], "TIMED_OUT": [],
    }
    for status, arns in expected.items():
        listed = sfn().list_executions(stateMachineArn=arn, statusFilter=status)["executions"]
        equal((status, [one["executionArn"] for one in listed]), (status, arns))
    running = sfn().list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"][0]
    assert "stopDate" not in running
    sfn().stop_execution(executionArn=waiting)


@calls(refused=("stepfunctions.ListExecutions",))
def test_what_cannot_be_listed() -> None:
    arn = machine()

    def listed(**more: object) -> None:
        sfn().list_executions(**{"stateMachineArn": arn, **more})

    with refuses("StateMachineDoesNotExist"):
        listed(stateMachineArn=missing("stateMachine"))
    with refuses("InvalidArn"):
        listed(stateMachineArn="no-arn")
    with refuses("InvalidToken"):
        listed(nextToken="forged")
    with refuses("ValidationException", "less than or equal to 3096"):
        listed(nextToken="x" * 3097)
    with refuses("ValidationException", "Value '1001' at 'maxResults'"):
        listed(maxResults=1001)
    with refuses("ValidationException", "'statusFilter'", "[SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]"):
        listed(statusFilter="succeeded")
    with refuses("ValidationException"):
        sfn().list_executions()
    with refuses("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine"):
        listed(stateMachineArn=machine(type="EXPRESS"))
    with refuses("ValidationException"):
        listed(mapRunArn=missing("mapRun", "m/l:00000000-0000-0000-0000-000000000000"))


@calls("stepfunctions.GetExecutionHistory")
def test_a_history_in_pages_and_backwards() -> None:
    states = {f"P{number}": {"Type": "Pass", "Next": f"P{number + 1}"} for number in range(5)}
    states["P5"] = {"Type": "Pass", "End": True}
    execution = ended(start(machine({"StartAt": "P0", "States": states}), {"a": 1}))["executionArn"]
    forwards = events(execution)
    equal([event["id"] for event in forwards], list(range(1, 15)))
    equal([event["type"] for event in forwards][:3], ["ExecutionStarted", "PassStateEntered", "PassStateExited"])
    equal(forwards[0]["previousEventId"], 0)
    backwards = events(execution, reverseOrder=True, PaginationConfig={"PageSize": 4})
    equal(backwards, forwards[::-1])
    page = sfn().get_execution_history(executionArn=execution, maxResults=1)
    equal(len(page["events"]), 1)
    started = page["events"][0]["executionStartedEventDetails"]
    equal((json.loads(started["input"]), started["inputDetails"]), ({"a": 1}, {"truncated": False}))


@calls("stepfunctions.GetExecutionHistory")
def test_a_history_without_its_data() -> None:
    execution = ended(start(machine(), {"secret": 1}))["executionArn"]
    bare = events(execution, includeExecutionData=False)
    assert "secret" not in repr(bare), bare
    equal([event["type"] for event in bare], types(execution))


@calls(refused=("stepfunctions.GetExecutionHistory",))
def test_a_forged_page_of_a_history() -> None:
    execution = ended(start(machine()))["executionArn"]
    with refuses("InvalidToken"):
        sfn().get_execution_history(executionArn=execution, nextToken="forged")
    with refuses("ValidationException", "Value '1001' at 'maxResults'"):
        sfn().get_execution_history(executionArn=execution, maxResults=1001)
    with refuses("ValidationException", "less than or equal to 1024"):
        sfn().get_execution_history(executionArn=execution, nextToken="x" * 1025)


@calls("stepfunctions.RedriveExecution", "stepfunctions.StopExecution")
def test_an_execution_is_redriven_from_where_it_failed() -> None:
    done, failed, waits = ended(start(machine())), run(FAIL)["executionArn"], start(machine(WAIT))
    for arn in (done["executionArn"], waits):
        with refuses("ExecutionNotRedrivable"):
            sfn().redrive_execution(executionArn=arn)
    again = sfn().redrive_execution(executionArn=failed, clientToken="once")
    found = ended(failed)
    equal((found["status"], found["redriveCount"], found["redriveDate"]), ("FAILED", 1, again["redriveDate"]))
    equal(sfn().redrive_execution(executionArn=failed, clientToken="once")["redriveDate"], again["redriveDate"])
    equal(sfn().describe_execution(executionArn=failed)["redriveCount"], 1)
    events = sfn().get_execution_history(executionArn=failed)["events"]
    equal([e["executionRedrivenEventDetails"] for e in events if e["type"] == "ExecutionRedriven"], [{"redriveCount": 1}])
    sfn().stop_execution(executionArn=waits)
    sfn().redrive_execution(executionArn=waits)
    equal(sfn().describe_execution(executionArn=waits)["status"], "RUNNING")
    sfn().stop_execution(executionArn=waits)
    equal(ended(waits)["redriveCount"], 1)


@calls(refused=("stepfunctions.RedriveExecution",))
def test_a_redrive_that_is_wrong_is_refused() -> None:
    with refuses("ExecutionDoesNotExist"):
        sfn().redrive_execution(executionArn=missing("execution", "m:missing"))
    with refuses("InvalidArn"):
        sfn().redrive_execution(executionArn="no-arn")
    with refuses("ValidationException", "'clientToken'"):
        sfn().redrive_execution(executionArn=run(FAIL)["executionArn"], clientToken="t" * 65)


@calls("stepfunctions.StartExecution", "stepfunctions.GetExecutionHistory")
def test_a_machine_starts_another_and_waits_for_it() -> None:
    child = machine({"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"said": "done"}, "End": True}}})
    parent = task(
        "arn:aws:states:::states:startExecution.sync:2",
        Parameters={"StateMachineArn": child, "Input": {"from": "the parent"}, "Name.$": "$.name"},
    )
    name = unique("child")
    found = run(parent, {"name": name})
    answer = output(found)
    equal((answer["Output"], answer["Status"]), ({"said": "done"}, "SUCCEEDED"))
    described = sfn().describe_execution(executionArn=answer["ExecutionArn"])
    equal((described["name"], json.loads(described["input"])), (name, {"from": "the parent"}))
    assert "TaskSubmitted" in types(found["executionArn"])
    failing = task("arn:aws:states:::states:startExecution.sync", Parameters={"StateMachineArn": machine(FAIL)})
    equal(run(failing)["error"], "States.TaskFailed")


@calls("stepfunctions.StopExecution")
def test_stopping_a_parent_stops_what_it_waits_for() -> None:
    child, name = machine(WAIT), unique("child")
    parent = start(machine(task(
        "arn:aws:states:::states:startExecution.sync", Parameters={"StateMachineArn": child, "Name": name, "Input": {}}
    )))
    arn = child.replace(":stateMachine:", ":execution:") + f":{name}"
    until(lambda: "TaskSubmitted" in types(parent))
    sfn().stop_execution(executionArn=parent)
    equal(ended(parent)["status"], "ABORTED")
    equal(ended(arn)["status"], "ABORTED")
