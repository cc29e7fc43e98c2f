# serve: --clock virtual --patience 1s
"""Under the virtual clock an existing suite is instant: waits and back-off pass when nothing else is running."""

import datetime
import json
import time

from harness import calls, ended, equal, events, function, machine, output, refuses, run, sfn, start, task, types, until


@calls("stepfunctions.StartExecution", "stepfunctions.DescribeExecution")
def test_a_day_passes_in_less_than_a_second() -> None:
    arn = machine({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 86400, "End": True}}})
    began = time.monotonic()
    execution = start(arn)
    while True:  # What every suite has, though with a longer sleep.
        found = sfn().describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            break
        time.sleep(0.01)
    took = time.monotonic() - began
    equal(found["status"], "SUCCEEDED")
    equal(found["stopDate"] - found["startDate"], datetime.timedelta(days=1))
    assert took < 1, took


@calls("stepfunctions.GetExecutionHistory")
def test_retries_back_off_as_they_say_and_at_once() -> None:
    made = function("faulty")
    retry = [{"ErrorEquals": ["E"], "IntervalSeconds": 600, "BackoffRate": 2, "MaxAttempts": 3}]
    began = time.monotonic()
    found = run(task(made["FunctionArn"], Retry=retry), {"do": "error", "errorType": "E", "errorMessage": "m"})
    took = time.monotonic() - began
    equal((found["status"], found["error"]), ("FAILED", "E"))
    scheduled = [one["timestamp"] for one in events(found["executionArn"]) if one["type"] == "LambdaFunctionScheduled"]
    gaps = [(later - earlier).total_seconds() for earlier, later in zip(scheduled, scheduled[1:])]
    equal([round(gap / 60) for gap in gaps], [10, 20, 40])
    assert took < 5, took


@calls("stepfunctions.StartExecution")
def test_time_is_told_to_guests_and_clients_alike() -> None:
    made = function("faulty")
    wait = {"StartAt": "W", "States": {
        "W": {"Type": "Wait", "Seconds": 3600, "Next": "T"},
        "T": {"Type": "Task", "Resource": made["FunctionArn"], "Parameters": {"do": "clock"}, "End": True},
    }}
    found = run(wait)
    equal(found["status"], "SUCCEEDED")
    hour = (found["stopDate"] - found["startDate"]).total_seconds()
    assert 3600 <= hour < 3610, hour


@calls("stepfunctions.GetActivityTask", "stepfunctions.SendTaskSuccess")
def test_a_worker_has_time_to_answer() -> None:
    """Time that would end the wait for somebody outside does not just pass."""
    arn = sfn().create_activity(name="worker")["activityArn"]
    execution = start(machine(task(arn, TimeoutSeconds=60)), {"n": 1})
    found = sfn().get_activity_task(activityArn=arn)
    equal(json.loads(found["input"]), {"n": 1})
    sfn().send_task_success(taskToken=found["taskToken"], output='"done"')
    equal(output(ended(execution)), "done")


@calls("stepfunctions.GetActivityTask")
def test_a_worker_that_never_answers_times_out_all_the_same() -> None:
    arn = sfn().create_activity(name="lazy")["activityArn"]
    execution = start(machine(task(arn, TimeoutSeconds=3600)))
    sfn().get_activity_task(activityArn=arn)
    found = ended(execution, wait=60)
    equal((found["status"], found["error"]), ("FAILED", "States.Timeout"))
    equal(types(execution)[-2], "ActivityTimedOut")


@calls("stepfunctions.GetActivityTask")
def test_an_empty_poll_comes_back() -> None:
    arn = sfn().create_activity(name="idle")["activityArn"]
    found = sfn().get_activity_task(activityArn=arn)
    assert not found.get("taskToken"), found


@calls("stepfunctions.StartSyncExecution")
def test_a_synchronous_execution_waits_no_longer() -> None:
    arn = machine({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 240, "End": True}}}, type="EXPRESS")
    began = time.monotonic()
    found = sfn().start_sync_execution(stateMachineArn=arn)
    equal(found["status"], "SUCCEEDED")
    assert time.monotonic() - began < 2
    long = machine({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 301, "End": True}}}, type="EXPRESS")
    equal(sfn().start_sync_execution(stateMachineArn=long)["status"], "TIMED_OUT")


@calls("stepfunctions.ListExecutions")
def test_many_executions_wait_at_once() -> None:
    arn = machine({"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$.s", "End": True}}})
    started = [start(arn, {"s": 1000 * number}) for number in range(1, 21)]
    for number, execution in enumerate(started, 1):
        found = ended(execution)
        equal((found["stopDate"] - found["startDate"]).total_seconds(), 1000.0 * number)
    until(lambda: not sfn().list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"])


@calls(refused=("stepfunctions.StartExecution",))
def test_errors_are_what_they_are_on_any_clock() -> None:
    with refuses("InvalidName"):
        start(machine(), name="a b")
