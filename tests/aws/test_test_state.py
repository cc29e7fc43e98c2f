"""TestState: one state by itself."""

import json

from harness import ROLE, calls, equal, function, refuses, sfn


def tested(state: dict[str, object], given: object = None, **more: object) -> dict[str, object]:
    text = {} if given is None else {"input": json.dumps(given)}
    return sfn().test_state(definition=json.dumps(state), **text, **more)


@calls("stepfunctions.TestState")
def test_a_pass_state_is_tested_at_every_level() -> None:
    state = {"Type": "Pass", "InputPath": "$.in", "Parameters": {"got.$": "$.a"}, "ResultPath": "$.result", "Next": "N"}
    given = {"in": {"a": 1}}
    info = tested(state, given)
    equal((info["status"], info["nextState"]), ("SUCCEEDED", "N"))
    equal(json.loads(info["output"]), {"in": {"a": 1}, "result": {"got": 1}})
    assert "inspectionData" not in info
    debug = tested(state, given, inspectionLevel="DEBUG")["inspectionData"]
    equal(json.loads(debug["input"]), given)
    equal(json.loads(debug["afterInputPath"]), {"a": 1})
    equal(json.loads(debug["afterParameters"]), {"got": 1})
    equal(json.loads(debug["afterResultPath"]), {"in": {"a": 1}, "result": {"got": 1}})
    equal(tested(state, given, inspectionLevel="TRACE")["status"], "SUCCEEDED")


@calls("stepfunctions.TestState")
def test_choices_see_variables() -> None:
    choice = {
        "Type": "Choice", "QueryLanguage": "JSONata", "Default": "No",
        "Choices": [{"Condition": "{% $limit > $states.input.n %}", "Next": "Yes"}],
    }
    for limit, expected in ((2, "Yes"), (1, "No")):
        found = tested(choice, {"n": 1}, variables=json.dumps({"limit": limit}))
        equal((found["status"], found["nextState"]), ("SUCCEEDED", expected))


@calls("stepfunctions.TestState")
def test_a_task_calls_its_function() -> None:
    made = function("echo")
    state = {"Type": "Task", "Resource": made["FunctionArn"], "End": True}
    found = tested(state, {"a": 1}, roleArn=ROLE)
    equal((found["status"], json.loads(found["output"])), ("SUCCEEDED", {"a": 1}))


@calls("stepfunctions.TestState")
def test_mocks_retries_and_catches() -> None:
    state = {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": True,
        "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 2}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
    }
    found = tested(state, {}, mock={"result": json.dumps({"StatusCode": 200, "Payload": "7"})})
    equal(found["status"], "SUCCEEDED")
    busy = {"errorOutput": {"error": "Busy", "cause": "c"}}
    found = tested(state, {}, mock=busy, inspectionLevel="DEBUG", stateConfiguration={"retrierRetryCount": 1})
    equal((found["status"], found["error"], found["cause"]), ("RETRIABLE", "Busy", "c"))
    details = found["inspectionData"]["errorDetails"]
    equal((details["retryIndex"], details["retryBackoffIntervalSeconds"]), (0, 6))
    found = tested(state, {}, mock=busy, stateConfiguration={"retrierRetryCount": 2})
    equal((found["status"], found["nextState"]), ("CAUGHT_ERROR", "Caught"))
    bare = {key: value for key, value in state.items() if key not in ("Retry", "Catch")}
    found = tested(bare, {}, mock=busy)
    equal((found["status"], found["error"]), ("FAILED", "Busy"))


@calls("stepfunctions.TestState")
def test_a_state_of_a_whole_machine() -> None:
    machine = {"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Result": "b", "End": True},
    }}
    found = tested(machine, {}, stateName="B")
    equal((found["status"], found["output"]), ("SUCCEEDED", '"b"'))


@calls(refused=("stepfunctions.TestState",))
def test_what_cannot_be_tested() -> None:
    state = {"Type": "Pass", "End": True}
    with refuses("InvalidDefinition"):
        tested({"Type": "Nonsense"})
    with refuses("InvalidExecutionInput"):
        sfn().test_state(definition=json.dumps(state), input="{")
    with refuses("ValidationException", "RoleArn must be specified when testing a Task state"):
        tested({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": True})
    with refuses("ValidationException", "'inspectionLevel'"):
        tested(state, inspectionLevel="ALL")
    with refuses("InvalidArn"):
        tested(state, roleArn="role")
    with refuses("ValidationException", "Value null at 'definition'"):
        sfn().test_state()
