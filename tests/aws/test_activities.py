"""Activities and task tokens: workers that poll, answer, beat, fail, and are too late."""

import concurrent.futures
import json
import socket
import threading
import time
from urllib.parse import urlsplit

from harness import (
    ACCOUNT, REGION, URL, calls, ended, equal, events, machine, missing, output, refuses, run, sfn, start, task, types,
    unique, until,
)


def activity() -> str:
    return sfn().create_activity(name=unique("a"))["activityArn"]


def poll(arn: str, worker: str = "w") -> tuple[str, object]:
    """Takes the next task: its token and input."""
    found = sfn().get_activity_task(activityArn=arn, workerName=worker)
    assert found.get("taskToken"), "no task within the poll"
    return found["taskToken"], json.loads(found["input"])


@calls("stepfunctions.CreateActivity", "stepfunctions.DescribeActivity", "stepfunctions.DeleteActivity")
def test_an_activity_is_made_described_and_deleted() -> None:
    name = unique("a")
    made = sfn().create_activity(name=name, tags=[{"key": "k", "value": "v"}])
    equal(made["activityArn"], f"arn:aws:states:{REGION}:{ACCOUNT}:activity:{name}")
    equal(sfn().create_activity(name=name)["creationDate"], made["creationDate"])
    found = sfn().describe_activity(activityArn=made["activityArn"])
    equal((found["name"], found["creationDate"]), (name, made["creationDate"]))
    equal(found["encryptionConfiguration"], {"type": "AWS_OWNED_KEY"})
    sfn().delete_activity(activityArn=made["activityArn"])
    with refuses("ActivityDoesNotExist", f"Activity Does Not Exist: '{made['activityArn']}'"):
        sfn().describe_activity(activityArn=made["activityArn"])
    sfn().delete_activity(activityArn=made["activityArn"])


@calls("stepfunctions.ListActivities", refused=("stepfunctions.ListActivities",))
def test_activities_are_listed_in_pages() -> None:
    made = {activity() for _ in range(5)}
    pages = list(sfn().get_paginator("list_activities").paginate(PaginationConfig={"PageSize": 2}))
    listed = [one["activityArn"] for page in pages for one in page["activities"]]
    assert made <= set(listed) and len(listed) == len(set(listed))
    assert all(len(page["activities"]) <= 2 for page in pages)
    with refuses("InvalidToken"):
        sfn().list_activities(nextToken="forged")
    with refuses("ValidationException", "Value '1001' at 'maxResults'"):
        sfn().list_activities(maxResults=1001)


@calls(refused=("stepfunctions.CreateActivity", "stepfunctions.GetActivityTask", "stepfunctions.DeleteActivity"))
def test_what_is_no_activity() -> None:
    for wrong in ("activity name", "activity#name", "activity:name", "activity\u0080name"):
        with refuses("InvalidName", "Invalid Name: '"):
            sfn().create_activity(name=wrong)
    with refuses("ValidationException", "'name'", "less than or equal to 80"):
        sfn().create_activity(name="a" * 81)
    with refuses("TooManyTags"):
        sfn().create_activity(name=unique(), tags=[{"key": f"k{number}", "value": ""} for number in range(51)])
    with refuses("ActivityDoesNotExist", f"Activity Does Not Exist: '{missing('activity')}'"):
        sfn().get_activity_task(activityArn=missing("activity"))
    with refuses("InvalidArn"):
        sfn().get_activity_task(activityArn="no-arn")
    with refuses("InvalidArn"):
        sfn().describe_activity(activityArn=missing("stateMachine"))
    with refuses("InvalidArn"):
        sfn().delete_activity(activityArn="no-arn")
    with refuses("ValidationException", "'workerName'"):
        sfn().get_activity_task(activityArn=missing("activity"), workerName="w" * 81)


@calls("stepfunctions.GetActivityTask", "stepfunctions.SendTaskSuccess")
def test_a_worker_polls_and_answers() -> None:
    arn = activity()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        polled = pool.submit(poll, arn, "worker-1")
        execution = start(machine(task(arn, Parameters={"n.$": "$.n"})), {"n": 7})
        token, given = polled.result(timeout=30)
    equal(given, {"n": 7})
    sfn().send_task_success(taskToken=token, output='{"done": true}')
    equal(output(ended(execution)), {"done": True})
    history = events(execution)
    equal(
        [event["type"] for event in history],
        ["ExecutionStarted", "TaskStateEntered", "ActivityScheduled", "ActivityStarted", "ActivitySucceeded",
         "TaskStateExited", "ExecutionSucceeded"],
    )
    equal(history[3]["activityStartedEventDetails"], {"workerName": "worker-1"})
    equal(history[2]["activityScheduledEventDetails"]["resource"], arn)


@calls("stepfunctions.GetActivityTask", "stepfunctions.SendTaskSuccess")
def test_many_workers_share_a_queue_and_none_gets_anothers_task() -> None:
    arn, executions = activity(), 24
    made = machine(task(arn))
    left = threading.Semaphore(executions)
    seen: list[int] = []

    def work(number: int) -> None:
        while left.acquire(blocking=False):
            token, given = poll(arn, f"w{number}")
            seen.append(given["n"])  # type: ignore[index]
            sfn().send_task_success(taskToken=token, output=json.dumps(given))

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        workers = [pool.submit(work, number) for number in range(6)]
        started = [start(made, {"n": number}) for number in range(executions)]
        for worker in workers:
            worker.result(timeout=60)
    equal(sorted(seen), list(range(executions)))
    for number, execution in enumerate(started):
        equal(output(ended(execution)), {"n": number})


@calls("stepfunctions.GetActivityTask", "stepfunctions.SendTaskFailure")
def test_a_worker_fails_and_the_retry_comes_to_the_queue_again() -> None:
    arn = activity()
    retry = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    execution = start(machine(task(arn, Retry=retry)))
    first, _ = poll(arn)
    sfn().send_task_failure(taskToken=first, error="Busy", cause="try again")
    second, _ = poll(arn)
    assert second != first
    sfn().send_task_failure(taskToken=second, error="Broken", cause="for good")
    found = ended(execution)
    equal((found["status"], found["error"], found["cause"]), ("FAILED", "Broken", "for good"))
    failed = [event for event in events(execution) if event["type"] == "ActivityFailed"]
    equal([event["activityFailedEventDetails"]["error"] for event in failed], ["Busy", "Broken"])


@calls("stepfunctions.SendTaskHeartbeat", "stepfunctions.SendTaskSuccess", refused=("stepfunctions.SendTaskHeartbeat",))
def test_heartbeats_keep_a_task() -> None:
    arn = activity()
    made = machine(task(arn, HeartbeatSeconds=2))
    execution = start(made)
    token, _ = poll(arn)
    for _ in range(5):
        time.sleep(0.6)  # Three seconds in all: more than the task would live without.
        sfn().send_task_heartbeat(taskToken=token)
    sfn().send_task_success(taskToken=token, output="1")
    equal(output(ended(execution)), 1)
    execution = start(made)
    token, _ = poll(arn)
    found = ended(execution)
    equal((found["status"], found["error"]), ("FAILED", "States.Timeout"))
    equal(types(execution)[-2], "ActivityTimedOut")
    with refuses("TaskTimedOut"):
        sfn().send_task_heartbeat(taskToken=token)
    with refuses("TaskTimedOut"):
        sfn().send_task_success(taskToken=token, output="1")


@calls(
    "stepfunctions.GetActivityTask",
    refused=("stepfunctions.SendTaskSuccess", "stepfunctions.SendTaskFailure", "stepfunctions.SendTaskHeartbeat"),
)
def test_wrong_tokens_and_outputs() -> None:
    answers = (
        lambda token: sfn().send_task_success(taskToken=token, output="1"),
        lambda token: sfn().send_task_failure(taskToken=token),
        lambda token: sfn().send_task_heartbeat(taskToken=token),
    )
    for answer in answers:
        with refuses("InvalidToken"):
            answer("forged")
        with refuses("ValidationException", "'taskToken'", "less than or equal to 2048"):
            answer("t" * 2049)
        with refuses("ValidationException", "'taskToken'", "greater than or equal to 1"):
            answer("")
    arn = activity()
    execution = start(machine(task(arn)))
    token, _ = poll(arn)
    with refuses("InvalidOutput"):
        sfn().send_task_success(taskToken=token, output="{")
    with refuses("ValidationException", "'output'"):
        sfn().send_task_success(taskToken=token, output='"' + "x" * 262143 + '"')
    with refuses("ValidationException", "'error'"):
        sfn().send_task_failure(taskToken=token, error="e" * 257)
    with refuses("ValidationException", "'cause'"):
        sfn().send_task_failure(taskToken=token, cause="c" * 32769)
    # None of them took the token.
    sfn().send_task_success(taskToken=token, output="null")
    equal(output(ended(execution)), None)
    with refuses("TaskTimedOut"):
        sfn().send_task_success(taskToken=token, output="2")


@calls("stepfunctions.GetActivityTask")
def test_a_poll_that_is_given_up_loses_no_task() -> None:
    arn = activity()
    body = json.dumps({"activityArn": arn, "workerName": "gone"}).encode()
    address = urlsplit(URL)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.0\r\n"
            b"X-Amz-Target: AWSStepFunctions.GetActivityTask\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        time.sleep(0.3)  # The poll is waiting now.
    time.sleep(0.3)
    execution = start(machine(task(arn)), {"n": 1})
    token, given = poll(arn, "here")
    equal(given, {"n": 1})
    sfn().send_task_success(taskToken=token, output="1")
    equal(output(ended(execution)), 1)


@calls("stepfunctions.StopExecution", "stepfunctions.GetActivityTask", refused=("stepfunctions.SendTaskSuccess",))
def test_the_task_of_a_stopped_execution_is_over() -> None:
    arn = activity()
    execution = start(machine(task(arn)))
    token, _ = poll(arn)
    sfn().stop_execution(executionArn=execution)
    with refuses("TaskTimedOut"):
        sfn().send_task_success(taskToken=token, output="1")
    equal(ended(execution)["status"], "ABORTED")


@calls("stepfunctions.StartExecution", "stepfunctions.SendTaskSuccess")
def test_a_task_waits_for_its_token() -> None:
    """The token goes to a worker over an activity here; any other way would do."""
    arn = activity()
    courier = machine(task(arn))
    waits = task(
        "arn:aws:states:::states:startExecution.waitForTaskToken",
        Parameters={"StateMachineArn": courier, "Input": {"token.$": "$$.Task.Token", "ask": "may I?"}},
    )
    execution = start(machine(waits))
    own, given = poll(arn)
    equal(given["ask"], "may I?")  # type: ignore[index]
    sfn().send_task_success(taskToken=own, output="{}")
    until(lambda: "TaskSubmitted" in types(execution))
    sfn().send_task_heartbeat(taskToken=given["token"])  # type: ignore[index]
    sfn().send_task_success(taskToken=given["token"], output='"you may"')  # type: ignore[index]
    equal(output(ended(execution)), "you may")


@calls("stepfunctions.StartExecution")
def test_an_activity_that_is_not_there_fails_its_task() -> None:
    found = run(task(missing("activity")))
    equal(found["status"], "FAILED")
