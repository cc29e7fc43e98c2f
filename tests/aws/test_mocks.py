# serve: --clock virtual --patience 1s --mock-config tests/aws/files/mocks.json
"""The mock file of Step Functions Local: `stateMachineArn#Case` chooses a case."""

import json

from harness import PASS, calls, ended, equal, machine, output, refuses, sfn, start, types

PAY = {"StartAt": "Pay", "States": {"Pay": {
    "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
    "Parameters": {"FunctionName": "there-is-none", "Payload.$": "$"},
    "Retry": [{"ErrorEquals": ["PaymentDeclined"], "IntervalSeconds": 60, "MaxAttempts": 2}],
}}}


@calls("stepfunctions.StartExecution", "stepfunctions.DescribeExecution")
def test_a_case_answers_instead_of_the_function() -> None:
    arn = machine(PAY, name="mocked")
    found = ended(start(arn + "#Accepted", {"amount": 1}))
    equal(output(found)["Payload"], {"receipt": 7})
    equal(found["stateMachineArn"], arn)
    found = ended(start(arn + "#DeclinedTwice"))
    equal(output(found)["Payload"], {"receipt": 8})
    equal(types(found["executionArn"]).count("TaskFailed"), 2)
    found = ended(start(arn + "#Declined"))
    equal((found["status"], found["error"], found["cause"]), ("FAILED", "PaymentDeclined", "do not honour"))


@calls("stepfunctions.StartExecution")
def test_without_a_case_the_function_is_asked() -> None:
    arn = machine(PAY, name="mocked")
    found = ended(start(arn))
    equal((found["status"], found["error"]), ("FAILED", "Lambda.ResourceNotFoundException"))


@calls(refused=("stepfunctions.StartExecution",))
def test_a_case_that_is_not_there_starts_nothing() -> None:
    arn = machine(PAY, name="mocked")
    before = sfn().list_executions(stateMachineArn=arn)["executions"]
    with refuses("InvalidArn", "Nonsense"):
        start(arn + "#Nonsense")
    with refuses("InvalidArn"):
        start(machine(PASS, name="not-in-the-file") + "#Accepted")
    equal(sfn().list_executions(stateMachineArn=arn)["executions"], before)


@calls("stepfunctions.StartSyncExecution")
def test_a_case_of_a_synchronous_execution() -> None:
    arn = machine(PAY, name="mocked-express", type="EXPRESS")
    found = sfn().start_sync_execution(stateMachineArn=arn + "#Accepted", input="{}")
    equal((found["status"], json.loads(found["output"])["Payload"]), ("SUCCEEDED", {"receipt": 7}))
