# serve: --clock virtual --patience 1s --functions workflows/wf-host.toml --faults tests/aws/files/faults.json
"""A fault plan befalls every execution that the server runs."""

from harness import ROOT, calls, ended, equal, events, function, machine, output, sfn, start, task


@calls("stepfunctions.StartExecution", "stepfunctions.GetExecutionHistory")
def test_the_plan_befalls_a_machine_that_was_made_over_the_api() -> None:
    made = function("echo")
    definition = {"StartAt": "ProcessPayment", "States": {"ProcessPayment": {
        "Type": "Task", "Resource": made["FunctionArn"], "End": True,
        "Retry": [{"ErrorEquals": ["PaymentDeclined"], "IntervalSeconds": 30, "MaxAttempts": 2}],
    }}}
    for _ in range(2):  # Each execution counts its own attempts.
        found = ended(start(machine(definition), {"amount": 1}))
        equal(output(found), {"amount": 1})
        failed = [one for one in events(found["executionArn"]) if one["type"] == "LambdaFunctionFailed"]
        equal(
            [one["lambdaFunctionFailedEventDetails"] for one in failed],
            [{"error": "PaymentDeclined", "cause": "do not honour"}] * 2,
        )


@calls("stepfunctions.StartExecution")
def test_what_the_plan_does_not_mean_goes_well() -> None:
    made = function("echo")
    equal(output(ended(start(machine(task(made["FunctionArn"])), 1))), 1)


@calls("stepfunctions.StartExecution")
def test_the_plan_befalls_the_order_workflow() -> None:
    text = (ROOT / "workflows/order-workflow.json").read_text()
    arn = sfn().create_state_machine(name="order-workflow", definition=text, roleArn="arn:aws:iam::000000000000:role/r")
    order = {"orderId": "O-1", "customerId": "C-1", "amount": 1}
    # Stock is chance; an order that finds some meets the plan.
    for _ in range(20):
        found = ended(start(arn["stateMachineArn"], order))
        kinds = [one["type"] for one in events(found["executionArn"])]
        if "LambdaFunctionFailed" in kinds:
            assert kinds.count("LambdaFunctionFailed") >= 2
            return
    raise AssertionError("no order of 20 was in stock")
